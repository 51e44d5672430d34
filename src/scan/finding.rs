//! From an investigation to a finding.

use super::memory::Runs;
use super::remarks::remarks;
use super::severity::{Measure, overdue, severity, since};
use crate::diagnosis::Investigation;
use crate::evidence::Time;
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
    /// What it is counted with: the owner, or what stays the same while owners of generated names come and go.
    pub family: String,
    /// What its owner remembers of its runs, where it remembers.
    pub runs: Option<Runs>,
    /// The pod is over and stands as it ended (phase Failed): another may have taken its place.
    pub ended: bool,
    /// What tables fold it into: namespace, family, container and cause.
    pub group: String,
    /// One line.
    pub headline: String,
    /// Of the group: stable while pods, and owners of generated names, come and go.
    pub fingerprint: String,
}

/// The finding that an investigation amounts to; `None` when nothing is wrong, or not yet.
pub(super) fn of(investigation: &Investigation, measure: &Measure) -> Option<Finding> {
    let mut remarks = remarks(investigation, measure.since, measure.grace);
    let (severity, since) = match severity(investigation, measure) {
        Some(severity) => (severity, since(investigation)),
        None => {
            let (remark, since) = overdue(investigation, measure)?;
            remarks.push(remark);
            (Severity::Warning, since)
        }
    };
    Some(make(investigation, severity, since, &remarks))
}

fn make(investigation: &Investigation, severity: Severity, since: Option<Time>, remarks: &[String]) -> Finding {
    let (case, history) = (&investigation.case, &investigation.history);
    let mut finding = Finding::bare(investigation);
    finding.pod = Some(case.target.name.clone());
    finding.severity = severity;
    finding.since = since;
    finding.ended = case.pod.as_ref().is_some_and(|p| p.phase == "Failed");
    if finding.silent {
        finding.held_up_by.clone_from(&history.silence.held_up_by);
    }
    remarks.iter().for_each(|remark| finding.remark(remark));
    finding
}

impl Finding {
    /// What the verdict says, of no pod and of no time.
    pub(super) fn bare(investigation: &Investigation) -> Self {
        let (verdict, kin, namespace) = (&investigation.verdict, &investigation.kin, &investigation.case.target.namespace);
        Self {
            namespace: namespace.clone(),
            pod: None,
            severity: Severity::Error,
            silent: investigation.history.silence.silent == Some(true),
            exit_code: verdict.exit_code,
            cause: verdict.cause.clone(),
            confidence: verdict.confidence,
            mechanism: investigation.history.subject.mechanism.word(),
            since: None,
            held_up_by: Vec::new(),
            owner: kin.owner.clone(),
            family: kin.family.clone(),
            runs: None,
            ended: false,
            group: format!("{namespace}/{}/{}/{}", kin.family, verdict.container.as_deref().unwrap_or("-"), verdict.cause),
            container: verdict.container.clone(),
            headline: verdict.headline.clone(),
            fingerprint: investigation.fingerprint.clone(),
        }
    }

    /// Adds a remark to the headline.
    pub(super) fn remark(&mut self, remark: &str) {
        self.headline.push_str("; ");
        self.headline.push_str(remark);
    }
}
