//! Text that lies, text that leaks, text that is too much.

use serde_json::{Value, json};

use super::scene::*;
use crate::bundles::Bundle;

const POD: &str = "worker-0";

fn with_log(state: Value, phase: &str, log: &str) -> Value {
    let pod = pod_of(POD, phase, "Never", &[part("main", state)]);
    let bundle = Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(POD, &["main"]));
    ask(bundle.file(&format!("{}/{POD}/log/main.log", &PODS[1..]), log.as_bytes()), POD)
}

#[test]
fn a_panic_in_a_quotation_is_no_panic() {
    let log = format!("{} user said: \"thread 'main' panicked at src/main.rs:1:1: boom\"\n{} done\n", at("02:49:00"), at("02:49:59"));
    let answer = with_log(ended(0, "Completed", "02:40:02", "02:50:00"), "Succeeded", &log);
    expect(&answer, "healthy.completed", "confirmed|probable", "exited");
    assert_eq!(listed(&answer, "crash.panic"), "-");
}

#[test]
fn secrets_in_a_log_are_shown_in_no_format() {
    let token = "sk-ant-api03-Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6";
    let log = format!(
        "{0} Authorization: Bearer abcdef0123456789abcdef\n{0} key {token}\n{0} Error: cannot reach postgres://u:hunter2secret@db:5432/x\n",
        at("02:49:59")
    );
    let answer = with_log(ended(1, "Error", "02:40:02", "02:50:00"), "Failed", &log);
    for secret in [token, "abcdef0123456789abcdef", "hunter2secret"] {
        assert!(!says(&answer, secret), "{secret} is shown");
    }
}

#[test]
fn a_long_message_with_escape_codes_is_cleaned_and_cut() {
    let mut state = ended(1, "Error", "02:40:02", "02:50:00");
    state["terminated"]["message"] = json!(format!("\u{1b}[2J\u{1b}]0;owned\u{7}{}", "x".repeat(200_000)));
    let answer = with_log(state, "Failed", "");
    assert!(!says(&answer, "\\u001b") && !says(&answer, "\\u0007"));
    assert!(answer.to_string().len() < 150_000, "{}", answer.to_string().len());
}

#[test]
fn two_pods_of_one_name_are_told_apart() {
    let mut old = told_of("02:30:00", POD, "main", "Killing", "Container main failed liveness probe, will be restarted");
    old["involvedObject"]["uid"] = json!("uid-before");
    let mut events = life(POD, &["main"]);
    events.push(old);
    let pod = pod_of(POD, "Failed", "Never", &[part("main", ended(1, "Error", "02:40:02", "02:50:00"))]);
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, events), POD);
    assert_eq!(verdict(&answer).2, "exited", "{}", answer["verdict"]);
    assert!(!verdict(&answer).0.starts_with("probe."));
    assert_eq!(answer["target"]["incarnations"].as_array().map(Vec::len), Some(2), "{:#}", answer["target"]);
}

#[test]
fn both_shapes_of_an_event_are_read() {
    let pod = pod_of(POD, "Pending", "Always", &[part("main", json!({ "waiting": { "reason": "ImagePullBackOff", "message": "Back-off pulling image" } }))]);
    let modern = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "m", "namespace": "shop", "uid": "m" }, "eventTime": "2030-01-02T03:00:40.123456Z",
        "series": { "count": 6, "lastObservedTime": "2030-01-02T03:02:02.000000Z" }, "reason": "Failed", "type": "Warning",
        "note": "Failed to pull image \"registry.example/main:1\": manifest unknown",
        "regarding": { "kind": "Pod", "namespace": "shop", "name": POD, "uid": format!("uid-{POD}"), "fieldPath": "spec.containers{main}" },
        "reportingController": "kubelet", "reportingInstance": "n1" });
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, vec![modern]), POD);
    assert!(answer["events"].as_array().unwrap().iter().any(|e| e["count"] == 6 && e["reason"] == "Failed"), "{:#}", answer["events"]);
}
