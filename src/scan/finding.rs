//! From an investigation to a finding.

use chrono::TimeDelta;

use crate::diagnosis::Investigation;
use crate::evidence::{CaseFile, Time};
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
    /// `Deployment/checkout`.
    pub owner: Option<String>,
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

/// The finding that an investigation amounts to; `None` when nothing is wrong, or not yet.
pub(super) fn of(investigation: &Investigation, grace_seconds: i64) -> Option<Finding> {
    let (case, history, verdict) = (&investigation.case, &investigation.history, &investigation.verdict);
    let now = case.observed_at;
    let death = history.subject.death.and_then(|i| history.deaths.get(i));
    let grace = TimeDelta::seconds(grace_seconds);
    let facts = &history.facts;
    let silent = history.silence.silent == Some(true);
    let cause = verdict.cause.as_str();
    let deletion = case.pod.as_ref().and_then(|p| p.deletion.as_ref());
    let stuck = deletion.is_some_and(|d| now > d.deadline + grace);
    let severity = match cause {
        "healthy.running" | "healthy.completed" => return None,
        "healthy.lingering" => {
            let over = history.silence.dead_since.is_some_and(|t| now - t >= grace);
            return over.then(|| make(investigation, Severity::Info, history.silence.dead_since));
        }
        "disruption.deleted" if !stuck => Severity::Info,
        _ if cause.starts_with("disruption.") => Severity::Warning,
        _ if silent => Severity::Critical,
        _ if history.subject.role == "companion" => Severity::Warning,
        "unknown" if history.subject.kind == SubjectKind::Running && facts.is("run.ready") => return None,
        "probe.readiness" => {
            if facts.int("probe.not_ready_seconds").is_some_and(|s| s < grace_seconds) {
                return None;
            }
            Severity::Warning
        }
        _ if history.subject.kind == SubjectKind::Running && history.subject.mechanism == Mechanism::Running => {
            // Not ready for less than the grace, and nothing worse: it may only be starting.
            let young = facts.int("run.seconds").is_some_and(|s| s < grace_seconds);
            if young && !facts.is("run.ready") && verdict.confidence <= Confidence::Possible {
                return None;
            }
            Severity::Warning
        }
        "unknown" if history.subject.kind == SubjectKind::Waiting => {
            if facts.int("start.waited_seconds").is_some_and(|s| s < grace_seconds) {
                return None; // It may only be starting.
            }
            Severity::Warning
        }
        _ if history.subject.recovered_since.is_some() => {
            if facts.int("run.restarts").is_some_and(|r| r >= 3) {
                Severity::Error
            } else {
                Severity::Warning
            }
        }
        _ => Severity::Error,
    };
    let waiting_since = case.pod.as_ref().and_then(|p| p.created).filter(|_| matches!(history.subject.kind, SubjectKind::Waiting | SubjectKind::Rejected));
    let since = death.and_then(|d| d.finished).or(waiting_since).or(deletion.map(|d| d.requested));
    Some(make(investigation, severity, since))
}

fn make(investigation: &Investigation, severity: Severity, since: Option<Time>) -> Finding {
    let (case, history, verdict) = (&investigation.case, &investigation.history, &investigation.verdict);
    let owner = known_owner(case);
    let family =
        history.context.get("template").map(|t| format!("template/{t}")).or_else(|| owner.clone()).unwrap_or_else(|| format!("Pod/{}", case.target.name));
    let container = verdict.container.clone();
    Finding {
        namespace: case.target.namespace.clone(),
        pod: Some(case.target.name.clone()),
        severity,
        silent: history.silence.silent == Some(true),
        exit_code: verdict.exit_code,
        cause: verdict.cause.clone(),
        confidence: verdict.confidence,
        mechanism: history.subject.mechanism.word(),
        since,
        owner,
        group: format!("{}/{family}/{}/{}", case.target.namespace, container.as_deref().unwrap_or("-"), verdict.cause),
        container,
        headline: verdict.headline.clone(),
        fingerprint: investigation.fingerprint.clone(),
    }
}
