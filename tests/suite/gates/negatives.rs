//! What is well, done or taken away on purpose is never called a failure.

use a2::diagnosis::Investigation;
use a2::evidence::{CaseFile, Event, LogLine, LogStatus, LogTail, Object, Pod};
use a2::rules::Confidence;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::corpus::{Stage, over, stages};
use super::said::{is_failure, judge};

/// Failure causes that a report calls more than possible.
fn accused(report: &Investigation) -> Vec<String> {
    let above = report.causes.iter().filter(|c| is_failure(&c.cause) && c.confidence > Confidence::Possible);
    above.map(|c| format!("{} is {} ({:?})", c.cause, c.confidence.word(), c.supporting.first().map(|s| s.says.as_str()))).collect()
}

#[test]
fn recorded_pods_that_are_well_done_or_taken_away_are_not_accused() {
    let innocent = |s: &&Stage| {
        let cause = s.truth["cause"].as_str().unwrap_or_default();
        cause.starts_with("healthy.") || matches!(cause, "disruption.deleted" | "disruption.drained")
    };
    over("negatives", stages().iter().filter(innocent), |stage| accused(&stage.base));
}

#[test]
fn a_death_before_the_window_is_history() {
    // The same pod a week later, running since then.
    let ready = |s: &&Stage| s.base.history.subject.recovered_since.is_some();
    over("old deaths", stages().iter().filter(ready), |stage| {
        let mut case = stage.case.clone();
        case.observed_at += TimeDelta::days(7);
        case.events.clear();
        case.node_events.clear();
        case.logs.retain(|l| l.previous);
        let report = judge(&case);
        let mut wrong = accused(&report);
        if report.verdict.cause != "healthy.running" {
            wrong.push(format!("the verdict is {}", report.verdict.cause));
        }
        wrong
    });
}

#[test]
fn a_main_container_that_completed_is_not_accused_whatever_its_log_says() {
    // The same pods, had all their containers ended with 0 under a policy that lets them rest; their logs stay as they are.
    let ended = |s: &&Stage| s.case.pod.as_ref().is_some_and(|p| p.deletion.is_none()) && s.base.history.subject.death.is_some();
    over("completed", stages().iter().filter(ended), |stage| {
        let mut case = stage.case.clone();
        complete(&mut case);
        let report = judge(&case);
        let mut wrong = accused(&report);
        if report.history.silence.silent == Some(true) {
            wrong.push("it is called silent".to_owned());
        }
        wrong
    });
}

/// Turns a pod into one that did its work: no deaths, no complaints.
fn complete(case: &mut CaseFile) {
    let Some(pod) = &case.pod else { return };
    let finished = a2::evidence::format_time(case.observed_at - TimeDelta::seconds(30));
    let mut raw = pod.object.raw().clone();
    raw["spec"]["restartPolicy"] = json!("Never");
    for list in ["containers", "initContainers"] {
        for spec in raw["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(map) = spec.as_object_mut() {
                map.remove("restartPolicy");
                map.remove("restartPolicyRules");
            }
        }
    }
    let status = raw["status"].as_object_mut().expect("a status");
    status.remove("reason");
    status.remove("message");
    status.insert("phase".to_owned(), json!("Succeeded"));
    status.insert("conditions".to_owned(), json!([]));
    for list in ["containerStatuses", "initContainerStatuses"] {
        for one in status.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let started =
                ["/state/terminated/startedAt", "/state/running/startedAt", "/lastState/terminated/startedAt"].iter().find_map(|p| one.pointer(p)).cloned();
            one["state"] = json!({ "terminated": { "exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": finished, "containerID": "containerd://one" } });
            one["lastState"] = json!({});
            one["restartCount"] = json!(0);
        }
    }
    case.pod = Some(Pod::from_object(Object::new(raw)));
    case.events.retain(|e| e.about.name == case.target.name && matches!(e.reason.as_str(), "Scheduled" | "Pulled" | "Pulling" | "Created" | "Started"));
    for log in case.logs.iter_mut().filter(|l| l.previous) {
        log.lines.clear();
        log.status = LogStatus::Absent("there was no instance before".to_owned());
    }
}

