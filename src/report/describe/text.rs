//! The describe section as text: kubectl's keys and order (kubectl/pkg/describe/describe.go `describePod`).

use std::collections::BTreeMap;

use super::ghost;
use super::writer::Writer;
use crate::evidence::Time;
use crate::report::clean::LINE_END;
use crate::report::json::v1::{ContainerStatus, Investigation, PodStatus, PortStatus, ProbeStatus, Stamp, StateStatus};
use crate::report::words;

/// kubectl prints longer annotations on a line of their own, and cuts them.
const MAX_ANNOTATION: usize = 140;

/// What stands for an empty list. Of a pod that only events tell of, nobody knows whether it was empty; what a template
/// lacks, admission may have added.
fn nothing(pod: &PodStatus) -> &'static str {
    match pod.from.as_str() {
        "events" => "<unknown>",
        "owner-template" => "<none in the template>",
        _ => "<none>",
    }
}

/// Renders the pod, its containers and its events.
pub fn render(document: &Investigation) -> String {
    let Some(pod) = &document.pod else { return "nothing of the pod is known\n".to_owned() };
    let mut w = Writer::default();
    head(&mut w, pod, document.observed_at.0);
    let of = |kinds: &[&str]| document.containers.iter().filter(|c| kinds.contains(&c.kind.as_str())).collect::<Vec<_>>();
    for (title, kinds) in [("Init Containers", &["init", "sidecar"][..]), ("Containers", &["main"]), ("Ephemeral Containers", &["ephemeral"])] {
        let group = of(kinds);
        if !group.is_empty() {
            w.line(0, &format!("{title}:"));
            for container in group {
                one_container(&mut w, container, pod);
            }
        }
    }
    tail(&mut w, pod);
    events(&mut w, document, pod);
    ghost::ledger(&mut w, pod);
    w.finish()
}

fn head(w: &mut Writer, pod: &PodStatus, now: Time) {
    if pod.from != "api" {
        let source = if pod.from == "owner-template" { "the owner's template, events and the workflow" } else { "events" };
        w.extra(0, "Rebuilt from", &format!("{source}: the pod object is gone"));
    }
    w.pair(0, "Name", &pod.name);
    w.pair(0, "Namespace", &pod.namespace);
    optional(w, 0, "Priority", pod.priority.map(|p| p.to_string()).as_deref());
    optional(w, 0, "Priority Class Name", pod.priority_class.as_deref());
    optional(w, 0, "Runtime Class Name", pod.runtime_class.as_deref());
    optional(w, 0, "Service Account", pod.service_account.as_deref());
    match &pod.node {
        Some(node) if pod.from != "api" => w.pair(0, "Node", node),
        Some(node) => w.pair(0, "Node", &format!("{node}/{}", pod.host_ip.as_deref().unwrap_or_default())),
        None => w.pair(0, "Node", if pod.from == "api" { "<none>" } else { "<unknown>" }),
    }
    if pod.from != "api" {
        ghost::way(w, pod);
    }
    optional(w, 0, "Start Time", pod.started_at.map(|t| words::rfc1123(t.0)).as_deref());
    pairs(w, "Labels", &pod.labels, nothing(pod));
    annotations(w, &pod.annotations, nothing(pod));
    let phase = pod.phase.as_deref().unwrap_or_default();
    match (pod.deletion_timestamp, pod.deletion_grace_seconds) {
        (Some(deadline), grace) if phase != "Failed" && phase != "Succeeded" => {
            w.pair(0, "Status", &format!("Terminating (lasts {})", words::kubectl_age(now - deadline.0)));
            w.pair(0, "Termination Grace Period", &format!("{}s", grace.unwrap_or(0)));
            w.extra(0, "Phase", phase);
        }
        _ => w.pair(0, "Status", if pod.from == "api" { phase } else { "<gone>" }),
    }
    if let (Some(deadline), Some(requested)) = (pod.deletion_timestamp, pod.deletion_requested_at) {
        let grace = pod.deletion_grace_seconds.unwrap_or(0);
        w.extra(0, "Deletion", &format!("asked for at {}, grace {grace}s, to be gone by {}", words::rfc1123(requested.0), words::rfc1123(deadline.0)));
    }
    optional(w, 0, "Reason", pod.reason.as_deref());
    text_block(w, 0, "Message", pod.message.as_deref());
    optional(w, 0, "SeccompProfile", pod.seccomp_profile.as_deref());
    w.pair(0, "IP", pod.ip.as_deref().unwrap_or(if pod.from == "api" { "" } else { "<unknown>" }));
    if pod.ips.is_empty() {
        w.pair(0, "IPs", if pod.from == "api" { "<none>" } else { "<unknown>" });
    } else {
        w.line(0, "IPs:");
        for ip in &pod.ips {
            w.pair(1, "IP", ip);
        }
    }
    optional(w, 0, "Controlled By", pod.owner.as_deref());
    optional(w, 0, "NominatedNodeName", pod.nominated_node.as_deref());
    if let Some(uid) = &pod.uid {
        w.extra(0, "UID", uid);
    }
    if let Some(created) = pod.created_at {
        w.extra(0, "Created", &words::rfc1123(created.0));
    }
    if let Some(policy) = &pod.restart_policy {
        w.extra(0, "Restart Policy", policy);
    }
    if let Some(seconds) = pod.active_deadline_seconds {
        w.extra(0, "Active Deadline", &format!("{seconds}s"));
    }
    if !pod.limits.is_empty() || !pod.requests.is_empty() {
        w.line(0, "Resources:");
        quantities(w, 1, "Limits", &pod.limits);
        quantities(w, 1, "Requests", &pod.requests);
    }
}

