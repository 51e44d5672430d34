//! `kubectl describe pod`, read back into a pod (kubectl `describe.go`, `describePod`).
//!
//! The printed form leaves out the UID, the restart policy and the times of conditions. The policy is inferred from how
//! containers stand, because much depends on it; what cannot be inferred stays absent.

use serde_json::{Map, Value, json};

use super::ages::{age, describe_time};
use super::container::{Described, Reading};
use super::event_text::{self, Row};
use crate::evidence::format_time;

/// Keys of the first column; other lines there continue a text that had line ends in it.
const TOP: [&str; 29] = [
    "Name",
    "Namespace",
    "Priority",
    "Priority Class Name",
    "Runtime Class Name",
    "Service Account",
    "Node",
    "Start Time",
    "Labels",
    "Annotations",
    "Status",
    "Termination Grace Period",
    "Reason",
    "Message",
    "SeccompProfile",
    "IP",
    "IPs",
    "Controlled By",
    "NominatedNodeName",
    "Init Containers",
    "Containers",
    "Ephemeral Containers",
    "Readiness Gates",
    "Conditions",
    "Volumes",
    "QoS Class",
    "Node-Selectors",
    "Tolerations",
    "Events",
];

/// A pod as it was described.
#[derive(Debug)]
pub(super) struct DescribedPod {
    pub(super) pod: Value,
    /// The rows of its Events section; `None` when the text ends before it.
    pub(super) events: Option<Vec<Row>>,
    /// Seconds since its deletion was due, for a pod that is being deleted.
    pub(super) terminating: Option<i64>,
}

/// Reads the text; `None` when it names no pod.
pub(super) fn read(lines: &[&str]) -> Option<DescribedPod> {
    let mut reader = Reader::default();
    let mut events: Option<Vec<&str>> = None;
    for line in lines {
        let line = line.trim_end();
        if let Some(rows) = &mut events {
            rows.push(line);
            continue;
        }
        let top = line.split_once(':').filter(|(key, _)| TOP.contains(key) || *key == "Topology Spread Constraints");
        match top {
            Some(("Events", rest)) => events = Some(vec![rest]),
            Some((key, value)) => reader.begin(key, value),
            None => reader.line(line),
        }
    }
    let rows = events.map(|rows| event_text::described(&rows));
    reader.finish(rows)
}

#[derive(Default)]
struct Reader {
    metadata: Map<String, Value>,
    spec: Map<String, Value>,
    status: Map<String, Value>,
    section: String,
    container: Option<Reading>,
    lists: [Vec<Described>; 3],
    map_key: String,
    volume: Option<(String, Vec<(String, String)>)>,
    volumes: Vec<Value>,
    terminating: Option<i64>,
    owner_kind: String,
}

impl Reader {
    fn begin(&mut self, key: &str, value: &str) {
        self.end_container();
        self.end_volume();
        key.clone_into(&mut self.section);
        let value = value.trim();
        if value.is_empty() || value == "<none>" {
            return;
        }
        let word = || Value::from(value);
        match key {
            "Name" => drop(self.metadata.insert("name".to_owned(), word())),
            "Namespace" => drop(self.metadata.insert("namespace".to_owned(), word())),
            "Priority" => {
                if let Ok(priority) = value.parse::<i64>() {
                    self.spec.insert("priority".to_owned(), Value::from(priority));
                }
            }
            "Priority Class Name" => drop(self.spec.insert("priorityClassName".to_owned(), word())),
            "Service Account" => drop(self.spec.insert("serviceAccountName".to_owned(), word())),
            "Node" => {
                let (name, ip) = value.split_once('/').unwrap_or((value, ""));
                self.spec.insert("nodeName".to_owned(), Value::from(name));
                if !ip.is_empty() {
                    self.status.insert("hostIP".to_owned(), Value::from(ip));
                }
            }
            "Start Time" => {
                if let Some(time) = describe_time(value) {
                    self.status.insert("startTime".to_owned(), Value::from(format_time(time)));
                    // The kubelet accepts a pod soon after it was made; nothing printed is nearer.
                    self.metadata.insert("creationTimestamp".to_owned(), Value::from(format_time(time)));
                }
            }
            "Labels" | "Annotations" => self.pair(value),
            "Status" => match value.strip_prefix("Terminating") {
                Some(rest) => {
                    let lasts = rest.trim().trim_start_matches("(lasts").trim_end_matches(')');
                    self.terminating = Some(age(lasts).map_or(0, |a| a.seconds));
                }
                None => drop(self.status.insert("phase".to_owned(), word())),
            },
            "Termination Grace Period" => {
                if let Some(grace) = age(value) {
                    self.metadata.insert("deletionGracePeriodSeconds".to_owned(), Value::from(grace.seconds));
                }
            }
            "Reason" => drop(self.status.insert("reason".to_owned(), word())),
            "Message" => drop(self.status.insert("message".to_owned(), word())),
            "IP" => drop(self.status.insert("podIP".to_owned(), word())),
            "Controlled By" => self.owner(value),
            "QoS Class" => drop(self.status.insert("qosClass".to_owned(), word())),
            _ => {}
        }
    }

