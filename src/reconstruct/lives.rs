//! Facts about the subject itself: its death, its life, the pod around it, and the events that cover it.

use chrono::TimeDelta;

use super::CitationId;
use super::history::{Death, Mechanism, Silence, Subject, SubjectKind};
use super::kills::KillEvent;
use super::mechanism::{command_kills, command_timeout, signal_of};
use super::scene::Scene;
use super::subject::is_failure;
use crate::evidence::{Authority, Container, ContainerKind, Pod, Time};
use crate::signatures;

/// `subject.*` and `pod.*`.
pub(super) fn subject_facts(scene: &mut Scene<'_>, subject: &Subject, silence: &Silence) {
    scene.facts.hold("subject.kind", subject.kind.word(), []);
    scene.facts.hold("subject.role", subject.role, []);
    if let Some(c) = &subject.container {
        scene.facts.hold("subject.container", c.clone(), []);
    }
    scene.facts.hold("subject.pod", scene.case.target.name.clone(), []);
    scene.facts.hold("subject.namespace", scene.case.target.namespace.clone(), []);
    if let Some(node) = scene.pod.as_ref().and_then(|p| p.node.clone()) {
        scene.facts.hold("subject.node", node, []);
    }
    match scene.case.unseen().cloned() {
        Some(gap) => scene.facts.unseen("subject.exists", gap),
        None => scene.facts.hold("subject.exists", scene.live.is_some(), []),
    }
    scene.facts.hold("subject.recovered", subject.recovered_since.is_some(), []);
    if let Some(silent) = silence.silent {
        scene.facts.hold("subject.silent", silent, silence.cited.clone());
    }
    let policy = subject
        .container
        .as_deref()
        .and_then(|c| scene.container(c))
        .and_then(|c| c.restart_policy.clone())
        .or_else(|| scene.pod.as_ref().map(|p| p.restart_policy.clone()));
    if let (Some(policy), true) = (policy, scene.pod_from != "events") {
        scene.facts.hold("pod.restart_policy", policy, []);
    }
    let Some(pod) = scene.live else { return };
    let cited = scene.cite_pod("status.phase", pod.phase.clone(), None, Authority::Kubelet);
    scene.facts.hold("pod.phase", pod.phase.clone(), [cited]);
    if let Some(reason) = &pod.reason {
        let cited = scene.cite_pod("status.reason", format!("{reason}: {}", pod.message.clone().unwrap_or_default()), None, Authority::Kubelet);
        scene.facts.hold("pod.reason", reason.clone(), [cited]);
    }
    if let Some(deletion) = &pod.deletion {
        let cited = scene.cite_pod(
            "metadata.deletionTimestamp",
            format!("deletion asked for with {} s of grace", deletion.grace_seconds),
            Some(deletion.requested),
            Authority::Controller,
        );
        scene.facts.hold("pod.deleting", true, [cited]);
    }
    if let Some(c) = pod.condition("DisruptionTarget").filter(|c| c.status == "True") {
        let cited =
            scene.cite_pod(format!("status.conditions[{}]", c.index), format!("DisruptionTarget {}: {}", c.reason, c.message), c.since, Authority::Controller);
        scene.facts.hold("pod.disruption", c.reason.clone(), [cited]);
    }
}

