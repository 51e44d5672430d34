//! Small well-formed objects, damaged by the fuzzer's bytes: random text is hardly ever JSON, and what is not JSON reaches no reader of objects.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::mutate::{Script, damage};

/// A pod with all that is read of one; an event in each of its shapes; a node; a workload; a table of pods.
static OBJECTS: LazyLock<[Value; 6]> = LazyLock::new(|| {
    let ended = json!({ "exitCode": 137, "reason": "OOMKilled", "startedAt": "2030-01-02T02:00:00Z", "finishedAt": "2030-01-02T02:30:00Z", "message": "killed", "containerID": "containerd://1" });
    [
        json!({
            "kind": "Pod", "apiVersion": "v1",
            "metadata": {
                "name": "web-5d9c7b6f4-abcde", "namespace": "shop", "uid": "u1", "creationTimestamp": "2030-01-02T02:00:00Z",
                "deletionTimestamp": "2030-01-02T03:00:00Z", "deletionGracePeriodSeconds": 30, "labels": { "app": "web" }, "annotations": { "kubectl.kubernetes.io/default-container": "main" },
                "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d9c7b6f4", "uid": "rs", "controller": true }],
            },
            "spec": {
                "nodeName": "n1", "restartPolicy": "OnFailure", "activeDeadlineSeconds": 600, "terminationGracePeriodSeconds": 30, "resources": { "limits": { "memory": "1Gi" } },
                "initContainers": [{ "name": "setup", "image": "setup:1", "restartPolicy": "Always" }],
                "containers": [{
                    "name": "main", "image": "web:1", "command": ["/bin/web"], "args": ["--port", "80"], "ports": [{ "name": "http", "containerPort": 80, "protocol": "TCP" }],
                    "env": [{ "name": "DB_PASSWORD", "value": "hunter2" }], "resources": { "limits": { "memory": "128Mi" }, "requests": { "cpu": "100m" } },
                    "livenessProbe": { "httpGet": { "port": 80, "path": "/", "scheme": "HTTP" }, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3 },
                    "readinessProbe": { "exec": { "command": ["true"] } }, "startupProbe": { "grpc": { "port": 81 }, "terminationGracePeriodSeconds": 5 },
                    "lifecycle": { "preStop": { "sleep": { "seconds": 5 } } }, "volumeMounts": [{ "name": "data", "mountPath": "/data", "readOnly": true }],
                    "restartPolicyRules": [{ "action": "Restart", "exitCodes": { "operator": "In", "values": [42] } }], "terminationMessagePolicy": "FallbackToLogsOnError",
                }],
                "volumes": [{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }, { "name": "tmp", "emptyDir": {} }],
            },
            "status": {
                "phase": "Running", "reason": "Evicted", "message": "The node was low on resource: memory. ", "qosClass": "Burstable", "startTime": "2030-01-02T02:00:00Z", "podIP": "10.0.0.1",
                "conditions": [{ "type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "x", "lastTransitionTime": "2030-01-02T02:30:00Z" }],
                "initContainerStatuses": [{ "name": "setup", "ready": true, "restartCount": 0, "state": { "terminated": ended } }],
                "containerStatuses": [{ "name": "main", "ready": false, "started": true, "restartCount": 3, "imageID": "i", "containerID": "c", "state": { "waiting": { "reason": "CrashLoopBackOff", "message": "back-off 40s" } }, "lastState": { "terminated": ended } }],
            },
        }),
        json!({
            "kind": "Event", "apiVersion": "v1", "metadata": { "name": "e1", "namespace": "shop", "creationTimestamp": "2030-01-02T02:30:00Z" },
            "involvedObject": { "kind": "Pod", "namespace": "shop", "name": "web-5d9c7b6f4-abcde", "uid": "u1", "fieldPath": "spec.containers{main}" }, "type": "Warning", "reason": "Unhealthy",
            "message": "Liveness probe failed: HTTP probe failed with statuscode: 503", "count": 3, "firstTimestamp": "2030-01-02T02:29:00Z", "lastTimestamp": "2030-01-02T02:30:00Z", "source": { "component": "kubelet", "host": "n1" },
        }),
        json!({
            "kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": { "name": "e2", "namespace": "shop" }, "regarding": { "kind": "Pod", "namespace": "shop", "name": "web" }, "type": "Normal",
            "reason": "Killing", "note": "Stopping container main", "eventTime": "2030-01-02T02:30:00.123456Z", "series": { "count": 2, "lastObservedTime": "2030-01-02T02:31:00Z" },
            "reportingController": "kubelet", "reportingInstance": "n1", "deprecatedCount": 1, "deprecatedFirstTimestamp": "2030-01-02T02:29:00Z", "deprecatedLastTimestamp": "2030-01-02T02:30:00Z",
        }),
        json!({
            "kind": "Node", "apiVersion": "v1", "metadata": { "name": "n1" }, "spec": { "unschedulable": true, "taints": [{ "key": "node.kubernetes.io/not-ready", "effect": "NoExecute" }] },
            "status": { "capacity": { "memory": "8Gi" }, "allocatable": { "memory": "7Gi" }, "conditions": [{ "type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": "2030-01-02T02:30:00Z" }] },
        }),
        json!({
            "kind": "Job", "apiVersion": "batch/v1", "metadata": { "name": "nightly", "namespace": "shop", "uid": "j", "ownerReferences": [{ "kind": "CronJob", "name": "nightly", "controller": true }] },
            "spec": { "backoffLimit": 6, "activeDeadlineSeconds": 60, "template": { "spec": { "containers": [{ "name": "main", "image": "x" }] } } },
            "status": { "failed": 7, "conditions": [{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded" }] },
        }),
        json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": { "resourceVersion": "7", "continue": "x" },
            "columnDefinitions": [{ "name": "Name", "type": "string" }, { "name": "Ready" }, { "name": "Status" }, { "name": "Restarts" }, { "name": "Age" }, { "name": "IP" }, { "name": "Node" }],
            "rows": [
                { "cells": ["web-0", "0/1", "CrashLoopBackOff", "5 (2m5s ago)", "6d", "10.0.0.1", "n1"] },
                { "cells": ["web-1", "1/1", "Running", 0, "25h", "<none>", "<none>"] },
                { "cells": ["web-2", "0/2", "Init:0/1", "2", "3m15s", "10.0.0.3", "n2"], "object": { "kind": "PartialObjectMetadata", "metadata": { "name": "web-2" } } },
            ],
        }),
    ]
});

/// Index of the table among the objects.
pub const TABLE: usize = 5;

/// One of the objects, changed a few times.
pub fn object(which: usize, script: &mut Script<'_>) -> Value {
    let mut value = OBJECTS[which % OBJECTS.len()].clone();
    for _ in 0..8 {
        if !script.goes_on() {
            break;
        }
        damage(&mut value, script);
    }
    value
}

/// The folder of a2: the targets are a crate of their own below it, the tests are in its own.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|folder| folder.join("src/rules/builtin").is_dir()).unwrap_or(here).to_owned()
}
