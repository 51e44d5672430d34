//! Each rule of the bundle format, asked of the service itself.

use a2::source::bundle::Bundle as Source;
use a2::source::{MALFORMED, NOT_COVERED, encode, read_gap_warning};
use http::Method;
use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pod, running};

const PODS: &str = "/api/v1/namespaces/shop/pods";
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

struct Answer {
    code: u16,
    body: Value,
    text: String,
    warnings: Vec<String>,
}

fn ask(source: &Source, uri: &str, accept: &str) -> Answer {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let response = source.answer(&Method::GET, path, query, accept);
    let warnings = response.headers().get_all("warning").iter().filter_map(read_gap_warning).map(|(kind, why)| format!("{} {why}", kind.word())).collect();
    let text = String::from_utf8_lossy(response.body()).into_owned();
    Answer { code: response.status().as_u16(), body: serde_json::from_str(&text).unwrap_or(Value::Null), text, warnings }
}

fn get(source: &Source, uri: &str) -> Answer {
    ask(source, uri, "application/json")
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.body["items"].as_array().expect("items").iter().map(|i| i["metadata"]["name"].as_str().expect("a name")).collect()
}

fn reason(answer: &Answer) -> &str {
    answer.body["reason"].as_str().unwrap_or_default()
}

fn shop() -> Bundle {
    let pods = vec![
        pod("a", json!({ "app": "web", "v": "1" }), Some(("ReplicaSet", "web-1")), "Running", running()),
        pod("b", json!({ "app": "web", "v": "2" }), Some(("ReplicaSet", "web-2")), "Failed", exited(1)),
        pod("c", json!({ "app": "db" }), None, "Running", running()),
    ];
    Bundle::new().list(PODS, pods)
}

#[test]
fn lists_gets_and_what_was_never_asked() {
    let bundle = shop().empty(&["/api/v1/nodes"]).done();
    let source = Source::open(bundle.path()).expect("a bundle");
    let all = get(&source, PODS);
    assert_eq!((all.code, names(&all), &all.body["kind"]), (200, vec!["a", "b", "c"], &json!("PodList")));
    let one = get(&source, &format!("{PODS}/b"));
    assert_eq!((one.code, &one.body["kind"], &one.body["apiVersion"]), (200, &json!("Pod"), &json!("v1")));
    let absent = get(&source, &format!("{PODS}/nope"));
    assert_eq!((absent.code, reason(&absent)), (404, "NotFound"));
    let empty = get(&source, "/api/v1/nodes");
    assert_eq!((empty.code, names(&empty).len(), &empty.body["kind"]), (200, 0, &json!("NodeList")));
    assert_eq!(get(&source, "/api/v1/nodes/n1").code, 404, "a covered list without a file was empty");
    for never in ["/apis/apps/v1/namespaces/shop/replicasets", "/apis/apps/v1/namespaces/shop/replicasets/x", "/api/v1/namespaces/other/pods/a", "/api"] {
        let answer = get(&source, never);
        assert_eq!((answer.code, reason(&answer)), (501, NOT_COVERED), "{never}");
    }
    assert_eq!(get(&source, "/version").body["gitVersion"], "v1.36.2");
    assert_eq!(source.answer(&Method::DELETE, PODS, "", "").status(), 405);
    let date = source.answer(&Method::GET, PODS, "", "");
    assert_eq!(date.headers()["date"], "Wed, 02 Jan 2030 03:04:05 GMT");
}

#[test]
fn selectors_and_pages() {
    let bundle = shop().list("/api/v1/namespaces/shop/events", vec![event("e1", "Pod", "a", "Started", ""), event("e2", "Pod", "b", "BackOff", "")]).done();
    let source = Source::open(bundle.path()).expect("a bundle");
    let with = |kind: &str, text: &str| get(&source, &format!("{PODS}?{kind}={}", encode(text)));
    assert_eq!(names(&with("labelSelector", "app=web")), ["a", "b"]);
    assert_eq!(names(&with("labelSelector", "app in (web),v!=1")), ["b"]);
    assert_eq!(names(&with("fieldSelector", "status.phase=Failed")), ["b"]);
    assert_eq!(with("labelSelector", "app in (web").code, 400);
    let events = get(&source, "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Db%2Creason%21%3DStarted");
    assert_eq!(names(&events), ["e2"]);

    let first = get(&source, &format!("{PODS}?limit=2"));
    assert_eq!((names(&first), &first.body["metadata"]["remainingItemCount"]), (vec!["a", "b"], &json!(1)));
    let token = first.body["metadata"]["continue"].as_str().expect("more");
    let second = get(&source, &format!("{PODS}?limit=2&continue={}", encode(token)));
    assert_eq!((names(&second), second.body["metadata"].get("continue")), (vec!["c"], None));
    let selected = get(&source, &format!("{PODS}?limit=1&labelSelector=app%3Dweb"));
    assert!(selected.body["metadata"]["continue"].is_string() && selected.body["metadata"].get("remainingItemCount").is_none());
    let stale = get(&source, &format!("{PODS}?continue=from%3A99"));
    assert_eq!((stale.code, reason(&stale)), (410, "Expired"));
}

