//! Deaths: every end of every container instance that the API states.

use std::collections::BTreeSet;

use super::history::{Death, DeathSource};
use super::kills::{self, KillEvent};
use super::mechanism::{self, PodStop};
use super::scene::Scene;
use crate::evidence::{Authority, Container, Event, Pod, Terminated, Time, format_time};

/// Pod-level reasons with which the kubelet stops a running pod (K/pkg/kubelet eviction, preemption, shutdown, deadline).
pub(super) const POD_STOP_REASONS: &[&str] = &["Evicted", "Preempting", "Terminated", "NodeShutdown", "DeadlineExceeded", "NodeLost", "Shutdown"];

/// Collects the deaths of all containers of a pod object, oldest first; the same death seen twice is one.
pub(super) fn collect<'a>(scene: &mut Scene<'a>, pod: &Pod, kills: &[KillEvent<'a>]) -> Vec<Death> {
    let stop = pod_stop(scene, pod);
    let mut deaths = Vec::new();
    let mut seen = BTreeSet::new();
    for container in &pod.containers {
        let states = [(&container.state, DeathSource::State, "state"), (&container.last_state, DeathSource::LastState, "lastState")];
        for (state, from, field) in states {
            let Some(end) = state.terminated() else { continue };
            let key = (container.name.clone(), end.container_id.clone(), end.finished, end.exit_code);
            if !seen.insert(key) {
                continue;
            }
            deaths.push(death(scene, pod, container, end, from, field, kills, stop));
        }
    }
    deaths.sort_by(|a, b| (a.finished, &a.container, a.from).cmp(&(b.finished, &b.container, b.from)));
    deaths
}

#[expect(clippy::too_many_arguments, reason = "private, one call; a struct would only rename the list")]
fn death<'a>(
    scene: &mut Scene<'a>,
    pod: &Pod,
    container: &Container,
    end: &Terminated,
    from: DeathSource,
    field: &str,
    kills: &[KillEvent<'a>],
    stop: PodStop,
) -> Death {
    let started = end.started.filter(|t| t.timestamp() > 0);
    let kill = kills::of_instance(kills, &container.name, started, end.finished, scene);
    let kernel = kernel_oom(scene, container, end);
    let mechanism = mechanism::of_end(end, kill.as_ref(), pod, container, stop, kernel.is_some());
    let path = format!("{}.{field}.terminated", container.path());
    let mut cited = vec![scene.cite_pod(path, describe_end(end), end.finished, Authority::Kubelet)];
    cited.extend(kill.as_ref().map(|k| k.cited));
    cited.extend(kernel.map(|event| scene.cite_event(event)));
    let log_previous = match from {
        DeathSource::State => Some(false),
        // The present log belongs to the instance after; with a terminated state as well, "previous" is the one before.
        DeathSource::LastState if container.state.terminated().is_none() => Some(true),
        _ => None,
    };
    Death {
        container: container.name.clone(),
        kind: container.kind,
        started,
        finished: end.finished,
        exit_code: Some(end.exit_code),
        reason: Some(end.reason.clone()).filter(|r| !r.is_empty()),
        message: end.message.clone(),
        mechanism,
        from,
        killed: kill,
        log_previous,
        cited,
    }
}

/// The kernel's line about this container's end by the OOM killer, where the node reports it and names the container or the
/// pod (`task_memcg=…`); a line that only agrees in time could be about any other.
fn kernel_oom<'a>(scene: &Scene<'a>, container: &Container, end: &Terminated) -> Option<&'a Event> {
    let finished = end.finished?;
    let near = |e: &&Event| e.time().is_some_and(|t| (t - finished).abs() <= chrono::TimeDelta::seconds(10));
    let alone = scene.pod.as_ref().is_some_and(|p| p.containers.len() == 1);
    scene
        .case
        .node_events
        .iter()
        .filter(|e| e.reason == "OOMKilling")
        .filter(near)
        .find(|e| super::kernel::names_container(scene, container, end, &e.message, alone))
}

/// One line about a stated end.
pub(super) fn describe_end(end: &Terminated) -> String {
    let mut text = format!("{} (exit code {})", if end.reason.is_empty() { "terminated" } else { &end.reason }, end.exit_code);
    if let (Some(s), Some(f)) = (end.started.filter(|t| t.timestamp() > 0), end.finished) {
        text.push_str(&format!(", {} to {}", format_time(s), format_time(f)));
    }
    if let Some(message) = &end.message {
        text.push_str(": ");
        text.push_str(message.trim());
    }
    text
}

/// Whether and when the pod as a whole was stopped from outside.
fn pod_stop(scene: &Scene<'_>, pod: &Pod) -> PodStop {
    let Some(reason) = pod.reason.as_deref().filter(|r| POD_STOP_REASONS.contains(r)) else { return PodStop::default() };
    let event = scene.events.iter().rev().find(|e| e.reason == reason || (reason == "Terminated" && e.reason == "NodeShutdown"));
    let from_event = event.and_then(|e: &&Event| e.first.or(e.last));
    let from_deadline = || -> Option<Time> {
        let seconds = pod.active_deadline_seconds.filter(|_| reason == "DeadlineExceeded")?;
        Some(pod.started? + chrono::TimeDelta::try_seconds(seconds)?)
    };
    let from_condition = || pod.condition("DisruptionTarget").filter(|c| c.status == "True").and_then(|c| c.since);
    let known = from_deadline().or(from_event);
    PodStop { at: known.or_else(from_condition), stopped: true, late: known.is_none() }
}
