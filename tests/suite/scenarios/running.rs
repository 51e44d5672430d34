//! A worker beside a helper: what the phase says, and what the containers say.

use serde_json::{Value, json};

use super::scene::*;
use crate::bundles::Bundle;

const POD: &str = "sandbox-7c1";

fn pair(phase: &str, worker: Part, helper: Part) -> Value {
    pod_of(POD, phase, "Never", &[worker, helper])
}

fn seen(pod: Value) -> Value {
    ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(POD, &["sandbox", "tool-server"])), POD)
}

fn helper() -> Part {
    part("tool-server", runs("02:40:02"))
}

#[test]
fn the_worker_oom_killed_beside_a_living_helper_is_stopped_and_silent() {
    let answer = seen(pair("Running", part("sandbox", ended(137, "OOMKilled", "02:40:02", "02:53:05")).memory("4Gi"), helper()));
    expect(&answer, "oom.container-limit", "confirmed", "oom-killed");
    assert_eq!((&answer["target"]["phase"], &answer["target"]["effectiveStatus"]), (&json!("Running"), &json!("stopped")));
    assert_eq!((&answer["verdict"]["silent"], &answer["verdict"]["heldUpBy"]), (&json!(true), &json!(["tool-server"])));
    assert!(says(&answer, "11m"), "{}", answer["verdict"]["headline"]);
    assert!(says(&answer, "4Gi"));
}

#[test]
fn a_living_worker_beside_its_helper_is_running() {
    let answer = seen(pair("Running", part("sandbox", runs("02:40:02")), helper()));
    expect(&answer, "healthy.running", "confirmed|probable", "running");
    assert_eq!((&answer["target"]["effectiveStatus"], &answer["verdict"]["silent"]), (&json!("running"), &json!(false)));
}

#[test]
fn a_dead_helper_beside_a_living_worker_is_not_silent() {
    let answer = seen(pair("Running", part("sandbox", runs("02:40:02")), part("tool-server", ended(1, "Error", "02:40:02", "02:50:00"))));
    assert_eq!(answer["verdict"]["silent"], false);
    assert_eq!(answer["verdict"]["container"], "tool-server", "{}", answer["verdict"]);
    assert_eq!(answer["target"]["effectiveStatus"], "running");
}

#[test]
fn a_finished_worker_beside_a_living_helper_lingers() {
    let answer = seen(pair("Running", part("sandbox", ended(0, "Completed", "02:40:02", "02:50:00")), helper()));
    expect(&answer, "healthy.lingering", "confirmed|probable", "exited");
    assert_eq!((&answer["target"]["effectiveStatus"], &answer["verdict"]["silent"]), (&json!("stopped"), &json!(false)));
}

#[test]
fn a_native_sidecar_is_read_where_it_is_kept_and_holds_nothing_up() {
    let mut pod = pod_of(POD, "Failed", "Never", &[part("sandbox", ended(1, "Error", "02:40:02", "02:50:00"))]);
    pod["spec"]["initContainers"] = json!([{ "name": "log", "image": "registry.example/log:1", "restartPolicy": "Always" }]);
    pod["status"]["initContainerStatuses"] =
        json!([{ "name": "log", "ready": false, "restartCount": 0, "state": ended(0, "Completed", "02:40:01", "02:50:01"), "lastState": {} }]);
    let answer = seen(pod);
    expect(&answer, "error.unhandled", "possible|probable", "exited");
    assert_eq!(answer["verdict"]["silent"], false);
    let kinds: Vec<&str> = answer["containers"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"sidecar"), "{kinds:?}");
}

#[test]
fn a_pod_being_deleted_is_stopping_and_its_oom_kill_still_told() {
    let mut pod = pair("Running", part("sandbox", ended(137, "OOMKilled", "02:40:02", "02:53:05")).memory("4Gi"), helper());
    pod["metadata"]["deletionTimestamp"] = json!(at("03:04:20"));
    pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    let answer = seen(pod);
    expect(&answer, "oom.container-limit", "confirmed", "oom-killed");
    assert_eq!((&answer["target"]["effectiveStatus"], &answer["verdict"]["silent"]), (&json!("stopping"), &json!(false)));
}

