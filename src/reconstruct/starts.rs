//! What stands in the way of a start: waiting messages, start errors, events of kubelet, scheduler and controllers.

use super::CitationId;
use super::history::{Death, Mechanism, Subject, SubjectKind};
use super::scene::Scene;
use crate::evidence::{Authority, Condition, ContainerKind, Event, Reporter, State};
use crate::signatures;

/// Lays down the `start.*` facts.
pub(super) fn facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death]) {
    let death = subject.death.and_then(|i| deaths.get(i)).cloned();
    let start_error = death.as_ref().is_some_and(|d| d.mechanism == Mechanism::NotStarted);
    match subject.kind {
        SubjectKind::NeverCreated => return never_created(scene),
        SubjectKind::Rejected => return rejected(scene),
        SubjectKind::Waiting => {}
        SubjectKind::Death if start_error => {}
        _ => return,
    }
    if let Some(death) = death.filter(|_| start_error) {
        let cited = death.cited.clone();
        if let Some(reason) = &death.reason {
            scene.facts.hold("start.reason", reason.clone(), cited.clone());
        }
        if let Some(message) = &death.message {
            hold_causes(scene, message, &cited);
        }
    }
    if let Some(created) = scene.live.and_then(|p| p.created) {
        scene.facts.hold("start.waited_seconds", (scene.now() - created).num_seconds().max(0), []);
    }
    waiting_states(scene, subject);
    // The latest word counts: what stood in the way earlier may be gone.
    let reasons: &[&str] = &[
        "Failed",
        "InspectFailed",
        "ErrImageNeverPull",
        "FailedCreatePodSandBox",
        "FailedCreatePodContainer",
        "FailedMapVolume",
        "NetworkNotReady",
        "FailedToRetrieveImagePullSecret",
    ];
    let container = subject.container.clone();
    let about = |e: &Event| e.container.is_none() || container.is_none() || e.container == container || subject.role == "primary";
    let events: Vec<&Event> =
        scene.events.iter().copied().filter(|e| reasons.contains(&e.reason.as_str()) && e.reporter() == Reporter::Kubelet && about(e)).collect();
    for event in &events {
        let cited = scene.cite_event(event);
        if event.message.contains("mage") && event.reason != "FailedToRetrieveImagePullSecret" {
            scene.facts.hold("events.image_failed", true, [cited]);
        }
        hold_causes(scene, &event.message, &[cited]);
    }
    let created = scene.events.iter().any(|e| e.reason == "Created");
    if !created {
        mounts(scene);
    }
    unscheduled(scene);
    if scene.facts.get("start.cause").is_none()
        && let Some(gap) = scene.events_gap()
    {
        scene.facts.unseen("start.cause", gap);
    }
}

/// Classifies a message and holds what it names; `generic` findings only when nothing better is known.
fn hold_causes(scene: &mut Scene<'_>, message: &str, cited: &[CitationId]) {
    let findings = signatures::classify(message);
    let specific = findings.iter().any(|f| !f.generic);
    for finding in findings.iter().filter(|f| !f.generic || !specific).take(3) {
        scene.facts.hold("start.cause", finding.cause, cited.to_vec());
        scene.facts.hold("start.signature", finding.signature, cited.to_vec());
    }
}

fn waiting_states(scene: &mut Scene<'_>, subject: &Subject) {
    let Some(pod) = scene.live else { return };
    let blocked = subject.role == "init";
    for container in &pod.containers {
        let mine = subject.container.as_deref() == Some(&container.name) || subject.container.is_none();
        if blocked && matches!(container.kind, ContainerKind::Init | ContainerKind::Sidecar) && container.state.is_running() && mine {
            let cited = scene.cite_pod(format!("{}.state", container.path()), "init container still runs", None, Authority::Kubelet);
            scene.facts.hold("start.init_pending", true, [cited]);
            if let Some(wait) = super::waits::of_command(&container.command) {
                let text = format!("the command tries {} again and again", wait.peer);
                let cited = scene.cite_pod(format!("{}.command", container.path()), text, None, Authority::Controller);
                scene.facts.hold("start.waits_for", wait.peer, [cited]);
                scene.facts.hold("start.waits_how", wait.how, [cited]);
            }
        }
        let State::Waiting { reason, message } = &container.state else { continue };
        if !mine {
            continue;
        }
        let text = match message {
            Some(m) => format!("waiting: {reason}: {m}"),
            None => format!("waiting: {reason}"),
        };
        let cited = scene.cite_pod(format!("{}.state.waiting", container.path()), text, None, Authority::Kubelet);
        if !reason.is_empty() {
            scene.facts.hold("start.reason", reason.clone(), [cited]);
        }
        if let Some(meaning) = signatures::reason(signatures::ReasonOf::Waiting, reason) {
            let message_says = message.as_deref().map(signatures::classify).is_some_and(|f| f.iter().any(|f| !f.generic));
            if let ([only], false) = (meaning.causes, message_says) {
                scene.facts.hold("start.cause", *only, [cited]);
            }
        }
        if let Some(message) = message {
            hold_causes(scene, message, &[cited]);
        }
    }
}

