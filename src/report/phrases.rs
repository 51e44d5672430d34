//! Phrases that more than one format says.

use serde_json::Value;

use super::json::v1::{ContainerStatus, GapRow, HorizonRow, Investigation, Stamp};
use super::words;
use crate::evidence::show_time;

/// One word or two for how the target stands, in capitals for a badge.
pub fn badge(document: &Investigation) -> &'static str {
    let verdict = &document.verdict;
    let family = verdict.cause.split('.').next().unwrap_or_default();
    match (family, verdict.silent, verdict.mechanism.as_str()) {
        (_, Some(true), _) => "SILENT FAILURE",
        ("healthy", ..) if document.silence.recovered_since.is_some() => "RECOVERED",
        ("healthy", ..) => "HEALTHY",
        ("disruption", ..) => "STOPPED",
        ("unknown", ..) => "UNKNOWN",
        (.., "not-started") => "CANNOT START",
        (.., "running") => "RUNS, BUT FAILS",
        _ if document.silence.recovered_since.is_some() => "FAILED, RUNS AGAIN",
        _ => "FAILED",
    }
}

/// Characters of a ticket's title, the pod's name apart: forges cut or refuse more than 255.
const TITLE: usize = 140;

/// The headline, as much of it as fits a title: whole clauses.
pub fn short_headline(document: &Investigation) -> String {
    let headline = &document.verdict.headline;
    let mut short = String::new();
    for clause in headline.split("; ") {
        let longer = if short.is_empty() { clause.to_owned() } else { format!("{short}; {clause}") };
        if !short.is_empty() && longer.chars().count() > TITLE {
            break;
        }
        short = longer;
    }
    if short.chars().count() <= TITLE {
        return short;
    }
    let cut: String = short.chars().take(TITLE).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}

/// Whether the verdict names a failure.
pub fn is_failure(document: &Investigation) -> bool {
    !document.verdict.cause.starts_with("healthy.") && !document.verdict.cause.starts_with("disruption.")
}

/// What the phase says.
pub fn phase_says(document: &Investigation) -> String {
    match &document.target.phase {
        Some(phase) => match document.pod.as_ref().and_then(|p| p.deletion_timestamp) {
            Some(_) => format!("{phase}, being deleted"),
            None => phase.clone(),
        },
        None => match document.target.exists {
            None => "nothing: the pod could not be seen".to_owned(),
            Some(false) if !document.target.traced => "nothing: no pod of this name is there".to_owned(),
            Some(false) => "nothing: the pod is gone".to_owned(),
            Some(true) => "nothing".to_owned(),
        },
    }
}

/// What the containers say: the effective status, then each container, the primary one first.
pub fn containers_say(document: &Investigation) -> String {
    let status = document.target.effective_status.as_deref().unwrap_or("not seen");
    let mut parts: Vec<(bool, String)> =
        document.containers.iter().filter(|c| c.kind != "init" || !is_done(c)).filter_map(|c| Some((!c.primary, one_container(c)?))).collect();
    if parts.is_empty() {
        for death in document.deaths.iter().rev().take(3) {
            let code = death.exit_code.map(|c| format!(", exit {c}")).unwrap_or_default();
            let reason = death.reason.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
            parts.push((!death.subject, format!("{} {}{reason}{code}", death.container, death.mechanism)));
        }
    }
    parts.sort_by_key(|p| p.0);
    let parts: Vec<String> = parts.into_iter().map(|p| p.1).collect();
    if parts.is_empty() { status.to_owned() } else { format!("{status}: {}", parts.join("; ")) }
}

fn is_done(c: &ContainerStatus) -> bool {
    c.state.terminated.as_ref().is_some_and(|t| t.exit_code == 0)
}

