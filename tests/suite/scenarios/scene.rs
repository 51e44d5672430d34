//! What a scenario is made of: pods, events and owners in namespace `shop` at 03:04:05 of one day, and the questions.

use a2::collect::{Extras, collect};
use a2::diagnosis::{diagnose, peers_named};
use a2::evidence::{Budget, Options, Target};
use a2::report::{document, json};
use a2::rules::RuleSet;
use a2::source::bundle;
use serde_json::{Value, json};

use crate::bundles::Bundle;

/// A time of the day that all scenarios play on.
pub fn at(time: &str) -> String {
    format!("2030-01-02T{time}Z")
}

/// Namespace path of pods, events and the like.
pub const PODS: &str = "/api/v1/namespaces/shop/pods";
pub const EVENTS: &str = "/api/v1/namespaces/shop/events";
pub const WORKFLOWS: &str = "/apis/argoproj.io/v1alpha1/namespaces/shop/workflows";

/// A container that runs has a log, though it may be empty.
fn with_logs(mut bundle: Bundle) -> Bundle {
    let list = std::fs::read(bundle.path().join(format!("{}.json", &PODS[1..]))).unwrap_or_default();
    let list: Value = serde_json::from_slice(&list).unwrap_or_default();
    for pod in list["items"].as_array().into_iter().flatten() {
        for status in pod["status"]["containerStatuses"].as_array().into_iter().flatten().filter(|s| s["state"]["running"].is_object()) {
            let log = format!("{}/{}/log/{}.log", &PODS[1..], pod["metadata"]["name"].as_str().unwrap(), status["name"].as_str().unwrap());
            if !bundle.path().join(&log).exists() {
                bundle = bundle.file(&log, b"");
            }
        }
    }
    bundle
}

/// Asks as the shell does and gives the answer as JSON.
pub fn ask(bundle: Bundle, pod: &str) -> Value {
    let bundle = with_logs(bundle).usual().done();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let case = runtime.block_on(async {
        let connection = bundle::open(bundle.path()).unwrap();
        let target = Target { namespace: "shop".to_owned(), name: pod.to_owned(), uid: None };
        let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
        collect(&connection, target, Options::default(), Budget::default(), extras).await.unwrap()
    });
    serde_json::from_str(&json::render(&document(&diagnose(case, RuleSet::builtin())))).unwrap()
}

/// Scans the namespace and gives the answer as JSON.
pub fn scan(bundle: Bundle, options: &a2::scan::ScanOptions) -> Value {
    let bundle = with_logs(bundle).usual().done();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let connection = bundle::open(bundle.path()).unwrap();
        let options = a2::scan::ScanOptions { namespaces: vec!["shop".to_owned()], ..options.clone() };
        a2::scan::scan(&connection, RuleSet::builtin(), &options).await.unwrap()
    });
    let redactor = a2::redact::Redactor::new();
    serde_json::from_str(&json::render(&json::scan(&found, &a2::report::Cleaner::new(&redactor)))).unwrap()
}

/// Cause, confidence and mechanism of the verdict.
pub fn verdict(answer: &Value) -> (&str, &str, &str) {
    let word = |key: &str| answer["verdict"][key].as_str().unwrap_or("null");
    (word("cause"), word("confidence"), word("mechanism"))
}

/// What the answer says of one of the five suspects.
pub fn suspect<'a>(answer: &'a Value, family: &str) -> &'a str {
    let suspects = answer["suspects"].as_array().unwrap();
    suspects.iter().find(|s| s["family"] == family).and_then(|s| s["standing"].as_str()).unwrap_or("not named")
}

/// The confidence of a listed cause; `-` for one that is not listed.
pub fn listed<'a>(answer: &'a Value, cause: &str) -> &'a str {
    let causes = answer["causes"].as_array().unwrap();
    causes.iter().find(|c| c["cause"] == cause).and_then(|c| c["confidence"].as_str()).unwrap_or("-")
}

