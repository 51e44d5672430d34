//! The bundle behind a real listener, and a kubeconfig that points at it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use a2::collect::{Extras, collect};
use a2::evidence::{Budget, CaseFile, GapKind, Options};
use a2::source::{ClusterOptions, Connection, SourceError, bundle, connect};
use http::Response;

use super::cluster::kubeconfig;
use crate::bundles::{crashed, crashed_target, stages};
use crate::server::{counter, serve, serve_bundle};

async fn over(server: &str) -> Connection {
    let dir = tempfile::tempdir().expect("a directory");
    let path = kubeconfig(&dir, server);
    let options = ClusterOptions { kubeconfig: Some(path), request_timeout: Some(Duration::from_secs(5)), ..ClusterOptions::default() };
    connect(&options).await.expect("a connection")
}

async fn case_of(conn: &Connection, target: a2::evidence::Target) -> Result<CaseFile, SourceError> {
    collect(conn, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await
}

/// Everything that a verdict reads; the times of the answers and the version, which costs a request, are left out.
pub fn content(case: &CaseFile) -> String {
    format!(
        "{:#?}",
        (
            (&case.pod, case.pod_absent, case.namespace_absent, &case.events, &case.node_events, &case.owners, &case.siblings, &case.sibling_rows),
            (&case.related, &case.peers, &case.node, &case.objects, &case.logs, &case.near_names, &case.other_namespaces, &case.gaps, &case.sources)
        )
    )
}

#[tokio::test]
async fn a_listener_gives_the_same_case() {
    let bundle = crashed().done();
    let offline = case_of(&bundle::open(bundle.path()).expect("a bundle"), crashed_target()).await.expect("a case");
    let conn = over(&serve_bundle(bundle.path()).await).await;
    assert!(conn.now().is_none(), "nothing was asked yet");
    let online = case_of(&conn, crashed_target()).await.expect("a case");
    assert_eq!(content(&offline), content(&online));
    assert_eq!(offline.cost.requests, online.cost.requests);
    assert_eq!(online.observed_at.to_rfc3339(), "2030-01-02T03:04:05+00:00", "the server's clock, not ours");
    assert_eq!(offline.observed_at.timestamp_subsec_millis(), 250);
    assert!(online.pod.is_some() && online.owners.len() == 2 && online.siblings.len() == 1 && online.node.is_some());
    assert_eq!(online.logs.len(), 2);
    assert_eq!(online.events.len(), 3);
}

#[tokio::test]
async fn recorded_cases_are_the_same_over_a_listener() {
    let Some(root) = crate::bundles::cases() else { return };
    for (dir, namespace, target) in stages(&root).into_iter().step_by(12) {
        let Some(name) = target else { continue };
        let target = a2::evidence::Target { namespace, name, uid: None };
        let offline = case_of(&bundle::open(&dir).expect("a bundle"), target.clone()).await.expect("a case");
        let online = case_of(&over(&serve_bundle(&dir).await).await, target).await.expect("a case");
        assert_eq!(content(&offline), content(&online), "{}", dir.display());
    }
}

#[tokio::test]
async fn expired_credentials_are_an_error_with_a_hint() {
    let server = serve(|_| {
        let body = br#"{"kind":"Status","status":"Failure","reason":"Unauthorized","message":"Unauthorized","code":401}"#.to_vec();
        Response::builder().status(401).body(body).expect("a response")
    })
    .await;
    let error = case_of(&over(&server).await, crashed_target()).await.expect_err("no case");
    assert!(matches!(error, SourceError::Credentials(_)), "{error}");
    assert!(error.hint().expect("a hint").contains("log in again"));
}

#[tokio::test]
async fn a_plain_server_behind_https_is_a_tls_error() {
    let server = serve(|_| Response::new(Vec::new())).await.replace("http://", "https://");
    let error = case_of(&over(&server).await, crashed_target()).await.expect_err("no case");
    assert!(matches!(error, SourceError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_busy_server_is_retried_a_little_and_then_a_gap() {
    let (count, read) = counter();
    let server = serve(move |request| {
        if request.uri().path().ends_with("/events") {
            count.fetch_add(1, Ordering::Relaxed);
            return Response::builder().status(429).body(Vec::new()).expect("a response");
        }
        Response::builder().status(404).body(Vec::new()).expect("a response")
    })
    .await;
    let target = a2::evidence::Target { namespace: "shop".to_owned(), name: "plain".to_owned(), uid: None };
    let case = case_of(&over(&server).await, target).await.expect("a case");
    assert!(case.pod_absent);
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::TimedOut && g.resource == "events" && g.verb == "list"), "{:?}", case.gaps);
    assert_eq!(read(), 4, "once, and three retries");
}

#[tokio::test]
async fn a_server_that_never_answers_costs_the_budget_and_no_more() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let hold = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let start = std::time::Instant::now();
    let budget = Budget { milliseconds: 400, ..Budget::default() };
    let error = collect(&over(&address).await, crashed_target(), Options::default(), budget, Extras::default()).await.expect_err("no case");
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_millis(1500));
    hold.abort();
}

/// What the requests of fifty looks accept, of a server that takes so long for each answer.
async fn accepted(delay: Duration) -> Vec<String> {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = seen.clone();
    let server = serve(move |request| {
        let accepts = request.headers().get("accept-encoding").and_then(|a| a.to_str().ok()).unwrap_or_default().to_owned();
        keep.lock().expect("a list").push(accepts);
        std::thread::sleep(delay);
        Response::builder().status(200).body(br#"{"kind":"NamespaceList","apiVersion":"v1","items":[]}"#.to_vec()).expect("a response")
    })
    .await;
    let conn = over(&server).await;
    for _ in 0..50 {
        a2::collect::namespace_names(&conn).await;
    }
    let seen = seen.lock().expect("a list");
    seen.clone()
}

#[tokio::test]
async fn only_a_server_that_is_near_is_spared_compression() {
    let far = accepted(Duration::from_millis(3)).await;
    assert_eq!(far.len(), 50);
    assert!(far.iter().all(|accepts| accepts == "gzip"), "{far:?}");
    let near = accepted(Duration::ZERO).await;
    assert_eq!(near.first().map(String::as_str), Some("gzip"), "nothing is known of the way yet");
    assert_eq!(near.last().map(String::as_str), Some("identity"), "{near:?}");
}
