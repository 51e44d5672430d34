//! One merged timeline.

use super::deaths::describe_end;
use super::history::{Death, DeathSource, TimelineEntry};
use super::scene::Scene;
use crate::evidence::{Authority, CaseFile, Event, Reporter, State};

/// Builds the timeline, oldest first.
pub(super) fn build(scene: &mut Scene<'_>, deaths: &[Death], everything: &CaseFile) -> Vec<TimelineEntry> {
    let mut rows = Vec::new();
    let mut events: Vec<&Event> = scene.events.clone();
    // What strangers report about the pod proves nothing, and is told all the same.
    let mine = |e: &&Event| e.about.kind == "Pod" && e.about.name == everything.target.name && e.about.namespace == everything.target.namespace;
    events.extend(everything.events.iter().filter(mine).filter(|e| !e.is_credible() && (e.about.uid.is_empty() || Some(&e.about.uid) == scene.uid.as_ref())));
    super::scene::sort_events(&mut events);
    for event in events {
        push_event(scene, &mut rows, event, actor_of(event));
    }
    let owners = scene.case.owners.clone();
    for owner in &owners {
        for event in scene.owner_events(owner) {
            push_event(scene, &mut rows, event, "owner");
        }
    }
    let mut node_events: Vec<&Event> = scene
        .case
        .node_events
        .iter()
        .filter(|e| e.kind == "Warning" || matches!(e.reason.as_str(), "NodeNotReady" | "NodeReady" | "Shutdown" | "NodeNotSchedulable"))
        .collect();
    super::scene::sort_events(&mut node_events);
    for event in node_events {
        if !matches!(event.reason.as_str(), "CgroupV1" | "InvalidDiskCapacity") {
            push_event(scene, &mut rows, event, "node");
        }
    }
    if let Some(pod) = scene.live {
        if let Some(deletion) = pod.deletion.clone() {
            let cited = scene.cite_pod(
                "metadata.deletionTimestamp",
                format!("deletion asked for with {} s of grace", deletion.grace_seconds),
                Some(deletion.requested),
                Authority::Controller,
            );
            rows.push(TimelineEntry {
                time: deletion.requested,
                actor: "user",
                what: format!("deletion asked for, {} s of grace", deletion.grace_seconds),
                cited,
            });
        }
        for c in &pod.containers {
            let ends = [(&c.state, "state"), (&c.last_state, "lastState")];
            for (state, field) in ends {
                if let State::Terminated(end) = state {
                    let path = format!("{}.{field}.terminated", c.path());
                    let cited = scene.cite_pod(path, describe_end(end), end.finished, Authority::Kubelet);
                    if let Some(t) = end.started.filter(|t| t.timestamp() > 0) {
                        rows.push(TimelineEntry { time: t, actor: "container", what: format!("{} started", c.name), cited });
                    }
                    if let Some(t) = end.finished {
                        let reason = if end.reason.is_empty() { "ended" } else { &end.reason };
                        rows.push(TimelineEntry {
                            time: t,
                            actor: "container",
                            what: format!("{} ended: {reason}, exit code {}", c.name, end.exit_code),
                            cited,
                        });
                    }
                }
            }
            if let State::Running { started: Some(t) } = c.state {
                let cited = scene.cite_pod(
                    format!("{}.state.running", c.path()),
                    format!("running since {}", crate::evidence::format_time(t)),
                    Some(t),
                    Authority::Kubelet,
                );
                rows.push(TimelineEntry { time: t, actor: "container", what: format!("{} started and still runs", c.name), cited });
            }
        }
    }
    for death in deaths.iter().filter(|d| matches!(d.from, DeathSource::Workflow | DeathSource::TaskRun | DeathSource::Job)) {
        if let (Some(time), Some(cited)) = (death.finished, death.cited.first()) {
            let code = death.exit_code.map(|c| format!(", exit code {c}")).unwrap_or_default();
            rows.push(TimelineEntry {
                time,
                actor: "owner",
                what: format!("{} ended: {}{code}", death.container, death.reason.as_deref().unwrap_or("failed")),
                cited: *cited,
            });
        }
    }
    // Within one moment a start comes before the end: the API's times have whole seconds.
    rows.sort_by(|a, b| (a.time, rank(a), a).cmp(&(b.time, rank(b), b)));
    rows.dedup_by(|a, b| a.time == b.time && a.what == b.what && a.actor == b.actor);
    rows
}

/// Starts first, then everything else, then ends; a container that starts in the second in which another ended comes last.
fn rank(entry: &TimelineEntry) -> u8 {
    match entry.actor {
        "container" if entry.what.ends_with(" started") => 0,
        "container" if entry.what.contains(" ended: ") => 2,
        "container" if entry.what.ends_with(" started and still runs") => 3,
        _ => 1,
    }
}

fn push_event(scene: &mut Scene<'_>, rows: &mut Vec<TimelineEntry>, event: &Event, actor: &'static str) {
    let Some(time) = event.time() else { return };
    let cited = scene.cite_event(event);
    let count = if event.count > 1 { format!(" (x{})", event.count) } else { String::new() };
    let container = event.container.as_deref().map(|c| format!("{c}: ")).unwrap_or_default();
    rows.push(TimelineEntry { time, actor, what: format!("{container}{}{count}: {}", event.reason, event.message), cited });
}

fn actor_of(event: &Event) -> &'static str {
    match event.reporter() {
        Reporter::Kubelet => "kubelet",
        Reporter::Kernel | Reporter::Runtime => "node",
        Reporter::Controller | Reporter::Workflow => "owner",
        Reporter::Other => "container",
    }
}