/// `death.*`.
pub(super) fn death_facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death]) {
    scene.facts.hold("death.mechanism", subject.mechanism.word(), subject.death.and_then(|i| deaths.get(i)).map(|d| d.cited.clone()).unwrap_or_default());
    let container = subject.container.as_deref().and_then(|c| scene.container(c)).cloned();
    memory_limit(scene, container.as_ref());
    let Some(death) = subject.death.and_then(|i| deaths.get(i)).cloned() else { return };
    let status: Vec<CitationId> = death.cited.first().copied().into_iter().collect();
    scene.facts.hold("death.from", death.from.word(), status.clone());
    if let Some(code) = death.exit_code {
        scene.facts.hold("death.exit_code", code, status.clone());
        for tag in signatures::exit_code(code).tags {
            scene.facts.hold("death.code_tag", *tag, status.clone());
        }
        // A container that the runtime failed to start never had a signal, and 255 is an exit code.
        if let Some(signal) = signal_of(code).filter(|_| !matches!(death.mechanism, Mechanism::NotStarted | Mechanism::Lost)) {
            scene.facts.hold("death.signal", signal, status.clone());
        }
    }
    if let Some(reason) = &death.reason {
        scene.facts.hold("death.reason", reason.clone(), status.clone());
        if matches!(reason.as_str(), "ContainerStatusUnknown" | "RestartingAllContainers") {
            scene.facts.hold("death.fabricated", true, status.clone());
        }
    }
    if death.mechanism == Mechanism::NotStarted {
        scene.facts.hold("death.never_started", true, status.clone());
    }
    let lived = death.started.zip(death.finished).map(|(s, f)| (f - s).num_seconds().max(0));
    if let Some(lived) = lived {
        scene.facts.hold("death.lived_seconds", lived, status.clone());
    }
    if let Some(finished) = death.finished {
        scene.facts.hold("death.age_seconds", (scene.now() - finished).num_seconds().max(0), status.clone());
    }
    let mine: Vec<&Death> = deaths.iter().filter(|d| d.container == death.container).collect();
    let restarts = container.as_ref().map_or(0, |c| c.restarts);
    scene.facts.hold("death.count", (mine.len() as i64).max(restarts), status.clone());
    for other in &mine {
        if let Some(reason) = &other.reason {
            scene.facts.hold("any_death.reason", reason.clone(), other.cited.first().copied());
        }
        if let Some(code) = other.exit_code {
            scene.facts.hold("any_death.exit_code", code, other.cited.first().copied());
        }
    }
    kill_facts(scene, &death, container.as_ref());
    command_facts(scene, &death, container.as_ref(), lived);
    let lives: Vec<i64> = mine.iter().filter_map(|d| d.started.zip(d.finished)).map(|(s, f)| (f - s).num_seconds()).collect();
    if !lives.is_empty() && lives.iter().all(|l| *l <= 10) {
        scene.facts.hold("death.quick", true, status.clone());
    }
    if container.as_ref().is_some_and(|c| c.ready) || lived.is_some_and(|l| l > 120) {
        scene.facts.hold("death.was_ready", true, status);
    }
}

fn memory_limit(scene: &mut Scene<'_>, container: Option<&Container>) {
    let known = scene.pod.clone().filter(|p| scene.pod_from != "events" && !p.knows_no_status());
    let Some(pod) = known else {
        let gap = crate::evidence::Gap::new(
            crate::evidence::GapKind::NotFound,
            "get",
            "pods",
            "limits of the container",
            if scene.live.is_some() { "the pod's own description is not there" } else { "the pod is gone and no owner keeps its template" },
        );
        scene.facts.unseen("death.memory_limit", gap);
        return;
    };
    let own = container.and_then(|c| c.limits.get("memory").cloned());
    let (limit, field) = match (own, pod.memory_limit.clone()) {
        (Some(l), _) => (l, container.map(|c| format!("spec.{}[{}].resources.limits.memory", c.kind.spec_field(), c.index)).unwrap_or_default()),
        (None, Some(l)) => (l, "spec.resources.limits.memory".to_owned()),
        (None, None) => return,
    };
    let cited = scene.cite_pod(field, limit.clone(), None, Authority::Controller);
    scene.facts.hold("death.memory_limit", limit, [cited]);
    let tmpfs = container.is_some_and(|c| {
        c.mounts.iter().any(|m| {
            let path = pod.object.list("/spec/volumes").iter().find(|v| v.get("name").and_then(serde_json::Value::as_str) == Some(&m.volume));
            path.and_then(|v| v.pointer("/emptyDir/medium")).and_then(serde_json::Value::as_str) == Some("Memory")
        })
    });
    if tmpfs {
        scene.facts.hold("death.tmpfs", true, [cited]);
    }
}