fn one_container(w: &mut Writer, c: &ContainerStatus, pod: &PodStatus) {
    let status = c.ready.is_some();
    w.line(1, &format!("{}:", c.name));
    if status {
        w.pair(2, "Container ID", c.container_id.as_deref().unwrap_or_default());
    }
    w.pair(2, "Image", c.image.as_deref().unwrap_or(if pod.from == "api" { "" } else { "<unknown>" }));
    if status {
        w.pair(2, "Image ID", c.image_id.as_deref().unwrap_or_default());
    }
    let port = |number: i64, p: &PortStatus| {
        let name = p.name.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
        format!("{number}/{}{name}", p.protocol)
    };
    let ports: Vec<String> = c.ports.iter().map(|p| port(p.port, p)).collect();
    let host_ports: Vec<String> = c.ports.iter().map(|p| port(p.host_port, p)).collect();
    for (one, many, list) in [("Port", "Ports", ports), ("Host Port", "Host Ports", host_ports)] {
        match list.as_slice() {
            [] => w.pair(2, one, nothing(pod)),
            [single] => w.pair(2, one, single),
            list => w.pair(2, many, &list.join(", ")),
        }
    }
    optional(w, 2, "SeccompProfile", c.seccomp_profile.as_deref());
    for (title, words) in [("Command:", &c.command), ("Args:", &c.args)] {
        if !words.is_empty() {
            w.line(2, title);
            for line in words.iter().flat_map(|word| word.split(LINE_END)) {
                w.line(3, line);
            }
        }
    }
    if status {
        state(w, "State", &c.state);
        if c.last_state.terminated.is_some() {
            state(w, "Last State", &c.last_state);
        }
        w.pair(2, "Ready", if c.ready == Some(true) { "True" } else { "False" });
        w.pair(2, "Restart Count", &c.restarts.unwrap_or(0).to_string());
    } else if let Some(code) = c.exit_code {
        w.extra(2, "Exit Code", &format!("{code} ({})", c.exit_meaning.as_deref().unwrap_or_default()));
    }
    if pod.from != "api" {
        ghost::times_of(w, c, pod);
    }
    if c.restart_policy != pod.restart_policy
        && let Some(policy) = &c.restart_policy
    {
        w.extra(2, "Restart Policy", policy);
    }
    quantities(w, 2, "Limits", &c.limits);
    quantities(w, 2, "Requests", &c.requests);
    for (key, title) in [("liveness", "Liveness"), ("readiness", "Readiness"), ("startup", "Startup")] {
        if let Some(p) = c.probes.get(key) {
            w.pair(2, title, &probe(p));
        }
    }
    environment(w, c, nothing(pod));
    mounts(w, c, nothing(pod));
}

