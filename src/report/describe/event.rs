//! Events as data.

use serde_json::Value;

use crate::evidence::{CaseFile, Event};
use crate::report::clean::Cleaner;
use crate::report::json::v1::{PodEvent, Stamp};

/// All events of a case, by time; those without one come first.
pub fn events(case: &CaseFile, clean: &Cleaner<'_>) -> Vec<PodEvent> {
    let mut all: Vec<PodEvent> = case.events.iter().chain(&case.node_events).map(|e| event(e, clean)).collect();
    all.sort_by(|a, b| {
        let key = |e: &PodEvent| (e.time, e.first_time, e.object.clone(), e.reason.clone(), e.message.clone(), e.count);
        key(a).cmp(&key(b))
    });
    all
}

fn event(event: &Event, clean: &Cleaner<'_>) -> PodEvent {
    let about = ["/involvedObject/fieldPath", "/regarding/fieldPath"].iter().find_map(|p| event.object.at(p)).and_then(Value::as_str);
    PodEvent {
        time: event.time().map(Stamp),
        first_time: event.first.map(Stamp),
        r#type: clean.line(&event.kind),
        reason: clean.line(&event.reason),
        count: event.count,
        object: clean.line(&event.about.path()),
        uid: clean.some(Some(&event.about.uid)),
        container: clean.some(event.container.as_deref()),
        message: clean.line(event.message.trim()),
        from: clean.line(&event.component),
        field_path: clean.some(about),
    }
}