/// FailedMount and FailedAttachVolume; a cache that is not yet in sync is noise of a busy node.
fn mounts(scene: &mut Scene<'_>) {
    let events: Vec<&Event> = scene.events.iter().copied().filter(|e| matches!(e.reason.as_str(), "FailedMount" | "FailedAttachVolume")).collect();
    for event in events {
        if event.message.contains("failed to sync") && event.message.contains("cache") {
            continue;
        }
        let cited = scene.cite_event(event);
        hold_causes(scene, &event.message, &[cited]);
    }
}

/// The scheduler's last word, in the condition or in its event.
fn unscheduled(scene: &mut Scene<'_>) {
    let placed = scene.live.is_some_and(|p| p.node.is_some()) || scene.events.iter().any(|e| e.reason == "Scheduled");
    if placed {
        return;
    }
    let condition = scene.live.and_then(|p| p.condition("PodScheduled")).filter(|c| c.status == "False").cloned();
    // "skip schedule deleting pod" is the scheduler's last word on a pod that goes; it says nothing of why it waited.
    let events: Vec<&Event> = scene.events_of("FailedScheduling").into_iter().filter(|e| !e.message.starts_with("skip schedule")).collect();
    if condition.is_none() && events.is_empty() {
        return;
    }
    let mut cited = Vec::new();
    let mut message = None;
    if let Some(c) = condition {
        cited.push(scene.cite_pod(
            format!("status.conditions[{}]", c.index),
            format!("PodScheduled=False {}: {}", c.reason, c.message),
            c.since,
            Authority::Controller,
        ));
        message = Some(c.message).filter(|m| !m.is_empty());
    }
    for event in events.iter().rev() {
        message.get_or_insert_with(|| event.message.clone());
        // What it said before counts where it says the same: numbers of nodes and tails differ from try to try.
        let causes = |m: &str| -> Vec<&'static str> { signatures::classify(m).into_iter().map(|f| f.cause).collect() };
        if message.as_deref().map(causes) == Some(causes(&event.message)) {
            cited.push(scene.cite_event(event));
        }
    }
    scene.facts.hold("start.unscheduled", true, cited.clone());
    if let Some(message) = message {
        hold_causes(scene, &message, &cited);
    }
}

/// The kubelet refused the pod: the reason is the cause's name, the message its measure.
fn rejected(scene: &mut Scene<'_>) {
    let (reason, cited) = match scene.live {
        Some(pod) => {
            let reason = pod.reason.clone().unwrap_or_default();
            let text = format!("{reason}: {}", pod.message.clone().unwrap_or_default());
            (reason, scene.cite_pod("status.reason", text, None, Authority::Kubelet))
        }
        None => {
            let refusal = |e: &&&Event| {
                e.component == "kubelet"
                    && (e.reason.starts_with("OutOf")
                        || matches!(
                            e.reason.as_str(),
                            "NodeAffinity" | "NodePorts" | "UnexpectedAdmissionError" | "NodeShutdown" | "Evicted" | "AppArmor" | "SysctlForbidden"
                        ))
            };
            let Some(event) = scene.events.iter().rev().find(refusal).copied() else { return };
            (event.reason.clone(), scene.cite_event(event))
        }
    };
    scene.facts.hold("pod.rejected", reason, [cited]);
}

/// `ReplicaFailure` on the owner, or its FailedCreate events.
fn never_created(scene: &mut Scene<'_>) {
    let Some(owner) = scene.case.owners.first().cloned() else { return };
    for c in Condition::read_list(&owner.object).into_iter().filter(|c| c.reason == "FailedCreate" && c.status == "True") {
        let cited = scene.cite_owner(&owner, format!("status.conditions[{}]", c.index), format!("{}: {}", c.reason, c.message), c.since);
        hold_create_cause(scene, &c.message, cited);
    }
    for event in scene.owner_events(&owner) {
        if event.reason == "FailedCreate" {
            let cited = scene.cite_event(event);
            hold_create_cause(scene, &event.message, cited);
        }
    }
}

fn hold_create_cause(scene: &mut Scene<'_>, message: &str, cited: CitationId) {
    let found: Vec<&'static str> = signatures::classify(message).into_iter().filter(|f| !f.generic).map(|f| f.cause).collect();
    // Whatever refuses the creation, the pod was never there: that is quota's family (quota, limit range, admission, ServiceAccount).
    scene.facts.hold("owner.create_cause", "scheduling.quota", [cited]);
    for cause in found {
        scene.facts.hold("owner.create_cause", cause, [cited]);
    }
}
