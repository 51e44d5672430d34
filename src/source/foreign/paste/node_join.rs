//! Which container a line of the node is about: by pod UID, by container id, or by process name and time.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::layout::Layout;
use super::assemble::PodId;
use super::node_events::{self, Said, event, pod_uid};
use crate::evidence::{Time, parse_time};

/// More lines of this kind than anyone pastes; the newest are kept.
const MAX_SAID: usize = 500;
/// The kernel cuts process names here (`TASK_COMM_LEN`).
const COMM: usize = 15;

/// Reads the node documents of a paste.
pub(super) fn read(documents: &[Vec<&str>], reference: Option<Time>) -> Vec<Said> {
    let mut said: Vec<Said> = documents.iter().flat_map(|lines| node_events::read(lines, reference)).collect();
    said.drain(..said.len().saturating_sub(MAX_SAID));
    said
}

/// Pods that the kubelet's lines name.
pub(super) fn named_pods(said: &[Said]) -> Vec<PodId> {
    said.iter().filter_map(|s| s.pod.as_ref()).map(|(namespace, name, ..)| PodId { namespace: namespace.clone(), name: name.clone() }).collect()
}

/// A pod of which only kernel lines are known.
pub(super) fn stand_in(pod: &PodId, said: &[Said]) -> Value {
    let uid = said.iter().find_map(|s| pod_uid(&s.message));
    let process = said.iter().find_map(|s| s.process.clone());
    json!({
        "kind": "Pod", "apiVersion": "v1", "metadata": { "name": pod.name, "namespace": pod.namespace, "uid": uid },
        "spec": { "containers": [{ "name": process.map_or_else(|| "main".to_owned(), |p| p.replace(|c: char| !(c.is_ascii_alphanumeric() || c == '-'), "-")) }] }, "status": {},
    })
}

/// Adds the events, each with what the pods of the paste add to it: the pod's UID where the line only shows the container, and
/// the time of the end where the line has none.
pub(super) fn lay_out(mut said: Vec<Said>, layout: &mut Layout) {
    let mut node = None;
    for pod in layout.pods_mut() {
        for line in &mut said {
            join(line, pod);
        }
        let host = said.iter().find_map(|s| s.host.clone());
        let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut).filter(|_| !said.is_empty()) else { continue };
        let name = spec.entry("nodeName".to_owned()).or_insert_with(|| Value::from(host.unwrap_or_else(|| "node".to_owned())));
        node = node.or_else(|| name.as_str().map(str::to_owned));
    }
    let node = node.or_else(|| said.iter().find_map(|s| s.host.clone())).unwrap_or_else(|| "node".to_owned());
    for (index, line) in said.iter().enumerate() {
        layout.hear(line.time);
        layout.add(event(line, &node, index), None);
    }
    for (namespace, name, ..) in said.iter().filter_map(|s| s.pod.as_ref()) {
        layout.events_of(namespace, None, name, Some("only lines of the kubelet were pasted"));
    }
    if said.iter().any(|s| s.pod.is_none()) {
        layout.events_of("default", Some("Node"), &node, Some("only lines of the node were pasted"));
    }
}

fn join(line: &mut Said, pod: &mut Value) {
    if let Some((namespace, name, Some(uid), _)) = &line.pod {
        let is = |pointer: &str, text: &str| pod.pointer(pointer).and_then(Value::as_str) == Some(text);
        if is("/metadata/name", name) && is("/metadata/namespace", namespace) {
            adopt(pod, uid);
        }
        return;
    }
    let uid = pod.pointer("/metadata/uid").and_then(Value::as_str).filter(|u| u.len() >= 32).map(str::to_owned);
    let of_pod = uid.as_ref().is_some_and(|u| line.message.contains(u.as_str()) || line.message.contains(&u.replace('-', "_")));
    let specs: Vec<Value> = ["/spec/containers", "/spec/initContainers"].iter().filter_map(|l| pod.pointer(l)?.as_array()).flatten().cloned().collect();
    let statuses: Vec<Value> =
        ["/status/containerStatuses", "/status/initContainerStatuses"].iter().filter_map(|l| pod.pointer(l)?.as_array()).flatten().cloned().collect();
    for status in &statuses {
        let ids = ["/containerID", "/state/terminated/containerID", "/lastState/terminated/containerID"];
        let by_id = ids.iter().filter_map(|p| status.pointer(p)?.as_str()?.rsplit('/').next()).any(|id| id.len() >= 12 && line.message.contains(id));
        let name = status.get("name").and_then(Value::as_str).unwrap_or_default();
        let spec = specs.iter().find(|s| s.get("name").and_then(Value::as_str) == Some(name));
        let end = end_of(status, line);
        let by_process = end.is_some() && spec.is_some_and(|s| runs(s, line.process.as_deref().unwrap_or_default()));
        if by_id || (of_pod && (by_process || statuses.len() == 1)) || (uid.is_none() && by_process) {
            line.time = line.time.or(end);
            if let Some(told) = pod_uid(&line.message) {
                adopt(pod, &told);
            }
            return;
        }
    }
}

/// The end of the container that fits the line: the right kind of end, within two seconds where the line has a time.
fn end_of(status: &Value, line: &Said) -> Option<Time> {
    let ends = ["/state/terminated", "/lastState/terminated"].iter().filter_map(|p| status.pointer(p));
    let fits = |end: &&Value| {
        let code = end.get("exitCode").and_then(Value::as_i64).unwrap_or(0);
        let oom = line.reason != "ProcessFault";
        let reason = end.get("reason").and_then(Value::as_str).unwrap_or_default();
        if oom { code == 137 || reason == "OOMKilled" } else { matches!(code, 132..=136 | 139) }
    };
    let time = |end: &Value| end.get("finishedAt").and_then(Value::as_str).and_then(parse_time);
    ends.filter(fits).filter_map(time).find(|at| line.time.is_none_or(|t| (t - *at).abs() <= TimeDelta::seconds(2)))
}

/// Whether a container's command runs a process of this name, as far as the kernel prints it.
fn runs(spec: &Value, process: &str) -> bool {
    let words = ["command", "args"].iter().filter_map(|k| spec.get(*k)?.as_array()).flatten().filter_map(Value::as_str);
    let mut names = words.flat_map(str::split_whitespace).filter_map(|w| w.rsplit('/').next());
    !process.is_empty() && (names.any(|n| n.get(..n.len().min(COMM)) == Some(process)) || spec.get("command").is_none())
}

/// The container's cgroup names the pod that describe does not.
fn adopt(pod: &mut Value, uid: &str) {
    if let Some(meta) = pod.get_mut("metadata").and_then(Value::as_object_mut)
        && meta.get("uid").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        meta.insert("uid".to_owned(), Value::from(uid));
    }
}