fn one_container(c: &ContainerStatus) -> Option<String> {
    let again = if c.restarts.unwrap_or(0) > 0 {
        format!(" after {}", words::plural(c.restarts.unwrap_or(0).unsigned_abs(), "restart", "restarts"))
    } else {
        String::new()
    };
    if let Some(t) = &c.state.terminated {
        let reason = t.reason.as_ref().map(|r| format!("{r}, ")).unwrap_or_default();
        return Some(format!("{} terminated ({reason}exit {}){again}", c.name, t.exit_code));
    }
    if c.state.running.is_some() {
        let ready = if c.ready == Some(false) { ", not ready" } else { "" };
        return Some(format!("{} running{ready}{again}", c.name));
    }
    if let Some(w) = &c.state.waiting {
        let reason = w.reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
        return Some(format!("{} waiting{reason}{again}", c.name));
    }
    c.exit_code.map(|code| format!("{} ended with exit {code}", c.name))
}

/// The silence in one line: dead for how long, held up by whom, ended by what. `None` when it is not silent.
pub fn silence(document: &Investigation) -> Option<String> {
    match document.verdict.silent {
        Some(true) => {
            let silence = &document.silence;
            let mut parts = Vec::new();
            if let Some(seconds) = silence.dead_for_seconds {
                parts.push(format!("dead for {}", words::span(seconds)));
            }
            let held = &document.verdict.held_up_by;
            if !held.is_empty() {
                parts.push(format!("held up by {}", held.join(", ")));
            }
            if document.target.exists == Some(true) {
                parts.push(match (&silence.ended_by, silence.ends_at) {
                    (Some(what), Some(at)) => format!("ended by {what} {}", until(at, document.observed_at)),
                    (Some(what), None) => format!("ended by {what}"),
                    _ => "nothing will end it".to_owned(),
                });
            }
            Some(parts.join("; "))
        }
        Some(false) => None,
        // Of what nothing remembers there is nothing to say.
        None if !document.target.traced => None,
        None => Some("no longer knowable whether it was dead behind a running phase".to_owned()),
    }
}

fn until(at: Stamp, now: Stamp) -> String {
    let seconds = (at.0 - now.0).num_seconds();
    if seconds >= 0 { format!("in {} (at {})", words::span(seconds), words::moment(at.0)) } else { format!("{} ago", words::span(seconds)) }
}

