//! "Now", where the source does not tell it, or tells one that lies before what has happened.

use chrono::TimeDelta;

use crate::evidence::{CaseFile, Gap, GapKind, State, Time};

/// Clocks of one cluster differ by seconds.
const ORDINARY: TimeDelta = TimeDelta::seconds(60);
/// A clock that was set to the wrong zone is off by half a day. What lies further ahead is no clock but somebody's text.
const BELIEVED: TimeDelta = TimeDelta::hours(24);

/// The latest moment that the evidence speaks of: a stand-in for "now" where the source tells none.
pub(super) fn newest(case: &CaseFile) -> Option<Time> {
    of_pod(case).max(of_events(case))
}

/// What the kubelet and the API server wrote into the pod.
fn of_pod(case: &CaseFile) -> Option<Time> {
    let pod = case.pod.as_ref()?;
    let states = pod.containers.iter().flat_map(|c| [&c.state, &c.last_state]).flat_map(|state| match state {
        State::Running { started } => [*started, None],
        State::Terminated(end) => [end.started, end.finished],
        State::Waiting { .. } | State::Absent => [None, None],
    });
    pod.conditions.iter().map(|c| c.since).chain([pod.created, pod.started]).chain(states).flatten().max()
}

fn of_events(case: &CaseFile) -> Option<Time> {
    case.events.iter().chain(&case.node_events).filter_map(|e| e.last).max()
}

/// Nothing can have happened after "now". Where a node's clock is ahead of the server's, or a proxy between tells another
/// time, ages count from the newest moment of the evidence instead, and a gap says so. The pod's own status is asked first:
/// events can be written by anyone who may create them.
pub(super) fn settle(case: &mut CaseFile) {
    let told = case.observed_at;
    let Some(newest) = of_pod(case).or_else(|| of_events(case)) else { return };
    let ahead = newest - told;
    if ahead <= ORDINARY || ahead > BELIEVED || told.timestamp() <= 0 {
        return;
    }
    case.observed_at = newest;
    let minutes = ahead.num_minutes();
    let why = format!("it is {minutes} min before the newest moment of the evidence, from which ages are counted instead");
    case.gaps.push(Gap::new(GapKind::Malformed, "", "", "the server's clock", why));
}
