//! Every endpoint may fail in every way; the rest goes on.

use std::sync::Arc;
use std::time::Duration;

use a2::collect::{Extras, collect};
use a2::evidence::{Budget, CaseFile, GapKind, LogStatus, Options};
use a2::source::bundle::Bundle as Source;
use a2::source::{Clock, Connection, Meter};
use http::{Request, Response};
use kube::client::Body;

use crate::bundles::{crashed, crashed_target};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Code(u16),
    Hang,
    Garbage,
    WrongKind,
    Reset,
}

/// The crashed pod's bundle, with a fault on every path that the closure picks.
fn faulty(source: Arc<Source>, fault: Fault, picks: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Connection {
    let picks = Arc::new(picks);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (source, picks) = (source.clone(), picks.clone());
        async move {
            let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
            let faulty = picks(&path, &query);
            let made = |code: u16, body: &str| Response::builder().status(code).body(Body::from(body.as_bytes().to_vec())).expect("a response");
            match fault {
                _ if !faulty => {
                    let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).unwrap_or_default();
                    Ok(source.answer(request.method(), &path, &query, accept).map(Body::from))
                }
                Fault::Code(code) => Ok(made(code, &format!(r#"{{"kind":"Status","status":"Failure","message":"made up","code":{code}}}"#))),
                Fault::Hang => {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                    Ok(made(200, ""))
                }
                Fault::Garbage => Ok(made(200, "<html>a proxy's login page</html>")),
                Fault::WrongKind => Ok(made(200, r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"}}"#)),
                Fault::Reset => Err(tower::BoxError::from("connection reset by peer")),
            }
        }
    });
    Connection::from_client(kube::Client::new(service, "shop"), Clock::default(), Meter::default())
}

async fn case_of(conn: &Connection) -> CaseFile {
    let extras = Extras { namespace_given: true, ..Extras::default() };
    let budget = Budget { milliseconds: 2000, ..Budget::default() };
    collect(conn, crashed_target(), Options::default(), budget, extras).await.expect("a case")
}

type Picks = fn(&str, &str) -> bool;

/// Endpoint, verb, resource.
const ENDPOINTS: [(&str, Picks, &str, &str); 8] = [
    ("pod", |p, _| p.ends_with("/pods/web-5d9c7b6f4-x7k2p"), "get", "pods"),
    ("events", |p, q| p.ends_with("/shop/events") && q.contains("x7k2p"), "list", "events"),
    ("replicaset", |p, _| p.contains("/replicasets/"), "get", "replicasets.apps"),
    ("deployment", |p, _| p.contains("/deployments/"), "get", "deployments.apps"),
    ("siblings", |p, _| p.ends_with("/pods"), "list", "pods"),
    ("node", |p, _| p.contains("/nodes/"), "get", "nodes"),
    ("node events", |p, _| p.contains("/default/events"), "list", "events"),
    ("log", |p, q| p.ends_with("/log") && q.contains("previous"), "get", "pods/log"),
];

#[tokio::test(start_paused = true)]
async fn each_failure_is_a_gap_and_the_rest_stands() {
    let bundle = crashed().done();
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    let whole = case_of(&faulty(source.clone(), Fault::Garbage, |_, _| false)).await;
    assert_eq!(whole.gaps, [], "nothing is missing without a fault");
    let faults = [
        (Fault::Code(403), GapKind::Forbidden),
        (Fault::Code(404), GapKind::NotFound),
        (Fault::Code(410), GapKind::Expired),
        (Fault::Code(429), GapKind::TimedOut),
        (Fault::Code(500), GapKind::TimedOut),
        (Fault::Code(503), GapKind::TimedOut),
        (Fault::Hang, GapKind::TimedOut),
        (Fault::Reset, GapKind::TimedOut),
        (Fault::Garbage, GapKind::Malformed),
        (Fault::WrongKind, GapKind::Malformed),
    ];
    for (endpoint, picks, verb, resource) in ENDPOINTS {
        for (fault, kind) in faults {
            if endpoint == "log" && matches!(fault, Fault::Garbage | Fault::WrongKind) {
                continue; // Any text is a log.
            }
            let case = case_of(&faulty(source.clone(), fault, picks)).await;
            let shown = format!("{endpoint} {fault:?}: {:#?}", case.gaps);
            // A log of a container that ended was there once.
            let kind = if endpoint == "log" && fault == Fault::Code(404) { GapKind::Expired } else { kind };
            let gap = case.gaps.iter().find(|g| g.kind == kind && g.verb == verb && g.resource == resource);
            let gap = gap.unwrap_or_else(|| panic!("no gap: {shown}"));
            assert!(!gap.why.is_empty() && gap.capture.as_ref().is_some_and(|c| c.starts_with("kubectl ")), "{shown}");
            assert!(case.sources.iter().any(|s| s.gap == Some(kind)), "{shown}");
            // Where only the GET fails, the list of its siblings still shows the target; what is a 404 is gone.
            assert_eq!(case.pod.is_none(), endpoint == "pod" && fault == Fault::Code(404), "{shown}");
            assert_eq!(case.pod_absent, endpoint == "pod" && fault == Fault::Code(404), "{shown}");
            let own = |c: &CaseFile| c.events.iter().filter(|e| e.about.kind == "Pod").count();
            assert_eq!(own(&case), if endpoint == "events" { 0 } else { 1 }, "{shown}");
            assert_eq!(case.node.is_none(), endpoint == "node", "{shown}");
            match endpoint {
                "pod" => assert!(case.owners.iter().any(|o| o.object.kind() == "ReplicaSet"), "found by its name: {shown}"),
                "replicaset" => assert!(case.owners.is_empty()),
                "deployment" => assert_eq!(case.owners.len(), 1),
                "siblings" => assert!(case.siblings.is_empty()),
                "log" => {
                    let status = &case.log("web-5d9c7b6f4-x7k2p", "main", true).expect("asked").status;
                    assert_eq!(matches!(status, LogStatus::Absent(_)), fault == Fault::Code(404), "{shown}");
                    assert_ne!(status, &LogStatus::Read, "{shown}");
                }
                _ => assert_eq!(case.owners.len(), 2, "{shown}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn when_nothing_answers_the_source_is_at_fault() {
    let bundle = crashed().done();
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    for fault in [Fault::Hang, Fault::Reset, Fault::Code(401)] {
        let conn = faulty(source.clone(), fault, |_, _| true);
        let error = collect(&conn, crashed_target(), Options::default(), Budget::default(), Extras::default()).await.expect_err("no case");
        assert!(error.hint().is_some(), "{error}");
    }
    // Forbidden is an answer: everything is a gap then, and the case stands.
    let case = collect(&faulty(source, Fault::Code(403), |_, _| true), crashed_target(), Options::default(), Budget::default(), Extras::default())
        .await
        .expect("a case");
    assert_eq!(case.unseen().map(|g| (g.kind, g.resource.as_str())), Some((GapKind::Forbidden, "pods")));
    assert!(case.pod.is_none() && !case.pod_absent && case.gaps.iter().all(|g| g.kind == GapKind::Forbidden), "{:#?}", case.gaps);
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_and_what_came_stands() {
    let bundle = crashed().done();
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    let start = tokio::time::Instant::now();
    let conn = faulty(source.clone(), Fault::Hang, |p, _| !p.ends_with("/pods/web-5d9c7b6f4-x7k2p"));
    let budget = Budget { milliseconds: 300, ..Budget::default() };
    let case = collect(&conn, crashed_target(), Options::default(), budget, Extras::default()).await.expect("a case");
    assert!(start.elapsed() <= Duration::from_millis(301), "{:?}", start.elapsed());
    assert!(case.pod.is_some());
    assert!(!case.gaps.is_empty() && case.gaps.iter().all(|g| g.kind == GapKind::TimedOut), "{:#?}", case.gaps);

    let one_round = Budget { rounds: 1, ..Budget::default() };
    let case = collect(&faulty(source, Fault::Hang, |_, _| false), crashed_target(), Options::default(), one_round, Extras::default()).await.expect("a case");
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::NotAsked && g.resource == "pods/log" && g.why.contains("rounds")), "{:#?}", case.gaps);
}

#[tokio::test]
async fn logs_can_be_switched_off_and_large_ones_are_tails() {
    let long: String = (0..9000).map(|i| format!("2030-01-02T03:00:30Z line {i} {}\n", "x".repeat(300))).collect();
    let bundle = crashed().file("api/v1/namespaces/shop/pods/web-5d9c7b6f4-x7k2p/log/main.log", long.as_bytes()).done();
    let conn = a2::source::bundle::open(bundle.path()).expect("a bundle");
    let case = case_of(&conn).await;
    let log = case.log("web-5d9c7b6f4-x7k2p", "main", false).expect("a log");
    assert!(log.truncated && log.lines.last().expect("a line").text.starts_with("line 8999 "));
    assert!(log.lines.len() >= 300, "{}", log.lines.len());
    let quiet = Options { logs: false, ..Options::default() };
    let case = collect(&conn, crashed_target(), quiet, Budget::default(), Extras::default()).await.expect("a case");
    assert!(case.logs.is_empty());
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::NotAsked && g.resource == "pods/log"));
}

#[tokio::test]
async fn at_most_eight_requests_are_in_flight() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let bundle = crashed().done();
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now_in, most_in) = (now.clone(), most.clone());
    let service = tower::service_fn(move |request: Request<Body>| {
        let (source, now, most) = (source.clone(), now_in.clone(), most_in.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let answer = source.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), "");
            Ok::<_, std::convert::Infallible>(answer.map(Body::from))
        }
    });
    let conn = Connection::from_client(kube::Client::new(service, "shop"), Clock::default(), Meter::default());
    let narrow = Budget { concurrency: 3, ..Budget::default() };
    collect(&conn, crashed_target(), Options::default(), narrow, Extras::default()).await.expect("a case");
    assert!((2..=3).contains(&most.load(Ordering::SeqCst)), "{}", most.load(Ordering::SeqCst));
}