/// kubectl's notation of a probe.
pub fn probe(p: &ProbeStatus) -> String {
    format!(
        "{} delay={}s timeout={}s period={}s #success={} #failure={}",
        p.action, p.delay_seconds, p.timeout_seconds, p.period_seconds, p.success_threshold, p.failure_threshold
    )
}

fn state(w: &mut Writer, title: &str, state: &StateStatus) {
    if let Some(running) = &state.running {
        w.pair(2, title, "Running");
        optional(w, 3, "Started", running.started_at.map(|t| words::rfc1123(t.0)).as_deref());
    } else if let Some(t) = &state.terminated {
        w.pair(2, title, "Terminated");
        optional(w, 3, "Reason", t.reason.as_deref());
        text_block(w, 3, "Message", t.message.as_deref());
        w.pair(3, "Exit Code", &t.exit_code.to_string());
        w.extra(3, "Meaning", &t.exit_meaning);
        optional(w, 3, "Signal", t.signal.map(|s| s.to_string()).as_deref());
        w.pair(3, "Started", &time_or_zero(t.started_at));
        w.pair(3, "Finished", &time_or_zero(t.finished_at));
    } else {
        w.pair(2, title, "Waiting");
        if let Some(waiting) = &state.waiting {
            optional(w, 3, "Reason", waiting.reason.as_deref());
            if let Some(message) = &waiting.message {
                w.extra(3, "Message", message);
            }
        }
    }
}

/// kubectl prints Go's zero time where the API states none, as for containers that an eviction left without a status.
fn time_or_zero(time: Option<Stamp>) -> String {
    time.map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000 (not stated)".to_owned(), |t| words::rfc1123(t.0))
}

fn environment(w: &mut Writer, c: &ContainerStatus, none: &str) {
    if !c.env_from.is_empty() {
        w.line(2, "Environment Variables from:");
        for source in &c.env_from {
            let prefix = source.prefix.as_ref().map(|p| format!(" with prefix '{p}'")).unwrap_or_default();
            w.line(3, &format!("{}  {}{prefix}  Optional: {}", source.name, source.kind, source.optional));
        }
    }
    if c.env.is_empty() {
        w.pair(2, "Environment", none);
        return;
    }
    w.line(2, "Environment:");
    for var in &c.env {
        match (&var.value, &var.from) {
            (Some(value), None) => {
                let mut lines = value.split(LINE_END);
                w.pair(3, &var.name, lines.next().unwrap_or_default());
                lines.for_each(|l| w.more(3, l));
            }
            (Some(value), Some(from)) => w.pair(3, &var.name, &format!("{value} ({from})")),
            (None, from) => {
                let optional = var.optional.map(|o| format!("  Optional: {o}")).unwrap_or_default();
                w.pair(3, &var.name, &format!("<{}>{optional}", from.as_deref().unwrap_or_default()));
            }
        }
    }
}

fn mounts(w: &mut Writer, c: &ContainerStatus, none: &str) {
    if c.mounts.is_empty() {
        w.pair(2, "Mounts", none);
    } else {
        w.line(2, "Mounts:");
        for m in &c.mounts {
            let flag = if m.read_only { "ro" } else { "rw" };
            let sub_path = m.sub_path.as_ref().map(|p| format!(",path={p:?}")).unwrap_or_default();
            w.line(3, &format!("{} from {} ({flag}{sub_path})", m.path, m.volume));
        }
    }
    if !c.devices.is_empty() {
        w.line(2, "Devices:");
        for d in &c.devices {
            w.line(3, &format!("{} from {}", d.path, d.volume));
        }
    }
}

