//! Node lines as the events that node-problem-detector and the kubelet would have written of them.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::node_lines::{self, NodeLine, Speaker, value};
use crate::evidence::Time;

/// What a line, or a few of them, say.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) time: Option<Time>,
    pub(super) host: Option<String>,
    pub(super) reason: &'static str,
    pub(super) component: &'static str,
    pub(super) message: String,
    /// The process that the kernel names.
    pub(super) process: Option<String>,
    /// Namespace, name, UID and container of the pod, where the kubelet names them; such an event is about the pod.
    pub(super) pod: Option<(String, String, Option<String>, Option<String>)>,
}

static KILLED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"Killed process (\d+) \(([^)]*)\)").ok());
static FAULT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:traps: )?([^\s\[]+)\[\d+\]:? (?:segfault at|general protection|trap |invalid opcode|divide error)").ok());
static POD_UID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})").ok());

/// The UID in a cgroup path; systemd writes its dashes as underscores.
pub(super) fn pod_uid(text: &str) -> Option<String> {
    Some(POD_UID.as_ref()?.captures(text)?.get(1)?.as_str().replace('_', "-"))
}

/// Reads the lines of one document.
pub(super) fn read(lines: &[&str], reference: Option<Time>) -> Vec<Said> {
    let parsed: Vec<NodeLine<'_>> = lines.iter().filter_map(|l| node_lines::read(l)).collect();
    let mut found = Vec::new();
    let mut constraints: Vec<&str> = Vec::new();
    for line in &parsed {
        let mut said = match line.speaker {
            Speaker::Kernel => kernel(line, &mut constraints),
            Speaker::Kubelet => kubelet(line.text),
            Speaker::Runtime => runtime(line.text),
        };
        for one in &mut said {
            one.time = line.when.time(reference);
            one.host = line.host.map(str::to_owned);
        }
        found.append(&mut said);
    }
    found
}

fn said(reason: &'static str, component: &'static str, message: String) -> Said {
    Said { time: None, host: None, reason, component, message, process: None, pod: None }
}

fn kernel<'a>(line: &NodeLine<'a>, constraints: &mut Vec<&'a str>) -> Vec<Said> {
    let text = line.text;
    if text.contains("oom-kill:constraint=") {
        if constraints.len() >= 64 {
            constraints.remove(0);
        }
        constraints.push(text);
        return Vec::new();
    }
    if let Some(names) = KILLED.as_ref().and_then(|r| r.captures(text)) {
        let (pid, process) = (names.get(1).map_or("", |m| m.as_str()), names.get(2).map_or("", |m| m.as_str()));
        // The line above names the cgroup, and with it pod and container.
        let above = constraints.iter().rev().find(|c| c.contains(&format!("pid={pid},")) || c.ends_with(&format!("pid={pid}")));
        let message = above.map_or_else(|| text.to_owned(), |above| format!("{text}; {above}"));
        let memcg = text.contains("Memory cgroup out of memory") || above.is_some_and(|a| a.contains("CONSTRAINT_MEMCG"));
        let reason = if memcg { "OOMKilling" } else { "SystemOOM" };
        return vec![Said { process: Some(process.to_owned()), ..said(reason, "kernel-monitor", message) }];
    }
    if let Some(process) = FAULT.as_ref().and_then(|r| r.captures(text)).and_then(|c| c.get(1)) {
        return vec![Said { process: Some(process.as_str().to_owned()), ..said("ProcessFault", "kernel-monitor", text.to_owned()) }];
    }
    Vec::new()
}

/// Words of the kubelet's own log (K/pkg/kubelet/prober, kuberuntime, eviction).
fn kubelet(text: &str) -> Vec<Said> {
    let pod = value(text, "pod").and_then(|p| {
        let (namespace, name) = p.split_once('/')?;
        Some((namespace.to_owned(), name.to_owned(), value(text, "podUID"), value(text, "containerName")))
    });
    let Some(pod) = pod else { return Vec::new() };
    let container = pod.3.clone().unwrap_or_default();
    let (reason, message) = if text.starts_with("\"Probe failed\"") {
        let kind = value(text, "probeType").unwrap_or_default();
        ("Unhealthy", format!("{kind} probe failed: {}", value(text, "output").unwrap_or_default()))
    } else if let Some(message) = value(text, "containerMessage").filter(|m| m.contains("probe")) {
        ("Killing", message)
    } else if text.starts_with("\"Killing container with a grace period\"") {
        ("Killing", format!("Stopping container {container}"))
    } else if text.starts_with("\"Eviction manager: pod is evicted successfully\"") || text.starts_with("\"Eviction manager: evicted pod\"") {
        ("Evicted", "The kubelet evicted the pod".to_owned())
    } else if text.starts_with("\"Failed to pull image\"") || text.contains("ErrImagePull") {
        ("Failed", value(text, "err").unwrap_or_default())
    } else if text.contains("CrashLoopBackOff") {
        ("BackOff", format!("Back-off restarting failed container in pod {}", pod.1))
    } else {
        return Vec::new();
    };
    vec![Said { pod: Some(pod), ..said(reason, "kubelet", message) }]
}

/// containerd tells of an OOM with the container's id (`TaskOOM`).
fn runtime(text: &str) -> Vec<Said> {
    if !text.contains("TaskOOM") {
        return Vec::new();
    }
    let id = text.split(|c: char| !c.is_ascii_hexdigit()).find(|w| w.len() == 64);
    id.map(|id| said("OOMKilling", "containerd", format!("containerd: TaskOOM event of container {id}"))).into_iter().collect()
}

/// The event's object; its place in the list gives it its name.
pub(super) fn event(said: &Said, node: &str, index: usize) -> Value {
    let time = said.time.map(crate::evidence::format_time);
    let (namespace, about) = match &said.pod {
        Some((namespace, name, uid, container)) => {
            let path = container.as_ref().map(|c| format!("spec.containers{{{c}}}"));
            (namespace.clone(), json!({ "kind": "Pod", "namespace": namespace, "name": name, "uid": uid, "fieldPath": path }))
        }
        None => ("default".to_owned(), json!({ "kind": "Node", "name": node })),
    };
    json!({
        "kind": "Event", "apiVersion": "v1", "metadata": { "name": format!("node-line-{index}"), "namespace": namespace },
        "involvedObject": about, "type": "Warning", "reason": said.reason, "message": said.message, "count": 1,
        "firstTimestamp": time, "lastTimestamp": time, "source": { "component": said.component, "host": node },
    })
}
