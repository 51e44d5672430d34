//! What fuzzing, and reading with its eyes, found: one test for each.

use a2::evidence::{Event, Object, Pod, PodRow, read_rows};
use a2::redact::{redact, show};
use a2::rules::RuleSet;
use serde_json::json;

use super::feed;

#[test]
fn numbers_beyond_reason_do_not_overflow() {
    let status = |name: &str| json!({ "name": name, "restartCount": i64::MAX, "lastState": { "terminated": { "exitCode": i64::MIN, "finishedAt": "2030-01-02T03:04:05Z" } } });
    let pod = Pod::from_object(Object::new(json!({
        "metadata": { "name": "web" },
        "spec": { "containers": [{ "name": "a", "livenessProbe": { "exec": {}, "periodSeconds": i64::MAX, "failureThreshold": i64::MAX } }, { "name": "b" }] },
        "status": { "containerStatuses": [status("a"), status("b")] },
    })));
    // Two of the largest numbers are summed.
    assert!(PodRow::from_pod(&pod, None).restarts > 1 << 40);
    let probe = &pod.containers[0].probes[0].1;
    assert!(probe.period.checked_mul(3).is_some());
    let event = Event::from_object(Object::new(json!({ "involvedObject": { "kind": "Pod", "name": "web" }, "count": i64::MAX }))).unwrap();
    assert!(event.count.checked_mul(1000).is_some());
    let table =
        json!({ "kind": "Table", "columnDefinitions": [{ "name": "Name" }, { "name": "Restarts" }], "rows": [{ "cells": ["web", i64::MAX.to_string()] }] });
    assert!(read_rows(&table).unwrap()[0].restarts.checked_mul(1000).is_some());
}

#[test]
fn a_year_that_no_clock_shows_is_no_time() {
    // RFC 2822 has no largest year; an age of a century before or after its last would overflow.
    for year in ["262142", "+262142", "-262143"] {
        let text = format!(
            "\u{1}Name:       web-0\nNamespace:  shop\nStart Time: Wed, 02 Jan {year} 03:00:00 +0000\nStatus:  Terminating (lasts 99y)\nEvents:\n  Type  Reason  Age  From  Message\n  Normal  Scheduled  99y  default-scheduler  x\n"
        );
        feed::paste(text.as_bytes());
    }
}

#[test]
fn a_placeholder_gives_away_no_other_secret() {
    // `jwt` in the placeholder of the first pass must not open the second pass to patterns that the first had no reason to try.
    let text = "x.pass is a1b2c3d4e5 eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-";
    let once = show(text);
    assert!(once.contains("[redacted:jwt]"), "{once}");
    assert_eq!(show(&once), once);
}

#[test]
fn redacting_twice_is_redacting_once_whatever_stands_beside() {
    // Signs before a secret were a secret themselves once it was gone.
    let once = show("bearer==================must===== KEY");
    assert_eq!(show(&once), once);
    assert!(once.starts_with("bearer====") && once.contains("[redacted:bearer]"), "{once}");
    feed::redact(b"202ey:basic-auth::%(:::::67er abcdeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-::::-expm y\n");
}

#[test]
fn what_the_slow_targets_do_is_done_once() {
    // The input with which the width of a column was found, and a case without damage.
    feed::rules(
        b"\x05\x05\xc4\x7d\x36\xef\xa8\x61\x1a\xd3\x8c\x45\xfe\x77\x65\x61\x6b\xc3\xb7\x70\x29\xe2\x1c\xd5\x8e\x47\x00\xb9\x72\x2b\xe4\x9d\x56\x0f\xc8\x81\x3a",
    );
    feed::cases(&[0, 0, 7]);
}

#[test]
fn every_word_that_makes_a_name_secret_is_looked_for() {
    for pair in ["registry_auth=dXNlcjpwYXNz", "GITHUB_PAT=a1b2c3d4e5f6", "basic-auth: a1b2c3d4e5f6"] {
        assert!(redact(pair).contains("[redacted:"), "{pair}");
    }
}

#[test]
fn an_error_far_in_a_long_line_is_told() {
    // A width of more than 65535 columns is none to `format!`; nobody would find the caret either.
    let line = format!("{{\"cause\": \"oom.node\", \"title\": \"{}\", \"x\": 1}}", "x".repeat(70_000));
    let error = RuleSet::parse([("mine.yaml", line.as_str())]).unwrap_err();
    let told = error.to_string();
    assert!(told.len() < 2000 && told.ends_with('^'), "{} bytes", told.len());
    assert!(told.contains("unknown field `x`") && told.contains("x\", \"x\": 1}"), "{told}");
}
