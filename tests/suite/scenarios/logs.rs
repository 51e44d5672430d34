//! What a log alone, or its absence, allows to say.

use serde_json::{Value, json};

use super::scene::*;
use crate::bundles::Bundle;

const POD: &str = "loader-0";

fn failed(code: i64, texts: &[&str]) -> Value {
    let log: String = texts.iter().map(|text| format!("{} {text}\n", at("02:49:59"))).collect();
    let pod = pod_of(POD, "Failed", "Never", &[part("main", ended(code, "Error", "02:40:02", "02:50:00"))]);
    let bundle = Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(POD, &["main"]));
    ask(bundle.file(&format!("{}/{POD}/log/main.log", &PODS[1..]), log.as_bytes()), POD)
}

#[test]
fn a_program_that_refuses_to_go_on_failed_by_its_own_decision() {
    let answer = failed(1, &["checking for progress of an earlier run", "ERROR: run batch-a2 still exists, refusing to run twice"]);
    expect(&answer, "error.unhandled", "possible|probable", "exited");
    assert_eq!((suspect(&answer, "oom"), suspect(&answer, "panic")), ("contradicted", "contradicted"));
}

#[test]
fn a_package_mirror_that_does_not_answer_is_a_dependency() {
    let answer = failed(
        4,
        &[
            "WARNING: fetching https://dl-cdn.alpinelinux.org/alpine/v3.19/main: temporary error (try again later)",
            "ERROR: unable to select packages: jq (no such package)",
        ],
    );
    assert!(verdict(&answer).0.starts_with("dependency."), "{}", answer["verdict"]);
}

#[test]
fn a_full_disk_is_named() {
    let answer = failed(
        1,
        &["Traceback (most recent call last):", "  File \"/app/log.py\", line 3, in emit", "OSError: [Errno 28] No space left on device: '/data/out'"],
    );
    expect(&answer, "storage.full", "possible|probable", "exited");
}

#[test]
fn exit_code_124_is_its_own_time_limit() {
    let answer = failed(124, &["copying"]);
    expect(&answer, "timeout.application", "possible|probable", "exited");
    assert_eq!(suspect(&answer, "timeout"), "supported");
}

#[test]
fn a_panic_says_where_and_what() {
    let answer = failed(101, &["thread 'main' panicked at src/feed.rs:42:9:", "index out of bounds: the len is 3 but the index is 3"]);
    expect(&answer, "crash.panic", "probable", "exited");
    assert!(says(&answer, "src/feed.rs:42"));
    assert_eq!(suspect(&answer, "panic"), "supported");
    assert!(answer["causes"][0]["remedy"].as_array().is_some_and(|r| !r.is_empty()));
    assert_eq!(answer["verdict"]["exitCode"], json!(101));
}
