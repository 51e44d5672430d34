//! A workflow step whose pod is fresh, stuck, or long gone: what is left decides how much may be said.

use serde_json::{Value, json};

use super::scene::*;
use crate::bundles::Bundle;

fn target() -> String {
    argo_pod("batch-x1", "load", "load-batch")
}

fn with_events(events: Vec<Value>) -> Bundle {
    Bundle::new().list(EVENTS, events)
}

fn remembered(phase: &str, message: &str, code: Option<&str>) -> Value {
    ask(Bundle::new().list(WORKFLOWS, vec![workflow("batch-x1", phase, message, code)]), &target())
}

#[test]
fn a_step_that_just_failed_is_silent_and_its_helper_may_still_finish() {
    let pod = step_pod("batch-x1", "Running", ended(1, "Error", "03:03:50", "03:04:03"), runs("02:40:01"));
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(&target(), &["wait", "main"])), &target());
    expect(&answer, "error.unhandled", "possible|probable", "exited");
    assert_eq!((&answer["verdict"]["silent"], &answer["verdict"]["heldUpBy"]), (&json!(true), &json!(["wait"])));
    assert_eq!(suspect(&answer, "oom"), "contradicted");
}

#[test]
fn a_step_stuck_behind_its_helper_says_since_when_and_who_waits() {
    let pod = step_pod("batch-x1", "Running", ended(1, "Error", "02:40:05", "02:51:36"), runs("02:40:01"));
    let mut flow = workflow("batch-x1", "Running", "", None);
    flow["status"]["phase"] = json!("Running");
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(WORKFLOWS, vec![flow]).list(EVENTS, life(&target(), &["wait", "main"])), &target());
    expect(&answer, "error.unhandled", "possible|probable", "exited");
    assert_eq!((&answer["verdict"]["silent"], &answer["verdict"]["heldUpBy"]), (&json!(true), &json!(["wait"])));
    assert!(says(&answer, "12m29s") || says(&answer, "12 min 29 s") || says(&answer, "12m"), "{}", answer["verdict"]["headline"]);
    assert_eq!(answer["target"]["effectiveStatus"], "stopped");
}

#[test]
fn a_gone_pod_and_the_nodes_word_about_memory() {
    let mut kill = told("02:50:00", "n1", "OOMKilling", "Memory cgroup out of memory: Killed process 4711 (python) total-vm:900000kB, anon-rss:261000kB");
    kill["involvedObject"] = json!({ "kind": "Node", "name": "n1", "uid": "n1" });
    kill["metadata"]["namespace"] = json!("default");
    let answer = ask(with_events(life(&target(), &["wait", "main"])).list("/api/v1/namespaces/default/events", vec![kill]), &target());
    // The line does not name the pod: it may hint, never confirm.
    assert!(!["confirmed", "probable"].contains(&listed(&answer, "oom.container-limit")), "{:#}", answer["causes"]);
    assert_ne!(answer["verdict"]["confidence"], "confirmed");
    assert_eq!(answer["verdict"]["exitCode"], Value::Null);
    assert!(says(&answer, "OOMKilling"), "the line is shown");
}

#[test]
fn a_gone_pod_and_an_image_that_was_never_pulled() {
    let pod = target();
    let events = vec![
        told("02:40:00", &pod, "Scheduled", &format!("Successfully assigned shop/{pod} to n1")),
        told_of("02:40:02", &pod, "main", "Failed", "Failed to pull image \"registry.example/loader:9\": manifest unknown: manifest unknown"),
        told_of("02:40:03", &pod, "main", "Failed", "Error: ErrImagePull"),
        told_of("02:40:09", &pod, "main", "BackOff", "Back-off pulling image \"registry.example/loader:9\""),
    ];
    let answer = ask(with_events(events), &pod);
    expect(&answer, "image.not-found", "confirmed|probable", "not-started");
    assert_ne!(answer["verdict"]["silent"], true, "what never ran did not die in silence");
}

#[test]
fn a_gone_pod_that_crash_looped_leaves_no_cause() {
    let pod = target();
    let mut again = told_of("02:50:00", &pod, "main", "BackOff", &format!("Back-off restarting failed container main in pod {pod}_shop(uid-{pod})"));
    again["count"] = json!(6);
    let mut events = life(&pod, &["wait", "main"]);
    events.push(again);
    let answer = ask(with_events(events), &pod);
    expect(&answer, "unknown", "none", "unknown");
    assert_eq!(answer["verdict"]["exitCode"], Value::Null);
    for cause in answer["causes"].as_array().unwrap() {
        assert!(["possible", "none"].contains(&cause["confidence"].as_str().unwrap()), "{cause:#}");
    }
}

