//! Killing events: the only mark the kubelet leaves when it stops a container.

use chrono::TimeDelta;

use super::history::Kill;
use super::scene::Scene;
use crate::evidence::{Event, Reporter, Time};

/// A Killing event with the instance it can belong to.
#[derive(Clone, Debug)]
pub(super) struct KillEvent<'a> {
    pub container: String,
    pub why: &'static str,
    pub event: &'a Event,
}

/// Reads the Killing events of the target, oldest first. Message grammar: K/pkg/kubelet/kuberuntime (`killContainer` callers).
pub(super) fn read<'a>(scene: &Scene<'a>) -> Vec<KillEvent<'a>> {
    scene
        .events
        .iter()
        .copied()
        .filter(|e| e.reason == "Killing" && e.reporter() == Reporter::Kubelet)
        .filter_map(|event| {
            let container = event.container.clone().or_else(|| only_container(scene))?;
            Some(KillEvent { container, why: why(&event.message), event })
        })
        .collect()
}

/// Why the kubelet stopped it, from the message.
fn why(message: &str) -> &'static str {
    let m = message;
    if m.contains("failed liveness probe") {
        "liveness-probe"
    } else if m.contains("failed startup probe") {
        "startup-probe"
    } else if m.contains("PostStartHook") {
        "hook"
    } else if m.contains("definition changed") || m.contains("resize") {
        "definition"
    } else if m.contains("\"unknown\" state") {
        "unknown-state"
    } else {
        "stopping"
    }
}

/// Some sentences name no container (`FailedPostStartHook`): of a pod with one container they can only mean that one.
fn only_container(scene: &Scene<'_>) -> Option<String> {
    match scene.pod.as_ref()?.containers.as_slice() {
        [only] => Some(only.name.clone()),
        _ => None,
    }
}

/// The kill that ended the instance `[started, finished]` of a container. An aggregated event only tells its first and last
/// time; three or more repeats around the instance are taken to include it.
pub(super) fn of_instance<'a>(kills: &[KillEvent<'a>], container: &str, started: Option<Time>, finished: Option<Time>, scene: &mut Scene<'a>) -> Option<Kill> {
    let slack = TimeDelta::seconds(1);
    let inside = |t: Time| started.is_none_or(|s| t + slack >= s) && finished.is_none_or(|f| t <= f + slack);
    let found = kills.iter().rev().filter(|k| k.container == container).find_map(|k| {
        let (first, last) = (k.event.first.or(k.event.last), k.event.time());
        let hit = [last, first].into_iter().flatten().find(|t| inside(*t));
        let between = k.event.count >= 3 && first.is_some_and(|t| finished.is_none_or(|f| t <= f)) && last.is_some_and(|t| started.is_none_or(|s| t >= s));
        match hit {
            Some(t) => Some((k, Some(t))),
            None if between => Some((k, None)),
            None => None,
        }
    });
    found.map(|(k, time)| Kill { time, why: k.why, cited: scene.cite_event(k.event) })
}
