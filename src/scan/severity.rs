//! How bad what an investigation found is, at this moment: what is broken, what is only beginning, and what is on its way out.

use chrono::TimeDelta;

use super::finding::Severity;
use super::remarks::{ends_within, is_stuck, words};
use crate::diagnosis::Investigation;
use crate::evidence::{Condition, Pod, ProbeKind, Reporter, Time};
use crate::reconstruct::{Mechanism, SubjectKind};
use crate::rules::Confidence;

/// What decides whether an investigation amounts to a finding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// Ends before this are history. Seconds.
    pub since: i64,
    /// How long a pod may be not ready, waiting or lingering. Seconds.
    pub grace: i64,
    /// How long it may run, where there is a limit, and whether the limit is its own.
    pub limit: Option<(i64, bool)>,
}

/// What a start waits for and may still come within the grace: a node that is being added, a Secret that an operator is about to
/// write, a volume that is being made, a peer that starts at the same time. The kubelet and the scheduler try again by themselves.
const MAY_STILL_COME: &[&str] = &["scheduling.", "storage.", "config.missing-reference", "image.registry", "dependency.", "node."];

/// How bad it is; `None` when nothing is wrong, or not yet.
pub(super) fn severity(investigation: &Investigation, measure: &Measure) -> Option<Severity> {
    let (case, history) = (&investigation.case, &investigation.history);
    let (now, cause) = (case.observed_at, investigation.verdict.cause.as_str());
    let grace = TimeDelta::seconds(measure.grace);
    let in_phase = |phase: &str| case.pod.as_ref().is_some_and(|p| p.phase == phase);
    let stuck = case.pod.as_ref().is_some_and(|p| is_stuck(p, now, measure.grace));
    match cause {
        // The work was done, and the pod failed all the same: what it was for may not know.
        "healthy.completed" if in_phase("Failed") && case.pod.as_ref().is_some_and(|p| p.deletion.is_none()) => return Some(Severity::Warning),
        "healthy.running" | "healthy.completed" => return None,
        "healthy.lingering" => return history.silence.dead_since.is_some_and(|t| now - t >= grace).then_some(Severity::Info),
        _ => {}
    }
    // Whatever ailed it, it is being taken away, and has its time for that. A node that is lost cannot carry it out.
    if !stuck && cause != "node.lost" && case.pod.as_ref().is_some_and(|p| p.deletion.is_some()) {
        return Some(Severity::Info);
    }
    if cause.starts_with("disruption.") {
        return Some(Severity::Warning);
    }
    if history.silence.silent == Some(true) {
        return Some(Severity::Critical);
    }
    match history.subject.kind {
        SubjectKind::Waiting => waiting(investigation, measure),
        SubjectKind::Running if history.subject.mechanism == Mechanism::Running => running(investigation, measure),
        // A companion that fails the whole pod is no side matter.
        _ if history.subject.role == "companion" && !in_phase("Failed") => Some(Severity::Warning),
        _ if in_phase("Succeeded") => {
            // What befell it on the way did not keep it from its end.
            since(investigation).is_none_or(|t| now - t <= window(measure)).then_some(Severity::Warning)
        }
        _ if history.subject.recovered_since.is_some() => Some(if ends_within(case, window(measure)).flaps() { Severity::Error } else { Severity::Warning }),
        _ => Some(Severity::Error),
    }
}

fn window(measure: &Measure) -> TimeDelta {
    TimeDelta::seconds(measure.since.clamp(0, 1 << 33))
}

/// It does not start.
fn waiting(investigation: &Investigation, measure: &Measure) -> Option<Severity> {
    let (history, cause) = (&investigation.history, investigation.verdict.cause.as_str());
    let young = history.facts.int("start.waited_seconds").is_some_and(|s| s < measure.grace);
    match cause {
        "unknown" if young => None,
        // It is held back on purpose (a queue), or on its way.
        "unknown" if is_gated(investigation) || is_pulling(investigation, measure) => Some(Severity::Info),
        _ if cause.starts_with("scheduling.") && a_node_comes(investigation, measure) => Some(Severity::Info),
        "unknown" => Some(Severity::Warning),
        _ if young && MAY_STILL_COME.iter().any(|c| cause.starts_with(c)) => Some(Severity::Warning),
        _ if history.subject.role == "companion" => Some(Severity::Warning),
        _ => Some(Severity::Error),
    }
}

