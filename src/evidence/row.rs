//! Rows of pods as the server prints them: the cheap form of a pod.

use serde_json::Value;

use super::container::{ContainerKind, State};
use super::object::MAX_INT;
use super::pod::Pod;
use super::time::Time;

/// One row behind `kubectl get pods -o wide` (K/pkg/printers/internalversion/printers.go `printPod`).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodRow {
    /// The pod's name.
    pub name: String,
    /// Ready containers.
    pub ready: u32,
    /// Containers that count for readiness.
    pub containers: u32,
    /// The printed status: `Running`, `Error`, `CrashLoopBackOff`, … It varies with the server's version.
    pub status: String,
    /// Restarts of all containers.
    pub restarts: i64,
    /// Seconds since the last restart, as coarse as it is printed (never more than the truth); `None` where none is told.
    pub restarted_ago: Option<i64>,
    /// The server's coarse age of the pod (`3m15s`, `6d`).
    pub age: String,
    /// The node; empty when not scheduled.
    pub node: String,
    /// The pod's address; empty when it has none.
    pub ip: String,
    /// Readiness gates that do not hold.
    pub unmet_gates: u32,
}

impl PodRow {
    /// Whether the row deserves a closer look. A suspect is a question, never a finding; an evicted pod whose container
    /// ended with 0 prints `Completed`, so this alone does not clear a pod.
    pub fn is_suspect(&self) -> bool {
        match self.status.as_str() {
            "Completed" => false,
            "Running" => self.restarts > 0 || self.ready < self.containers || self.unmet_gates > 0,
            _ => true,
        }
    }

    /// The row of a pod that came whole, for servers that answer a plain list when asked for a table.
    pub fn from_pod(pod: &Pod, now: Option<Time>) -> Self {
        // Native sidecars count for readiness, init containers do not.
        let counted = || pod.containers.iter().filter(|c| matches!(c.kind, ContainerKind::Main | ContainerKind::Sidecar));
        let mut status = pod.reason.clone().unwrap_or_else(|| pod.phase.clone());
        for container in pod.containers.iter().rev().filter(|c| c.kind != ContainerKind::Ephemeral) {
            match &container.state {
                State::Waiting { reason, .. } if !reason.is_empty() => status = reason.clone(),
                State::Terminated(t) if !t.reason.is_empty() && t.exit_code != 0 && container.kind != ContainerKind::Sidecar => status = t.reason.clone(),
                State::Terminated(t) if !t.reason.is_empty() && pod.phase == "Succeeded" => status = t.reason.clone(),
                _ => {}
            }
        }
        // A pod that is over, and only held by a finalizer, prints as it ended.
        if pod.deletion.is_some() && !matches!(pod.phase.as_str(), "Succeeded" | "Failed") {
            status = if pod.reason.as_deref() == Some("NodeLost") { "Unknown" } else { "Terminating" }.to_owned();
        }
        let since = |time: Option<Time>| now.zip(time).map(|(now, time)| (now - time).num_seconds().max(0));
        let ended = pod.containers.iter().filter_map(|c| c.last_state.terminated()?.finished).max();
        Self {
            name: pod.name.clone(),
            ready: counted().filter(|c| c.ready).count() as u32,
            containers: counted().count() as u32,
            status,
            restarts: pod.containers.iter().map(|c| c.restarts).sum(),
            restarted_ago: since(ended),
            age: since(pod.created).map(|s| format!("{s}s")).unwrap_or_default(),
            node: pod.node.clone().unwrap_or_default(),
            ip: pod.ip.clone().unwrap_or_default(),
            unmet_gates: pod.unmet_gates().count() as u32,
        }
    }
}

/// Reads Go's `duration.HumanDuration` (`65s`, `3m15s`, `25h`, `6d`, `2y`) as seconds: coarse, as it is printed, and never more than the truth.
pub fn age_seconds(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut number: Option<i64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(i64::from(digit))?);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'y' => 31_536_000,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    number.is_none().then_some(total).filter(|_| !text.is_empty())
}

/// Of gates that hold and are asked for, `1/2`, those that do not.
fn unmet(gates: &str) -> u32 {
    let Some((hold, all)) = gates.split_once('/') else { return 0 };
    hold.parse::<u32>().ok().zip(all.parse::<u32>().ok()).map_or(0, |(hold, all)| all.saturating_sub(hold))
}

/// Reads the rows of a `meta.k8s.io` Table; `None` when the value is no table or has no name column. Columns are found
/// by name, because their set and order vary with the server.
pub fn read_rows(table: &Value) -> Option<Vec<PodRow>> {
    if table.get("kind").and_then(Value::as_str) != Some("Table") {
        return None;
    }
    let columns: Vec<String> = table
        .get("columnDefinitions")
        .and_then(Value::as_array)?
        .iter()
        .map(|c| c.get("name").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase())
        .collect();
    let column = |name: &str| columns.iter().position(|c| c == name);
    let name_at = column("name")?;
    let (ready_at, status_at, restarts_at) = (column("ready"), column("status"), column("restarts"));
    let (age_at, node_at, ip_at, gates_at) = (column("age"), column("node"), column("ip"), column("readiness gates"));
    let rows = table.get("rows").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let read = rows.iter().filter_map(|row| {
        let cells = row.get("cells").and_then(Value::as_array)?;
        let text = |at: Option<usize>| match at.and_then(|i| cells.get(i)) {
            Some(Value::String(s)) if s != "<none>" => s.clone(),
            Some(Value::Number(n)) => n.to_string(),
            _ => String::new(),
        };
        let name = text(Some(name_at));
        if name.is_empty() {
            return None;
        }
        let ready = text(ready_at);
        let (is, of) = ready.split_once('/').unwrap_or(("0", "0"));
        // `5` or `5 (2m ago)`.
        let restarts = text(restarts_at);
        let (restarts, ago) = restarts.split_once(" (").unwrap_or((&restarts, ""));
        Some(PodRow {
            name,
            ready: is.parse().unwrap_or(0),
            containers: of.parse().unwrap_or(0),
            status: text(status_at),
            restarts: restarts.trim().parse().unwrap_or(0).clamp(0, MAX_INT),
            restarted_ago: age_seconds(ago.trim_end_matches([')', ' ']).trim_end_matches(" ago")),
            age: text(age_at),
            node: text(node_at),
            ip: text(ip_at),
            unmet_gates: unmet(&text(gates_at)),
        })
    });
    Some(read.collect())
}
