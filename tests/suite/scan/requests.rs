//! What a scan asks for: logs only where they can change the answer, few at once, with a bound each, and none where none are wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use a2::evidence::Options;
use a2::rules::RuleSet;
use a2::scan::{Scan, ScanOptions, scan};
use a2::source::bundle::Bundle as Source;
use a2::source::{Clock, Connection, Meter};
use kube::client::Body;
use serde_json::{Value, json};

use super::service;
use crate::bundles::{Bundle, event, exited, pod, running, stages};
use crate::support::corpus;

/// Requests for logs: path and query.
fn logs_of(asked: &service::Asked) -> Vec<String> {
    asked.lock().expect("a lock").iter().filter(|a| a.contains("/log?")).cloned().collect()
}

async fn scanned(conn: &Connection, namespace: &str, logs: bool) -> Scan {
    let options = ScanOptions { namespaces: vec![namespace.to_owned()], options: Options { logs, ..Options::default() }, ..ScanOptions::default() };
    scan(conn, RuleSet::builtin(), &options).await.expect("a scan")
}

fn called(name: &str, mut pod: Value) -> Value {
    (pod["metadata"]["name"], pod["metadata"]["uid"]) = (json!(name), json!(format!("uid-{name}")));
    pod
}

fn reason(mut pod: Value, reason: &str) -> Value {
    pod["status"]["containerStatuses"][0]["state"]["terminated"]["reason"] = json!(reason);
    pod["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "64Mi" } });
    pod
}

/// One pod of each kind: only the ones that ended by themselves, or between two tries, leave something to their log.
fn mixed() -> Bundle {
    let plain = |name: &str, state: Value| called(name, pod(name, json!({}), None, "Running", state));
    let mut looping = plain("looping", json!({ "waiting": { "reason": "CrashLoopBackOff" } }));
    looping["status"]["containerStatuses"][0]["restartCount"] = json!(4);
    looping["status"]["containerStatuses"][0]["lastState"] = exited(1);
    let mut evicted = plain("evicted", exited(137));
    (evicted["status"]["phase"], evicted["status"]["reason"]) = (json!("Failed"), json!("Evicted"));
    evicted["status"]["containerStatuses"] = json!([]);
    let mut pending = plain("pending", json!({ "waiting": { "reason": "ImagePullBackOff", "message": "Back-off pulling image: not found" } }));
    pending["status"]["phase"] = json!("Pending");
    let pods = vec![
        plain("well", running()),
        plain("done", exited(0)),
        plain("crashed", exited(1)),
        reason(plain("oom", exited(137)), "OOMKilled"),
        looping,
        evicted,
        pending,
    ];
    Bundle::new().list("/api/v1/namespaces/shop/pods", pods).usual().done()
}

#[tokio::test]
async fn a_log_is_read_where_it_can_tell_more() {
    let bundle = mixed();
    let (conn, asked) = service::connect(bundle.path(), true, service::plain());
    let found = scanned(&conn, "shop", true).await;
    assert_eq!(found.findings.len(), 6, "{:#?}", found.findings);
    let mut logs = logs_of(&asked);
    logs.sort();
    let log = |pod: &str, previous: &str| format!("/api/v1/namespaces/shop/pods/{pod}/log?container=main&timestamps=true&tailLines=4000{previous}");
    assert_eq!(logs, [log("crashed", ""), log("done", ""), log("looping", ""), log("looping", "&previous=true")]);
    let (conn, asked) = service::connect(bundle.path(), true, service::plain());
    let without = scanned(&conn, "shop", false).await;
    assert_eq!((logs_of(&asked), without.findings.len()), (Vec::new(), 6));
    assert!(without.gaps.iter().any(|g| g.resource == "pods/log"), "that nobody looked is told: {:#?}", without.gaps);
}

/// A server that takes its time for logs, and counts how many are read at once.
fn slow(bundle: &Bundle, most: &Arc<AtomicUsize>, count: &Arc<AtomicUsize>) -> Connection {
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    let clock = Clock::fixed(source.manifest().captured_at.expect("a time"));
    let (open, most, count) = (Arc::new(AtomicUsize::new(0)), most.clone(), count.clone());
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        let answer = source.answer(request.method(), &path, &query, "application/json").map(Body::from);
        let (open, most, count) = (open.clone(), most.clone(), count.clone());
        async move {
            if path.ends_with("/log") {
                count.fetch_add(1, Ordering::Relaxed);
                most.fetch_max(open.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(100)).await;
                open.fetch_sub(1, Ordering::Relaxed);
            }
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    Connection::from_client(kube::Client::new(service, "shop"), clock, Meter::default())
}

#[tokio::test]
async fn few_logs_are_read_at_once_whatever_is_broken() {
    let mut bundle = Bundle::new();
    let namespaces: Vec<String> = (0..6).map(|n| format!("team-{n}")).collect();
    for namespace in &namespaces {
        let mut pods: Vec<Value> = (0..8).map(|i| called(&format!("web-{i}"), pod("web", json!({}), None, "Running", exited(1)))).collect();
        pods.iter_mut().for_each(|pod| pod["metadata"]["namespace"] = json!(namespace));
        bundle = bundle.list(&format!("/api/v1/namespaces/{namespace}/pods"), pods).empty(&[&format!("/api/v1/namespaces/{namespace}/events")]);
    }
    let bundle = bundle.usual().done();
    let (most, count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let conn = slow(&bundle, &most, &count);
    let found = scan(&conn, RuleSet::builtin(), &ScanOptions { namespaces, ..ScanOptions::default() }).await.expect("a scan");
    let (most, count) = (most.load(Ordering::Relaxed), count.load(Ordering::Relaxed));
    println!("{count} logs, at most {most} at once");
    assert_eq!((found.findings.len(), count), (48, 48));
    assert!((2..=8).contains(&most), "{most} at once");
}

#[tokio::test]
async fn nodes_and_owners_are_asked_once_for_all_suspects() {
    let job = json!({ "metadata": { "name": "tally", "namespace": "shop", "uid": "uid-tally" }, "status": { "failed": 12 } });
    let pods: Vec<Value> =
        (0..12).map(|i| called(&format!("tally-{i}"), reason(pod("tally", json!({}), Some(("Job", "tally")), "Failed", exited(137)), "OOMKilled"))).collect();
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", pods).list("/apis/batch/v1/namespaces/shop/jobs", vec![job]).usual().done();
    let (conn, asked) = service::connect(bundle.path(), true, service::plain());
    assert_eq!(scanned(&conn, "shop", true).await.findings.len(), 12);
    let count = |what: &str| asked.lock().expect("a lock").iter().filter(|a| a.contains(what)).count();
    assert_eq!((count("/nodes/n1"), count("/namespaces/default/events")), (1, 1));
    assert!(count("/jobs/tally") <= 2, "once for the suspects, once for what it remembers");
    // Where nodes may not be read, one refusal is enough, and it is told once.
    let mut many: Vec<Value> = (0..12).map(|i| called(&format!("web-{i}"), reason(pod("web", json!({}), None, "Running", exited(137)), "OOMKilled"))).collect();
    for (i, pod) in many.iter_mut().enumerate() {
        pod["spec"]["nodeName"] = json!(format!("n{i}"));
    }
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", many).usual().done();
    let paths: Vec<String> = (0..12).map(|i| format!("/api/v1/nodes/n{i}")).collect();
    let (conn, asked) = service::connect(bundle.path(), true, service::forbidding(&paths.iter().map(String::as_str).collect::<Vec<_>>()));
    let found = scanned(&conn, "shop", true).await;
    let nodes: Vec<_> = found.gaps.iter().filter(|g| g.resource == "nodes").collect();
    assert_eq!((found.findings.len(), nodes.len()), (12, 1), "{nodes:#?}");
    assert!(asked.lock().expect("a lock").iter().filter(|a| a.contains("/nodes/")).count() <= 8, "those that were asked at once");
}

#[tokio::test]
async fn events_of_many_nodes_are_one_list() {
    let pods: Vec<Value> = (0..12)
        .map(|i| {
            let mut pod = called(&format!("web-{i}"), pod("web", json!({}), None, "Running", exited(137)));
            pod["spec"]["nodeName"] = json!(format!("n{i}"));
            pod
        })
        .collect();
    let told = (0..12).map(|i| {
        let mut event = event(&format!("oom-{i}"), "Node", &format!("n{i}"), "SystemOOM", "System OOM encountered, victim process: main, pid: 4711");
        event["metadata"]["namespace"] = json!("default");
        (event["type"], event["lastTimestamp"], event["source"]["host"]) = (json!("Warning"), json!("2030-01-02T03:01:59Z"), json!(format!("n{i}")));
        event
    });
    let with =
        |events: Vec<Value>| Bundle::new().list("/api/v1/namespaces/shop/pods", pods.clone()).list("/api/v1/namespaces/default/events", events).usual().done();
    let causes = async |bundle: &Bundle, before: service::Before| {
        let (conn, asked) = service::connect(bundle.path(), true, before);
        let found = scanned(&conn, "shop", false).await;
        let lists = asked.lock().expect("a lock").iter().filter(|a| a.contains("involvedObject.kind%3DNode")).count();
        let causes: Vec<String> = found.findings.into_iter().map(|f| f.cause).collect();
        (causes, lists)
    };
    let bundle = with(told.collect());
    let (together, lists) = causes(&bundle, service::plain()).await;
    assert_eq!(lists, 4, "three nodes, then all of them");
    let blind = causes(&with(Vec::new()), service::plain()).await.0;
    assert!(together.len() == 12 && together.iter().all(|c| *c == together[0] && *c != blind[0]), "{together:?} {blind:?}");
    // Where the list of all cannot be had, they are asked about one by one.
    let refusing: service::Before = Arc::new(|_, query| {
        let all = query.ends_with("involvedObject.kind%3DNode");
        all.then(|| http::Response::builder().status(500).body(b"{}".to_vec()).expect("a response"))
    });
    let (one_by_one, lists) = causes(&bundle, refusing).await;
    assert_eq!((one_by_one, lists), (together, 13));
}

#[tokio::test]
async fn events_of_a_few_suspects_are_one_list_unless_there_are_too_many() {
    let told = |name: &str| event(&format!("{name}-e"), "Pod", name, "Started", "Started container main");
    let with = |suspects: usize, others: usize| {
        let pods = (0..40).map(|i| called(&format!("web-{i:02}"), pod("web", json!({}), None, "Running", if i < suspects { exited(1) } else { running() })));
        let events = (0..40 + others).map(|i| told(&format!("web-{i:02}"))).collect();
        Bundle::new().list("/api/v1/namespaces/shop/pods", pods.collect()).list("/api/v1/namespaces/shop/events", events).usual().done()
    };
    for (suspects, others, expected) in [(2, 0, [0, 2]), (3, 0, [1, 0]), (3, 5000, [10, 3])] {
        let bundle = with(suspects, others);
        let (conn, asked) = service::connect(bundle.path(), true, service::plain());
        let found = scanned(&conn, "shop", false).await;
        let asked = asked.lock().expect("a lock");
        let events: Vec<&String> = asked.iter().filter(|a| a.contains("/shop/events?") && !a.contains("type%21%3DNormal")).collect();
        let (each, all): (Vec<&String>, Vec<&String>) = events.into_iter().partition(|a| a.contains("involvedObject.name%3Dweb-"));
        assert_eq!([all.len(), each.len()], expected, "{suspects} of 40, {others} more events: {all:#?} {each:#?}");
        assert_eq!(found.findings.len(), suspects);
        assert!(!found.gaps.iter().any(|g| g.resource == "events"), "{:#?}", found.gaps);
    }
}

#[tokio::test]
async fn every_recorded_scan_bounds_its_logs_and_leaves_them_when_told() {
    let Some(root) = corpus() else { return };
    let (mut logs, mut pods, mut suspects) = (0, 0, 0);
    for (stage, namespace, _) in stages(&root) {
        let (conn, asked) = service::connect(&stage, true, service::plain());
        let found = scanned(&conn, &namespace, true).await;
        let read = logs_of(&asked);
        assert!(read.iter().all(|a| a.contains("&tailLines=")), "{read:?}");
        (logs, pods, suspects) = (logs + read.len(), pods + found.counts.pods, suspects + found.counts.findings);
        let (conn, asked) = service::connect(&stage, true, service::plain());
        scanned(&conn, &namespace, false).await;
        assert_eq!(logs_of(&asked), Vec::<String>::new(), "{}", stage.display());
    }
    println!("{logs} logs of {pods} pods, {suspects} findings");
}