/// A pod with two containers; the statuses are those of main and of a helper.
fn pod(phase: &str, policy: &str, main: Value, helper: Value, deleting: bool) -> Pod {
    let status =
        |name: &str, state: Value| json!({ "name": name, "ready": state.get("running").is_some(), "restartCount": 0, "state": state, "lastState": {} });
    let mut raw = json!({
        "kind": "Pod", "metadata": { "name": "p", "namespace": "n", "uid": "u", "creationTimestamp": "2030-01-02T03:00:00Z" },
        "spec": { "nodeName": "k", "restartPolicy": policy, "containers": [{ "name": "main", "image": "i" }, { "name": "helper-proxy", "image": "j" }] },
        "status": { "phase": phase, "containerStatuses": [status("helper-proxy", helper), status("main", main)] }
    });
    if deleting {
        raw["metadata"]["deletionTimestamp"] = json!("2030-01-02T03:05:20Z");
        raw["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    }
    Pod::from_object(Object::new(raw))
}

fn case(pod: Pod, log: &[&str]) -> CaseFile {
    let target = a2::evidence::Target { namespace: "n".to_owned(), name: "p".to_owned(), uid: None };
    let now = a2::evidence::parse_time("2030-01-02T03:05:00Z").expect("a time");
    let mut case = CaseFile::new(target, a2::evidence::Options::default(), now);
    let line = |(i, text): (usize, &&str)| LogLine { time: Some(now - TimeDelta::seconds(40 - i as i64)), text: (*text).to_owned() };
    let lines = log.iter().enumerate().map(line).collect();
    case.logs = vec![LogTail { pod: "p".to_owned(), container: "main".to_owned(), previous: false, status: LogStatus::Read, lines, truncated: false }];
    case.pod = Some(pod);
    case
}

fn ran(code: i64) -> Value {
    let reason = if code == 0 { "Completed" } else { "Error" };
    json!({ "terminated": { "exitCode": code, "reason": reason, "startedAt": "2030-01-02T03:00:05Z", "finishedAt": "2030-01-02T03:04:30Z", "containerID": "containerd://m" } })
}

fn runs() -> Value {
    json!({ "running": { "startedAt": "2030-01-02T03:00:05Z" } })
}

/// Logs that quote failures of others, or of other days.
const QUOTES: &[&[&str]] = &[
    &[
        "thread 'main' panicked at src/main.rs:4:5:",
        "called `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused }",
        "report of yesterday's crash sent",
    ],
    &["panic: runtime error: index out of range [5] with length 3", "", "goroutine 1 [running]:", "main.main()", "\t/src/main.go:9 +0x1d", "ticket closed"],
    &["Traceback (most recent call last):", "  File \"/app/a.py\", line 3, in <module>", "    f()", "ValueError: bad", "3 tracebacks filed"],
    &["java.lang.OutOfMemoryError: Java heap space", "memory of the watched service is back to normal"],
    &["Killed process 19024 (python) total-vm:1448016kB, anon-rss:350452kB", "kernel log copied"],
];

#[test]
fn quoting_a_failure_is_not_failing() {
    for log in QUOTES {
        let done = [
            ("completed", pod("Succeeded", "Never", ran(0), ran(0), false)),
            ("lingering", pod("Running", "Never", ran(0), runs(), false)),
            ("running", pod("Running", "Always", runs(), runs(), false)),
            ("being deleted", pod("Running", "Always", runs(), runs(), true)),
        ];
        for (what, pod) in done {
            let report = judge(&case(pod, log));
            // A program that runs on may well have a sick part: that is a finding of its own, and never a death.
            let wrong: Vec<String> = accused(&report).into_iter().filter(|w| what != "running" || !w.starts_with("process.")).collect();
            assert!(wrong.is_empty(), "{what}, log {log:?}: {wrong:?}");
            assert_ne!(report.history.silence.silent, Some(true), "{what}");
        }
    }
}

#[test]
fn a_rolled_out_pod_that_is_gone_was_taken_away() {
    let mut gone = case(pod("Running", "Always", runs(), runs(), false), &[]);
    gone.pod = None;
    gone.pod_absent = true;
    gone.logs.clear();
    let event = |kind: &str, about: &str, reason: &str, message: &str, component: &str, container: Option<&str>| {
        let mut raw = json!({ "metadata": { "name": format!("{about}.{reason}.{message}"), "namespace": "n" }, "type": "Normal", "reason": reason, "message": message, "count": 1,
            "involvedObject": { "kind": kind, "namespace": "n", "name": about, "uid": format!("uid-{about}") },
            "firstTimestamp": "2030-01-02T03:04:00Z", "lastTimestamp": "2030-01-02T03:04:00Z", "source": { "component": component } });
        if let Some(c) = container {
            raw["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{c}}}"));
        }
        Event::from_object(Object::new(raw)).expect("an event")
    };
    gone.events = vec![
        event("Pod", "p", "Started", "Container started", "kubelet", Some("main")),
        event("Pod", "p", "Started", "Container started", "kubelet", Some("helper-proxy")),
        event("Pod", "p", "Killing", "Stopping container main", "kubelet", Some("main")),
        event("Pod", "p", "Killing", "Stopping container helper-proxy", "kubelet", Some("helper-proxy")),
        event("ReplicaSet", "web-5d9c7b6f4", "SuccessfulDelete", "Deleted pod: p", "replicaset-controller", None),
        event("Deployment", "web", "ScalingReplicaSet", "Scaled down replica set web-5d9c7b6f4 from 1 to 0", "deployment-controller", None),
        event("Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-66c8f7d5b from 0 to 1", "deployment-controller", None),
    ];
    let report = judge(&gone);
    assert_eq!(report.verdict.cause, "disruption.deleted", "{:?}", report.explanation);
    assert_eq!(report.history.removal.as_ref().map(|r| r.kind), Some("rollout"));
    assert!(accused(&report).is_empty(), "{:?}", accused(&report));
}
