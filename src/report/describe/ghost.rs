//! What the text says of a pod that is gone and kubectl cannot: its way by events, where values are from, what is lost.

use super::writer::Writer;
use crate::report::json::v1::{ContainerStatus, PodStatus, Rung};
use crate::report::words;

/// When it was scheduled, and the last rung that it reached.
pub fn way(w: &mut Writer, pod: &PodStatus) {
    if let Some(scheduled) = pod.ladder.iter().find(|r| r.rung == "scheduled") {
        w.extra(0, "Scheduled", &times(scheduled));
    }
    if let Some(last) = pod.ladder.last() {
        let of = last.container.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
        w.extra(0, "Last Rung", &format!("{}{of}, by events", last.rung));
    }
}

/// When a container was started and killed.
pub fn times_of(w: &mut Writer, container: &ContainerStatus, pod: &PodStatus) {
    for (rung, title) in [("started", "Started"), ("killed", "Killed")] {
        let own = pod.ladder.iter().filter(|r| r.rung == rung && r.container.as_deref() == Some(container.name.as_str()));
        own.for_each(|r| w.extra(2, title, &times(r)));
    }
}

/// Where the values are from and how sure, and what cannot be rebuilt.
pub fn ledger(w: &mut Writer, pod: &PodStatus) {
    for row in &pod.provenance {
        w.extra(0, "Known from", &format!("{}: {} ({}: {})", row.what, row.from, row.sure, row.why));
    }
    for row in &pod.unknowable {
        w.extra(0, "Cannot be rebuilt", &format!("{}: {}", row.what, row.why));
    }
}

/// When a rung was reached: once, or how often over what time.
fn times(rung: &Rung) -> String {
    let (first, last) = (rung.first.or(rung.last), rung.last.or(rung.first));
    match (first, last) {
        (Some(first), Some(last)) if first != last || rung.count > 1 => {
            format!("{} (x{}, first {})", words::rfc1123(last.0), rung.count, words::rfc1123(first.0))
        }
        (_, Some(last)) => words::rfc1123(last.0),
        _ => "at an unknown time".to_owned(),
    }
}
