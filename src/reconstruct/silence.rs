//! How the pod stands beyond its phase, and whether it is silently dead.

use chrono::TimeDelta;

use super::history::{Death, DeathSource, Mechanism, Primary, Silence, Subject, SubjectKind};
use super::scene::Scene;
use super::subject::is_failure;
use crate::evidence::{Authority, Container, ContainerKind, Pod, Time};

/// The effective status beside the phase (a primary that will be restarted counts as running).
pub(super) fn effective_status(scene: &Scene<'_>, primary: Option<&Primary>) -> &'static str {
    let Some(pod) = scene.live else { return "gone" };
    if pod.deletion.is_some() {
        return "stopping";
    }
    match pod.phase.as_str() {
        "Pending" => "created",
        "Succeeded" | "Failed" => "stopped",
        "Running" => {
            let over = primary
                .and_then(|p| pod.container(&p.container))
                .is_some_and(|c| c.state.terminated().is_some_and(|t| !c.restarts_after(t.exit_code, &pod.restart_policy)) || killed_for_good(scene, c, pod));
            if over { "stopped" } else { "running" }
        }
        _ => "created",
    }
}

/// Terminated by a probe kill that nothing will follow.
fn killed_for_good(scene: &Scene<'_>, container: &Container, pod: &Pod) -> bool {
    let policy = container.restart_policy.as_deref().unwrap_or(&pod.restart_policy);
    policy == "Never"
        && container.state.terminated().is_some()
        && scene.events.iter().any(|e| e.reason == "Killing" && e.container.as_deref() == Some(&container.name))
}

/// Silence (taxonomy): phase Running, the primary failed for good, another container keeps the pod up.
pub(super) fn silence(scene: &mut Scene<'_>, primary: Option<&Primary>, deaths: &[Death], subject: &Subject, names_in_killing: &[String]) -> Silence {
    let known = scene.live.filter(|p| !p.knows_no_status());
    let Some(pod) = known else { return silence_of_gone(scene, primary, deaths, subject, names_in_killing) };
    let mut silence = Silence { silent: Some(false), ..Silence::default() };
    let Some(container) = primary.and_then(|p| pod.container(&p.container)) else { return silence };
    let holders: Vec<String> = pod.of_kind(ContainerKind::Main).filter(|c| c.name != container.name && c.state.is_running()).map(|c| c.name.clone()).collect();
    let death = deaths.iter().find(|d| d.container == container.name && d.from == DeathSource::State);
    let end = container.state.terminated();
    let failed = match (end, death) {
        (Some(end), Some(death)) => {
            let bad = is_failure(death) || (end.exit_code == 0 && death.mechanism == Mechanism::Stopped);
            let policy = container.restart_policy.as_deref().unwrap_or(&pod.restart_policy);
            // A probe kill under OnFailure is restarted even after exit 0: only the policy decides (computePodActions).
            let probe_kill = death.killed.as_ref().is_some_and(|k| k.why.ends_with("-probe"));
            let restarts = if probe_kill { policy != "Never" } else { container.restarts_after(end.exit_code, &pod.restart_policy) };
            bad && !restarts
        }
        _ => false,
    };
    if end.is_some() && !holders.is_empty() && pod.phase == "Running" {
        silence.held_up_by = holders;
        silence.dead_since = end.and_then(|e| e.finished);
        silence.ends = what_ends_it(scene, pod);
    }
    if pod.phase == "Running" && pod.deletion.is_none() && failed && !silence.held_up_by.is_empty() {
        silence.silent = Some(true);
        let text = format!("phase Running, while {} is terminated and {} still runs", container.name, silence.held_up_by.join(", "));
        silence.cited.push(scene.cite_pod("status.phase", text, None, Authority::Kubelet));
    }
    silence
}

/// What will end a pod that lingers: deadlines of pod, Job or workflow.
fn what_ends_it(scene: &Scene<'_>, pod: &Pod) -> Option<(String, Time)> {
    let mut all = Vec::new();
    let mut add = |what: &str, from: Option<Time>, seconds: Option<i64>| {
        if let (Some(from), Some(delta)) = (from, seconds.and_then(TimeDelta::try_seconds))
            && let Some(at) = from.checked_add_signed(delta)
        {
            all.push((what.to_owned(), at));
        }
    };
    add("activeDeadlineSeconds of the pod", pod.started, pod.active_deadline_seconds);
    for owner in &scene.case.owners {
        let what = format!("activeDeadlineSeconds of {} {}", owner.object.kind(), owner.object.name());
        let from = owner.object.time("/status/startTime").or_else(|| owner.object.time("/status/startedAt"));
        add(&what, from, owner.object.int("/spec/activeDeadlineSeconds"));
    }
    all.into_iter().min_by_key(|(_, at)| *at)
}

/// For a gone pod: only what was proven before it went.
fn silence_of_gone(scene: &mut Scene<'_>, primary: Option<&Primary>, deaths: &[Death], subject: &Subject, killed: &[String]) -> Silence {
    let mut silence = Silence::default();
    if matches!(subject.kind, SubjectKind::NeverCreated | SubjectKind::Rejected) {
        silence.silent = Some(false); // What never ran kept nobody waiting.
        return silence;
    }
    let (Some(primary), Some(index)) = (primary, subject.death) else { return silence };
    let Some(death) = deaths.get(index).filter(|d| d.container == primary.container) else { return silence };
    let companions_stopped = killed.iter().any(|c| *c != primary.container && scene.container(c).is_none_or(|c| c.kind == ContainerKind::Main));
    let policy = scene.pod.as_ref().map(|p| p.restart_policy.clone());
    let probe_kill = death.killed.as_ref().is_some_and(|k| k.why.ends_with("-probe"));
    let no_restart_text = scene.events.iter().any(|e| {
        e.reason == "Killing"
            && e.container.as_deref() == Some(primary.container.as_str())
            && e.message.contains("probe")
            && !e.message.contains("will be restarted")
    });
    let killed_once = probe_kill && (no_restart_text || policy.as_deref() == Some("Never") && scene.pod_from == "owner-template");
    let stopped_later =
        scene.events.iter().any(|e| e.reason == "Killing" && e.message.starts_with("Stopping") && e.container.as_deref() == Some(primary.container.as_str()));
    let failed_node = death.from == DeathSource::Workflow && death.exit_code.is_some_and(|c| c != 0) && !killed.contains(&primary.container);
    if (killed_once && !stopped_later && companions_stopped) || (failed_node && companions_stopped) {
        silence.silent = Some(true);
        silence.held_up_by = killed.iter().filter(|c| **c != primary.container).cloned().collect();
        silence.dead_since = death.finished;
        silence.cited.clone_from(&death.cited);
    } else if probe_kill && !killed_once {
        silence.silent = Some(false);
    }
    silence
}
