//! What stood behind what: the cause is the deepest link that the evidence carries, and time decides between two that died.

use a2::diagnosis::Investigation;
use serde_json::json;

use super::hand::{Hand, at, ended, running};

fn path(report: &Investigation) -> Vec<&str> {
    report.causes.iter().take_while(|c| c.on_path).map(|c| c.cause.as_str()).collect()
}

const REFUSED: &str = "connecting to orders-store:5432
thread 'main' (1) panicked at src/main.rs:21:14:
called `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace";

const NAMED: &str = "thread 'main' (1) panicked at src/main.rs:21:14:
store is needed: Connect { host: \"orders-store:5432\", source: \"Connection refused (os error 111)\" }";

#[test]
fn an_unwrap_on_a_refused_connection_is_the_peers_doing() {
    let report = Hand::new(ended(101, "Error")).log(false, 100, REFUSED).report();
    assert_eq!(report.verdict.cause, "dependency.unreachable", "{:?}", report.explanation);
    assert!(path(&report).contains(&"crash.panic"), "{:?}", path(&report));
    assert_eq!(report.history.subject.mechanism.word(), "exited");
}

#[test]
fn a_panic_about_nothing_else_is_a_panic() {
    let log = "starting\nthread 'main' (1) panicked at src/main.rs:21:14:\nindex out of bounds: the len is 3 but the index is 5";
    let report = Hand::new(ended(101, "Error")).log(false, 100, log).report();
    assert_eq!(report.verdict.cause, "crash.panic", "{:?}", report.explanation);
}

#[test]
fn a_liveness_kill_for_an_exhausted_pool() {
    let line = "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)";
    let log = format!("{line}\nGET /healthz waits\n{line}\n{line}\n{line}");
    let report = Hand::restarted(ended(137, "Error"))
        .spec("livenessProbe", json!({ "httpGet": { "path": "/healthz", "port": 8080 }, "timeoutSeconds": 1, "periodSeconds": 10 }))
        .event_of(
            "kubelet",
            Some("main"),
            "Unhealthy",
            "Liveness probe failed: Get \"http://10.0.0.7:8080/healthz\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            68,
            3,
        )
        .event("Killing", "Container main failed liveness probe, will be restarted", 69)
        .log(true, 67, &log)
        .report();
    assert_eq!(report.verdict.cause, "dependency.pool-exhausted", "{:?}", report.explanation);
    assert!(path(&report).contains(&"probe.liveness"), "{:?}", path(&report));
    assert_eq!(report.history.subject.mechanism.word(), "stopped");
}

#[test]
fn a_start_that_fails_because_the_database_is_down() {
    let log = "INFO:     Started server process [1]
INFO:     Waiting for application startup.
ERROR:    Traceback (most recent call last):
  File \"/usr/lib/python3.12/site-packages/starlette/routing.py\", line 694, in lifespan
    async with self.lifespan_context(app) as maybe_state:
  File \"/srv/web.py\", line 12, in lifespan
    pool = await asyncpg.create_pool(\"postgres://orders-store:5432/orders\")
ConnectionRefusedError: [Errno 111] Connect call failed ('10.96.3.4', 5432)

ERROR:    Application startup failed. Exiting.";
    let report = Hand::new(ended(3, "Error")).log(false, 100, log).report();
    assert_eq!(report.verdict.cause, "dependency.unreachable", "{:?}", report.explanation);
    assert!(path(&report).iter().any(|c| c.starts_with("error.")), "{:?}", path(&report));
}

#[test]
fn main_failed_because_its_sidecar_had_been_oom_killed() {
    let mut dead = ended(137, "OOMKilled");
    dead["terminated"]["finishedAt"] = json!(at(96));
    let log = "Error: connect ECONNREFUSED 127.0.0.1:8087
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
  errno: -111,
  code: 'ECONNREFUSED',
  syscall: 'connect',
  address: '127.0.0.1',
  port: 8087
}

Node.js v22.4.0";
    let report = Hand::new(ended(1, "Error")).beside("cache-proxy", dead).log(false, 100, log).report();
    assert_eq!(report.verdict.cause, "dependency.companion", "{:?}", report.explanation);
    assert_eq!(report.verdict.container.as_deref(), Some("main"));
    assert!(report.verdict.headline.contains("cache-proxy") && report.verdict.headline.contains("OOM-killed"), "{}", report.verdict.headline);
}

#[test]
fn a_sidecar_that_died_later_did_not_take_main_down() {
    let mut dead = ended(137, "OOMKilled");
    dead["terminated"]["finishedAt"] = json!(at(112));
    let log = "thread 'main' (1) panicked at src/main.rs:9:5:\nindex out of bounds: the len is 3 but the index is 5";
    let report = Hand::new(ended(101, "Error")).beside("cache-proxy", dead).log(false, 100, log).report();
    assert_eq!(report.verdict.cause, "crash.panic", "{:?}", report.explanation);
    assert!(!report.verdict.headline.contains("cache-proxy"), "{}", report.verdict.headline);
}

#[test]
fn a_peer_that_died_before_its_client_is_named() {
    let mut last = ended(137, "OOMKilled");
    last["terminated"]["finishedAt"] = json!(at(96));
    let report = Hand::new(ended(101, "Error")).log(false, 100, NAMED).peer("orders-store-0", "orders-store", running(101), last).report();
    assert_eq!(report.verdict.cause, "dependency.unreachable", "{:?}", report.explanation);
    assert!(report.verdict.headline.contains("orders-store-0") && report.verdict.headline.contains("OOM-killed"), "{}", report.verdict.headline);
}

#[test]
fn a_peer_that_died_after_its_client_gave_up_is_not_blamed() {
    for last in [ended(137, "OOMKilled"), ended(1, "Error")] {
        let mut last = last;
        last["terminated"]["finishedAt"] = json!(at(118));
        let report = Hand::new(ended(101, "Error")).log(false, 100, NAMED).peer("orders-store-0", "orders-store", running(120), last).report();
        assert_eq!(report.verdict.cause, "dependency.unreachable", "{:?}", report.explanation);
        assert!(!report.verdict.headline.contains("orders-store-0"), "{}", report.verdict.headline);
        let blamed = report.causes[0].supporting.iter().flat_map(|s| &s.cited).filter_map(|id| report.history.citations.get(*id));
        let peers: Vec<&str> = blamed.filter(|c| c.object.ends_with("/orders-store-0")).map(|c| c.text.as_str()).collect();
        assert!(peers.is_empty(), "cited for it: {peers:?}");
    }
}