#[test]
fn tables_where_they_were_recorded() {
    let rows = json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": [{ "name": "Name" }, { "name": "Status" }],
        "rows": [{ "cells": ["a", "Running"] }, { "cells": ["b", "Error"] }, { "cells": ["c", "Running"] }] });
    let bundle = shop().file("api/v1/namespaces/shop/pods.table.json", rows.to_string().as_bytes()).done();
    let source = Source::open(bundle.path()).expect("a bundle");
    let cells = |uri: &str| -> Vec<String> {
        let answer = ask(&source, uri, TABLE);
        assert_eq!(answer.body["kind"], "Table");
        answer.body["rows"].as_array().expect("rows").iter().map(|r| r["cells"][0].as_str().expect("a cell").to_owned()).collect()
    };
    assert_eq!(cells(&format!("{PODS}?includeObject=None")), ["a", "b", "c"]);
    assert_eq!(cells(&format!("{PODS}?labelSelector=app%3Dweb")), ["a", "b"]);
    assert_eq!(cells(&format!("{PODS}?fieldSelector=status.phase%3DFailed")), ["b"]);
    assert_eq!(cells(&format!("{PODS}?limit=1")), ["a"]);
    assert_eq!(get(&source, PODS).body["kind"], "PodList", "nobody asked for a table");

    let plain = shop().done();
    let source = Source::open(plain.path()).expect("a bundle");
    assert_eq!(ask(&source, PODS, TABLE).body["kind"], "PodList", "none was recorded");
}

#[test]
fn a_cluster_wide_list_is_the_union_and_says_so() {
    let bundle = shop().list("/api/v1/namespaces/bank/pods", vec![json!({ "metadata": { "name": "z", "namespace": "bank" } })]).done();
    let source = Source::open(bundle.path()).expect("a bundle");
    let all = get(&source, "/api/v1/pods?fieldSelector=metadata.name%3Dz");
    assert_eq!(names(&all), ["z"]);
    assert_eq!(all.warnings, ["not-asked only namespaces bank, shop were recorded"]);
    assert_eq!(get(&source, "/api/v1/configmaps").code, 501);
}

#[test]
fn logs_and_their_absence() {
    let log = b"2030-01-02T03:00:01.5Z one\n2030-01-02T03:00:02Z two\n2030-01-02T03:00:03Z three\n";
    let bundle = shop()
        .file("api/v1/namespaces/shop/pods/a/log/main.log", log)
        .file("api/v1/namespaces/shop/pods/b/log/main.log", b"")
        .file("api/v1/namespaces/shop/pods/c/log/main.log", b"unable to retrieve container logs for containerd://1")
        .done();
    let source = Source::open(bundle.path()).expect("a bundle");
    let of = |rest: &str| get(&source, &format!("{PODS}/{rest}"));
    assert_eq!(of("a/log?container=main&timestamps=true").text.as_bytes(), log);
    assert_eq!(of("a/log?timestamps=true&tailLines=1").text, "2030-01-02T03:00:03Z three\n");
    assert_eq!(of("a/log?container=main&tailLines=2").text, "two\nthree\n");
    assert_eq!(of("a/log?container=main&tailLines=2&limitBytes=5").text, "two\nt");
    assert_eq!((of("b/log?container=main").code, of("b/log?container=main").text.as_str()), (200, ""));
    assert_eq!(of("c/log").code, 200, "the API's own words, with 200 as the kubelet sends them");
    let previous = of("a/log?container=main&previous=true");
    assert_eq!(previous.code, 400);
    assert!(previous.body["message"].as_str().expect("words").contains("previous terminated container \"main\" in pod \"a\" not found"));
    assert_eq!(of("a/log?container=other").code, 400);
    assert_eq!(of("gone/log?container=main").code, 404);
    assert_eq!(of("a/log?container=..%2F..%2F..%2Fpods").code, 400);

    let silent = shop().set("logs", Value::Null).done();
    let source = Source::open(silent.path()).expect("a bundle");
    assert_eq!(reason(&get(&source, &format!("{PODS}/a/log?container=main"))), NOT_COVERED);
}

