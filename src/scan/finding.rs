//! From an investigation to a finding.

use chrono::TimeDelta;

use super::memory::Runs;
use super::remarks::{FLAPS_FROM, ends_since, is_stuck, remarks, words};
use crate::diagnosis::Investigation;
use crate::evidence::{CaseFile, ProbeKind, Time};
use crate::reconstruct::{Mechanism, SubjectKind};
use crate::rules::Confidence;

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing, nothing is broken.
    Info,
    /// Broken beside the work itself, or broken for a while and well again.
    Warning,
    /// Broken.
    Error,
    /// Broken and invisible to every alert on phases.
    Critical,
}

impl Severity {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Namespace.
    pub namespace: String,
    /// The pod; `None` for one that was never created.
    pub pod: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// Silent failure.
    pub silent: bool,
    /// Exit code of the death it is about.
    pub exit_code: Option<i64>,
    /// Cause id, or `unknown`.
    pub cause: String,
    /// Word.
    pub confidence: Confidence,
    /// Mechanism word.
    pub mechanism: &'static str,
    /// Since when.
    pub since: Option<Time>,
    /// Containers that keep the pod's phase at Running while this one is dead.
    pub held_up_by: Vec<String>,
    /// `Deployment/checkout`.
    pub owner: Option<String>,
    /// What its owner remembers of its runs, where it remembers.
    pub runs: Option<Runs>,
    /// What tables fold it into: namespace, owner (or workflow family), container and cause.
    pub group: String,
    /// One line.
    pub headline: String,
    /// Stable under renaming of the pod within its owner.
    pub fingerprint: String,
}

/// The owner that people know: the Deployment behind a ReplicaSet (its name less the template hash), the CronJob behind a Job.
pub(super) fn known_owner(case: &CaseFile) -> Option<String> {
    let pod = case.pod.as_ref()?;
    let owner = pod.owners.first()?;
    let parent = case.owners.iter().find(|o| o.object.name() == owner.name).and_then(|o| o.object.owners().first().cloned());
    if let Some(parent) = parent {
        return Some(format!("{}/{}", parent.kind, parent.name));
    }
    if owner.kind == "ReplicaSet"
        && let Some(name) = pod.labels.get("pod-template-hash").and_then(|h| owner.name.strip_suffix(&format!("-{h}")))
    {
        return Some(format!("Deployment/{name}"));
    }
    if owner.kind == "Job" {
        // <cronjob>-<minutes since 1970>.
        if let Some((cron, tick)) = owner.name.rsplit_once('-')
            && tick.len() >= 8
            && tick.bytes().all(|b| b.is_ascii_digit())
        {
            return Some(format!("CronJob/{cron}"));
        }
    }
    Some(format!("{}/{}", owner.kind, owner.name))
}

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

/// The finding that an investigation amounts to; `None` when nothing is wrong, or not yet.
pub(super) fn of(investigation: &Investigation, measure: &Measure) -> Option<Finding> {
    let (case, history) = (&investigation.case, &investigation.history);
    let deletion = case.pod.as_ref().and_then(|p| p.deletion.as_ref());
    let death = history.subject.death.and_then(|i| history.deaths.get(i));
    let mut remarks = remarks(investigation, measure.since, measure.grace);
    let (severity, since) = match severity(investigation, measure) {
        Some(severity) => {
            let created = case.pod.as_ref().and_then(|p| p.created);
            let waiting = created.filter(|_| matches!(history.subject.kind, SubjectKind::Waiting | SubjectKind::Rejected));
            let lingering = history.silence.dead_since.filter(|_| severity == Severity::Info);
            (severity, death.and_then(|d| d.finished).or(waiting).or(deletion.map(|d| d.requested)).or(lingering))
        }
        None => {
            let (remark, since) = overdue(investigation, measure)?;
            remarks.push(remark);
            (Severity::Warning, since)
        }
    };
    Some(make(investigation, severity, since, &remarks))
}

/// A step that has run longer than it may. Without a limit of its own, a pod that is meant to run for good is none.
fn overdue(investigation: &Investigation, measure: &Measure) -> Option<(String, Option<Time>)> {
    let (limit, own) = measure.limit?;
    let case = &investigation.case;
    let pod = case.pod.as_ref().filter(|p| p.phase == "Running" && p.deletion.is_none() && (own || p.restart_policy != "Always"))?;
    let started = pod.object.time("/status/startTime").or(pod.created)?;
    let ran = (case.observed_at - started).num_seconds();
    (ran >= limit).then(|| (format!("it has run for {}, its limit is {}", words(ran), words(limit)), Some(started)))
}

