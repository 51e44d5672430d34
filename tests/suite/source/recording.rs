//! What `--save` writes is read again with the same content, and holds no secret.

use a2::collect::{Extras, collect};
use a2::evidence::{Budget, CaseFile, GapKind, Options, Target};
use a2::source::{BundleInfo, Connection, bundle};
use serde_json::json;

use crate::bundles::{Bundle, crashed, crashed_target, exited, pod, running, stages};

async fn case_of(conn: &Connection, target: &Target) -> CaseFile {
    collect(conn, target.clone(), Options::default(), Budget::default(), Extras::default()).await.expect("a case")
}

fn info(conn: &Connection, target: &Target) -> BundleInfo {
    BundleInfo {
        captured_at: conn.now(),
        server_version: conn.server_version.clone(),
        namespaces: vec![target.namespace.clone()],
        node_events_since: conn.node_events_since,
    }
}

/// Collects with a recorder, writes, reads again: both cases.
async fn round_trip(path: &std::path::Path, target: &Target, redact: &dyn Fn(&str) -> String) -> (CaseFile, CaseFile, tempfile::TempDir) {
    let conn = bundle::open(path).expect("a bundle").recorded();
    let first = case_of(&conn, target).await;
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("case.tar.gz");
    conn.recorder.clone().expect("a recorder").write(&file, &info(&conn, target), redact).expect("written");
    assert!(!dir.path().join("case.tar.gz.partial").exists());
    let second = case_of(&bundle::open(&file).expect("a bundle"), target).await;
    (first, second, dir)
}

/// What a verdict reads, without the annotation that is never stored.
fn content(case: &CaseFile) -> String {
    let drop = "kubectl.kubernetes.io/last-applied-configuration";
    let pods = |pods: &[a2::evidence::Pod]| -> Vec<String> {
        let mut shown = Vec::new();
        for pod in pods {
            let mut annotations = pod.annotations.clone();
            annotations.remove(drop);
            shown.push(format!("{} {} {:?} {:?} {:?} {annotations:?} {:?}", pod.name, pod.uid, pod.labels, pod.containers, pod.conditions, pod.deletion));
        }
        shown
    };
    let target: Vec<_> = case.pod.iter().cloned().collect();
    let events: Vec<_> = case.events.iter().chain(&case.node_events).map(|e| (&e.about, &e.reason, &e.message, e.count, e.last)).collect();
    let owners: Vec<_> = case.owners.iter().map(|o| (o.object.reference(), o.depth, o.found_by)).collect();
    let peers: Vec<_> = case.peers.iter().map(|p| (p.pod.as_ref().map(|p| p.path()), &p.relation)).collect();
    let related: Vec<_> = case.related.iter().map(|r| r.reference()).collect();
    let gaps: Vec<_> = case.gaps.iter().map(|g| (g.kind, &g.verb, &g.resource, &g.what)).collect();
    format!(
        "{:#?}",
        (
            (pods(&target), case.pod_absent, pods(&case.siblings), &case.sibling_rows, events, owners, peers),
            (
                related,
                gaps,
                &case.logs,
                case.node.as_ref().map(|n| &n.conditions),
                &case.near_names,
                &case.other_namespaces,
                case.observed_at,
                &case.server_version
            )
        )
    )
}

#[tokio::test]
async fn a_recording_gives_the_same_case() {
    let bundle = crashed().done();
    let (first, second, _dir) = round_trip(bundle.path(), &crashed_target(), &|t| t.to_owned()).await;
    assert_eq!(content(&first), content(&second));
    assert!(second.pod.is_some() && second.logs.len() == 2 && second.owners.len() == 2);
}

#[tokio::test]
async fn recorded_cases_survive_being_recorded_again() {
    let Some(root) = crate::bundles::cases() else { return };
    for (dir, namespace, target) in stages(&root).into_iter().step_by(7) {
        let Some(name) = target else { continue };
        let target = Target { namespace, name, uid: None };
        let (first, second, _dir) = round_trip(&dir, &target, &|t| t.to_owned()).await;
        assert_eq!(content(&first), content(&second), "{}", dir.display());
    }
}