#[test]
fn recorded_answers_keep_what_lists_cannot() {
    let forbidden = json!({ "kind": "Status", "reason": "Forbidden", "message": "no nodes for you", "code": 403 });
    let bundle = shop()
        .empty(&["/api/v1/namespaces/shop/services"])
        .file(
            "api/v1/namespaces/shop/events.json",
            json!({ "items": [event("e1", "Pod", "a", "Started", ""), event("e2", "Pod", "b", "Started", "")] }).to_string().as_bytes(),
        )
        .set(
            "answers",
            json!([
                { "path": "/api/v1/nodes", "verb": "list", "code": 403, "status": forbidden },
                { "path": "/api/v1/nodes/n1", "verb": "get", "code": 403, "status": forbidden },
                { "path": "/api/v1/namespaces/shop/services", "verb": "get", "code": 429 },
                { "path": "/api/v1/namespaces/shop/events", "verb": "list", "selector": "involvedObject.name=a", "code": 200 },
                { "path": "/api/v1/namespaces/shop/pods/zz", "verb": "get", "code": 404 }
            ]),
        )
        .done();
    let source = Source::open(bundle.path()).expect("a bundle");
    assert_eq!((get(&source, "/api/v1/nodes").code, get(&source, "/api/v1/nodes?labelSelector=a").code), (403, 403));
    assert_eq!(get(&source, "/api/v1/nodes/n1").body["message"], "no nodes for you");
    assert_eq!(get(&source, "/api/v1/namespaces/shop/services/x").code, 429);
    assert_eq!(names(&get(&source, "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Da")), ["e1"]);
    assert_eq!(reason(&get(&source, "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Dc")), NOT_COVERED, "another selector was not asked");
    assert_eq!(get(&source, &format!("{PODS}/zz")).code, 404);
}

#[test]
fn malformed_parts_are_named_and_the_rest_is_read() {
    let mixed = json!({ "kind": "List", "items": [pod("a", json!({}), None, "Running", running()), "rubbish", null, { "metadata": {} }] });
    let bundle = Bundle::new()
        .file("api/v1/namespaces/shop/pods.json", mixed.to_string().as_bytes())
        .file("api/v1/nodes.json", b"{ not json")
        .file("api/v1/namespaces/shop/events.json", b"[1, 2]")
        .file("apis/apps/v1/namespaces/shop/replicasets.json", b"{\"items\": 7}")
        .empty(&[PODS, "/api/v1/nodes", "/api/v1/namespaces/shop/events", "/apis/apps/v1/namespaces/shop/replicasets"])
        .done();
    let source = Source::open(bundle.path()).expect("a bundle");
    let pods = get(&source, PODS);
    assert_eq!((pods.code, names(&pods), pods.warnings.len()), (200, vec!["a"], 3));
    assert!(pods.warnings[0].starts_with("malformed "));
    assert_eq!(get(&source, &format!("{PODS}/a")).code, 200);
    assert_eq!(reason(&get(&source, &format!("{PODS}/b"))), MALFORMED, "the nameless one may be it");
    for broken in ["/api/v1/nodes", "/api/v1/nodes/n1", "/api/v1/namespaces/shop/events", "/apis/apps/v1/namespaces/shop/replicasets"] {
        let answer = get(&source, broken);
        assert_eq!((answer.code, reason(&answer)), (500, MALFORMED), "{broken}");
    }
}

#[test]
fn requests_cannot_leave_the_directory() {
    let bundle = shop().done();
    std::fs::write(bundle.path().join("secret.json"), r#"{"items":[{"metadata":{"name":"x"}}]}"#).expect("a file");
    let source = Source::open(bundle.path()).expect("a bundle");
    for path in
        ["/api/v1/../../secret", "/api/v1/namespaces/../pods", "/api/v1/namespaces/shop/pods/..", "/api//v1/pods", "/api/v1/namespaces/shop/pods/a/log/../.."]
    {
        let answer = get(&source, path);
        assert!(answer.code >= 400, "{path}: {}", answer.text);
    }
}
