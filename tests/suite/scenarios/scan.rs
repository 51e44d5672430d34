//! A namespace with a bit of everything.

use a2::scan::ScanOptions;
use serde_json::{Value, json};

use super::scene::*;
use crate::bundles::Bundle;

fn silent(name: &str) -> Value {
    pod_of(name, "Running", "Never", &[part("factory", ended(1, "Error", "02:40:02", "02:50:00")), part("docker-daemon", runs("02:40:02"))])
}

fn crash_looping(name: &str) -> Value {
    let waits = json!({ "waiting": { "reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container" } });
    pod_of(name, "Running", "Always", &[part("main", waits).last(ended(101, "Error", "03:00:00", "03:01:00"), 7)])
}

fn names(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|f| f["pod"].as_str().unwrap_or("-")).collect()
}

#[test]
fn a_mixed_namespace_is_told_worst_first() {
    let mut pending = pod_of("huge", "Pending", "Always", &[]);
    pending["spec"] = json!({ "restartPolicy": "Always", "containers": [{ "name": "main", "image": "registry.example/main:1" }] });
    pending["status"] = json!({ "phase": "Pending", "conditions": [{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient memory." }] });
    let mut evicted = pod_of("evicted", "Failed", "Always", &[]);
    evicted["status"] = json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory. ", "startTime": at("03:00:00") });
    let pods = vec![
        pod_of("fine", "Running", "Always", &[part("main", runs("02:40:02"))]),
        silent("stuck"),
        crash_looping("loop"),
        pending,
        evicted,
        pod_of("done", "Succeeded", "Never", &[part("main", ended(0, "Completed", "02:40:02", "02:50:00"))]),
        pod_of("helperless", "Running", "Never", &[part("sandbox", runs("02:40:02")), part("tool-server", ended(1, "Error", "02:40:02", "02:50:00"))]),
    ];
    let answer = scan(Bundle::new().list(PODS, pods), &ScanOptions::default());
    let names = names(&answer);
    assert_eq!(names.first(), Some(&"stuck"), "{names:?}");
    for name in ["loop", "huge", "evicted", "helperless"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(!names.contains(&"fine") && !names.contains(&"done"), "{names:?}");
    assert_eq!((&answer["counts"]["silent"], &answer["counts"]["pods"]), (&json!(1), &json!(7)));
}

#[test]
fn a_pod_that_just_started_is_given_time() {
    let mut young = pod_of("young", "Running", "Always", &[part("main", runs("03:03:54"))]);
    young["metadata"]["creationTimestamp"] = json!(at("03:03:53"));
    young["status"]["startTime"] = json!(at("03:03:53"));
    young["status"]["conditions"][0]["status"] = json!("False");
    young["status"]["containerStatuses"][0]["ready"] = json!(false);
    let answer = scan(Bundle::new().list(PODS, vec![young]), &ScanOptions::default());
    assert_eq!(names(&answer), Vec::<&str>::new());
}

#[test]
fn excluded_pods_are_counted_and_not_listed() {
    let mut pod = silent("stuck");
    pod["metadata"]["labels"] = json!({ "watch": "no" });
    let options = ScanOptions { exclude: vec!["watch=no".to_owned()], ..ScanOptions::default() };
    let answer = scan(Bundle::new().list(PODS, vec![pod]), &options);
    assert_eq!((names(&answer), &answer["counts"]["excluded"]), (Vec::new(), &json!(1)));
}

#[test]
fn failures_of_one_family_share_a_group() {
    let of = |name: &str, set: &str| {
        let mut pod = crash_looping(name);
        pod["metadata"]["ownerReferences"] = json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": set, "uid": set, "controller": true }]);
        pod["metadata"]["labels"] = json!({ "pod-template-hash": "5d9c7b6f4" });
        pod
    };
    let pods = vec![of("play-5d9c7b6f4-aaaaa", "play-5d9c7b6f4"), of("play-5d9c7b6f4-bbbbb", "play-5d9c7b6f4"), of("atlas-5d9c7b6f4-ccccc", "atlas-5d9c7b6f4")];
    let answer = scan(Bundle::new().list(PODS, pods), &ScanOptions::default());
    let groups: std::collections::BTreeSet<&str> = answer["findings"].as_array().unwrap().iter().map(|f| f["group"].as_str().unwrap()).collect();
    assert_eq!((names(&answer).len(), groups.len()), (3, 2), "{groups:?}");
}

#[test]
fn an_empty_namespace_is_well() {
    let answer = scan(Bundle::new(), &ScanOptions::default());
    assert_eq!((names(&answer), &answer["counts"]["pods"]), (Vec::new(), &json!(0)));
}

#[test]
fn a_failed_init_container_is_named() {
    let mut pod = pod_of("starting", "Failed", "Never", &[part("main", json!({ "waiting": { "reason": "PodInitializing" } }))]);
    pod["spec"]["initContainers"] = json!([{ "name": "fetch-deps", "image": "registry.example/deps:1" }]);
    pod["status"]["initContainerStatuses"] =
        json!([{ "name": "fetch-deps", "ready": false, "restartCount": 0, "state": ended(1, "Error", "03:00:00", "03:01:00"), "lastState": {} }]);
    let answer = scan(Bundle::new().list(PODS, vec![pod]), &ScanOptions::default());
    assert_eq!((names(&answer), &answer["findings"][0]["container"]), (vec!["starting"], &json!("fetch-deps")), "{:#}", answer["findings"]);
}

#[test]
fn a_container_that_runs_again_died_all_the_same() {
    let pod = pod_of("again", "Running", "Always", &[part("main", runs("03:01:10")).memory("64Mi").last(ended(137, "OOMKilled", "02:50:00", "03:01:00"), 4)]);
    let found = scan(Bundle::new().list(PODS, vec![pod.clone()]), &ScanOptions::default());
    assert_eq!((names(&found), &found["findings"][0]["cause"]), (vec!["again"], &json!("oom.container-limit")), "{:#}", found["findings"]);
    let answer = ask(Bundle::new().list(PODS, vec![pod]), "again");
    expect(&answer, "oom.container-limit", "confirmed", "oom-killed");
    assert!(says(&answer["verdict"]["headline"], "running"), "{}", answer["verdict"]["headline"]);
}