#[test]
fn the_workflow_alone_remembers_the_exit_code() {
    let answer = remembered("Failed", "main: Error (exit code 1)", Some("1"));
    expect(&answer, "error.unhandled", "possible|probable|confirmed", "exited");
    assert_eq!((&answer["verdict"]["exitCode"], &answer["verdict"]["container"]), (&json!(1), &json!("main")));
    assert_eq!((suspect(&answer, "oom"), suspect(&answer, "panic")), ("contradicted", "not-knowable"), "without a log a panic cannot be excluded");
    assert_eq!(answer["verdict"]["removal"], "workflow-gc");
    assert!(says(&answer, "n1"), "where it ran");
    assert!(answer["impact"].as_array().unwrap().iter().any(|i| says(i, "publish")), "{:#}", answer["impact"]);
}

#[test]
fn the_workflow_alone_remembers_an_oom_kill() {
    let mut flow = workflow("batch-x1", "Failed", "main: OOMKilled (exit code 137)", Some("137"));
    let without_limit = ask(Bundle::new().list(WORKFLOWS, vec![flow.clone()]), &target());
    assert!(verdict(&without_limit).0.starts_with("oom.") && verdict(&without_limit).2 == "oom-killed", "{}", without_limit["verdict"]);
    flow["spec"]["templates"][0]["container"]["resources"] = json!({ "limits": { "memory": "256Mi" } });
    let with_limit = ask(Bundle::new().list(WORKFLOWS, vec![flow.clone()]), &target());
    expect(&with_limit, "oom.container-limit", "confirmed|probable", "oom-killed");
    flow["spec"].as_object_mut().unwrap().remove("templates");
    let unseen = ask(Bundle::new().list(WORKFLOWS, vec![flow]), &target());
    assert_eq!((verdict(&unseen).2, unseen["verdict"]["exitCode"].as_i64()), ("oom-killed", Some(137)), "{}", unseen["verdict"]);
    assert!(verdict(&unseen).0.starts_with("oom."), "{}", unseen["verdict"]);
}

#[test]
fn the_workflow_alone_remembers_a_panics_exit_code() {
    let answer = remembered("Failed", "Error (exit code 101)", Some("101"));
    expect(&answer, "crash.panic", "possible|probable", "exited");
}

#[test]
fn pod_deleted_is_no_cause() {
    let answer = remembered("Error", "pod deleted", None);
    expect(&answer, "unknown", "none", "unknown");
}

#[test]
fn the_workflow_alone_remembers_a_deadline() {
    let answer = remembered("Failed", "Pod was active on the node longer than the specified deadline", None);
    expect(&answer, "timeout.deadline", "confirmed|probable", "stopped");
}

/// Other runs of the same step, with these exit codes and reasons, and nothing of the target.
fn analogy(others: &[(&str, i64, &str)]) -> Value {
    let pods = others.iter().map(|(flow, code, reason)| {
        let phase = if *code == 0 { "Succeeded" } else { "Failed" };
        let wait = ended(0, "Completed", "02:40:01", "02:50:01");
        step_pod(flow, phase, ended(*code, reason, "02:40:05", "02:50:00"), wait)
    });
    ask(Bundle::new().list(PODS, pods.collect()), &target())
}

#[test]
fn other_runs_with_other_endings_are_a_hint_only() {
    let answer = analogy(&[("batch-a2", 137, "OOMKilled"), ("batch-b3", 137, "OOMKilled"), ("batch-c4", 0, "Completed")]);
    expect(&answer, "unknown", "none", "unknown");
    assert!(["possible", "-"].contains(&listed(&answer, "oom.container-limit")), "{:#}", answer["causes"]);
    assert_eq!((&answer["siblings"]["total"], &answer["siblings"]["failedAlike"]), (&json!(3), &json!(2)), "{:#}", answer["siblings"]);
}

