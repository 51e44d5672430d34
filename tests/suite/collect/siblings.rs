//! Large owners, peers, and what is asked of a healthy pod.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use a2::collect::{Extras, MAX_WHOLE_SIBLINGS, collect};
use a2::evidence::{Budget, CaseFile, GapKind, Options, PeerRelation, Target};
use a2::source::bundle::Bundle as Source;
use a2::source::{Clock, Connection, Meter};
use http::Request;
use kube::client::Body;
use serde_json::{Value, json};

use crate::bundles::{Bundle, crashed, exited, pod, running};

/// A connection that writes down what was asked.
fn watched(bundle: &Bundle) -> (Connection, Arc<Mutex<Vec<String>>>) {
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).unwrap_or_default();
        let mark = if accept.contains("as=Table") { "TABLE " } else { "" };
        log.lock().expect("a lock").push(format!("{mark}{path}?{query}"));
        let answer = source.answer(request.method(), path, query, accept).map(Body::from);
        std::future::ready(Ok::<_, std::convert::Infallible>(answer))
    });
    (Connection::from_client(kube::Client::new(service, "shop"), Clock::default(), Meter::default()), asked)
}

async fn case_of(conn: &Connection, name: &str) -> CaseFile {
    let target = Target { namespace: "shop".to_owned(), name: name.to_owned(), uid: None };
    collect(conn, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case")
}

fn table(pods: &[Value]) -> Value {
    let row = |p: &Value| {
        let ok = p["status"]["phase"] == "Running";
        json!({ "cells": [p["metadata"]["name"], if ok { "1/1" } else { "0/1" }, if ok { "Running" } else { "Error" }, "0", "4m", "10.0.0.7", "n1"], "object": null })
    };
    let columns = ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node"];
    json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": columns.iter().map(|n| json!({ "name": n })).collect::<Vec<_>>(), "rows": pods.iter().map(row).collect::<Vec<_>>() })
}

fn many(count: usize, failed: impl Fn(usize) -> bool) -> Vec<Value> {
    let labels = json!({ "app": "w", "pod-template-hash": "5d9c7b6f4" });
    let owner = Some(("ReplicaSet", "w-5d9c7b6f4"));
    (0..count)
        .map(|i| {
            let (phase, state) = if failed(i) { ("Failed", exited(1)) } else { ("Running", running()) };
            pod(&format!("w-5d9c7b6f4-{i:02}"), labels.clone(), owner, phase, state)
        })
        .collect()
}

#[tokio::test]
async fn sixty_siblings_are_rows_first_and_ten_objects() {
    let pods = many(60, |i| i % 3 == 0);
    let rows = table(&pods).to_string();
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", pods).file("api/v1/namespaces/shop/pods.table.json", rows.as_bytes()).usual().done();
    let (conn, asked) = watched(&bundle);
    let case = case_of(&conn, "w-5d9c7b6f4-03").await;
    let asked = asked.lock().expect("a lock").clone();
    let of_pods: Vec<&String> = asked.iter().filter(|a| a.contains("/shop/pods") && !a.contains("/log")).collect();
    assert!(of_pods.iter().any(|a| a.starts_with("TABLE ") && a.contains("includeObject=None") && a.contains("labelSelector")), "{of_pods:#?}");
    assert!(!of_pods.iter().any(|a| a.contains("/pods?") && !a.starts_with("TABLE ")), "no list of whole objects: {of_pods:#?}");
    assert_eq!((case.sibling_rows.len(), case.siblings.len()), (60, MAX_WHOLE_SIBLINGS));
    let failed = case.siblings.iter().filter(|s| s.phase == "Failed").count();
    assert_eq!(failed, 7, "some that fared well remain to compare with");
    assert!(case.siblings.iter().all(|s| s.name != "w-5d9c7b6f4-03"));
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::NotAsked && g.why.contains("10 of 60")), "{:#?}", case.gaps);
    assert!(asked.len() <= 20 + 10 + 2, "{}", asked.len());
}

#[tokio::test]
async fn a_server_without_tables_does_as_well() {
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", many(60, |i| i == 3)).usual().done();
    let (conn, _) = watched(&bundle);
    let case = case_of(&conn, "w-5d9c7b6f4-03").await;
    assert_eq!((case.sibling_rows.len(), case.siblings.len()), (60, MAX_WHOLE_SIBLINGS));
    let few = Bundle::new().list("/api/v1/namespaces/shop/pods", many(12, |i| i == 3)).usual().done();
    let (conn, _) = watched(&few);
    assert_eq!(case_of(&conn, "w-5d9c7b6f4-03").await.siblings.len(), 11);
}

#[tokio::test]
async fn a_healthy_pod_costs_nine_and_one_log() {
    let bundle = crashed().done();
    let (conn, asked) = watched(&bundle);
    let case = case_of(&conn, "web-5d9c7b6f4-9zq4w").await;
    let asked = asked.lock().expect("a lock").clone();
    let (logs, rest): (Vec<_>, Vec<_>) = asked.iter().partition(|a| a.contains("/log?"));
    assert!(rest.len() <= 9 && logs.len() == 1, "{asked:#?}");
    assert!(case.pod.is_some() && case.siblings.len() == 1 && case.owners.len() == 2 && case.node.is_some());
    let repeats = asked.iter().fold(BTreeMap::new(), |mut m: BTreeMap<&String, usize>, a| {
        *m.entry(a).or_default() += 1;
        m
    });
    assert!(repeats.values().all(|n| *n == 1), "nothing is asked twice: {repeats:#?}");
}

