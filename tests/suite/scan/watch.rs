//! A watched scan against a scripted server: what is told, and what a broken stream costs.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use a2::collect::{Extras, collect};
use a2::diagnosis::diagnose;
use a2::evidence::{Budget, Options, Target};
use a2::rules::RuleSet;
use a2::scan::{Change, Flight, FlightLimits, ScanOptions, Trouble, TroubleKind, View, scan_kept, watch};
use a2::source::bundle::{self, Bundle as Source};
use a2::source::{Clock, Connection, Meter, kept};
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

/// Watches until it has told enough; gives all changes, and every trouble that was told.
async fn while_told(
    server: &Server,
    options: &ScanOptions,
    flight: Option<&Flight>,
    enough: &dyn Fn(&[Change], &[Trouble]) -> bool,
) -> (Vec<Change>, Vec<Trouble>) {
    let (mut all, mut troubles) = (Vec::new(), Vec::new());
    let mut told = |view: &View<'_>| {
        all.extend(view.changes.iter().cloned());
        troubles.extend(view.troubles.iter().cloned());
        if enough(&all, view.troubles) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let watching = watch(&server.conn, RuleSet::builtin(), options, flight, &mut told);
    tokio::time::timeout(Duration::from_secs(900), watching).await.expect("changes in time").expect("a watch");
    (all, troubles)
}