/// How long a node that was ordered may take to join, and a large image to come. Seconds.
const COMES_WITHIN: i64 = 600;

/// Somebody holds it back from the scheduler until something else is done (KEP-3521).
fn is_gated(investigation: &Investigation) -> bool {
    let scheduled = investigation.case.pod.as_ref().and_then(|p| p.condition("PodScheduled"));
    scheduled.is_some_and(|c| c.status == "False" && c.reason == "SchedulingGated")
}

/// The last thing that the kubelet told, not long ago, is that an image is being pulled.
fn is_pulling(investigation: &Investigation, measure: &Measure) -> bool {
    let case = &investigation.case;
    let mine = case.events.iter().filter(|e| e.about.kind == "Pod" && e.about.name == case.target.name && e.reporter() == Reporter::Kubelet);
    let last = mine.max_by_key(|e| e.time()).filter(|e| e.reason == "Pulling").and_then(|e| e.time());
    last.is_some_and(|t| case.observed_at - t <= TimeDelta::seconds(COMES_WITHIN.max(measure.grace)))
}

/// An autoscaler has ordered a node for the pod not long ago (cluster-autoscaler: TriggeredScaleUp; Karpenter: Nominated), and
/// has not taken it back.
fn a_node_comes(investigation: &Investigation, measure: &Measure) -> bool {
    let case = &investigation.case;
    let latest = |reasons: &[&str]| {
        let mine = case.events.iter().filter(|e| e.about.name == case.target.name && reasons.contains(&e.reason.as_str()));
        mine.filter_map(|e| e.time()).max()
    };
    let ordered = latest(&["TriggeredScaleUp", "Nominated"]);
    let allowed = TimeDelta::seconds(COMES_WITHIN.max(measure.grace));
    ordered.is_some_and(|t| case.observed_at - t <= allowed && latest(&["NotTriggerScaleUp"]).is_none_or(|no| no < t))
}

/// It runs, and something is wrong with it all the same.
fn running(investigation: &Investigation, measure: &Measure) -> Option<Severity> {
    let (case, history, cause) = (&investigation.case, &investigation.history, investigation.verdict.cause.as_str());
    if history.facts.is("run.ready") && history.facts.get("run.gate_unmet").is_none() {
        return (cause != "unknown").then_some(Severity::Warning);
    }
    // Not ready for less than the grace: it may only be starting, or it is back in a moment.
    let young = unready_since(investigation).is_some_and(|t| case.observed_at - t < TimeDelta::seconds(measure.grace))
        || history.facts.int("run.seconds").is_some_and(|s| s < measure.grace.max(time_to_start(investigation)));
    let plain = cause == "probe.readiness" || investigation.verdict.confidence <= Confidence::Possible;
    (!young || !plain || says_no(investigation)).then_some(Severity::Warning)
}

/// How long the container may take to become ready by its own probes: what the startup probe allows while it has not succeeded, and
/// the delay before the readiness probe is asked at all. Seconds.
fn time_to_start(investigation: &Investigation) -> i64 {
    let name = investigation.history.subject.container.as_deref();
    let Some(container) = name.and_then(|name| investigation.case.pod.as_ref()?.container(name)) else { return 0 };
    let startup = container.probe(ProbeKind::Startup).filter(|_| container.started == Some(false));
    let allowed = startup.map_or(0, |p| p.initial_delay.saturating_add(p.period.saturating_mul(p.failure_threshold)));
    let delay = container.probe(ProbeKind::Readiness).filter(|p| p.initial_delay > 0).map_or(0, |p| p.initial_delay.saturating_add(p.period));
    allowed.max(delay)
}