#[tokio::test]
async fn peers_by_service_by_address_and_by_label() {
    let service = json!({ "metadata": { "name": "ledger-db", "namespace": "shop" }, "spec": { "clusterIP": "10.9.0.1", "selector": { "db": "ledger" } } });
    let bare = json!({ "metadata": { "name": "nobody", "namespace": "shop" }, "spec": { "selector": { "none": "such" } } });
    let mut peer = pod("ledger-0", json!({ "db": "ledger" }), Some(("StatefulSet", "ledger")), "Running", running());
    peer["status"]["podIP"] = json!("10.0.0.99");
    peer["status"]["containerStatuses"][0]["restartCount"] = json!(1);
    peer["status"]["containerStatuses"][0]["lastState"] = exited(137);
    let mut target = pod("client", json!({ "app": "x", "box-id": "b77f21" }), None, "Failed", exited(1));
    target["status"]["podIP"] = json!("10.0.0.1");
    let twin = pod("proxy", json!({ "app": "y", "box-id": "b77f21" }), None, "Failed", exited(137));
    let bundle = Bundle::new()
        .list("/api/v1/nodes", vec![json!({ "metadata": { "name": "n1" } })])
        .list("/api/v1/namespaces/shop/pods", vec![target, peer, twin])
        .list("/api/v1/namespaces/shop/services", vec![service, bare])
        .file("api/v1/namespaces/shop/pods/client/log/main.log", b"2030-01-02T03:00:30Z refused\n")
        .file("api/v1/namespaces/shop/pods/ledger-0/log/main.previous.log", b"2030-01-02T03:00:29Z bye\n")
        .file("api/v1/namespaces/shop/pods/proxy/log/main.log", b"2030-01-02T03:00:29Z bye\n")
        .usual()
        .done();
    let target = || Target { namespace: "shop".to_owned(), name: "client".to_owned(), uid: None };
    for host in ["ledger-db:5432", "LEDGER-DB.shop.svc.cluster.local", "ledger-db.shop", "10.0.0.99:5432", "10.9.0.1"] {
        let conn = a2::source::bundle::open(bundle.path()).expect("a bundle");
        let name = move |_: &CaseFile| vec![host.to_owned(), "api.example.com".to_owned(), "localhost:1".to_owned()];
        let extras = Extras { namespace_given: true, name_peers: Some(&name), ..Extras::default() };
        let case = collect(&conn, target(), Options::default(), Budget::default(), extras).await.expect("a case");
        let found: Vec<_> = case.peers.iter().map(|p| (p.pod.as_ref().map(|p| p.name.as_str()), p.relation.clone())).collect();
        let expected = [(Some("ledger-0"), PeerRelation::Named(host.to_ascii_lowercase())), (Some("proxy"), PeerRelation::Label("box-id=b77f21".to_owned()))];
        assert_eq!(found, expected, "{host}: {:#?}", case.gaps);
        assert!(case.log("ledger-0", "main", true).is_some_and(|l| l.lines.len() == 1), "{host}: the log before the restart");
        assert!(case.log("proxy", "main", false).is_some_and(|l| l.lines.len() == 1), "{host}");
        // Policies are asked for where a log names a peer; this bundle was not asked for them.
        assert!(case.gaps.iter().all(|g| g.resource == "networkpolicies.networking.k8s.io"), "{host}: {:#?}", case.gaps);
    }
    let conn = a2::source::bundle::open(bundle.path()).expect("a bundle");
    let name = |_: &CaseFile| vec!["nobody:80".to_owned(), "missing-db".to_owned()];
    let extras = Extras { namespace_given: true, name_peers: Some(&name), ..Extras::default() };
    let case = collect(&conn, target(), Options::default(), Budget::default(), extras).await.expect("a case");
    assert!(case.peers.iter().any(|p| p.pod.is_none() && p.service.as_ref().is_some_and(|s| s.name() == "nobody")));
    assert!(case.sources.iter().any(|s| s.name == "peer missing-db" && s.gap == Some(GapKind::NotFound)), "{:#?}", case.sources);
}

#[tokio::test]
async fn hostile_owner_references_stay_inside_the_path() {
    let mut target = pod("p", json!({}), None, "Failed", exited(1));
    target["metadata"]["ownerReferences"] =
        json!([{ "apiVersion": "../../../secrets?x=", "kind": "../../Secret\u{0}\n", "name": "../../../x?y#z", "uid": "u", "controller": true }]);
    target["spec"]["nodeName"] = json!("n1/../../secrets");
    target["metadata"]["labels"] = json!({ "pod-template-hash": "a,b in (c)&limit=1" });
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![target]).usual().done();
    let (conn, asked) = watched(&bundle);
    let case = case_of(&conn, "p").await;
    assert!(case.pod.is_some() && case.owners.is_empty());
    assert!(!asked.lock().expect("a lock").iter().any(|a| a.split('?').next().expect("a path").split('/').any(|s| s == "..")), "{asked:#?}");
}

#[tokio::test]
async fn the_order_of_a_list_does_not_matter() {
    let show = |case: &CaseFile| format!("{:?}{:?}{:?}{:?}{:?}", case.siblings, case.sibling_rows, case.events, case.gaps, case.sources);
    let mut pods = many(60, |i| i % 4 == 0);
    let mut shown = Vec::new();
    for _ in 0..2 {
        let rows = table(&pods).to_string();
        let bundle =
            Bundle::new().list("/api/v1/namespaces/shop/pods", pods.clone()).file("api/v1/namespaces/shop/pods.table.json", rows.as_bytes()).usual().done();
        let (conn, _) = watched(&bundle);
        shown.push(show(&case_of(&conn, "w-5d9c7b6f4-04").await));
        pods.reverse();
    }
    assert_eq!(shown[0], shown[1]);
}
