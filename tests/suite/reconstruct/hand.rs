//! Small cases written by hand: one pod `work-0` in namespace `n`, its events, its logs.

use a2::diagnosis::{Investigation, diagnose};
use a2::evidence::{CaseFile, Event, LogLine, LogStatus, LogTail, Node, Object, Options, Peer, PeerRelation, Pod, Target, Time, parse_time};
use a2::rules::RuleSet;
use chrono::TimeDelta;
use serde_json::{Value, json};

pub const UID: &str = "3f0d7a51-8f52-4a0e-9d1c-5b7f0c1e2a34";

/// 03:00:00 plus seconds, as the API writes it.
pub fn at(seconds: i64) -> String {
    a2::evidence::format_time(time(seconds))
}

pub fn time(seconds: i64) -> Time {
    parse_time("2030-01-02T03:00:00Z").expect("a time") + TimeDelta::seconds(seconds)
}

/// `terminated`, from second 10 to second 100.
pub fn ended(code: i64, reason: &str) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": reason, "startedAt": at(10), "finishedAt": at(100), "containerID": "containerd://0123456789abcdef" } })
}

pub fn running(since: i64) -> Value {
    json!({ "running": { "startedAt": at(since) } })
}

pub fn waiting(reason: &str, message: &str) -> Value {
    json!({ "waiting": { "reason": reason, "message": message } })
}

/// A case under construction; "now" is second 130.
pub struct Hand {
    pub raw: Value,
    pub case: CaseFile,
}