fn tail(w: &mut Writer, pod: &PodStatus) {
    if !pod.readiness_gates.is_empty() {
        w.line(0, "Readiness Gates:");
        table(w, &[vec!["Type".to_owned(), "Status".to_owned()]], pod.readiness_gates.iter().map(|g| vec![g.key.clone(), g.value.clone()]));
    }
    if !pod.conditions.is_empty() {
        w.line(0, "Conditions:");
        let rows = pod.conditions.iter().map(|c| {
            let why: Vec<&str> = [c.reason.as_deref(), c.message.as_deref()].into_iter().flatten().collect();
            vec![c.r#type.clone(), c.status.clone(), why.join(": ")]
        });
        table(w, &[vec!["Type".to_owned(), "Status".to_owned()]], rows);
    }
    if pod.volumes.is_empty() {
        w.pair(0, "Volumes", nothing(pod));
    } else {
        w.line(0, "Volumes:");
        for volume in &pod.volumes {
            w.line(1, &format!("{}:", volume.name));
            for detail in &volume.details {
                w.pair(2, &detail.key, &detail.value);
            }
        }
    }
    w.pair(0, "QoS Class", pod.qos.as_deref().unwrap_or("<unknown>"));
    pairs(w, "Node-Selectors", &pod.node_selector, nothing(pod));
    list(w, "Tolerations", &pod.tolerations, nothing(pod));
    if !pod.topology_spread.is_empty() {
        list(w, "Topology Spread Constraints", &pod.topology_spread, "<none>");
    }
    if let Some(group) = &pod.scheduling_group {
        w.line(0, "SchedulingGroup:");
        w.pair(1, "PodGroupName", group);
    }
}

fn events(w: &mut Writer, document: &Investigation, pod: &PodStatus) {
    let object = format!("Pod/{}/{}", pod.namespace, pod.name);
    let now = document.observed_at.0;
    let rows: Vec<Vec<String>> = document
        .events
        .iter()
        .filter(|e| e.object == object && (e.uid.is_none() || pod.uid.is_none() || e.uid == pod.uid))
        .map(|e| {
            let age = |t: Option<Stamp>| t.map_or_else(|| "<unknown>".to_owned(), |t| words::kubectl_age(now - t.0));
            let age = if e.count > 1 { format!("{} (x{} over {})", age(e.time), e.count, age(e.first_time)) } else { age(e.time) };
            let message = match &e.field_path {
                Some(path) => format!("{path}: {}", e.message),
                None => e.message.clone(),
            };
            vec![e.r#type.clone(), e.reason.clone(), age, e.from.clone(), message]
        })
        .collect();
    if rows.is_empty() {
        w.pair(0, "Events", "<none>");
        return;
    }
    w.line(0, "Events:");
    let header = ["Type", "Reason", "Age", "From", "Message"];
    table(w, &[header.iter().map(|h| (*h).to_owned()).collect(), header.iter().map(|h| "-".repeat(h.len())).collect()], rows.into_iter());
}

/// Columns two spaces apart; the last one is not padded.
fn table(w: &mut Writer, header: &[Vec<String>], rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = header.iter().cloned().chain(rows).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|i| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.chars().count()) + 2));
        }
        w.line(1, line.trim_end());
    }
}

fn optional(w: &mut Writer, level: usize, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        w.pair(level, key, value);
    }
}

fn text_block(w: &mut Writer, level: usize, key: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let mut lines = value.split(LINE_END);
    w.pair(level, key, lines.next().unwrap_or_default());
    lines.for_each(|l| w.more(level, l));
}

fn pairs(w: &mut Writer, key: &str, values: &BTreeMap<String, String>, none: &str) {
    let lines: Vec<String> = values.iter().map(|(k, v)| format!("{k}={v}")).collect();
    list(w, key, &lines, none);
}

fn list(w: &mut Writer, key: &str, values: &[String], none: &str) {
    let mut values = values.iter();
    w.pair(0, key, values.next().map_or(none, String::as_str));
    values.for_each(|v| w.more(0, v));
}

fn annotations(w: &mut Writer, values: &BTreeMap<String, String>, none: &str) {
    let mut lines = Vec::new();
    for (key, value) in values {
        let value = value.strip_suffix(LINE_END).unwrap_or(value);
        if key.len() + value.len() + 2 <= MAX_ANNOTATION && !value.contains(LINE_END) {
            lines.push(format!("{key}: {value}"));
            continue;
        }
        lines.push(format!("{key}:"));
        for line in value.split(LINE_END) {
            let cut: String = line.chars().take(MAX_ANNOTATION - 2).collect();
            lines.push(if cut.len() < line.len() { format!("  {cut}...") } else { format!("  {cut}") });
        }
    }
    list(w, "Annotations", &lines, none);
}

fn quantities(w: &mut Writer, level: usize, title: &str, values: &BTreeMap<String, String>) {
    if !values.is_empty() {
        w.line(level, &format!("{title}:"));
        for (key, value) in values {
            w.pair(level + 1, key, value);
        }
    }
}
