//! From rows and warnings to suspects. A suspect is a question, never a finding; a row that is no suspect is never asked about.

use std::collections::BTreeMap;

use crate::evidence::{Event, PodRow};

/// Names of the pods that deserve a whole look, with why, by name.
pub fn suspects(rows: &[PodRow], warnings: &[Event], failed: &[String]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut warned: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in warnings.iter().filter(|e| e.about.kind == "Pod" && !is_noise(e)) {
        let known = warned.entry(event.about.name.as_str()).or_insert(event);
        if known.time() < event.time() {
            *known = event;
        }
    }
    for row in rows {
        let why = if row.is_suspect() {
            format!("{} {}/{}, {} restarts", row.status, row.ready, row.containers, row.restarts)
        } else if failed.contains(&row.name) {
            "phase Failed".to_owned()
        } else if let Some(event) = warned.get(row.name.as_str()).filter(|_| row.status != "Completed" || row.restarts > 0) {
            format!("Warning {}: {}", event.reason, event.message)
        } else {
            continue;
        };
        found.insert(row.name.clone(), why);
    }
    found
}

/// Readiness failures right after a start are normal on almost every pod; a row that is not ready is a suspect without them.
fn is_noise(event: &Event) -> bool {
    (event.reason == "Unhealthy" && event.message.starts_with("Readiness")) || (event.reason == "FailedMount" && event.message.contains("failed to sync"))
}

/// Reads Go's `duration.HumanDuration` (`65s`, `3m15s`, `25h`, `6d`, `2y`) as seconds: coarse, as it is printed.
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
