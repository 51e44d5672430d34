//! Small namespaces as clusters show them: pods with several containers, their events and owners, and the rows that the server
//! prints of them. "Now" is 2030-01-02T03:04:05.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::bundles::Bundle;

/// The bundle's moment, to the second.
pub fn now() -> DateTime<Utc> {
    "2030-01-02T03:04:05Z".parse().unwrap()
}

/// So many seconds before now.
pub fn ago(seconds: i64) -> String {
    (now() - TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// State `running` since so many seconds.
pub fn runs(since: i64) -> Value {
    json!({ "running": { "startedAt": ago(since) } })
}

/// State `terminated` with this code, so many seconds ago, after ten minutes.
pub fn ended(code: i64, end: i64) -> Value {
    ended_as(code, if code == 0 { "Completed" } else { "Error" }, end)
}

/// The same with a reason.
pub fn ended_as(code: i64, reason: &str, end: i64) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": reason, "startedAt": ago(end + 600), "finishedAt": ago(end), "containerID": format!("containerd://{end}") } })
}

/// An end after a life of so many seconds.
pub fn after(mut end: Value, lived: i64) -> Value {
    let finished: DateTime<Utc> = end["terminated"]["finishedAt"].as_str().unwrap().parse().unwrap();
    end["terminated"]["startedAt"] = json!((finished - TimeDelta::seconds(lived)).format("%Y-%m-%dT%H:%M:%SZ").to_string());
    end
}

/// State `waiting`.
pub fn waits(reason: &str, message: &str) -> Value {
    json!({ "waiting": { "reason": reason, "message": message } })
}

/// Between two starts.
pub fn backs_off() -> Value {
    waits("CrashLoopBackOff", "back-off 5m0s restarting failed container")
}

/// A container with its state.
#[derive(Clone)]
pub struct Part {
    name: &'static str,
    list: &'static str,
    spec: Value,
    state: Option<Value>,
    last: Value,
    restarts: i64,
    ready: bool,
    started: bool,
}

/// A container of the main list.
pub fn part(name: &'static str, state: Value) -> Part {
    let is_running = state.get("running").is_some();
    Part { name, list: "containers", spec: json!({}), state: Some(state), last: json!({}), restarts: 0, ready: is_running, started: is_running }
}

/// A plain init container.
pub fn init(name: &'static str, state: Value) -> Part {
    let done = state.pointer("/terminated/exitCode") == Some(&json!(0));
    Part { list: "initContainers", ready: done, ..part(name, state) }
}

/// A native sidecar (KEP-753).
pub fn native(name: &'static str, state: Value) -> Part {
    Part { list: "initContainers", ..part(name, state) }.spec("restartPolicy", json!("Always"))
}

/// A container that the status says nothing of.
pub fn unseen(name: &'static str) -> Part {
    Part { state: None, ready: false, started: false, ..part(name, json!({})) }
}

impl Part {
    pub fn spec(mut self, key: &str, value: Value) -> Self {
        self.spec[key] = value;
        self
    }

    pub fn memory(self, limit: &str) -> Self {
        self.spec("resources", json!({ "limits": { "memory": limit } }))
    }

    pub fn last(mut self, state: Value, restarts: i64) -> Self {
        (self.last, self.restarts) = (state, restarts);
        self
    }

    pub fn unready(mut self) -> Self {
        self.ready = false;
        self
    }

    pub fn probed(self, kind: &str) -> Self {
        self.spec(kind, json!({ "httpGet": { "path": "/health", "port": 8080 } }))
    }
}

/// A pod of these containers, made an hour ago.
pub fn pod(name: &str, phase: &str, policy: &str, parts: &[Part]) -> Value {
    let mut spec = json!({ "restartPolicy": policy, "nodeName": "n1", "containers": [], "initContainers": [] });
    let mut status = json!({ "phase": phase, "podIP": "10.0.0.7", "startTime": ago(3600), "containerStatuses": [], "initContainerStatuses": [] });
    for p in parts {
        let mut container = p.spec.clone();
        (container["name"], container["image"]) = (json!(p.name), json!(format!("registry.example/{}:1", p.name)));
        spec[p.list].as_array_mut().unwrap().push(container);
        let Some(state) = &p.state else { continue };
        let list = if p.list == "containers" { "containerStatuses" } else { "initContainerStatuses" };
        status[list].as_array_mut().unwrap().push(
            json!({ "name": p.name, "ready": p.ready, "started": p.started, "restartCount": p.restarts, "state": state, "lastState": p.last, "image": format!("registry.example/{}:1", p.name) }),
        );
    }
    // The kubelet sorts them by name.
    status["containerStatuses"].as_array_mut().unwrap().sort_by_key(|s| s["name"].as_str().unwrap().to_owned());
    let unready: Vec<&str> = parts.iter().filter(|p| !p.ready && (p.list == "containers" || p.spec.get("restartPolicy").is_some())).map(|p| p.name).collect();
    let ready = if unready.is_empty() && phase == "Running" { "True" } else { "False" };
    let condition = |kind: &str, status: &str| json!({ "type": kind, "status": status, "lastTransitionTime": ago(3600), "message": format!("containers with unready status: {unready:?}") });
    status["conditions"] =
        json!([condition("PodScheduled", "True"), condition("Initialized", "True"), condition("Ready", ready), condition("ContainersReady", ready)]);
    json!({ "apiVersion": "v1", "kind": "Pod", "spec": spec, "status": status,
        "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "creationTimestamp": ago(3600), "labels": {}, "annotations": {} } })
}

/// Changes of a pod, one after the other.
pub trait Shaped: Sized {
    fn set(self, path: &str, value: Value) -> Self;

    /// Made so many seconds ago; its conditions turned then.
    fn made(self, seconds: i64) -> Self;

    fn turned(self, seconds: i64) -> Self;

    fn owned(self, kind: &str, name: &str) -> Self {
        let version = if matches!(kind, "Job" | "CronJob") {
            "batch/v1"
        } else if kind == "Workflow" {
            "argoproj.io/v1alpha1"
        } else {
            "apps/v1"
        };
        self.set("/metadata/ownerReferences", json!([{ "apiVersion": version, "kind": kind, "name": name, "uid": format!("uid-{name}"), "controller": true }]))
    }

    /// Of Deployment `web`, template hash 5d9c7b6f4.
    fn of_web(self) -> Self {
        self.owned("ReplicaSet", "web-5d9c7b6f4").set("/metadata/labels", json!({ "app": "web", "pod-template-hash": "5d9c7b6f4" }))
    }

    /// Being deleted: its time is up in so many seconds (negative: was up).
    fn deleted(self, left: i64, grace: i64) -> Self {
        self.set("/metadata/deletionTimestamp", json!(ago(-left))).set("/metadata/deletionGracePeriodSeconds", json!(grace))
    }

    fn evicted(self, message: &str) -> Self {
        self.set("/status/reason", json!("Evicted")).set("/status/message", json!(message))
    }
}

impl Shaped for Value {
    fn set(mut self, path: &str, value: Value) -> Self {
        let (parent, key) = path.rsplit_once('/').unwrap();
        self.pointer_mut(parent).unwrap()[key] = value;
        self
    }

    fn made(self, seconds: i64) -> Self {
        self.set("/metadata/creationTimestamp", json!(ago(seconds))).set("/status/startTime", json!(ago(seconds))).turned(seconds)
    }

    fn turned(mut self, seconds: i64) -> Self {
        for condition in self["status"]["conditions"].as_array_mut().unwrap() {
            condition["lastTransitionTime"] = json!(ago(seconds));
        }
        self
    }
}

/// An event about an object, seen last so many seconds ago.
pub fn event(kind: &str, name: &str, reason: &str, message: &str, last: i64) -> Value {
    let normal = ["Killing", "Started", "Created", "Pulled", "TriggeredScaleUp"].contains(&reason);
    let component = match (kind, reason) {
        (_, "FailedScheduling") => "default-scheduler",
        ("ReplicaSet", _) => "replicaset-controller",
        ("Job", _) => "job-controller",
        ("CronJob", _) => "cronjob-controller",
        ("StatefulSet", _) => "statefulset-controller",
        ("DaemonSet", _) => "daemonset-controller",
        (_, "TriggeredScaleUp") => "cluster-autoscaler",
        _ => "kubelet",
    };
    json!({ "metadata": { "name": format!("{name}.{reason}{last}"), "namespace": "shop", "uid": format!("{name}{reason}{last}") },
        "involvedObject": { "kind": kind, "name": name, "namespace": "shop", "uid": format!("uid-{name}") }, "type": if normal { "Normal" } else { "Warning" },
        "reason": reason, "message": message, "count": 1, "firstTimestamp": ago(last), "lastTimestamp": ago(last), "source": { "component": component, "host": "n1" } })
}

/// The kubelet's word about a container of a pod, so often since so long.
pub fn told(pod: &str, container: &str, reason: &str, message: &str, last: i64, count: i64) -> Value {
    let mut told = event("Pod", pod, reason, message, last).set("/involvedObject/fieldPath", json!(format!("spec.containers{{{container}}}")));
    (told["count"], told["firstTimestamp"]) = (json!(count), json!(ago(last + 20 * (count - 1))));
    told
}

/// A namespace.
#[derive(Clone, Default)]
pub struct World {
    pub pods: Vec<Value>,
    pub events: Vec<Value>,
    pub others: Vec<(&'static str, Vec<Value>)>,
    pub logs: Vec<(String, String)>,
}

pub fn world(pods: Vec<Value>) -> World {
    World { pods, ..World::default() }
}

impl World {
    pub fn events(mut self, events: Vec<Value>) -> Self {
        self.events.extend(events);
        self
    }

    pub fn with(mut self, list: &'static str, items: Vec<Value>) -> Self {
        self.others.push((list, items));
        self
    }

    pub fn log(mut self, pod: &str, file: &str, text: &str) -> Self {
        self.logs.push((format!("api/v1/namespaces/shop/pods/{pod}/log/{file}"), text.to_owned()));
        self
    }

    /// As a bundle, with or without the server's own rows.
    pub fn bundle(&self, rows: bool) -> Bundle {
        let mut bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", self.pods.clone()).list("/api/v1/namespaces/shop/events", self.events.clone());
        for (path, items) in &self.others {
            bundle = bundle.list(path, items.clone());
        }
        for pod in &self.pods {
            for status in pod["status"]["containerStatuses"].as_array().into_iter().flatten().filter(|s| s["state"].get("waiting").is_none()) {
                let log = format!("api/v1/namespaces/shop/pods/{}/log/{}.log", pod["metadata"]["name"].as_str().unwrap(), status["name"].as_str().unwrap());
                bundle = bundle.file(&log, b"");
            }
        }
        for (file, text) in &self.logs {
            bundle = bundle.file(file, text.as_bytes());
        }
        if rows {
            bundle = bundle.file("api/v1/namespaces/shop/pods.table.json", super::printed::table(&self.pods).to_string().as_bytes());
        }
        bundle.usual().done()
    }
}
