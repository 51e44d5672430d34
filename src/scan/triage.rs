//! From rows and warnings to suspects. A suspect is a question, never a finding; a row that is no suspect is never asked about.

use std::collections::BTreeMap;

use crate::evidence::{Event, PodRow, age_seconds};

/// What decides, beside the rows and the warnings themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lens {
    /// Restarts older than this are history. Seconds.
    pub since_seconds: i64,
    /// Pods that have run longer than this deserve a look. Seconds.
    pub max_age_seconds: Option<i64>,
    /// The same for pods with a limit of their own, by name.
    pub limits: BTreeMap<String, i64>,
}

impl Lens {
    /// The age limit of a pod, and whether it is its own.
    pub fn limit_of(&self, pod: &str) -> Option<(i64, bool)> {
        self.limits.get(pod).map(|own| (*own, true)).or(self.max_age_seconds.map(|all| (all, false)))
    }
}

/// Names of the pods that deserve a whole look, with why, by name.
pub fn suspects(rows: &[PodRow], warnings: &[Event], failed: &[String], lens: &Lens) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut warned: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in warnings.iter().filter(|e| e.about.kind == "Pod" && !is_noise(e)) {
        let known = warned.entry(event.about.name.as_str()).or_insert(event);
        if known.time() < event.time() {
            *known = event;
        }
    }
    for row in rows {
        let overdue = || lens.limit_of(&row.name).is_some_and(|(limit, _)| age_seconds(&row.age).is_some_and(|age| age >= limit));
        let why = if row.is_suspect() && !only_restarted_long_ago(row, lens.since_seconds) {
            format!("{} {}/{}, {} restarts", row.status, row.ready, row.containers, row.restarts)
        } else if failed.contains(&row.name) {
            "phase Failed".to_owned()
        } else if let Some(event) = warned.get(row.name.as_str()).filter(|_| row.status != "Completed" || row.restarts > 0) {
            format!("Warning {}: {}", event.reason, event.message)
        } else if restarted_to_no_end(row, lens.since_seconds) {
            format!("{} after {} restarts", row.status, row.restarts)
        } else if row.status == "Running" && overdue() {
            format!("runs for {}", row.age)
        } else {
            continue;
        };
        found.insert(row.name.clone(), why);
    }
    found
}

/// Nothing but restarts speaks against it, and the last of them is history. Printed ages are never more than the truth.
fn only_restarted_long_ago(row: &PodRow, since_seconds: i64) -> bool {
    row.status == "Running" && row.ready >= row.containers && row.restarted_ago.is_some_and(|ago| ago > since_seconds)
}

/// A container that is meant to run for good and ends well again and again prints `Completed` between two starts, as a finished pod
/// does that was restarted on its way.
fn restarted_to_no_end(row: &PodRow, since_seconds: i64) -> bool {
    row.status == "Completed" && row.restarts > 0 && row.restarted_ago.is_none_or(|ago| ago <= since_seconds)
}

/// Readiness failures right after a start are normal on almost every pod; a row that is not ready is a suspect without them.
fn is_noise(event: &Event) -> bool {
    (event.reason == "Unhealthy" && event.message.starts_with("Readiness")) || (event.reason == "FailedMount" && event.message.contains("failed to sync"))
}