#[test]
fn other_runs_that_all_failed_alike_are_still_another_task() {
    let answer = analogy(&[("batch-a2", 1, "Error"), ("batch-b3", 1, "Error"), ("batch-c4", 1, "Error"), ("batch-d5", 1, "Error")]);
    assert_ne!(answer["verdict"]["confidence"], "confirmed");
    assert_eq!((&answer["siblings"]["total"], &answer["siblings"]["failedAlike"]), (&json!(4), &json!(4)), "{:#}", answer["siblings"]);
    assert_eq!(answer["verdict"]["mechanism"], "unknown", "the target's own end stays unknown");
}

#[test]
fn other_runs_that_all_did_well_say_nothing() {
    let answer = analogy(&[("batch-a2", 0, "Completed"), ("batch-b3", 0, "Completed")]);
    expect(&answer, "unknown", "none", "unknown");
    assert_eq!(answer["siblings"]["failedAlike"], 0);
}

#[test]
fn nothing_at_all_is_said_to_be_nothing() {
    let answer = ask(Bundle::new(), &target());
    expect(&answer, "unknown", "none", "unknown");
    assert!(answer["causes"].as_array().unwrap().iter().all(|c| !["confirmed", "probable", "possible"].contains(&c["confidence"].as_str().unwrap())));
    assert!(answer["gaps"].as_array().unwrap().iter().any(|g| g["resource"] == "pods"), "{:#}", answer["gaps"]);
    assert!(answer["suspects"].as_array().unwrap().iter().all(|s| s["standing"] == "not-knowable"), "{:#}", answer["suspects"]);
    assert!(answer["sources"].as_array().unwrap().len() >= 4, "{:#}", answer["sources"]);
}

#[test]
fn forbidden_events_are_not_absent_events() {
    let refused = json!({ "kind": "Status", "status": "Failure", "reason": "Forbidden", "message": "events is forbidden", "code": 403 });
    let bundle = Bundle::new().set("answers", json!([{ "path": EVENTS, "verb": "list", "code": 403, "status": refused }]));
    let answer = ask(bundle, &target());
    expect(&answer, "unknown", "none", "unknown");
    let gap = answer["gaps"].as_array().unwrap().iter().find(|g| g["kind"] == "forbidden").unwrap_or_else(|| panic!("{:#}", answer["gaps"])).clone();
    assert_eq!((&gap["verb"], &gap["resource"]), (&json!("list"), &json!("events")));
    assert!(answer["sources"].as_array().unwrap().iter().any(|s| s["status"] == "forbidden"));
}

#[test]
fn a_helper_that_was_oom_killed_is_not_the_step() {
    let pod = step_pod("batch-x1", "Failed", ended(0, "Completed", "02:40:05", "02:50:00"), ended(137, "OOMKilled", "02:40:01", "02:50:03"));
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(&target(), &["wait", "main"])), &target());
    // The step itself is done: the helper's end is told, and is not the step's.
    expect(&answer, "healthy.completed", "confirmed", "exited");
    assert_eq!((&answer["verdict"]["container"], &answer["verdict"]["silent"]), (&json!("main"), &json!(false)));
    assert!(answer["timeline"].as_array().unwrap().iter().any(|row| says(row, "wait ended: OOMKilled")), "{:#}", answer["timeline"]);
}

#[test]
fn a_step_oom_killed_behind_a_helper_that_waits() {
    let pod = step_pod("batch-x1", "Running", ended(137, "OOMKilled", "02:40:05", "02:45:00"), runs("02:40:01"));
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(&target(), &["wait", "main"])), &target());
    expect(&answer, "oom.container-limit", "confirmed", "oom-killed");
    assert_eq!((&answer["verdict"]["silent"], &answer["verdict"]["exitCode"]), (&json!(true), &json!(137)));
}

#[test]
fn a_kill_told_by_an_unknown_reporter_confirms_nothing() {
    let pod = target();
    let mut told = told_of("02:50:00", &pod, "main", "OOMKilled", "Container main was OOM killed");
    told["source"] = json!({ "component": "oom-watcher" });
    told["reportingComponent"] = json!("oom-watcher");
    let mut events = life(&pod, &["wait", "main"]);
    events.push(told);
    let answer = ask(with_events(events), &pod);
    assert_ne!(answer["verdict"]["confidence"], "confirmed", "{}", answer["verdict"]);
    assert!(says(&answer, "was OOM killed"), "the event is shown");
}