/// Holds the verdict to cause, confidence (one of some, split by `|`) and mechanism.
#[track_caller]
pub fn expect(answer: &Value, cause: &str, confidence: &str, mechanism: &str) {
    let (c, w, m) = verdict(answer);
    let right = c == cause && confidence.split('|').any(|word| word == w) && m == mechanism;
    let causes: Vec<String> = answer["causes"].as_array().unwrap().iter().map(|c| format!("{} {}", c["cause"], c["confidence"])).collect();
    assert!(right, "{c} {w} {m}, not {cause} {confidence} {mechanism}\n{}\n{causes:?}\n{:#}", answer["verdict"], answer["gaps"]);
}

/// Whether some text of the answer holds these words.
pub fn says(answer: &Value, words: &str) -> bool {
    answer.to_string().contains(words)
}

/// A state `terminated`.
pub fn ended(code: i64, reason: &str, from: &str, to: &str) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": reason, "startedAt": at(from), "finishedAt": at(to), "containerID": "containerd://c0ffee" } })
}

/// A state `running`.
pub fn runs(since: &str) -> Value {
    json!({ "running": { "startedAt": at(since) } })
}

/// A container and its status.
#[derive(Clone)]
pub struct Part {
    name: &'static str,
    spec: Value,
    state: Value,
    last: Value,
    restarts: i64,
}

/// A container in a state.
pub fn part(name: &'static str, state: Value) -> Part {
    Part { name, spec: json!({}), state, last: json!({}), restarts: 0 }
}

impl Part {
    pub fn memory(self, limit: &str) -> Self {
        self.spec("resources", json!({ "limits": { "memory": limit }, "requests": { "memory": limit } }))
    }

    pub fn spec(mut self, key: &str, value: Value) -> Self {
        self.spec[key] = value;
        self
    }

    pub fn last(mut self, state: Value, restarts: i64) -> Self {
        (self.last, self.restarts) = (state, restarts);
        self
    }
}

/// A pod of these containers.
pub fn pod_of(name: &str, phase: &str, restart: &str, parts: &[Part]) -> Value {
    let is_ready = |p: &Part| p.state.get("running").is_some();
    let unready: Vec<&str> = parts.iter().filter(|p| !is_ready(p)).map(|p| p.name).collect();
    let ready = if unready.is_empty() { "True" } else { "False" };
    let condition = |kind: &str| json!({ "type": kind, "status": ready, "reason": if unready.is_empty() { "" } else { "ContainersNotReady" }, "message": format!("containers with unready status: {unready:?}") });
    let mut specs = Vec::new();
    let mut statuses = Vec::new();
    for p in parts {
        let mut spec = p.spec.clone();
        spec["name"] = json!(p.name);
        spec["image"] = json!(format!("registry.example/{}:1", p.name));
        specs.push(spec);
        statuses.push(json!({ "name": p.name, "ready": is_ready(p), "started": is_ready(p), "restartCount": p.restarts, "state": p.state, "lastState": p.last, "image": format!("registry.example/{}:1", p.name), "imageID": format!("registry.example/{}@sha256:aa", p.name) }));
    }
    json!({ "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "creationTimestamp": at("02:40:00"), "labels": {}, "annotations": {} },
        "spec": { "nodeName": "n1", "restartPolicy": restart, "containers": specs },
        "status": { "phase": phase, "startTime": at("02:40:00"), "podIP": "10.0.0.7", "qosClass": "Burstable", "conditions": [condition("Ready"), condition("ContainersReady")], "containerStatuses": statuses } })
}