    fn line(&mut self, line: &str) {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        match self.section.as_str() {
            "Labels" | "Annotations" if indent > 0 => self.pair(text),
            "Message" => {
                if let Some(Value::String(message)) = self.status.get_mut("message") {
                    message.push('\n');
                    message.push_str(line);
                }
            }
            "Containers" | "Init Containers" | "Ephemeral Containers" => {
                let name = text.strip_suffix(':').filter(|n| indent == 2 && !n.is_empty() && !n.contains(' '));
                match (name, &mut self.container) {
                    (Some(name), _) => {
                        self.end_container();
                        self.container = Some(Reading::new(name));
                    }
                    (None, Some(container)) => container.line(line),
                    (None, None) => {}
                }
            }
            "Conditions" => {
                let mut words = text.split_whitespace();
                if let (Some(kind), Some(status @ ("True" | "False" | "Unknown"))) = (words.next(), words.next()) {
                    let list = self.status.entry("conditions".to_owned()).or_insert_with(|| json!([]));
                    if let Some(list) = list.as_array_mut() {
                        list.push(json!({ "type": kind, "status": status }));
                    }
                }
            }
            "Volumes" => match text.split_once(':') {
                Some((name, "")) if indent == 2 => {
                    self.end_volume();
                    self.volume = Some((name.to_owned(), Vec::new()));
                }
                Some((key, value)) => {
                    if let Some((_, fields)) = &mut self.volume {
                        fields.push((key.to_owned(), value.trim().to_owned()));
                    }
                }
                None => {}
            },
            _ => {}
        }
    }

    /// A label (`key=value`) or an annotation (`key: value`, or the value alone on lines below).
    fn pair(&mut self, text: &str) {
        let (of, separator) = if self.section == "Labels" { ("labels", "=") } else { ("annotations", ":") };
        let named = text.split_once(separator).filter(|(key, _)| !key.is_empty() && !key.contains(char::is_whitespace) && !key.starts_with(['{', '"']));
        let map = self.metadata.entry(of.to_owned()).or_insert_with(|| json!({}));
        let Some(map) = map.as_object_mut() else { return };
        match named {
            Some((key, value)) => {
                key.clone_into(&mut self.map_key);
                map.insert(key.to_owned(), Value::from(value.trim()));
            }
            None => {
                if let Some(Value::String(value)) = map.get_mut(&self.map_key) {
                    if !value.is_empty() {
                        value.push('\n');
                    }
                    value.push_str(text);
                }
            }
        }
    }

    fn owner(&mut self, value: &str) {
        let Some((kind, name)) = value.split_once('/') else { return };
        let version = match kind {
            "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Deployment" => "apps/v1",
            "Job" | "CronJob" => "batch/v1",
            "Workflow" | "CronWorkflow" => "argoproj.io/v1alpha1",
            "TaskRun" | "PipelineRun" => "tekton.dev/v1",
            _ => "v1",
        };
        kind.clone_into(&mut self.owner_kind);
        self.metadata.insert("ownerReferences".to_owned(), json!([{ "apiVersion": version, "kind": kind, "name": name, "controller": true }]));
    }

    fn end_container(&mut self) {
        let Some(container) = self.container.take() else { return };
        let [init, main, ephemeral] = &mut self.lists;
        match self.section.as_str() {
            "Init Containers" => init.push(container.finish()),
            "Ephemeral Containers" => ephemeral.push(container.finish()),
            _ => main.push(container.finish()),
        }
    }

