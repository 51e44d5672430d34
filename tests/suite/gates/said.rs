//! What a report says, as far as a gate compares it.

use std::collections::BTreeSet;

use a2::diagnosis::{Investigation, diagnose};
use a2::evidence::CaseFile;
use a2::rules::{Confidence, RuleSet};

/// The slots of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub cause: String,
    pub mechanism: &'static str,
    pub container: Option<String>,
    pub silent: Option<bool>,
    pub word: Confidence,
    pub removal: Option<&'static str>,
}

impl Said {
    pub fn of(investigation: &Investigation) -> Self {
        Self {
            cause: investigation.verdict.cause.clone(),
            mechanism: investigation.history.subject.mechanism.word(),
            container: investigation.verdict.container.clone(),
            silent: investigation.history.silence.silent,
            word: investigation.verdict.confidence,
            removal: investigation.history.removal.as_ref().map(|r| r.kind),
        }
    }
}

pub fn judge(case: &CaseFile) -> Investigation {
    diagnose(case.clone(), RuleSet::builtin())
}

/// How two reports differ, in words; empty when they agree.
pub fn moved(before: &Investigation, after: &Investigation) -> Vec<String> {
    let (a, b) = (Said::of(before), Said::of(after));
    if a == b { Vec::new() } else { vec![format!("\n    was {a:?}\n    is  {b:?}")] }
}

/// Causes that a report calls confirmed.
pub fn confirmed(investigation: &Investigation) -> BTreeSet<&str> {
    investigation.causes.iter().filter(|c| c.confidence == Confidence::Confirmed).map(|c| c.cause.as_str()).collect()
}

/// Whether a cause says that something failed.
pub fn is_failure(cause: &str) -> bool {
    !(cause.starts_with("healthy.") || cause.starts_with("disruption.") || cause == "unknown")
}
