//! API objects of the fixtures.

use a2::evidence::{Event, Object};
use serde_json::{Value, json};

/// A pod whose first container was OOM-killed.
pub fn pod_json() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "builder-7c9", "namespace": "shop", "uid": "3b1f6f0e-0000-4000-8000-000000000001", "creationTimestamp": "2026-03-04T10:00:00Z",
            "labels": { "app": "builder", "team": "größe" }, "annotations": { "note": "two\nlines" },
            "ownerReferences": [ { "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "builder-7c", "uid": "1", "controller": true } ]
        },
        "spec": {
            "restartPolicy": "Never", "nodeName": "worker-1", "serviceAccountName": "builder", "priority": 100, "priorityClassName": "batch",
            "terminationGracePeriodSeconds": 30, "activeDeadlineSeconds": 7200, "nodeSelector": { "disk": "ssd" },
            "tolerations": [ { "key": "spot", "operator": "Exists", "effect": "NoSchedule" }, { "operator": "Exists" } ],
            "topologySpreadConstraints": [ { "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": { "matchLabels": { "app": "builder" } } } ],
            "containers": [
                { "name": "build", "image": "registry.example/build:2", "command": ["/bin/build"], "args": ["--all"],
                  "ports": [ { "containerPort": 8080, "name": "http", "protocol": "TCP" }, { "containerPort": 9090, "hostPort": 9090, "protocol": "TCP" } ],
                  "resources": { "limits": { "memory": "64Mi" }, "requests": { "memory": "32Mi", "cpu": "10m" } },
                  "env": [
                      { "name": "MODE", "value": "fast" },
                      { "name": "POD", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.name" } } },
                      { "name": "LIMIT", "valueFrom": { "resourceFieldRef": { "resource": "limits.memory" } } },
                      { "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "vault", "key": "token" } } } ],
                  "envFrom": [ { "configMapRef": { "name": "settings" }, "prefix": "S_" } ],
                  "livenessProbe": { "httpGet": { "path": "/healthz", "port": "http" }, "periodSeconds": 5 },
                  "volumeMounts": [ { "name": "work", "mountPath": "/work", "subPath": "a" }, { "name": "conf", "mountPath": "/etc/conf", "readOnly": true } ] },
                { "name": "tools", "image": "registry.example/tools:1" } ],
            "volumes": [ { "name": "work", "emptyDir": { "medium": "Memory", "sizeLimit": "1Gi" } }, { "name": "conf", "configMap": { "name": "conf" } } ]
        },
        "status": {
            "phase": "Running", "qosClass": "Burstable", "hostIP": "10.0.0.1", "podIP": "10.1.0.7", "podIPs": [ { "ip": "10.1.0.7" } ], "startTime": "2026-03-04T10:00:01Z",
            "conditions": [ { "type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "containers with unready status: [build]" } ],
            "containerStatuses": [
                { "name": "build", "ready": false, "restartCount": 0, "image": "registry.example/build:2", "imageID": "sha256:1", "containerID": "containerd://1",
                  "state": { "terminated": { "exitCode": 137, "reason": "OOMKilled", "startedAt": "2026-03-04T10:00:03Z", "finishedAt": "2026-03-04T10:04:10Z" } } },
                { "name": "tools", "ready": true, "restartCount": 0, "image": "registry.example/tools:1", "imageID": "sha256:2", "containerID": "containerd://2",
                  "state": { "running": { "startedAt": "2026-03-04T10:00:03Z" } } } ]
        }
    })
}

/// An event about that container.
pub fn event_json(reason: &str, kind: &str, clock: &str, count: i64, message: &str) -> Event {
    let time = format!("2026-03-04T{clock}Z");
    let event = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": { "name": "x", "namespace": "shop" },
        "involvedObject": { "kind": "Pod", "namespace": "shop", "name": "builder-7c9", "uid": "3b1f6f0e-0000-4000-8000-000000000001", "fieldPath": "spec.containers{build}" },
        "type": kind, "reason": reason, "count": count, "message": message, "firstTimestamp": "2026-03-04T10:00:02Z", "lastTimestamp": time,
        "source": { "component": "kubelet", "host": "worker-1" }
    });
    Event::from_object(Object::new(event)).expect("an event")
}