fn severity(investigation: &Investigation, measure: &Measure) -> Option<Severity> {
    let (case, history, verdict) = (&investigation.case, &investigation.history, &investigation.verdict);
    let now = case.observed_at;
    let grace = TimeDelta::seconds(measure.grace);
    let facts = &history.facts;
    let silent = history.silence.silent == Some(true);
    let below = |fact: &str| facts.int(fact).is_some_and(|s| s < measure.grace);
    let running = history.subject.kind == SubjectKind::Running;
    Some(match verdict.cause.as_str() {
        "healthy.running" | "healthy.completed" => return None,
        "healthy.lingering" if history.silence.dead_since.is_some_and(|t| now - t >= grace) => Severity::Info,
        "healthy.lingering" => return None,
        "disruption.deleted" if !case.pod.as_ref().is_some_and(|p| is_stuck(p, now, measure.grace)) => Severity::Info,
        cause if cause.starts_with("disruption.") => Severity::Warning,
        _ if silent => Severity::Critical,
        _ if history.subject.role == "companion" => Severity::Warning,
        "unknown" if running && facts.is("run.ready") => return None,
        "probe.readiness" if below("probe.not_ready_seconds") && !says_no(investigation) => return None,
        "probe.readiness" => Severity::Warning,
        _ if running && history.subject.mechanism == Mechanism::Running => {
            // Not ready for less than the grace, and nothing worse: it may only be starting.
            if below("run.seconds") && !facts.is("run.ready") && verdict.confidence <= Confidence::Possible {
                return None;
            }
            Severity::Warning
        }
        // It may only be starting.
        "unknown" if history.subject.kind == SubjectKind::Waiting && below("start.waited_seconds") => return None,
        "unknown" if history.subject.kind == SubjectKind::Waiting => Severity::Warning,
        _ if history.subject.recovered_since.is_some() => {
            let since = now - TimeDelta::seconds(measure.since.clamp(0, 1 << 33));
            if ends_since(case, since) >= FLAPS_FROM { Severity::Error } else { Severity::Warning }
        }
        _ => Severity::Error,
    })
}

/// The application listens, and answered its readiness probe with a refusal as often as the kubelet takes to believe it:
/// that is no slow start, so it needs no grace. A refused connection may be one.
fn says_no(investigation: &Investigation) -> bool {
    let (facts, subject) = (&investigation.history.facts, &investigation.history.subject);
    let container = subject.container.as_deref().and_then(|name| investigation.case.pod.as_ref()?.container(name));
    let Some(probe) = container.and_then(|c| c.probe(ProbeKind::Readiness)) else { return false };
    let answered = facts.has("probe.failure", &"unhealthy".into()) || facts.has("probe.failure", &"wrong-path".into());
    let events = investigation.case.events.iter().filter(|e| e.about.name == investigation.case.target.name && e.message.starts_with("Readiness"));
    let refusals: i64 = events.filter(|e| e.message.contains("statuscode: ") || e.message.contains("NOT_SERVING")).map(|e| e.count).sum();
    answered && refusals >= probe.failure_threshold.max(1)
}

fn make(investigation: &Investigation, severity: Severity, since: Option<Time>, remarks: &[String]) -> Finding {
    let (case, history, verdict) = (&investigation.case, &investigation.history, &investigation.verdict);
    let owner = known_owner(case);
    let family =
        history.context.get("template").map(|t| format!("template/{t}")).or_else(|| owner.clone()).unwrap_or_else(|| format!("Pod/{}", case.target.name));
    let container = verdict.container.clone();
    let mut headline = verdict.headline.clone();
    for remark in remarks {
        headline.push_str("; ");
        headline.push_str(remark);
    }
    let silent = history.silence.silent == Some(true);
    Finding {
        namespace: case.target.namespace.clone(),
        pod: Some(case.target.name.clone()),
        severity,
        silent,
        exit_code: verdict.exit_code,
        cause: verdict.cause.clone(),
        confidence: verdict.confidence,
        mechanism: history.subject.mechanism.word(),
        since,
        held_up_by: if silent { history.silence.held_up_by.clone() } else { Vec::new() },
        owner,
        runs: None,
        group: format!("{}/{family}/{}/{}", case.target.namespace, container.as_deref().unwrap_or("-"), verdict.cause),
        container,
        headline,
        fingerprint: investigation.fingerprint.clone(),
    }
}