    fn end_volume(&mut self) {
        let Some((name, fields)) = self.volume.take() else { return };
        let field = |key: &str| fields.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone()).filter(|v| !v.is_empty() && v != "<unset>");
        let kind = field("Type").unwrap_or_default();
        let kind = kind.split(' ').next().unwrap_or_default();
        let (key, body) = match kind {
            "ConfigMap" => ("configMap", json!({ "name": field("Name") })),
            "Secret" => ("secret", json!({ "secretName": field("SecretName") })),
            "PersistentVolumeClaim" => ("persistentVolumeClaim", json!({ "claimName": field("ClaimName") })),
            "HostPath" => ("hostPath", json!({ "path": field("Path"), "type": field("HostPathType") })),
            "EmptyDir" => ("emptyDir", json!({ "medium": field("Medium").unwrap_or_default(), "sizeLimit": field("SizeLimit") })),
            "Projected" => ("projected", json!({ "sources": [] })),
            "NFS" => ("nfs", json!({ "server": field("Server"), "path": field("Path") })),
            "CSI" => ("csi", json!({ "driver": field("Driver") })),
            "DownwardAPI" => ("downwardAPI", json!({})),
            _ => return,
        };
        let mut volume = Map::new();
        volume.insert("name".to_owned(), Value::from(name));
        volume.insert(key.to_owned(), body);
        self.volumes.push(Value::Object(volume));
    }

    fn finish(mut self, events: Option<Vec<Row>>) -> Option<DescribedPod> {
        self.end_container();
        self.end_volume();
        self.metadata.get("name")?;
        let containers = self.lists.iter().map(Vec::len).sum::<usize>();
        if containers == 0 && !self.status.contains_key("phase") && self.terminating.is_none() && events.is_none() {
            return None;
        }
        let [init, main, ephemeral] = self.lists;
        if self.terminating.is_some() {
            let runs = main.iter().any(|c| c.status.pointer("/state/running").is_some());
            self.status.insert("phase".to_owned(), Value::from(if runs { "Running" } else { "Failed" }));
        }
        let policy = restart_policy(&self.owner_kind, &main);
        self.spec.insert("restartPolicy".to_owned(), Value::from(policy));
        let halves = [
            ("initContainers", "initContainerStatuses", init),
            ("containers", "containerStatuses", main),
            ("ephemeralContainers", "ephemeralContainerStatuses", ephemeral),
        ];
        for (spec, status, list) in halves.into_iter().filter(|(.., list)| !list.is_empty()) {
            let (specs, statuses): (Vec<Value>, Vec<Value>) = list
                .into_iter()
                .map(|mut c| {
                    // An init container that runs while the others do, or is started again, is a sidecar.
                    let running = c.status.pointer("/state/running").is_some();
                    if spec == "initContainers"
                        && running
                        && self.status.get("phase").and_then(Value::as_str) == Some("Running")
                        && let Some(map) = c.spec.as_object_mut()
                    {
                        map.insert("restartPolicy".to_owned(), Value::from("Always"));
                    }
                    (c.spec, c.status)
                })
                .unzip();
            self.spec.insert(spec.to_owned(), Value::from(specs));
            let statuses: Vec<Value> = statuses.into_iter().filter(|s| !s.is_null()).collect();
            if !statuses.is_empty() {
                self.status.insert(status.to_owned(), Value::from(statuses));
            }
        }
        if !self.volumes.is_empty() {
            self.spec.insert("volumes".to_owned(), Value::from(self.volumes));
        }
        let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": self.metadata, "spec": self.spec, "status": self.status });
        Some(DescribedPod { pod, events, terminating: self.terminating })
    }
}

/// The printed form does not tell the policy. A container that stays ended without a restart shows `Never` (or, after
/// success, `OnFailure`); Jobs and workflows never say `Always`.
fn restart_policy(owner: &str, containers: &[Described]) -> &'static str {
    let stays_ended = containers.iter().any(|c| c.status.pointer("/state/terminated").is_some());
    let restarted = containers.iter().any(|c| c.status.get("restartCount").and_then(Value::as_i64).unwrap_or(0) > 0);
    let restarts = restarted || containers.iter().any(|c| c.status.pointer("/state/waiting/reason").and_then(Value::as_str) == Some("CrashLoopBackOff"));
    match owner {
        "Job" | "Workflow" | "TaskRun" => {
            if restarts {
                "OnFailure"
            } else {
                "Never"
            }
        }
        "ReplicaSet" | "StatefulSet" | "DaemonSet" | "ReplicationController" | "Deployment" => "Always",
        _ if stays_ended && !restarts => "Never",
        _ => "Always",
    }
}