/// Watches until so many changes were told.
async fn until(server: &Server, count: usize, flight: Option<&Flight>) -> Vec<Change> {
    while_told(server, &options(), flight, &|all, _| all.len() >= count).await.0
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
    let directory = tempfile::tempdir().expect("a directory");
    let flight = Flight::open(directory.path().join("flight"), FlightLimits::default()).expect("an empty directory");
    let changes = until(&server, 2, Some(&flight)).await;
    assert_eq!(changes.last().map(|c| c.kind.word()), Some("gone"));
    let directory = directory.path().join("flight");
    let all = kept::kept(&directory);
    assert_eq!(all.iter().map(|k| (k.namespace.as_str(), k.name.as_str())).collect::<Vec<_>>(), [("shop", "web")]);
    let conn = bundle::open(&all[0].path).expect("a bundle");
    let target = Target { namespace: "shop".to_owned(), name: "web".to_owned(), uid: None };
    let case = collect(&conn, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case");
    let said = diagnose(case, RuleSet::builtin());
    assert_eq!((said.verdict.cause.as_str(), said.verdict.exit_code), ("crash.panic", Some(7)), "{:#?}", said.gaps);
    assert!(said.case.events.iter().any(|e| e.reason == "Started"));
    let everything = unpacked(&all[0].path);
    assert!(!everything.contains("hunter2") && everything.contains("index out of bounds"));
    // The same from all of them at once.
    let scan = scan_kept(&directory, RuleSet::builtin(), &ScanOptions::default()).await;
    assert_eq!((scan.counts.pods, scan.findings.len(), scan.findings[0].cause.as_str()), (1, 1, "crash.panic"));
    // What chooses pods of a server chooses among them.
    let fields = ScanOptions { field_selector: Some("status.phase=Failed".to_owned()), ..ScanOptions::default() };
    let label = |selector: &str| ScanOptions { selector: Some(selector.to_owned()), ..ScanOptions::default() };
    let exclude = ScanOptions { exclude: vec!["!team".to_owned()], ..ScanOptions::default() };
    for (options, expected) in [(label("!team"), [1, 0, 0]), (label("team"), [0; 3]), (fields, [0; 3]), (exclude, [0, 1, 0]), (label("a in (b"), [1, 0, 1])] {
        let scan = scan_kept(&directory, RuleSet::builtin(), &options).await;
        assert_eq!([scan.counts.pods, scan.counts.excluded, scan.gaps.len()], expected, "{options:?}");
    }
    // Another run goes on with what is there; another directory is left alone.
    assert!(Flight::open(directory.clone(), FlightLimits::default()).is_ok());
    assert_eq!(kept::kept(&directory), all);
    assert!(Flight::open(bundle.path().to_owned(), FlightLimits::default()).is_err(), "it holds something else");
}

/// All text of an archive.
fn unpacked(path: &std::path::Path) -> String {
    let file = std::fs::File::open(path).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut text = String::new();
    for entry in archive.entries().unwrap() {
        std::io::Read::read_to_string(&mut entry.unwrap(), &mut text).unwrap();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_fails_and_goes_at_once_is_told() {
    let bundle = namespace(vec![web(running())]);
    let mut failed = web(exited(4));
    failed["status"]["phase"] = json!("Failed");
    let script = vec![Script::Open(vec![line("MODIFIED", "6", web(exited(4))), line("DELETED", "7", web(exited(4)))])];
    let changes = until(&serve(&bundle, script), 2, None).await;
    assert_eq!(changes.iter().map(|c| (c.kind.word(), c.finding.exit_code)).collect::<Vec<_>>(), [("found", Some(4)), ("gone", Some(4))]);
    // The watch may tell of the failure only with the end.
    let changes = until(&serve(&bundle, vec![Script::Open(vec![line("DELETED", "7", failed)])]), 2, None).await;
    assert_eq!(changes.iter().map(|c| c.kind.word()).collect::<Vec<_>>(), ["found", "gone"]);
}

#[tokio::test(start_paused = true)]
async fn a_healthy_pod_says_nothing_whatever_happens_to_it() {
    let bundle = namespace(vec![web(running())]);
    let mut going = web(running());
    going["metadata"]["deletionTimestamp"] = json!("2030-01-02T03:04:35Z");
    going["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    let mut other = web(exited(1));
    other["metadata"]["name"] = json!("other");
    let script = vec![Script::Open(vec![
        line("MODIFIED", "5", web(running())),
        bookmark("6"),
        line("MODIFIED", "7", going.clone()),
        line("DELETED", "8", going),
        line("ADDED", "9", other),
    ])];
    let changes = until(&serve(&bundle, script), 1, None).await;
    assert_eq!(changes.iter().map(|c| (c.kind.word(), c.finding.pod.as_deref())).collect::<Vec<_>>(), [("found", Some("other"))]);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_watch_is_told_and_looks_instead() {
    let bundle = namespace(vec![web(exited(1))]);
    let server = serve(&bundle, vec![Script::Refuse(403), Script::Open(vec![line("DELETED", "8", web(exited(1)))])]);
    let (changes, troubles) = while_told(&server, &options(), None, &|all, _| all.len() >= 2).await;
    assert_eq!(changes.iter().map(|c| c.kind.word()).collect::<Vec<_>>(), ["found", "gone"], "twenty looks told nothing new");
    assert_eq!(troubles.iter().map(|t| (t.kind, t.namespace.as_deref())).next(), Some((TroubleKind::Refused, Some("shop"))));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_is_trouble_and_nothing_else() {
    let bundle = namespace(vec![web(exited(1))]);
    let mut script: Vec<Script> = (0..12).map(|_| Script::Refuse(503)).collect();
    script.push(Script::Open(vec![bookmark("9"), line("DELETED", "10", web(exited(1)))]));
    let (changes, troubles) = while_told(&serve(&bundle, script), &options(), None, &|all, _| all.len() >= 2).await;
    assert_eq!(changes.iter().map(|c| c.kind.word()).collect::<Vec<_>>(), ["found", "gone"]);
    assert!(troubles.iter().all(|t| t.kind == TroubleKind::Lost && t.why.starts_with("503")), "{troubles:?}");
    assert!(!troubles.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_scan_leaves_out_the_watch_leaves_out() {
    let labelled = |name: &str, label: &str, state: Value| {
        let mut pod = pod(name, json!({ "team": label }), None, "Running", state);
        pod["spec"]["restartPolicy"] = json!("Never");
        pod
    };
    let bundle = namespace(vec![web(running())]);
    let options = ScanOptions { exclude: vec!["team in (a, b)".to_owned()], ..options() };
    let script = vec![Script::Open(vec![
        line("ADDED", "5", labelled("left-out", "a", exited(1))),
        line("DELETED", "6", labelled("left-out", "a", exited(1))),
        line("ADDED", "7", labelled("taken", "c", exited(1))),
    ])];
    let (changes, _) = while_told(&serve(&bundle, script), &options, None, &|all, _| !all.is_empty()).await;
    assert_eq!(changes.iter().map(|c| c.finding.pod.as_deref()).collect::<Vec<_>>(), [Some("taken")]);
}

#[tokio::test(start_paused = true)]
async fn pods_are_counted_as_they_come_and_go() {
    let called = |name: &str, state: Value| {
        let mut pod = web(state);
        (pod["metadata"]["name"], pod["metadata"]["uid"]) = (json!(name), json!(format!("uid-{name}")));
        pod
    };
    let script = vec![Script::Open(vec![
        line("ADDED", "5", web(running())), // Heard twice: it was made between the version and the first look.
        line("ADDED", "6", called("a", running())),
        line("ADDED", "7", called("b", running())),
        line("MODIFIED", "8", called("b", running())),
        line("DELETED", "9", called("never-seen", running())),
        line("DELETED", "10", called("a", running())),
        line("ADDED", "11", called("c", exited(1))),
        line("DELETED", "12", called("a", running())),
    ])];
    let bundle = namespace(vec![web(running())]);
    let server = serve(&bundle, script);
    let start = tokio::time::Instant::now();
    let mut counts = Vec::new();
    let options = options();
    let mut told = |view: &View<'_>| {
        let c = &view.scan.counts;
        counts.push((c.pods, c.healthy, c.findings));
        if (c.pods, c.findings) == (3, 1) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let watching = watch(&server.conn, RuleSet::builtin(), &options, None, &mut told);
    tokio::time::timeout(Duration::from_secs(10), watching).await.expect("long before everything is looked at again").expect("a watch");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!((counts.first(), counts.last()), (Some(&(1, 1, 0)), Some(&(3, 2, 1))), "{counts:?}");
    assert!(counts.contains(&(3, 3, 0)), "told at once, though nothing is wrong: {counts:?}");
}

/// A flight of pods, kept one after the other.
async fn flown(limits: FlightLimits, pods: usize) -> (tempfile::TempDir, Vec<String>) {
    let bundle = namespace(vec![web(running())]);
    let lines: Vec<Value> = (0..pods)
        .map(|i| {
            let mut pod = web(exited(1));
            (pod["metadata"]["name"], pod["metadata"]["uid"]) = (json!(format!("web-{i}")), json!(format!("uid-{i}")));
            pod["status"]["phase"] = json!("Failed");
            line("DELETED", &format!("{}", 10 + i), pod)
        })
        .collect();
    let server = serve(&bundle, vec![Script::Open(lines)]);
    let directory = tempfile::tempdir().expect("a directory");
    let flight = Flight::open(directory.path().to_owned(), limits).expect("an empty directory");
    until(&server, pods * 2, Some(&flight)).await;
    let names = kept::kept(directory.path()).into_iter().map(|k| k.name).collect();
    (directory, names)
}

#[tokio::test(start_paused = true)]
async fn a_flight_is_bounded_in_pods() {
    let (_directory, names) = flown(FlightLimits { pods: 3, bytes: u64::MAX }, 6).await;
    assert_eq!(names, ["web-3", "web-4", "web-5"], "the oldest makes room");
}

#[tokio::test(start_paused = true)]
async fn a_flight_is_bounded_in_bytes() {
    let (directory, names) = flown(FlightLimits { pods: 100, bytes: u64::MAX }, 6).await;
    assert_eq!(names.len(), 6);
    let each = kept::kept(directory.path()).iter().map(|k| k.bytes).max().expect("a pod");
    let (directory, names) = flown(FlightLimits { pods: 100, bytes: each * 2 + 1 }, 6).await;
    assert_eq!(names, ["web-4", "web-5"]);
    assert!(kept::kept(directory.path()).iter().map(|k| k.bytes).sum::<u64>() <= each * 2 + 1);
    let (_directory, names) = flown(FlightLimits { pods: 100, bytes: 1 }, 3).await;
    assert_eq!(names, ["web-2"], "the newest stays, whatever its size");
}

#[test]
fn names_lead_nowhere_else() {
    let at = std::path::Path::new("flight");
    assert!(kept::place(at, "shop", "web-0.a", "0a-1").is_some());
    for (namespace, name, uid) in
        [("..", "web", "1"), ("shop", "../../etc", "1"), ("shop", "web", ""), ("shop", "/web", "1"), ("", "web", "1"), ("shop", "web", "a/b")]
    {
        assert_eq!(kept::place(at, namespace, name, uid), None, "{namespace} {name} {uid}");
    }
}

#[test]
fn what_a_killed_writer_left_is_no_pod_and_is_taken_away() {
    let directory = tempfile::tempdir().expect("a directory");
    kept::prepare(directory.path()).expect("an empty directory");
    let half = directory.path().join("shop/web/uid.tar.gz.partial");
    std::fs::create_dir_all(half.parent().unwrap()).unwrap();
    std::fs::write(&half, b"\x1f\x8b half").unwrap();
    assert_eq!(kept::kept(directory.path()), []);
    kept::prepare(directory.path()).expect("a directory of kept pods");
    assert!(half.exists(), "another writer may still be at it");
    let old = std::time::SystemTime::now() - Duration::from_secs(3600);
    std::fs::File::options().write(true).open(&half).unwrap().set_modified(old).unwrap();
    kept::prepare(directory.path()).expect("a directory of kept pods");
    assert!(!half.exists());
}