/// Names that tie the pod to work, as `key value` pairs.
pub fn work(document: &Investigation) -> Vec<(&'static str, String)> {
    let c = &document.context;
    let all = [
        ("workflow", &c.workflow),
        ("workflow node", &c.workflow_node),
        ("template", &c.template),
        ("task", &c.task),
        ("agent", &c.agent),
        ("service", &c.service),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect()
}

/// The moment that relative times count from: the death that the verdict is about, else the first row of the timeline.
pub fn zero(document: &Investigation) -> (Stamp, String) {
    if let Some(at) = document.verdict.died_at {
        let who = document.verdict.container.as_deref().unwrap_or("the pod");
        return (at, format!("0 is the end of {who}, {}", words::moment(at.0)));
    }
    match document.timeline.first() {
        Some(row) => (row.time, format!("0 is {}", words::moment(row.time.0))),
        None => (document.observed_at, format!("0 is now, {}", words::moment(document.observed_at.0))),
    }
}

/// One thing to do.
pub struct Step {
    /// `high`, `medium`, `low`, or `settle` for what would confirm or refute a cause.
    pub priority: String,
    /// What to do.
    pub what: String,
    /// A command that can be copied.
    pub command: Option<String>,
    /// A preview of the change, where there is one.
    pub patch: Option<Value>,
}

/// All things to do, by urgency: next steps, advice that goes with the path of the verdict, and what would settle it;
/// nothing twice.
pub fn steps(document: &Investigation) -> Vec<Step> {
    let mut all: Vec<Step> = Vec::new();
    let patch = |p: &Value| p.as_object().is_some_and(|m| !m.is_empty()).then(|| p.clone());
    for s in &document.next_steps {
        all.push(Step { priority: s.priority.clone(), what: words::sentence(&s.r#do), command: s.command.clone(), patch: None });
    }
    for remedy in document.causes.iter().filter(|c| c.on_path).flat_map(|c| &c.remedy) {
        match all.iter_mut().find(|s| s.what == remedy.r#do) {
            Some(step) => step.patch = patch(&remedy.patch),
            None => all.push(Step { priority: remedy.priority.clone(), what: remedy.r#do.clone(), command: None, patch: patch(&remedy.patch) }),
        }
    }
    all.sort_by_key(|s| ["high", "medium", "low"].iter().position(|p| *p == s.priority));
    for cause in document.causes.iter().filter(|c| c.confidence != "confirmed").take(3) {
        for command in &cause.would_confirm {
            if !all.iter().any(|s| s.command.as_ref() == Some(command)) {
                let what = format!("would confirm or refute {}:", cause.cause);
                all.push(Step { priority: "settle".to_owned(), what, command: Some(command.clone()), patch: None });
            }
        }
    }
    all
}

/// The ledger in one line: what it cost, and how each source answered.
pub fn ledger(document: &Investigation) -> String {
    let cost = format!("{}, {}", words::plural(document.cost.requests, "request", "requests"), words::bytes(document.cost.bytes));
    let sources: Vec<String> = document
        .sources
        .iter()
        .map(|s| if s.status == "ok" && !s.detail.is_empty() { format!("{} ok ({})", s.name, s.detail) } else { format!("{} {}", s.name, s.status) })
        .collect();
    if sources.is_empty() { cost } else { format!("{cost}; {}", sources.join(" · ")) }
}

/// The same in short: how many answered. What did not answer stands among the gaps.
pub fn short_ledger(document: &Investigation) -> String {
    let answered = document.sources.iter().filter(|s| s.status == "ok").count();
    let empty = document.sources.iter().filter(|s| s.status == "empty").count();
    let silent = document.sources.len() - answered - empty;
    let cost = format!("{}, {}", words::plural(document.cost.requests, "request", "requests"), words::bytes(document.cost.bytes));
    let rest = if silent > 0 { format!(", {silent} not") } else { String::new() };
    format!("{cost}; {} answered ({empty} with nothing){rest}; -o wide lists them", words::plural((answered + empty) as u64, "source", "sources"))
}

/// The gaps that a reader does not know already: that the pod is gone, and its log with it, is said above.
pub fn gaps(document: &Investigation) -> Vec<&GapRow> {
    let gone = document.target.exists == Some(false);
    let log_lost = document.horizon.iter().any(|r| r.lost && r.what.starts_with("logs of pod"));
    let known = |g: &GapRow| g.kind == "not-found" && gone && (g.verb == "get" && g.resource == "pods" || log_lost && g.resource == "pods/log");
    document.gaps.iter().filter(|g| !known(g)).collect()
}

/// One row of the horizon as a line.
pub fn horizon(row: &HorizonRow) -> String {
    let when = match (row.lost, row.at) {
        (true, Some(at)) => format!(" lost since about {}", show_time(at.0)),
        (true, None) => " lost".to_owned(),
        (false, Some(at)) => format!(" until about {}", show_time(at.0)),
        (false, None) => " kept for now".to_owned(),
    };
    format!("{}:{when}; {}", row.what, row.why)
}

/// The command that keeps what the horizon will take.
pub fn keep(document: &Investigation) -> Option<&str> {
    document.horizon.iter().find_map(|r| r.capture.as_deref())
}

/// Other pods that had this name, the latest first.
pub fn other_incarnations(document: &Investigation) -> Vec<String> {
    let target = &document.target;
    let time = |t: Option<Stamp>| t.map_or_else(|| "an unknown time".to_owned(), |t| words::moment(t.0));
    let others = target.incarnations.iter().rev().filter(|i| Some(&i.uid) != target.uid.as_ref());
    others.take(5).map(|i| format!("{}, seen from {} to {}; --uid {} picks it", i.uid, time(i.first_seen), time(i.last_seen), i.uid)).collect()
}
