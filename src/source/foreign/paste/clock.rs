//! The moment at which a printed text was made. Its events have ages only; a few of them belong to moments that the pod
//! states (when it was accepted, when a container started), and these tell what the ages count from.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;

use super::ages::Age;
use super::event_text::Row;
use crate::evidence::{Time, parse_time};

/// More runs of one pod's containers than this are not looked at: every row of a table looks at them.
const MAX_RUNS: usize = 100;

/// One stated run of a container.
struct Run<'a> {
    container: &'a str,
    started: Time,
    finished: Option<Time>,
}

/// First and last time of an event.
type Span = (Option<Time>, Option<Time>);

/// The moment of printing (`None` when no row has an age), and the first and last time of each row. `newest` is the newest
/// moment known otherwise: the text was not printed before it.
pub(super) fn settle(rows: &[Row], pods: &[&Value], newest: Time) -> (Option<Time>, Vec<Span>) {
    if rows.iter().all(|r| r.last.is_none()) {
        return (None, vec![(None, None); rows.len()]);
    }
    let mut named: BTreeMap<&str, &Value> = BTreeMap::new();
    for pod in pods {
        if let Some(name) = pod.pointer("/metadata/name").and_then(Value::as_str) {
            named.entry(name).or_insert(pod);
        }
    }
    let of = |row: &Row| match &row.object {
        None => pods.first().copied(),
        Some((_, name)) => named.get(name.as_str()).copied(),
    };
    let anchors = rows.iter().filter_map(|row| {
        let (pod, age) = (of(row)?, row.last?);
        Some((anchor(row, pod)? + TimeDelta::seconds(age.seconds), age.grain))
    });
    // The finest anchor is the best; each is a lower bound.
    let anchored = anchors.min_by_key(|(at, grain)| (*grain, std::cmp::Reverse(*at))).map(|(at, _)| at);
    let now = anchored.unwrap_or(newest).max(newest);
    let base = anchored.unwrap_or(now);
    let times = rows.iter().map(|row| {
        let at = |age: Option<Age>| age.map(|a| base - TimeDelta::seconds(a.seconds));
        let pod = of(row);
        let last = at(row.last).map(|t| snap(t, row, pod, row.last.map_or(1, |a| a.grain)));
        let first = if row.count > 1 { at(row.first).zip(last).map(|(f, l)| f.min(l)) } else { last };
        (first, last)
    });
    (Some(now), times.collect())
}

/// The stated moment of which a row speaks.
fn anchor(row: &Row, pod: &Value) -> Option<Time> {
    match row.reason.as_str() {
        "Scheduled" => pod.pointer("/status/startTime").and_then(Value::as_str).and_then(parse_time),
        "Started" => {
            let runs = runs(pod);
            let of: Vec<&Run<'_>> = runs.iter().filter(|r| row.container.as_deref().is_none_or(|c| r.container == c)).collect();
            let several = row.container.is_none() && of.iter().any(|r| of.first().is_some_and(|f| f.container != r.container));
            if several { None } else { of.iter().map(|r| r.started).max() }
        }
        _ => None,
    }
}

/// Puts an estimate onto the stated moment that it can only mean, where that lies within what the age leaves open.
fn snap(at: Time, row: &Row, pod: Option<&Value>, grain: i64) -> Time {
    let Some(pod) = pod else { return at };
    let slack = TimeDelta::seconds(grain * 2 + 2);
    let near = |t: &Time| (*t - at).abs() <= slack;
    let runs = runs(pod);
    let mine = || runs.iter().filter(|r| row.container.as_deref().is_none_or(|c| r.container == c));
    match row.reason.as_str() {
        "Scheduled" => anchor(row, pod).filter(near).unwrap_or(at),
        "Started" | "Created" | "Pulled" => mine().map(|r| r.started).filter(near).min_by_key(|t| (*t - at).abs()).unwrap_or(at),
        "Killing" | "Unhealthy" | "Evicted" | "Preempted" | "Preempting" | "TaintManagerEviction" | "NodeNotReady" => mine()
            .filter_map(|r| Some((r.started, r.finished?)))
            .filter(|(s, f)| *s <= at + slack && *f + slack >= at)
            .map(|(s, f)| at.clamp(s.min(f), f))
            .min_by_key(|t| (*t - at).abs())
            .unwrap_or(at),
        _ => at,
    }
}

fn runs(pod: &Value) -> Vec<Run<'_>> {
    let mut found = Vec::new();
    for list in ["/status/initContainerStatuses", "/status/containerStatuses"] {
        for status in pod.pointer(list).and_then(Value::as_array).into_iter().flatten() {
            let Some(container) = status.get("name").and_then(Value::as_str) else { continue };
            for state in ["/state/running", "/state/terminated", "/lastState/terminated"] {
                let time = |key: &str| status.pointer(&format!("{state}/{key}")).and_then(Value::as_str).and_then(parse_time);
                if let Some(started) = time("startedAt").filter(|t| t.timestamp() > 0) {
                    found.push(Run { container, started, finished: time("finishedAt") });
                }
                if found.len() >= MAX_RUNS {
                    return found;
                }
            }
        }
    }
    found
}
