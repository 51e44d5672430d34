//! Tekton TaskRuns: a gone pod's steps and sidecars.

use serde_json::{Value, json};

use super::{document, of};
use crate::bundles::Bundle;

fn end(code: i64, reason: &str, at: &str) -> Value {
    json!({ "exitCode": code, "reason": reason, "startedAt": "2030-01-02T02:00:00Z", "finishedAt": format!("2030-01-02T02:{at}Z"), "containerID": "containerd://x" })
}

fn step(name: &str, end: Value, why: &str) -> Value {
    json!({ "name": name, "container": format!("step-{name}"), "terminated": end, "terminationReason": why })
}

fn run(name: &str, status: Value) -> Value {
    let mut run = json!({
        "apiVersion": "tekton.dev/v1", "kind": "TaskRun",
        "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}") },
        "status": {
            "podName": format!("{name}-pod"), "completionTime": "2030-01-02T02:06:00Z",
            "taskSpec": { "steps": [
                { "name": "fetch", "image": "shop/git:1" },
                { "name": "build", "image": "shop/build:2", "computeResources": { "limits": { "memory": "64Mi" } } },
                { "name": "push", "image": "shop/push:3" }
            ], "sidecars": [{ "name": "db", "image": "shop/db:9" }] }
        }
    });
    for (key, value) in status.as_object().expect("an object") {
        run["status"][key] = value.clone();
    }
    run
}

fn failed(reason: &str, message: &str) -> Value {
    json!([{ "type": "Succeeded", "status": "False", "reason": reason, "message": message, "lastTransitionTime": "2030-01-02T02:06:00Z" }])
}

fn bundle(runs: Vec<Value>) -> Bundle {
    Bundle::new().list("/apis/tekton.dev/v1/namespaces/shop/taskruns", runs).usual().done()
}

#[tokio::test]
async fn the_first_step_that_failed_is_the_culprit() {
    let status = json!({
        "conditions": failed("Failed", "\"step-build\" exited with code 3"),
        "steps": [
            step("fetch", end(0, "Completed", "01:00"), "Completed"),
            step("build", end(3, "Error", "05:00"), "Error"),
            step("push", end(1, "Error", "05:00"), "Skipped")
        ],
        "sidecars": [{ "name": "db", "container": "sidecar-db", "terminated": end(137, "Error", "05:30") }]
    });
    let found = of(&bundle(vec![run("build-x", status)]), "build-x-pod").await;
    assert_eq!(found.case.owners[0].object.kind(), "TaskRun", "found by the pod's name alone");
    let death = &found.history.deaths[0];
    assert_eq!((death.container.as_str(), death.exit_code, death.from.word()), ("step-build", Some(3), "taskrun"));
    assert_eq!(found.history.subject.mechanism.word(), "exited");
    assert!(found.history.traced);
    let document = document(&found);
    let build = document.containers.iter().find(|c| c.name == "step-build").expect("the step");
    assert_eq!((build.image.as_deref(), build.exit_code), (Some("shop/build:2"), Some(3)));
    assert_eq!(build.limits.get("memory").map(String::as_str), Some("64Mi"));
    assert_eq!(document.containers.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["step-fetch", "step-build", "step-push", "sidecar-db"]);
}

#[tokio::test]
async fn an_oom_of_a_step_and_of_a_sidecar() {
    let status = json!({
        "conditions": failed("StepOOM", "\"step-build\" exited with code 137: OOMKilled"),
        "steps": [step("fetch", end(0, "Completed", "01:00"), "Completed"), step("build", end(137, "OOMKilled", "05:00"), "Error")]
    });
    let found = of(&bundle(vec![run("build-x", status)]), "build-x-pod").await;
    assert_eq!((found.verdict.cause.as_str(), found.verdict.container.as_deref()), ("oom.container-limit", Some("step-build")));
    assert_eq!(found.history.subject.mechanism.word(), "oom-killed");

    let status = json!({
        "conditions": failed("SidecarOOM", "sidecar failed"),
        "steps": [step("fetch", end(1, "Error", "05:10"), "Error")],
        "sidecars": [{ "name": "db", "container": "sidecar-db", "terminated": end(137, "OOMKilled", "05:00") }]
    });
    let found = of(&bundle(vec![run("build-x", status)]), "build-x-pod").await;
    assert_eq!(found.history.deaths[0].container, "sidecar-db");
}

#[tokio::test]
async fn a_timeout_of_the_run_and_of_a_step() {
    let status = json!({
        "conditions": failed("TaskRunTimeout", "TaskRun \"build-x\" failed to finish within \"5m0s\""),
        "steps": [step("fetch", end(0, "Completed", "01:00"), "Completed"), { "name": "build", "container": "step-build", "running": { "startedAt": "2030-01-02T02:01:00Z" } }]
    });
    let found = of(&bundle(vec![run("build-x", status)]), "build-x-pod").await;
    assert_eq!((found.verdict.cause.as_str(), found.history.subject.mechanism.word()), ("timeout.deadline", "stopped"));
    assert_eq!(found.verdict.container.as_deref(), Some("step-build"), "the step that still ran");

    let status = json!({
        "conditions": failed("Failed", "\"step-build\" exited because the step exceeded the specified timeout limit"),
        "steps": [step("build", end(1, "Error", "05:00"), "TimeoutExceeded"), step("push", end(1, "Error", "05:00"), "Skipped")]
    });
    let found = of(&bundle(vec![run("build-x", status)]), "build-x-pod").await;
    assert_eq!((found.verdict.cause.as_str(), found.verdict.container.as_deref()), ("timeout.deadline", Some("step-build")));
}

#[tokio::test]
async fn an_earlier_try_is_found_in_retries_status() {
    let status = json!({
        "podName": "build-x-pod-retry1",
        "conditions": [{ "type": "Succeeded", "status": "True", "reason": "Succeeded" }],
        "steps": [step("build", end(0, "Completed", "20:00"), "Completed")],
        "retriesStatus": [{
            "podName": "build-x-pod", "conditions": failed("StepOOM", "\"step-build\" exited with code 137: OOMKilled"),
            "steps": [step("build", end(137, "OOMKilled", "05:00"), "Error")]
        }]
    });
    let bundle = bundle(vec![run("build-x", status)]);
    let first = of(&bundle, "build-x-pod").await;
    assert_eq!((first.verdict.cause.as_str(), first.history.deaths[0].exit_code), ("oom.container-limit", Some(137)));
    let second = of(&bundle, "build-x-pod-retry1").await;
    assert_eq!((second.verdict.cause.as_str(), second.history.deaths[0].exit_code), ("healthy.completed", Some(0)));
    let none = of(&bundle, "build-x-pod-retry7").await;
    assert!(none.history.deaths.is_empty() && !none.history.traced, "a try that the TaskRun does not know");
}

#[tokio::test]
async fn a_name_that_was_cut_is_found_by_the_status() {
    let pod = format!("a-task-run-of-a-long-name-{}-pod", "0123456789abcdef".repeat(2));
    let status = json!({ "podName": pod, "conditions": failed("Failed", "x"), "steps": [step("build", end(2, "Error", "05:00"), "Error")] });
    let found = of(&bundle(vec![run("a-task-run-of-a-long-name-that-goes-on-and-on-and-on-and-on-and-on", status)]), &pod).await;
    assert_eq!(found.history.deaths.first().and_then(|d| d.exit_code), Some(2));
}
