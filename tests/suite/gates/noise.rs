//! Other people's troubles in the same namespace change nothing.

use std::path::Path;

use a2::evidence::{Event, Object};
use serde_json::{Value, json};

use super::corpus::{Stage, gather, over, stages};
use super::said::{judge, moved};

/// Reasons and messages of a busy namespace.
const CHATTER: &[(&str, &str, &str)] = &[
    ("kubelet", "Pulled", "Container image \"registry.example/other:1\" already present on machine"),
    ("kubelet", "Created", "Container created"),
    ("kubelet", "Started", "Container started"),
    ("kubelet", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
    ("kubelet", "Killing", "Container work failed liveness probe, will be restarted"),
    ("kubelet", "BackOff", "Back-off restarting failed container work in pod other"),
    ("kubelet", "Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "),
    ("default-scheduler", "Scheduled", "Successfully assigned it to a node"),
    ("default-scheduler", "FailedScheduling", "0/1 nodes are available: 1 Insufficient memory."),
    ("taint-eviction-controller", "TaintManagerEviction", "Marking for deletion Pod other"),
    ("kubelet", "FailedMount", "MountVolume.SetUp failed for volume \"v\" : secret \"s\" not found"),
    ("kubelet", "Failed", "Failed to pull image \"registry.example/other:1\": not found"),
];

/// 500 events about pods that have nothing to do with the target, spread over the time that its own events span.
fn chatter(stage: &Stage) -> Vec<Value> {
    let times: Vec<_> = stage.case.events.iter().flat_map(|e| [e.first, e.last]).flatten().collect();
    let (from, to) = (times.iter().min().copied().unwrap_or(stage.case.observed_at), times.iter().max().copied().unwrap_or(stage.case.observed_at));
    (0..500)
        .map(|i| {
            let (component, reason, message) = CHATTER[i % CHATTER.len()];
            let at = a2::evidence::format_time(from + (to - from) * (i as i32) / 500);
            let name = format!("zz-chatter-6b7d8f9c4-{:05}", i % 50);
            json!({
                "metadata": { "name": format!("{name}.{i:x}"), "namespace": stage.target.namespace, "uid": format!("chatter-{i}"), "creationTimestamp": at },
                "type": "Warning", "reason": reason, "message": message, "count": 1, "firstTimestamp": at, "lastTimestamp": at,
                "involvedObject": { "apiVersion": "v1", "kind": "Pod", "namespace": stage.target.namespace, "name": name, "uid": format!("uid-{name}"), "fieldPath": "spec.containers{work}" },
                "source": { "component": component, "host": "elsewhere" }, "reportingComponent": component
            })
        })
        .collect()
}

/// 50 healthy pods of a template of their own.
fn neighbours(stage: &Stage) -> Vec<Value> {
    let at = a2::evidence::format_time(stage.case.observed_at - chrono::TimeDelta::hours(3));
    (0..50)
        .map(|i| {
            let name = format!("zz-neighbour-7c9d8b6f5-{i:05}");
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "name": name, "namespace": stage.target.namespace, "uid": format!("uid-{name}"), "creationTimestamp": at,
                    "labels": { "app": "zz-neighbour", "pod-template-hash": "7c9d8b6f5" },
                    "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "zz-neighbour-7c9d8b6f5", "uid": "uid-zz", "controller": true }] },
                "spec": { "nodeName": "elsewhere", "restartPolicy": "Always", "containers": [{ "name": "work", "image": "registry.example/other:1" }] },
                "status": { "phase": "Running", "podIP": format!("10.250.0.{i}"), "startTime": at, "conditions": [{ "type": "Ready", "status": "True" }],
                    "containerStatuses": [{ "name": "work", "ready": true, "started": true, "restartCount": 0, "state": { "running": { "startedAt": at } }, "lastState": {} }] }
            })
        })
        .collect()
}

#[test]
fn five_hundred_events_of_others_change_nothing() {
    over("noise in the case", stages(), |stage| {
        let mut case = stage.case.clone();
        case.events.extend(chatter(stage).into_iter().filter_map(|v| Event::from_object(Object::new(v))));
        moved(&stage.base, &judge(&case))
    });
}

#[test]
fn a_crowded_namespace_changes_nothing() {
    // Collected anew from a bundle with the events and fifty healthy pods in it.
    let few = stages().len() / 60;
    over("noise in the cluster", stages().iter().step_by(few.max(1)), |stage| {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&stage.dir, folder.path());
        let base = folder.path().join(format!("api/v1/namespaces/{}", stage.target.namespace));
        append(&base.join("pods.json"), neighbours(stage));
        append(&base.join("events.json"), chatter(stage));
        moved(&stage.base, &judge(&gather(folder.path(), &stage.target)))
    });
}

/// Adds items to a recorded list.
fn append(list: &Path, more: Vec<Value>) {
    let body = std::fs::read(list).ok().and_then(|b| serde_json::from_slice(&b).ok());
    let mut body: Value = body.unwrap_or_else(|| json!({ "kind": "List", "apiVersion": "v1", "items": [] }));
    body["items"].as_array_mut().expect("items").extend(more);
    std::fs::create_dir_all(list.parent().expect("a parent")).expect("a folder");
    std::fs::write(list, body.to_string()).expect("written");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}
