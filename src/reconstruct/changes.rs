//! What changed just before: context, never a cause by itself.

use chrono::TimeDelta;

use super::history::{Death, Siblings, Subject};
use super::scene::Scene;
use crate::evidence::{Container, Event, Owner, Pod, Time, format_time};

/// How long before the end a change counts as "just before".
const JUST_BEFORE: TimeDelta = TimeDelta::minutes(15);
/// Longer texts are cut in a line about a change.
const MAX_TEXT: usize = 120;
/// At most this many events are told.
const MAX_EVENTS: usize = 6;

/// The lines: the spec against the last sibling that fared well and against the owner's present template, then rollouts, scalings
/// and changes of the node around the end.
pub(super) fn read(scene: &Scene<'_>, siblings: &Siblings, subject: &Subject, deaths: &[Death]) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(mine) = scene.pod.as_ref() {
        let good = siblings.rows.iter().rev().find(|r| !r.failed && r.source == "live" && r.name != mine.name);
        if let Some(good) = good.and_then(|r| scene.case.siblings.iter().find(|p| p.name == r.name)) {
            pods(mine, good, &mut lines);
        }
        revision(scene, mine, &mut lines);
    }
    around(scene, end(scene, subject, deaths), &mut lines);
    lines
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT { text.to_owned() } else { text.chars().take(MAX_TEXT).chain(['…']).collect() }
}

/// What can be compared of a container, in words. Values of variables are not told: they may be secrets.
fn traits(pod: &Pod, container: &Container) -> Vec<(&'static str, String)> {
    let variables = container.spec(&pod.object).and_then(|s| s.get("env")?.as_array());
    let names: Vec<&str> = variables.into_iter().flatten().filter_map(|v| v.get("name")?.as_str()).collect();
    let probes: Vec<String> = container
        .probes
        .iter()
        .map(|(kind, p)| {
            format!("{} {:?} delay {} timeout {} period {} failures {}", kind.word(), p.handler, p.initial_delay, p.timeout, p.period, p.failure_threshold)
        })
        .collect();
    vec![
        ("image", container.image.clone()),
        ("memory limit", container.limits.get("memory").cloned().unwrap_or_default()),
        ("cpu limit", container.limits.get("cpu").cloned().unwrap_or_default()),
        ("command", container.command.join(" ")),
        ("set of variables", names.join(" ")),
        ("probes", probes.join("; ")),
    ]
}

fn pods(mine: &Pod, good: &Pod, lines: &mut Vec<String>) {
    for container in &mine.containers {
        let Some(other) = good.container(&container.name) else { continue };
        for ((what, here), (_, there)) in traits(mine, container).into_iter().zip(traits(good, other)) {
            if here != there && !here.is_empty() && !there.is_empty() {
                lines.push(format!("{what} of container {} differs from {}: {} there, {} here", container.name, good.name, cut(&there), cut(&here)));
            }
        }
        if let (Some(here), Some(there)) = (&container.image_id, &other.image_id) {
            // The same tag may stand for another image by now.
            if here != there && container.image == other.image {
                lines.push(format!("image digest of container {} differs from {} under the same tag: {there} there, {here} here", container.name, good.name));
            }
        }
    }
}

/// The pod's revision against the owner's present one: what a rollout changed.
fn revision(scene: &Scene<'_>, mine: &Pod, lines: &mut Vec<String>) {
    let is_above = |o: &&Owner| o.object.kind() == "Deployment" && scene.pod_from != "events";
    let Some(deployment) = scene.case.owners.iter().find(is_above) else { return };
    let Some(template) = deployment.object.at("/spec/template") else { return };
    let now = Pod::from_object(crate::evidence::Object::new(template.clone()));
    for container in &mine.containers {
        let Some(other) = now.container(&container.name) else { continue };
        for ((what, here), (_, there)) in traits(mine, container).into_iter().zip(traits(&now, other)) {
            if here != there && !here.is_empty() && !there.is_empty() {
                lines.push(format!(
                    "{what} of container {} is {} in Deployment {} now, and was {} in this pod",
                    container.name,
                    cut(&there),
                    deployment.object.name(),
                    cut(&here)
                ));
            }
        }
    }
}

/// The moment around which to look: the end, the last sign of a gone pod, or now for one that waits.
fn end(scene: &Scene<'_>, subject: &Subject, deaths: &[Death]) -> Option<Time> {
    let death = subject.death.and_then(|i| deaths.get(i)).and_then(|d| d.finished);
    let last = || scene.events.iter().filter_map(|e| e.time()).max();
    death.or_else(last).or_else(|| scene.live.is_some().then(|| scene.now()))
}

/// Whether an event tells of a change to the owner, the pod's size, or the node.
fn is_change(event: &Event) -> bool {
    match event.about.kind.as_str() {
        "Node" => matches!(
            event.reason.as_str(),
            "NodeNotReady"
                | "Rebooted"
                | "Starting"
                | "NodeNotSchedulable"
                | "NodeSchedulable"
                | "Shutdown"
                | "NodeHasInsufficientMemory"
                | "NodeHasDiskPressure"
                | "EvictionThresholdMet"
        ),
        "Pod" => matches!(event.reason.as_str(), "ResizeStarted" | "ResizeCompleted" | "ResizeError"),
        _ => matches!(event.reason.as_str(), "ScalingReplicaSet" | "SuccessfulRescale" | "Suspended" | "Resumed"),
    }
}

fn around(scene: &Scene<'_>, end: Option<Time>, lines: &mut Vec<String>) {
    let Some(end) = end else { return };
    let of_pod = |e: &&Event| e.about.kind != "Pod" || e.about.name == scene.case.target.name;
    let mut found: Vec<(Time, String)> = Vec::new();
    for event in scene.case.events.iter().chain(&scene.case.node_events).filter(of_pod).filter(|e| is_change(e)) {
        let Some(at) = event.time().filter(|t| *t <= end + TimeDelta::seconds(5) && end - *t <= JUST_BEFORE) else { continue };
        let before = (end - at).num_seconds().max(0);
        let before = if before < 120 { format!("{before} s") } else { format!("{} min", before / 60) };
        found.push((at, format!("{} {}, {before} before the end: {}", event.about.kind, event.about.name, cut(&event.message))));
    }
    if let Some(since) = scene.case.node.as_ref().and_then(|n| n.condition("Ready")).filter(|c| c.status != "True").and_then(|c| c.since) {
        found.push((since, format!("the node has not been ready since {}", format_time(since))));
    }
    found.sort();
    found.dedup();
    let skip = found.len().saturating_sub(MAX_EVENTS);
    lines.extend(found.into_iter().skip(skip).map(|(_, line)| line));
}