#[test]
fn an_evicted_pod_has_no_container_state_and_is_no_oom_kill() {
    let mut pod = pod_of(POD, "Failed", "Never", &[part("sandbox", json!({})).memory("4Gi")]);
    pod["status"] = json!({ "phase": "Failed", "reason": "Evicted", "startTime": at("02:40:00"),
        "message": "The node was low on resource: memory. Threshold quantity: 100Mi, available: 84Mi. Container sandbox was using 3900Mi, request is 1Gi, has larger consumption of memory. " });
    let answer = seen(pod);
    expect(&answer, "eviction.node-pressure", "confirmed", "stopped");
    assert_ne!(listed(&answer, "oom.container-limit"), "confirmed");
}

#[test]
fn a_companion_pod_that_died_is_named() {
    let mut pod = pod_of(POD, "Failed", "Never", &[part("sandbox", ended(1, "Error", "02:40:02", "03:03:51"))]);
    pod["metadata"]["labels"] = json!({ "shop.example/sandbox-id": "7c1" });
    let mut proxy = pod_of("sandbox-7c1-proxy", "Failed", "Never", &[part("proxy", ended(137, "OOMKilled", "02:40:02", "03:03:20")).memory("512Mi")]);
    proxy["status"]["podIP"] = json!("10.0.0.8");
    proxy["metadata"]["labels"] = json!({ "shop.example/sandbox-id": "7c1", "role": "proxy" });
    let log = "2030-01-02T03:03:50Z ERROR stream disconnected before completion: error sending request for url (http://10.0.0.8:8080/v1)\n";
    let bundle =
        Bundle::new().list(PODS, vec![pod, proxy]).list(EVENTS, life(POD, &["sandbox"])).file(&format!("{}/{POD}/log/sandbox.log", &PODS[1..]), log.as_bytes());
    let answer = ask(bundle, POD);
    assert!(verdict(&answer).0.starts_with("dependency."), "the target was not oom-killed: {}", answer["verdict"]);
    assert!(says(&answer, "sandbox-7c1-proxy"), "{:#}", answer["verdict"]);
}

#[test]
fn an_oom_kill_that_happened_to_all_siblings_recurs() {
    let dead = |name: &str| {
        let mut pod = pod_of(name, "Failed", "Never", &[part("sandbox", ended(137, "OOMKilled", "02:40:02", "02:53:05")).memory("4Gi")]);
        pod["metadata"]["labels"] = json!({ "batch.kubernetes.io/job-name": "sandbox", "job-name": "sandbox" });
        pod["metadata"]["ownerReferences"] = json!([{ "apiVersion": "batch/v1", "kind": "Job", "name": "sandbox", "uid": "uid-sandbox", "controller": true }]);
        pod
    };
    let answer = ask(Bundle::new().list(PODS, vec![dead(POD), dead("sandbox-8d2"), dead("sandbox-9e3")]), POD);
    expect(&answer, "oom.container-limit", "confirmed", "oom-killed");
    assert_eq!((&answer["siblings"]["failedAlike"], answer["siblings"]["pattern"].as_str()), (&json!(2), Some("all")), "{:#}", answer["siblings"]);
}

#[test]
fn oom_killed_with_another_exit_code_is_a_child() {
    let answer = seen(pair(
        "Failed",
        part("sandbox", ended(1, "OOMKilled", "02:40:02", "02:53:05")).memory("4Gi"),
        part("tool-server", ended(0, "Completed", "02:40:02", "02:53:09")),
    ));
    expect(&answer, "oom.child-process", "confirmed|probable", "exited");
}

#[test]
fn stopped_on_request_is_not_oom() {
    let mut pod = pair("Running", part("sandbox", ended(137, "Error", "02:40:02", "03:04:02")), helper());
    pod["metadata"]["deletionTimestamp"] = json!(at("03:04:02"));
    pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    let mut events = life(POD, &["sandbox", "tool-server"]);
    events.push(told_of("03:03:32", POD, "sandbox", "Killing", "Stopping container sandbox"));
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, events), POD);
    expect(&answer, "disruption.deleted", "confirmed|probable", "stopped");
    assert!(["-", "none"].contains(&listed(&answer, "oom.container-limit")), "{:#}", answer["causes"]);
}

#[test]
fn a_bare_137_is_unknown() {
    let answer = ask(Bundle::new().list(PODS, vec![pod_of(POD, "Failed", "Never", &[part("sandbox", ended(137, "Error", "02:40:02", "02:53:05"))])]), POD);
    expect(&answer, "unknown", "none", "unknown");
    assert!(answer["causes"].as_array().unwrap().iter().all(|c| c["confidence"] != "confirmed" && c["confidence"] != "probable"), "{:#}", answer["causes"]);
}