fn kill_facts(scene: &mut Scene<'_>, death: &Death, container: Option<&Container>) {
    let Some(kill) = &death.killed else {
        if let Some(gap) = scene.events_gap() {
            scene.facts.unseen("death.kill_before_end", gap);
        }
        return;
    };
    scene.facts.hold("death.kill_before_end", true, [kill.cited]);
    let probe_grace = container.and_then(|c| c.probes.iter().filter_map(|(_, p)| p.grace).next()).filter(|_| kill.why.ends_with("-probe"));
    let grace = probe_grace.or_else(|| scene.pod.as_ref().map(|p| p.deletion.as_ref().map_or(p.grace_seconds, |d| d.grace_seconds)));
    if let (Some(grace), Some(at), Some(end)) = (grace, kill.time, death.finished) {
        let took = (end - at).num_seconds();
        if death.exit_code == Some(137) && took + 1 >= grace && took <= grace + 5 {
            scene.facts.hold("death.grace_ran_out", true, [kill.cited]);
        }
    }
}

/// The container's own command runs it under timeout(1), and it lived about that long or ended with that tool's code.
fn command_facts(scene: &mut Scene<'_>, death: &Death, container: Option<&Container>, lived: Option<i64>) {
    let Some(container) = container else { return };
    let limit = command_timeout(container);
    let kills = command_kills(container) && death.exit_code == Some(137);
    let by_time = limit.zip(lived).is_some_and(|(limit, lived)| limit > 0 && (lived - limit).abs() <= (limit / 20).max(2));
    let by_code = matches!(death.exit_code, Some(124 | 137 | 143));
    if limit.is_some() && (kills || by_time || death.exit_code == Some(124)) && by_code && death.killed.is_none() {
        let field = format!("spec.{}[{}].command", container.kind.spec_field(), container.index);
        let cited = scene.cite_pod(field, container.command.join(" "), None, Authority::Controller);
        scene.facts.hold("death.command_shows_timeout", true, [cited]);
    }
}

/// `run.*` and the health of the primary.
pub(super) fn run_facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death], silence: &Silence) {
    if subject.kind == SubjectKind::Completed {
        let cited = subject.death.and_then(|i| deaths.get(i)).map(|d| d.cited.clone()).unwrap_or_default();
        scene.facts.hold("run.completed", true, cited.clone());
        let deleting = scene.live.is_some_and(|p| p.deletion.is_some());
        if !silence.held_up_by.is_empty() && !deleting {
            scene.facts.hold("run.lingering", true, cited);
        }
        return;
    }
    let Some(container) = subject.container.as_deref().and_then(|c| scene.live.and_then(|p| p.container(c))).cloned() else { return };
    let cited = scene.cite_pod(
        format!("{}.ready", container.path()),
        format!("ready: {}, restarts: {}", container.ready, container.restarts),
        None,
        Authority::Kubelet,
    );
    scene.facts.hold("run.ready", container.ready, [cited]);
    scene.facts.hold("run.restarts", container.restarts, [cited]);
    if let crate::evidence::State::Running { started: Some(t) } = container.state {
        scene.facts.hold("run.seconds", (scene.now() - t).num_seconds().max(0), [cited]);
    }
    let window = scene.now() - TimeDelta::seconds(scene.case.options.since_seconds);
    let failed_lately = deaths.iter().any(|d| is_failure(d) && d.kind != ContainerKind::Init && d.finished.is_none_or(|f| f >= window));
    let deleting = scene.live.is_some_and(|p| p.deletion.is_some());
    let gate = scene.live.filter(|_| subject.kind == SubjectKind::Running && container.ready && !deleting).and_then(unmet_gate);
    if let Some((name, since)) = &gate {
        let cited = scene.cite_pod("spec.readinessGates", format!("condition {name} is not True"), *since, Authority::Controller);
        scene.facts.hold("run.gate_unmet", name.clone(), [cited]);
    }
    let running = subject.kind == SubjectKind::Running && subject.mechanism == Mechanism::Running;
    let well = running && container.ready && !failed_lately && !deleting && gate.is_none();
    scene.facts.hold("run.healthy", well, [cited]);
}

