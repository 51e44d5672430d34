//! A cluster that does not let a2 in, or goes away.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::{Stage, fixture_stages, json};
use crate::server::{Server, a2};

/// A live stage with logs to ask for.
fn stage() -> Stage {
    fixture_stages()
        .into_iter()
        .find(|s| s.name.ends_with("/live") && s.path.join(format!("api/v1/namespaces/{}/pods", s.namespace)).is_dir())
        .expect("a fixture with logs")
}

/// Exit 4 with one JSON object that says what is wrong and what to type next.
fn refused(mut command: Command) -> Value {
    let output = command.output().expect("a2 runs");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let error = json(&output);
    assert_eq!((error["kind"].as_str(), error["code"].as_u64()), (Some("Error"), Some(4)), "{error}");
    assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()) && error["hint"].as_str().is_some_and(|h| !h.is_empty()), "{error}");
    error
}

#[test]
fn a_wrong_token_is_refused_with_a_hint() {
    let server = Server::shared();
    let text = fs::read_to_string(&server.kubeconfig).expect("the kubeconfig");
    let wrong: Vec<String> = text.split("token: ").enumerate().map(|(i, part)| if i == 0 { part.to_owned() } else { format!("wrong{part}") }).collect();
    let kubeconfig = server.kubeconfig.with_extension("wrong");
    fs::write(&kubeconfig, wrong.join("token: ")).expect("a kubeconfig");
    let error = refused(stage().investigate(a2(), ["--kubeconfig", kubeconfig.to_str().expect("a path in UTF-8")]));
    let message = error["message"].as_str().unwrap_or_default().to_lowercase();
    assert!(message.contains("401") || message.contains("unauthorized") || message.contains("credentials"), "{error}");
}

#[test]
fn an_unknown_context_is_refused_with_the_known_ones() {
    let server = Server::shared();
    let error = refused(stage().investigate(server.a2(), ["--context", "production"]));
    assert!(error["message"].as_str().is_some_and(|m| m.contains("production")), "{error}");
    assert!(error["hint"].as_str().is_some_and(|h| h.contains("admin") || h.contains("contexts")), "{error}");
}

#[test]
fn a_server_that_is_not_there_is_said_at_once() {
    let mut server = Server::start();
    server.kill();
    let start = Instant::now();
    let error = refused(stage().investigate(server.a2(), []));
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}: {error}", start.elapsed());
}

/// The server ends while a2 waits for a log: what was learned until then is reported, what was not is a gap, within the time allowed.
#[test]
fn a_server_that_stops_in_the_middle_leaves_gaps() {
    let mut server = Server::start();
    let stage = stage();
    server.load(&stage.path);
    let asked = server.kubelet.hold();
    let start = Instant::now();
    let a2 = stage.investigate(server.a2(), []).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a2 starts");
    asked.recv_timeout(Duration::from_secs(10)).expect("a2 asks for a log");
    server.kill();
    let output = a2.wait_with_output().expect("a2 ends");
    let report = json(&output);
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    assert_eq!((output.status.code(), report["kind"].as_str()), (Some(0), Some("Investigation")), "{report}");
    let gaps = report["gaps"].as_array().expect("gaps");
    assert!(gaps.iter().any(|gap| gap["resource"] == "pods/log" && gap["kind"] == "timed-out"), "{gaps:?}");
}
