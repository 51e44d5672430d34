//! Printed events: the Events section of describe, and the rows of `kubectl get events`.

use super::ages::{Age, age};

/// One printed event.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) kind: String,
    pub(super) reason: String,
    /// Age of the last of it.
    pub(super) last: Option<Age>,
    /// Age of the first of it.
    pub(super) first: Option<Age>,
    pub(super) count: i64,
    pub(super) component: String,
    pub(super) message: String,
    pub(super) container: Option<String>,
    /// Kind and name, where the table tells them.
    pub(super) object: Option<(String, String)>,
    pub(super) namespace: Option<String>,
}

/// Rows of the Events section; the first line is what stands behind `Events:`.
pub(super) fn described(lines: &[&str]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in lines.iter().skip(1) {
        let row = ["  Normal ", "  Warning "].iter().any(|front| line.starts_with(front)).then(|| fields(line.trim_start(), 5)).flatten();
        match row {
            Some(fields) => {
                if let [kind, reason, seen, from, message] = fields.as_slice() {
                    let mut row = Row { kind: (*kind).to_owned(), reason: (*reason).to_owned(), count: 1, ..Row::default() };
                    row.seen(seen);
                    row.component = from.split(',').next().unwrap_or_default().trim().to_owned();
                    row.say(message);
                    rows.push(row);
                }
            }
            None if line.trim_start().starts_with("Type ") || line.trim_start().starts_with("----") => {}
            // A message with line ends in it goes on below.
            None => {
                if let Some(row) = rows.last_mut().filter(|_| !line.trim().is_empty()) {
                    row.message.push('\n');
                    row.message.push_str(line);
                }
            }
        }
    }
    rows
}

/// Splits at gaps of two and more blanks.
pub(super) fn fields(line: &str, count: usize) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = line;
    while found.len() + 1 < count {
        let (field, after) = rest.split_once("  ")?;
        found.push(field.trim());
        rest = after.trim_start();
    }
    found.push(rest.trim_end());
    Some(found)
}

impl Row {
    /// `29m`, `29m (x2 over 31m)`, `<unknown>`.
    pub(super) fn seen(&mut self, text: &str) {
        let (last, repeats) = text.split_once(" (x").map_or((text, None), |(l, r)| (l, Some(r)));
        self.last = age(last);
        self.first = self.last;
        if let Some((count, over)) = repeats.and_then(|r| r.trim_end_matches(')').split_once(" over ")) {
            self.count = count.parse().unwrap_or(1).max(1);
            self.first = age(over).or(self.last);
        }
    }

    /// Takes the message; the container stands in front of it since Kubernetes 1.34, and inside it before.
    pub(super) fn say(&mut self, message: &str) {
        let fronts = ["spec.containers{", "spec.initContainers{", "spec.ephemeralContainers{"];
        for front in fronts {
            if let Some((name, rest)) = message.strip_prefix(front).and_then(|m| m.split_once("}: ")) {
                self.container = Some(name.to_owned());
                rest.clone_into(&mut self.message);
                return;
            }
        }
        message.clone_into(&mut self.message);
        let named = [
            "Started container ",
            "Created container: ",
            "Created container ",
            "Stopping container ",
            "Back-off restarting failed container ",
            "Container ",
            "Init container ",
        ];
        let name = named.iter().find_map(|front| message.strip_prefix(front)).and_then(|rest| rest.split([' ', ',']).next());
        self.container = name.filter(|n| !n.is_empty() && !matches!(*n, "image" | "runtime" | "started" | "created")).map(|n| n.trim_matches('"').to_owned());
    }

    /// The reporter of a standard reason, for tables that do not print it (K/pkg/kubelet/events, scheduler, controllers).
    pub(super) fn guess_component(&mut self) {
        if !self.component.is_empty() {
            return;
        }
        let kubelet = [
            "Pulling",
            "Pulled",
            "Created",
            "Started",
            "Failed",
            "Killing",
            "BackOff",
            "Unhealthy",
            "FailedMount",
            "FailedCreatePodSandBox",
            "SandboxChanged",
            "Evicted",
            "InspectFailed",
            "ErrImageNeverPull",
            "FailedPostStartHook",
            "FailedPreStopHook",
            "NodeNotReady",
            "NodeReady",
            "Rebooted",
            "SystemOOM",
            "NodeHasInsufficientMemory",
            "NodeHasDiskPressure",
            "NodeHasInsufficientPID",
            "Shutdown",
            "NodeShutdown",
            "ExceededGracePeriod",
        ];
        self.component = match self.reason.as_str() {
            "Scheduled" | "FailedScheduling" | "Preempted" => "default-scheduler".to_owned(),
            "TaintManagerEviction" => "taint-eviction-controller".to_owned(),
            "FailedAttachVolume" | "SuccessfulAttachVolume" => "attachdetach-controller".to_owned(),
            reason if kubelet.contains(&reason) => "kubelet".to_owned(),
            _ => match self.object.as_ref().map(|(kind, _)| kind.as_str()) {
                Some(kind @ ("ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob")) => format!("{}-controller", kind.to_lowercase()),
                _ => return,
            },
        };
    }
}