/// The application listens, and answered its readiness probe with a refusal as often as the kubelet takes to believe it:
/// that is no slow start. A refused connection may be one.
fn says_no(investigation: &Investigation) -> bool {
    let (facts, subject) = (&investigation.history.facts, &investigation.history.subject);
    let container = subject.container.as_deref().and_then(|name| investigation.case.pod.as_ref()?.container(name));
    let Some(probe) = container.and_then(|c| c.probe(ProbeKind::Readiness)) else { return false };
    let answered = facts.has("probe.failure", &"unhealthy".into()) || facts.has("probe.failure", &"wrong-path".into());
    let events = investigation.case.events.iter().filter(|e| e.about.name == investigation.case.target.name && e.message.starts_with("Readiness"));
    let refusals: i64 = events.filter(|e| e.message.contains("statuscode: ") || e.message.contains("NOT_SERVING")).map(|e| e.count).sum();
    answered && refusals >= probe.failure_threshold.max(1)
}

/// Since when it stands as it does; `None` where nothing says.
pub(super) fn since(investigation: &Investigation) -> Option<Time> {
    let (case, history) = (&investigation.case, &investigation.history);
    let pod = case.pod.as_ref()?;
    let deletion = || pod.deletion.as_ref().map(|d| d.requested);
    let end = history.subject.death.and_then(|i| history.deaths.get(i)).and_then(|d| d.finished);
    match history.subject.kind {
        SubjectKind::Waiting | SubjectKind::Rejected => end.or_else(|| ended_before(investigation)).or(pod.created),
        SubjectKind::Running => end.or_else(deletion).or_else(|| unready_since(investigation)),
        SubjectKind::Completed => history.silence.dead_since.or(end).or_else(deletion),
        _ => end.or_else(deletion).or_else(|| over_since(investigation, pod)).or_else(|| unready_since(investigation)),
    }
}

/// The end of the instance before the one that cannot start.
fn ended_before(investigation: &Investigation) -> Option<Time> {
    let name = investigation.history.subject.container.as_deref()?;
    investigation.case.pod.as_ref()?.container(name)?.last_state.terminated()?.finished
}

/// When the pod turned unready; `None` for one that is ready.
fn unready_since(investigation: &Investigation) -> Option<Time> {
    let pod = investigation.case.pod.as_ref()?;
    [pod.condition("ContainersReady"), pod.condition("Ready")].into_iter().flatten().filter(|c| c.status != "True").find_map(|c| c.since)
}

/// When a pod ended whose containers tell no time: evicted by an older kubelet, or lost with its node.
fn over_since(investigation: &Investigation, pod: &Pod) -> Option<Time> {
    let told =
        |c: &&Condition| (c.kind == "DisruptionTarget" && c.status == "True") || (matches!(c.kind.as_str(), "Ready" | "ContainersReady") && c.status != "True");
    let by_condition = || pod.conditions.iter().filter(told).filter_map(|c| c.since).min();
    let mine = investigation.case.events.iter().filter(|e| e.about.name == pod.name && pod.reason.as_ref() == Some(&e.reason));
    mine.filter_map(|e| e.time()).max().or_else(by_condition)
}

/// A step that has run longer than it may. Without a limit of its own, a pod that is meant to run for good is none.
pub(super) fn overdue(investigation: &Investigation, measure: &Measure) -> Option<(String, Option<Time>)> {
    let (limit, own) = measure.limit?;
    let case = &investigation.case;
    let pod = case.pod.as_ref().filter(|p| p.phase == "Running" && p.deletion.is_none() && (own || p.restart_policy != "Always"))?;
    let started = pod.object.time("/status/startTime").or(pod.created)?;
    let ran = (case.observed_at - started).num_seconds();
    (ran >= limit).then(|| (format!("it has run for {}, its limit is {}", words(ran), words(limit)), Some(started)))
}
