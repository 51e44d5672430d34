//! What a scan adds to a headline: what matters of many pods at once, and is no cause.

use chrono::TimeDelta;

use crate::diagnosis::Investigation;
use crate::evidence::{CaseFile, Container, ContainerKind, Event, Pod, State, Time};

/// From so many ends inside the window on, a pod that runs and is ready flaps.
const FLAPS_FROM: i64 = 3;
/// The longest pause of the kubelet between two starts (MaxContainerBackOff), in seconds.
const LONGEST_BACK_OFF: i64 = 300;

/// How often a pod that runs and is ready was ended inside the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// So often at least, as far as the API still knows.
    Counted(i64),
    /// Nothing counts them, and the last life was a short one of many: it goes round in so many seconds.
    Round(i64, i64),
}

impl Ends {
    /// Whether it keeps being ended.
    pub(super) fn flaps(&self) -> bool {
        match self {
            Self::Counted(ends) => *ends >= FLAPS_FROM,
            Self::Round(..) => true,
        }
    }
}

/// How often the container of the pod that ended most often did so inside the window: the count of restarts where the pod is
/// younger than the window, else what the events count, else what its last life tells.
pub(super) fn ends_within(case: &CaseFile, window: TimeDelta) -> Ends {
    let (now, since) = (case.observed_at, case.observed_at - window);
    let Some(pod) = &case.pod else { return Ends::Counted(0) };
    let containers = || pod.containers.iter().filter(|c| c.kind != ContainerKind::Init && c.restarts > 0);
    let counted = containers().map(|c| ends_of(case, pod, c, since)).max().unwrap_or(0);
    if counted >= FLAPS_FROM {
        return Ends::Counted(counted);
    }
    let round = containers().filter(|c| c.restarts >= FLAPS_FROM).find_map(|c| {
        let (State::Running { started: Some(started) }, Some(last)) = (&c.state, c.last_state.terminated()) else { return None };
        let (began, ended) = (last.started?, last.finished?);
        // One that has outlived its predecessor may be well again.
        let (round, outlived) = (*started - began, now - *started >= ended - began);
        (began >= since && !outlived && round > TimeDelta::zero() && round * FLAPS_FROM as i32 <= window).then(|| Ends::Round(round.num_seconds(), c.restarts))
    });
    round.unwrap_or(Ends::Counted(counted))
}

fn ends_of(case: &CaseFile, pod: &Pod, container: &Container, since: Time) -> i64 {
    if pod.created.is_some_and(|t| t >= since) {
        return container.restarts;
    }
    // Starts are counted as events; of an aggregate only those inside the window can be told where all of it is.
    let mine = |e: &&Event| {
        e.about.name == pod.name && (e.about.uid.is_empty() || e.about.uid == pod.uid) && e.container.as_deref().is_none_or(|c| c == container.name)
    };
    let counted = |reason: &str| -> i64 {
        let events = case.events.iter().filter(mine).filter(|e| e.reason == reason && e.last.is_some_and(|t| t >= since));
        events.map(|e| if e.first.is_some_and(|t| t >= since) { e.count } else { 1 }).sum()
    };
    let ended = container.last_state.terminated().is_some_and(|t| t.finished.is_some_and(|f| f >= since));
    counted("Killing").max(counted("Started")).max(i64::from(ended)).min(container.restarts)
}

/// Remarks on a finding, in a fixed order.
pub(super) fn remarks(investigation: &Investigation, since_seconds: i64, grace_seconds: i64) -> Vec<String> {
    let (case, history) = (&investigation.case, &investigation.history);
    let Some(pod) = &case.pod else { return Vec::new() };
    let now = case.observed_at;
    let mut found = Vec::new();
    if history.subject.recovered_since.is_some() {
        match ends_within(case, TimeDelta::seconds(since_seconds.clamp(0, 1 << 33))) {
            Ends::Counted(ends) if ends >= FLAPS_FROM => found.push(format!("it flaps: {ends} ends within {}", words(since_seconds))),
            Ends::Round(seconds, restarts) => found.push(format!("it flaps: {restarts} restarts so far, the last after {}", words(seconds))),
            Ends::Counted(_) => {}
        }
    }
    found.extend(stuck(pod, now, grace_seconds));
    found.extend(left_dead(pod, now));
    if investigation.verdict.cause == "healthy.completed" && pod.phase == "Failed" {
        let failed = pod.of_kind(ContainerKind::Main).filter_map(|c| Some((c, c.state.terminated()?))).find(|(_, t)| t.exit_code != 0);
        let why = failed.map(|(c, t)| format!(": {} ended with exit code {}", c.name, t.exit_code)).unwrap_or_default();
        found.push(format!("the pod failed all the same{why}"));
    }
    if investigation.verdict.cause == "healthy.lingering" && pod.owners.iter().any(|o| o.kind == "Job") {
        found.push("its Job cannot complete".to_owned());
    }
    found
}

/// The deletion should have been over by now.
pub(super) fn is_stuck(pod: &Pod, now: Time, grace_seconds: i64) -> bool {
    pod.deletion.as_ref().is_some_and(|d| now > d.deadline + TimeDelta::seconds(grace_seconds))
}

fn stuck(pod: &Pod, now: Time, grace_seconds: i64) -> Option<String> {
    let deletion = pod.deletion.as_ref().filter(|_| is_stuck(pod, now, grace_seconds))?;
    let late = words((now - deletion.deadline).num_seconds());
    let finalizers: Vec<&str> =
        pod.object.at("/metadata/finalizers").and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    Some(match finalizers.is_empty() {
        true => format!("stuck in its deletion for {late}"),
        false => format!("stuck in its deletion for {late}, finalizers {}", finalizers.join(", ")),
    })
}

/// A container that stays dead although the kubelet should have started it again long ago.
fn left_dead(pod: &Pod, now: Time) -> Option<String> {
    if pod.phase != "Running" || pod.deletion.is_some() {
        return None;
    }
    pod.of_kind(ContainerKind::Main).find_map(|c| {
        let end = match &c.state {
            State::Terminated(t) if c.restarts_after(t.exit_code, &pod.restart_policy) => t,
            State::Waiting { reason, .. } if reason == "CrashLoopBackOff" => c.last_state.terminated()?,
            _ => return None,
        };
        let dead = (now - end.finished?).num_seconds();
        (dead > LONGEST_BACK_OFF + 60).then(|| format!("{} was not started again for {}, although its policy says so", c.name, words(dead)))
    })
}

/// A span in its largest unit that says enough.
pub(super) fn words(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{} d", s / 86_400),
    }
}
