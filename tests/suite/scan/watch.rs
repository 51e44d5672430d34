//! A watched scan against a scripted server: what is told, and what a broken stream costs.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use a2::collect::{Extras, collect};
use a2::diagnosis::diagnose;
use a2::evidence::{Budget, Options, Target};
use a2::rules::RuleSet;
use a2::scan::{Change, Flight, ScanOptions, watch};
use a2::source::bundle::{self, Bundle as Source};
use a2::source::{Clock, Connection, Meter};
use http::Response;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use kube::client::Body;
use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pod, running};

/// One answer to a watch: its lines, and whether the stream then breaks off or stays open.
enum Script {
    Lines(Vec<Value>),
    Open(Vec<Value>),
    Refuse(u16),
}

type Answer = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

struct Server {
    conn: Connection,
    /// The `resourceVersion` of every watch, in order.
    from: Arc<Mutex<Vec<String>>>,
}

/// A bundle whose pods can be watched as scripted; when the script is over a watch stays open and silent.
fn serve(bundle: &Bundle, script: Vec<Script>) -> Server {
    let source = Arc::new(Source::open(bundle.path()).expect("a bundle"));
    let clock = Clock::fixed(source.manifest().captured_at.expect("a time"));
    let (script, from) = (Arc::new(Mutex::new(VecDeque::from(script))), Arc::new(Mutex::new(Vec::new())));
    let noted = from.clone();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        let answer = if query.contains("watch=true") {
            noted.lock().unwrap().push(query.split("resourceVersion=").nth(1).unwrap_or_default().to_owned());
            watched(script.lock().unwrap().pop_front().unwrap_or(Script::Open(Vec::new())))
        } else {
            source.answer(request.method(), &path, &query, "application/json").map(|b| Full::new(Bytes::from(b)).map_err(|e| match e {}).boxed_unsync())
        };
        async move { Ok::<_, std::convert::Infallible>(answer) }
    });
    let conn = Connection::from_client(kube::Client::new(service, "shop"), clock, Meter::default());
    Server { conn, from }
}

fn watched(script: Script) -> Answer {
    let (code, lines, open) = match script {
        Script::Lines(lines) => (200, lines, false),
        Script::Open(lines) => (200, lines, true),
        Script::Refuse(code) => (code, vec![json!({ "kind": "Status", "code": code })], false),
    };
    let frames = lines.into_iter().map(|l| Ok(Frame::data(Bytes::from(format!("{l}\n")))));
    let body = match open {
        true => StreamBody::new(futures::StreamExt::chain(futures::stream::iter(frames), futures::stream::pending())).boxed_unsync(),
        false => StreamBody::new(futures::stream::iter(frames)).boxed_unsync(),
    };
    Response::builder().status(code).body(body).expect("a response")
}

fn line(kind: &str, version: &str, mut pod: Value) -> Value {
    pod["metadata"]["resourceVersion"] = json!(version);
    json!({ "type": kind, "object": pod })
}

fn bookmark(version: &str) -> Value {
    json!({ "type": "BOOKMARK", "object": { "kind": "Pod", "apiVersion": "v1", "metadata": { "resourceVersion": version } } })
}

fn options() -> ScanOptions {
    ScanOptions { namespaces: vec!["shop".to_owned()], ..ScanOptions::default() }
}

fn web(state: Value) -> Value {
    let mut pod = pod("web", json!({}), None, "Running", state);
    pod["spec"]["restartPolicy"] = json!("Never");
    pod
}

fn namespace(pods: Vec<Value>) -> Bundle {
    Bundle::new()
        .list("/api/v1/namespaces/shop/pods", pods)
        .list("/api/v1/namespaces/shop/events", vec![event("e1", "Pod", "web", "Started", "Started container main")])
        .usual()
        .done()
}

