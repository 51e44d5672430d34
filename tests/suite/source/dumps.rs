//! Dumps of other tools, as small trees written by hand in their layouts.

use std::path::Path;

use a2::collect::{Extras, collect};
use a2::diagnosis::diagnose;
use a2::evidence::{Budget, CaseFile, GapKind, Options, Target};
use a2::rules::RuleSet;
use a2::source::foreign::open;
use serde_json::{Value, json};

use crate::bundles::{event, exited, pack, pod};

const LOG: &str =
    "2030-01-02T03:00:02Z thread 'main' panicked at src/main.rs:7:5:\n2030-01-02T03:00:02Z index out of bounds: the len is 3 but the index is 7\n";

fn write(root: &Path, name: &str, body: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    std::fs::write(path, body).expect("a file");
}

fn dead() -> Value {
    let mut pod = pod("web-1", json!({ "app": "web" }), None, "Failed", exited(101));
    pod["spec"]["restartPolicy"] = json!("Never");
    pod["kind"] = json!("Pod");
    pod["apiVersion"] = json!("v1");
    pod
}

fn list(kind: &str, items: Vec<Value>) -> String {
    serde_json::to_string_pretty(&json!({ "kind": kind, "apiVersion": "v1", "metadata": {}, "items": items })).expect("json")
}

fn without_kind(mut value: Value) -> Value {
    value.as_object_mut().expect("an object").remove("kind");
    value.as_object_mut().expect("an object").remove("apiVersion");
    value
}

fn started() -> Value {
    event("e1", "Pod", "web-1", "Started", "Started container main")
}

fn yaml(value: &Value) -> String {
    serde_yaml::to_string(value).expect("yaml")
}

async fn case(path: &Path) -> CaseFile {
    let conn = open(path).expect("a dump");
    let target = Target { namespace: "shop".to_owned(), name: "web-1".to_owned(), uid: None };
    collect(&conn, target, Options::default(), Budget::default(), Extras::default()).await.expect("a case")
}

/// The pod, its log and its end are found; what the dump does not hold was not asked.
async fn holds(path: &Path, events: usize) {
    let case = case(path).await;
    assert!(case.pod.is_some(), "{}", path.display());
    let log = case.log("web-1", "main", false).expect("a log");
    assert_eq!(log.lines.len(), 2, "{}", path.display());
    assert_eq!(case.events.len(), events, "{}", path.display());
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::NotAsked), "{}", path.display());
    assert_eq!(case.observed_at.to_rfc3339(), if events > 0 { "2030-01-02T03:03:00+00:00" } else { "2030-01-02T03:02:00+00:00" });
    assert_eq!(diagnose(case, RuleSet::builtin()).verdict.cause, "crash.panic", "{}", path.display());
}

/// The tree as it stands, and packed.
async fn both(root: &Path, events: usize) {
    holds(root, events).await;
    let folder = tempfile::tempdir().expect("a directory");
    let archive = folder.path().join("dump.tar.gz");
    pack(root, &archive);
    holds(&archive, events).await;
}

#[tokio::test]
async fn cluster_info_dump() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), "nodes.json", &list("NodeList", vec![]));
    write(dir.path(), "shop/pods.json", &list("PodList", vec![without_kind(dead())]));
    write(dir.path(), "shop/events.json", &list("EventList", vec![started()]));
    write(dir.path(), "shop/replicasets.json", "{ \"kind\": \"ReplicaSetList\", \"apiVersion\": \"apps/v1\", \"items\": [] }");
    write(
        dir.path(),
        "shop/web-1/logs.txt",
        &format!("==== START logs for container main of pod shop/web-1 ====\n{LOG}==== END logs for container main of pod shop/web-1 ====\n"),
    );
    both(dir.path(), 1).await;
    // Without --output-directory it is one stream.
    let text = format!(
        "{}\n{}\n==== START logs for container main of pod shop/web-1 ====\n{LOG}==== END logs for container main of pod shop/web-1 ====\n",
        list("PodList", vec![without_kind(dead())]),
        list("EventList", vec![started()])
    );
    let file = dir.path().join("dump.txt.out");
    std::fs::write(&file, text).expect("a file");
    holds(&file, 1).await;
}

#[tokio::test]
async fn support_bundle() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), "sb/version.yaml", "apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n");
    write(dir.path(), "sb/cluster-info/cluster_version.json", "{\"info\":{\"gitVersion\":\"v1.33.1\"},\"string\":\"v1.33.1\"}");
    write(dir.path(), "sb/cluster-resources/pods/shop.json", &list("PodList", vec![dead()]));
    write(dir.path(), "sb/cluster-resources/events/shop.json", &json!([started()]).to_string());
    write(dir.path(), "sb/cluster-resources/pods/logs/shop/web-1/main.log", LOG);
    both(dir.path(), 1).await;
    assert_eq!(case(dir.path()).await.server_version.as_deref(), Some("v1.33.1"));
}

#[tokio::test]
async fn must_gather() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = "must-gather.local.1/quay-io-must-gather/namespaces/shop";
    write(dir.path(), &format!("{root}/core/pods.yaml"), &yaml(&json!({ "kind": "PodList", "apiVersion": "v1", "items": [without_kind(dead())] })));
    write(dir.path(), &format!("{root}/core/events.yaml"), &yaml(&json!({ "kind": "EventList", "apiVersion": "v1", "items": [started()] })));
    write(dir.path(), &format!("{root}/pods/web-1/web-1.yaml"), &yaml(&dead()));
    write(dir.path(), &format!("{root}/pods/web-1/main/main/logs/current.log"), LOG);
    write(dir.path(), &format!("{root}/pods/web-1/main/main/logs/previous.log"), "");
    both(dir.path(), 1).await;
}

#[tokio::test]
async fn crust_gather() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), "namespaces/shop/pod/web-1.yaml", &yaml(&dead()));
    write(dir.path(), "namespaces/shop/pod/web-1/main/current.log", LOG);
    both(dir.path(), 0).await;
}

#[tokio::test]
async fn what_is_no_dump_is_refused_with_a_hint() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), "a/readme.txt", "hello\n");
    write(dir.path(), "a/broken.json", "{\"kind\": ");
    write(dir.path(), "a/broken.yaml", "a: [\n");
    let error = open(dir.path()).expect_err("no dump");
    assert!(error.hint().expect("a hint").contains("must-gather"), "{error}");
    std::fs::write(dir.path().join("x.bin"), b"\x00\x01").expect("a file");
    assert!(open(&dir.path().join("x.bin")).is_err());
}
