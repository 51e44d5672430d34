//! What a scan adds to a headline: what matters of many pods at once, and is no cause.

use chrono::TimeDelta;

use crate::diagnosis::Investigation;
use crate::evidence::{CaseFile, ContainerKind, Pod, State, Time};

/// From so many ends inside the window on, a pod that runs and is ready flaps.
pub(super) const FLAPS_FROM: i64 = 3;
/// The longest pause of the kubelet between two starts (MaxContainerBackOff), in seconds.
const LONGEST_BACK_OFF: i64 = 300;

/// How often containers of the pod ended inside the window, as far as the API still knows: the count of restarts where
/// the pod is younger than the window, else what the events count.
pub(super) fn ends_since(case: &CaseFile, since: Time) -> i64 {
    let Some(pod) = &case.pod else { return 0 };
    let restarts: i64 = pod.containers.iter().filter(|c| c.kind != ContainerKind::Init).map(|c| c.restarts).sum();
    if pod.created.is_some_and(|t| t >= since) {
        return restarts;
    }
    // Starts are counted as events, by container; of an aggregate only those inside the window can be told where all of it is.
    let counted = |reason: &str| -> i64 {
        let events = case.events.iter().filter(|e| e.about.name == pod.name && e.reason == reason && e.last.is_some_and(|t| t >= since));
        events.map(|e| if e.first.is_some_and(|t| t >= since) { e.count } else { 1 }).sum()
    };
    let ended = pod.containers.iter().filter(|c| c.last_state.terminated().is_some_and(|t| t.finished.is_some_and(|f| f >= since))).count() as i64;
    counted("Killing").max(counted("Started")).max(ended).min(restarts)
}

/// Remarks on a finding, in a fixed order.
pub(super) fn remarks(investigation: &Investigation, since_seconds: i64, grace_seconds: i64) -> Vec<String> {
    let (case, history) = (&investigation.case, &investigation.history);
    let Some(pod) = &case.pod else { return Vec::new() };
    let now = case.observed_at;
    let mut found = Vec::new();
    if history.subject.recovered_since.is_some() {
        let ends = ends_since(case, now - TimeDelta::seconds(since_seconds.clamp(0, 1 << 33)));
        if ends >= FLAPS_FROM {
            found.push(format!("it flaps: {ends} ends within {}", words(since_seconds)));
        }
    }
    found.extend(stuck(pod, now, grace_seconds));
    found.extend(left_dead(pod, now));
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
    pod.of_kind(ContainerKind::Main).find_map(|c| match &c.state {
        State::Terminated(t) if c.restarts_after(t.exit_code, &pod.restart_policy) => {
            let dead = (now - t.finished?).num_seconds();
            (dead > LONGEST_BACK_OFF + 60).then(|| format!("{} was not started again for {}, although its policy says so", c.name, words(dead)))
        }
        _ => None,
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