/// Watches until so many changes were told.
async fn until(server: &Server, count: usize, flight: Option<&mut Flight>) -> Vec<Change> {
    let mut all = Vec::new();
    let mut told = |_: &a2::scan::Scan, changes: &[Change]| {
        all.extend(changes.iter().cloned());
        if all.len() >= count { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = options();
    let watching = watch(&server.conn, RuleSet::builtin(), &options, flight, &mut told);
    tokio::time::timeout(Duration::from_secs(900), watching).await.expect("changes in time").expect("a watch");
    all
}

fn words(changes: &[Change]) -> Vec<(&str, &str)> {
    changes.iter().map(|c| (c.kind.word(), c.finding.cause.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn what_fails_recovers_and_goes_is_told() {
    let bundle = namespace(vec![web(running())]);
    let script = vec![Script::Open(vec![bookmark("5"), line("MODIFIED", "6", web(exited(1)))])];
    let server = serve(&bundle, script);
    let changes = until(&server, 1, None).await;
    assert_eq!((changes[0].kind.word(), changes[0].finding.pod.as_deref(), changes[0].finding.exit_code), ("found", Some("web"), Some(1)));
    // It was a finding at the first look; the watch says that it is well again, then that it failed anew, then that it is gone.
    let bundle = namespace(vec![web(exited(1))]);
    let script = vec![
        Script::Lines(vec![line("MODIFIED", "6", web(running()))]),
        Script::Refuse(503),
        Script::Refuse(503),
        Script::Open(vec![line("DELETED", "8", web(exited(1)))]),
    ];
    let server = serve(&bundle, script);
    let changes = until(&server, 2, None).await;
    let kinds: Vec<&str> = changes.iter().map(|c| c.kind.word()).collect();
    assert_eq!(kinds, ["found", "cleared"], "{:?}", words(&changes));
    let from = server.from.lock().unwrap().clone();
    assert_eq!(from[0], "1", "the version of the list before the first look");
}

#[tokio::test(start_paused = true)]
async fn a_broken_watch_goes_on_where_it_was() {
    let bundle = namespace(vec![web(running())]);
    let script = vec![
        Script::Lines(vec![bookmark("40")]),
        Script::Refuse(500),
        Script::Lines(vec![bookmark("41")]),
        Script::Open(vec![line("MODIFIED", "42", web(exited(3)))]),
    ];
    let server = serve(&bundle, script);
    let changes = until(&server, 1, None).await;
    assert_eq!(changes[0].finding.exit_code, Some(3));
    assert_eq!(*server.from.lock().unwrap(), ["1", "40", "40", "41"]);
}

#[tokio::test(start_paused = true)]
async fn history_that_ran_out_is_a_fresh_look() {
    let bundle = namespace(vec![web(exited(1))]);
    let gone = json!({ "type": "ERROR", "object": { "kind": "Status", "code": 410, "reason": "Expired" } });
    let script = vec![Script::Lines(vec![bookmark("90"), gone]), Script::Refuse(410), Script::Open(vec![line("DELETED", "95", web(exited(1)))])];
    let server = serve(&bundle, script);
    let changes = until(&server, 2, None).await;
    assert_eq!(changes.iter().map(|c| c.kind.word()).collect::<Vec<_>>(), ["found", "gone"]);
    assert_eq!(*server.from.lock().unwrap(), ["1", "1", "1"], "each from a new version of the list");
}

#[tokio::test(start_paused = true)]
async fn what_disappears_can_be_investigated_later() {
    let mut last = web(exited(7));
    last["spec"]["containers"][0]["env"] = json!([{ "name": "DB_PASSWORD", "value": "hunter2-hunter2" }]);
    let log = "api/v1/namespaces/shop/pods/web/log/main.log";
    let bundle = Bundle::new()
        .list("/api/v1/namespaces/shop/pods", vec![last.clone()])
        .list("/api/v1/namespaces/shop/events", vec![event("e1", "Pod", "web", "Started", "Started container main")])
        .file(log, b"2030-01-02T03:01:00Z starting\n2030-01-02T03:01:59Z thread 'main' panicked at src/tally.rs:7:5:\n2030-01-02T03:01:59Z index out of bounds: the len is 3 but the index is 7\n")
        .usual()
        .done();
    let server = serve(&bundle, vec![Script::Open(vec![line("DELETED", "8", last)])]);
    let kept = tempfile::tempdir().expect("a directory");
    let mut flight = Flight::new(kept.path().join("flight")).expect("an empty directory");
    let changes = until(&server, 2, Some(&mut flight)).await;
    assert_eq!(changes.last().map(|c| c.kind.word()), Some("gone"));
    let directory = kept.path().join("flight");
    let conn = bundle::open(&directory).expect("a bundle");
    let target = Target { namespace: "shop".to_owned(), name: "web".to_owned(), uid: None };
    let case = collect(&conn, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case");
    let said = diagnose(&case, RuleSet::builtin());
    assert_eq!((said.verdict.cause.as_str(), said.verdict.exit_code), ("crash.panic", Some(7)), "{:#?}", said.gaps);
    assert!(case.events.iter().any(|e| e.reason == "Started"));
    let everything: String = files(&directory).iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
    assert!(!everything.contains("hunter2") && everything.contains("index out of bounds"));
    assert!(Flight::new(directory).is_err(), "what was kept is not written over");
}

fn files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect()
}