#[tokio::test]
async fn secrets_do_not_reach_the_file() {
    let mut target = pod("p", json!({ "app": "x" }), None, "Failed", exited(1));
    target["spec"]["containers"][0]["env"] = json!([{ "name": "DB_PASSWORD", "value": "s3cr3t-value" }, { "name": "MODE", "value": "fast" }]);
    target["metadata"]["annotations"] = json!({ "kubectl.kubernetes.io/last-applied-configuration": "{\"s3cr3t-value\":1}", "note": "kept" });
    target["metadata"]["managedFields"] = json!([{ "manager": "kubectl" }]);
    let log = b"2030-01-02T03:00:30Z login with s3cr3t-value failed\n";
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![target]).file("api/v1/namespaces/shop/pods/p/log/main.log", log).usual().done();
    let redact = |text: &str| match text.split_once('=') {
        Some((name, _)) if name.contains("PASSWORD") => format!("{name}=[redacted]"),
        _ => text.replace("s3cr3t-value", "[redacted]"),
    };
    let name = Target { namespace: "shop".to_owned(), name: "p".to_owned(), uid: None };
    let (_, second, dir) = round_trip(bundle.path(), &name, &redact).await;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(dir.path().join("case.tar.gz")).expect("a file")));
    let mut whole = String::new();
    for entry in archive.entries().expect("entries") {
        std::io::Read::read_to_string(&mut entry.expect("an entry"), &mut whole).expect("text");
    }
    assert!(!whole.contains("s3cr3t-value") && !whole.contains("managedFields") && !whole.contains("last-applied"), "{whole}");
    assert!(whole.contains("kept") && whole.contains("fast"));
    assert_eq!(second.logs[0].lines[0].text, "login with [redacted] failed");
    assert!(second.logs[0].lines[0].time.is_some());
    let pod = second.pod.expect("a pod");
    let variable = &pod.containers[0].spec(&pod.object).expect("a spec")["env"][0];
    assert_eq!((&variable["name"], &variable["value"]), (&json!("DB_PASSWORD"), &json!("[redacted]")));
}

#[tokio::test]
async fn secret_objects_are_stored_without_data() {
    let secret = json!({ "metadata": { "name": "s", "namespace": "shop" }, "data": { "k": "c2VjcmV0" }, "type": "Opaque" });
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/secrets", vec![secret]).done();
    let conn = bundle::open(bundle.path()).expect("a bundle").recorded();
    for uri in ["/api/v1/namespaces/shop/secrets", "/api/v1/namespaces/shop/secrets/s"] {
        let request = http::Request::get(uri).body(Vec::new()).expect("a request");
        let text = conn.client.request_text(request).await.expect("an answer");
        assert!(text.contains("c2VjcmV0"), "the caller sees what the API said");
    }
    let file = bundle.path().join("out.tar.gz");
    conn.recorder.clone().expect("a recorder").write(&file, &BundleInfo::default(), &|t| t.to_owned()).expect("written");
    let again = bundle::open(&file).expect("a bundle");
    let request = http::Request::get("/api/v1/namespaces/shop/secrets/s").body(Vec::new()).expect("a request");
    let text = again.client.request_text(request).await.expect("an answer");
    assert!(text.contains("Opaque") && !text.contains("c2VjcmV0"), "{text}");
}

#[tokio::test]
async fn refusals_and_many_siblings_are_recorded_too() {
    let labels = json!({ "app": "w", "pod-template-hash": "abc" });
    let pods: Vec<_> =
        (0..60).map(|i| pod(&format!("w-{i:02}"), labels.clone(), Some(("ReplicaSet", "w")), "Running", if i == 7 { exited(1) } else { running() })).collect();
    let bundle = Bundle::new()
        .list("/api/v1/namespaces/shop/pods", pods)
        .usual()
        .set("answers", json!([{ "path": "/api/v1/nodes/n1", "verb": "get", "code": 403, "status": { "kind": "Status", "reason": "Forbidden", "message": "not you", "code": 403 } }]))
        .done();
    let target = Target { namespace: "shop".to_owned(), name: "w-07".to_owned(), uid: None };
    let (first, second, _dir) = round_trip(bundle.path(), &target, &|t| t.to_owned()).await;
    assert_eq!(content(&first), content(&second));
    assert_eq!(second.sibling_rows.len(), 60);
    assert!(second.gaps.iter().any(|g| g.kind == GapKind::Forbidden && g.resource == "nodes" && g.why.contains("not you")), "{:?}", second.gaps);
}