/// A readiness gate that keeps the pod out of service while all of its containers are ready (KEP-580), and since when.
fn unmet_gate(pod: &Pod) -> Option<(String, Option<Time>)> {
    let out = |kind: &str, status: &str| pod.condition(kind).is_some_and(|c| c.status == status);
    if !out("Ready", "False") || !out("ContainersReady", "True") {
        return None;
    }
    let gate = pod.unmet_gates().next()?.to_owned();
    Some((gate, pod.condition("Ready").and_then(|c| c.since)))
}

/// `events.*` and the horizon.
pub(super) fn event_facts(scene: &mut Scene<'_>, subject: &Subject, kills: &[KillEvent<'_>]) {
    let gap = scene.events_gap();
    if let Some(gap) = gap {
        for name in
            ["events.started", "events.backoff", "events.restarted_seconds_before", "events.missing_from_killing", "events.image_failed", "events.complete"]
        {
            scene.facts.unseen(name, gap.clone());
        }
        return;
    }
    let scheduled = scene.events.iter().any(|e| matches!(e.reason.as_str(), "Scheduled" | "FailedScheduling"));
    scene.facts.hold("events.complete", scheduled, []);
    if scene.events.is_empty() {
        scene.facts.hold("horizon.events_expired", true, []);
    }
    let mine = |c: Option<&String>| subject.container.is_none() || c == subject.container.as_ref();
    for event in scene.events_of("Started") {
        if mine(event.container.as_ref()) {
            let cited = scene.cite_event(event);
            scene.facts.hold("events.started", true, [cited]);
        }
    }
    restarts(scene, &mine, kills);
    for event in scene.events_of("BackOff") {
        if mine(event.container.as_ref()) && event.message.starts_with("Back-off restarting") {
            let cited = scene.cite_event(event);
            scene.facts.hold("events.backoff", true, [cited]);
        }
    }
    if scene.live.is_none()
        && let Some(name) = &subject.container
    {
        let killed = killed_main(scene, kills);
        if !killed.is_empty() && !killed.contains(name) && scene.facts.is("events.started") {
            let cited: Vec<CitationId> = kills.iter().map(|k| scene.cite_event(k.event)).collect();
            scene.facts.hold("events.missing_from_killing", true, cited);
        }
    }
}

/// A second start tells that the first instance ended, even when nothing tells how.
fn restarts(scene: &mut Scene<'_>, mine: &dyn Fn(Option<&String>) -> bool, kills: &[KillEvent<'_>]) {
    let started: Vec<_> = scene.events_of("Started").into_iter().filter(|e| mine(e.container.as_ref())).collect();
    let times: i64 = started.iter().map(|e| e.count.max(1)).sum();
    let Some((last, event)) = started.iter().filter_map(|e| Some((e.time()?, *e))).max_by_key(|(t, _)| *t) else { return };
    if times < 2 {
        return;
    }
    let stop = kills.iter().filter(|k| mine(Some(&k.container))).filter_map(|k| k.event.time()).filter(|t| *t >= last).min();
    let cited = scene.cite_event(event);
    scene.facts.hold("events.restarted_seconds_before", (stop.unwrap_or(scene.now()) - last).num_seconds(), [cited]);
}

/// Containers of the main list that were stopped with the pod; native sidecars are stopped at completion and tell nothing.
pub(super) fn killed_main(scene: &Scene<'_>, kills: &[KillEvent<'_>]) -> Vec<String> {
    let mut names: Vec<String> = kills
        .iter()
        .filter(|k| k.why == "stopping" && scene.container(&k.container).is_none_or(|c| c.kind == ContainerKind::Main))
        .map(|k| k.container.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}