impl Hand {
    /// One container `main` in this state, restartPolicy Never.
    pub fn new(state: Value) -> Self {
        let raw = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "work-0", "namespace": "n", "uid": UID, "creationTimestamp": at(0) },
            "spec": { "nodeName": "k", "restartPolicy": "Never", "terminationGracePeriodSeconds": 30, "containers": [{ "name": "main", "image": "registry.example/work:1" }] },
            "status": { "phase": "Running", "startTime": at(1), "conditions": [],
                "containerStatuses": [{ "name": "main", "ready": false, "restartCount": 0, "state": state, "lastState": {} }] }
        });
        let case = CaseFile::new(Target { namespace: "n".to_owned(), name: "work-0".to_owned(), uid: None }, Options::default(), time(130));
        Self { raw, case }
    }

    /// The instance before ended like this, and the next one runs.
    pub fn restarted(last: Value) -> Self {
        let mut hand = Self::new(running(110));
        let status = hand.status();
        status["lastState"] = last;
        status["restartCount"] = json!(1);
        status["ready"] = json!(true);
        hand.raw["spec"]["restartPolicy"] = json!("Always");
        hand
    }

    pub fn status(&mut self) -> &mut Value {
        &mut self.raw["status"]["containerStatuses"][0]
    }

    /// Sets any field of the pod.
    pub fn set(mut self, pointer: &str, value: Value) -> Self {
        let (front, last) = pointer.rsplit_once('/').expect("a pointer");
        self.raw.pointer_mut(front).expect("a place")[last] = value;
        self
    }

    /// Sets a field of the container's spec.
    pub fn spec(self, field: &str, value: Value) -> Self {
        self.set(&format!("/spec/containers/0/{field}"), value)
    }

    /// Another container, with its state.
    pub fn beside(mut self, name: &str, state: Value) -> Self {
        self.raw["spec"]["containers"].as_array_mut().expect("containers").push(json!({ "name": name, "image": "registry.example/side:1" }));
        let ready = state.get("running").is_some();
        let status = json!({ "name": name, "ready": ready, "restartCount": 0, "state": state, "lastState": {} });
        self.raw["status"]["containerStatuses"].as_array_mut().expect("statuses").push(status);
        self
    }

    pub fn deleting(self, requested: i64) -> Self {
        self.set("/metadata/deletionTimestamp", json!(at(requested + 30))).set("/metadata/deletionGracePeriodSeconds", json!(30))
    }

    /// The whole pod was stopped with this reason.
    pub fn pod_reason(self, reason: &str, message: &str) -> Self {
        self.set("/status/phase", json!("Failed")).set("/status/reason", json!(reason)).set("/status/message", json!(message))
    }

    pub fn condition(mut self, kind: &str, status: &str, reason: &str, since: i64) -> Self {
        let condition = json!({ "type": kind, "status": status, "reason": reason, "lastTransitionTime": at(since) });
        self.raw["status"]["conditions"].as_array_mut().expect("conditions").push(condition);
        self
    }

    /// An event of the kubelet about container main.
    pub fn event(self, reason: &str, message: &str, second: i64) -> Self {
        self.event_of("kubelet", Some("main"), reason, message, second, 1)
    }

    pub fn event_of(mut self, component: &str, container: Option<&str>, reason: &str, message: &str, second: i64, count: i64) -> Self {
        let mut raw = json!({
            "metadata": { "name": format!("work-0.{:x}", self.case.events.len()), "namespace": "n" }, "type": "Warning", "reason": reason, "message": message,
            "involvedObject": { "kind": "Pod", "namespace": "n", "name": "work-0", "uid": UID }, "count": count,
            "firstTimestamp": at(second - 10 * (count - 1)), "lastTimestamp": at(second), "source": { "component": component, "host": "k" }
        });
        if let Some(c) = container {
            raw["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{c}}}"));
        }
        self.case.events.push(Event::from_object(Object::new(raw)).expect("an event"));
        self
    }

    /// An event about the node.
    pub fn node_event(mut self, component: &str, reason: &str, message: &str, second: i64) -> Self {
        let raw = json!({
            "metadata": { "name": format!("k.{:x}", self.case.node_events.len()), "namespace": "default" }, "type": "Warning", "reason": reason, "message": message, "count": 1,
            "involvedObject": { "kind": "Node", "name": "k" }, "firstTimestamp": at(second), "lastTimestamp": at(second), "source": { "component": component, "host": "k" }
        });
        self.case.node_events.push(Event::from_object(Object::new(raw)).expect("an event"));
        self
    }

    pub fn node(mut self, ready: &str) -> Self {
        let raw = json!({ "kind": "Node", "metadata": { "name": "k" }, "status": { "conditions": [{ "type": "Ready", "status": ready, "reason": "NodeStatusUnknown", "lastTransitionTime": at(50) }] } });
        self.case.node = Some(Node::from_object(Object::new(raw)));
        self
    }

    /// A log whose last line is written at `last`, one line a second.
    pub fn log(self, previous: bool, last: i64, text: &str) -> Self {
        self.log_of("work-0", "main", previous, last, text)
    }

    pub fn log_of(mut self, pod: &str, container: &str, previous: bool, last: i64, text: &str) -> Self {
        let count = text.lines().count() as i64;
        let lines = text.lines().enumerate().map(|(i, l)| LogLine { time: Some(time(last + 1 - count + i as i64)), text: l.to_owned() }).collect();
        self.case.logs.push(LogTail { pod: pod.to_owned(), container: container.to_owned(), previous, status: LogStatus::Read, lines, truncated: false });
        self
    }

    /// Another pod that the log names, with the state of its container.
    pub fn peer(mut self, name: &str, named: &str, state: Value, last: Value) -> Self {
        let raw = json!({
            "kind": "Pod", "metadata": { "name": name, "namespace": "n", "uid": format!("uid-{name}") },
            "spec": { "nodeName": "k", "restartPolicy": "Always", "containers": [{ "name": "db", "image": "registry.example/db:1", "resources": { "limits": { "memory": "64Mi" } } }] },
            "status": { "phase": "Running", "containerStatuses": [{ "name": "db", "ready": state.get("running").is_some(), "restartCount": i32::from(last.is_object()), "state": state, "lastState": last }] }
        });
        let pod = Some(Pod::from_object(Object::new(raw)));
        self.case.peers.push(Peer { pod, service: None, relation: PeerRelation::Named(named.to_owned()) });
        self
    }

    /// The case, complete.
    pub fn case(&self) -> CaseFile {
        let mut case = self.case.clone();
        case.pod = Some(Pod::from_object(Object::new(self.raw.clone())));
        case
    }

    pub fn report(&self) -> Investigation {
        diagnose(self.case(), RuleSet::builtin())
    }
}
