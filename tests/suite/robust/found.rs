//! What fuzzing, and reading with its eyes, found: one test for each.

use a2::evidence::{Event, Object, Pod, PodRow, read_rows};
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
    let table = json!({ "kind": "Table", "columnDefinitions": [{ "name": "Name" }, { "name": "Restarts" }], "rows": [{ "cells": ["web", i64::MAX.to_string()] }] });
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