/// An event of the kubelet on node `n1` about a pod, seen once.
pub fn told(time: &str, pod: &str, reason: &str, message: &str) -> Value {
    json!({ "metadata": { "name": format!("{pod}.{reason}.{time}"), "namespace": "shop", "uid": format!("{reason}-{time}") },
        "involvedObject": { "kind": "Pod", "name": pod, "namespace": "shop", "uid": format!("uid-{pod}"), "apiVersion": "v1" },
        "type": if ["Started", "Pulled", "Created", "Scheduled", "Killing"].contains(&reason) { "Normal" } else { "Warning" },
        "reason": reason, "message": message, "count": 1, "firstTimestamp": at(time), "lastTimestamp": at(time),
        "source": { "component": if reason == "Scheduled" { "default-scheduler" } else { "kubelet" }, "host": "n1" } })
}

/// The same, about one container.
pub fn told_of(time: &str, pod: &str, container: &str, reason: &str, message: &str) -> Value {
    let mut event = told(time, pod, reason, message);
    event["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
    event
}

/// The ordinary events of a pod that started these containers.
pub fn life(pod: &str, containers: &[&str]) -> Vec<Value> {
    let mut events = vec![told("02:40:00", pod, "Scheduled", &format!("Successfully assigned shop/{pod} to n1"))];
    for container in containers {
        events.push(told_of("02:40:01", pod, container, "Created", &format!("Created container: {container}")));
        events.push(told_of("02:40:02", pod, container, "Started", &format!("Started container {container}")));
    }
    events
}

/// FNV-1a with 32 bits, as Argo makes the last part of a pod's name from the node's.
fn argo_hash(node: &str) -> u32 {
    node.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The name Argo gives to the pod of a step.
pub fn argo_pod(workflow: &str, step: &str, template: &str) -> String {
    format!("{workflow}-{template}-{}", argo_hash(&format!("{workflow}.{step}")))
}

/// A workflow with one step, `load` from template `load-batch`, in this phase with this message.
pub fn workflow(name: &str, phase: &str, message: &str, code: Option<&str>) -> Value {
    let id = format!("{name}-{}", argo_hash(&format!("{name}.load")));
    let mut step = json!({ "id": id, "name": format!("{name}.load"), "displayName": "load", "type": "Pod", "templateName": "load-batch", "phase": phase, "message": message,
        "startedAt": at("02:40:00"), "finishedAt": at("02:41:00"), "hostNodeName": "n1", "boundaryID": name });
    if let Some(code) = code {
        step["outputs"] = json!({ "exitCode": code });
    }
    let next = format!("{name}-2");
    json!({ "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow",
        "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "annotations": { "workflows.argoproj.io/pod-name-format": "v2" } },
        "spec": { "podGC": { "strategy": "OnPodCompletion", "deleteDelayDuration": "30s" },
            "templates": [{ "name": "load-batch", "container": { "image": "registry.example/loader:1" } }] },
        "status": { "phase": "Failed", "startedAt": at("02:39:58"), "finishedAt": at("02:41:10"), "message": format!("child '{id}' failed"),
            "nodes": {
                name: { "id": name, "name": name, "displayName": name, "type": "DAG", "templateName": "main", "phase": "Failed", "children": [id] },
                &id: step,
                &next: { "id": next, "name": format!("{name}.publish"), "displayName": "publish", "type": "Skipped", "templateName": "publish", "phase": "Omitted", "message": "omitted: depends condition not met" } } } })
}

/// A step's pod: `main` in this state beside Argo's `wait`.
pub fn step_pod(workflow: &str, phase: &str, main: Value, wait: Value) -> Value {
    let name = argo_pod(workflow, "load", "load-batch");
    let mut pod = pod_of(&name, phase, "Never", &[part("wait", wait), part("main", main).memory("256Mi")]);
    pod["metadata"]["labels"] = json!({ "workflows.argoproj.io/workflow": workflow });
    pod["metadata"]["annotations"] =
        json!({ "kubectl.kubernetes.io/default-container": "main", "workflows.argoproj.io/node-name": format!("{workflow}.load") });
    pod["metadata"]["ownerReferences"] =
        json!([{ "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "name": workflow, "uid": format!("uid-{workflow}"), "controller": true }]);
    pod
}
