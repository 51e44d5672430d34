//! Judging all labelled cases of a folder.

use std::path::Path;
use std::time::Instant;

use super::label::{Label, labels};
use super::outcome::{LeftOut, Outcome};
use crate::collect::{Extras, collect};
use crate::diagnosis::{diagnose, peers_named};
use crate::evidence::{Budget, CaseFile, Options, Target, Time};
use crate::rules::RuleSet;
use crate::source::bundle;

/// What came of all labelled cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// One per labelled stage.
    pub outcomes: Vec<Outcome>,
    /// One per labelled stage of a family that was left out.
    pub left_out: Vec<LeftOut>,
    /// Names of the cases.
    pub cases: usize,
    /// When the first and the last stage were recorded.
    pub recorded: Option<(Time, Time)>,
    /// The servers they were recorded from, by version.
    pub servers: Vec<String>,
}

/// Judges every labelled stage below a folder with these rules, and those of a family or cause in
/// `leave_out` once more without its rules.
///
/// # Errors
/// When the labels or a bundle cannot be read.
pub async fn evaluate(folder: &Path, rules: &RuleSet, leave_out: &[String]) -> anyhow::Result<Evaluation> {
    let labels = labels(folder)?;
    let without: Vec<(&String, RuleSet)> = leave_out.iter().map(|family| (family, rules.without(family))).collect();
    let mut evaluation = Evaluation::default();
    let mut last = None;
    for label in &labels {
        if last != Some(&label.case) {
            evaluation.cases += 1;
            last = Some(&label.case);
        }
        let started = Instant::now();
        let case = read(label).await?;
        let found = diagnose(case.clone(), rules);
        let took = started.elapsed().as_secs_f64() * 1000.0;
        evaluation.outcomes.push(Outcome::new(label, &found, took));
        for (what, rest) in without.iter().filter(|(what, _)| *what == label.truth.family() || **what == label.truth.cause) {
            evaluation.left_out.push(LeftOut::new(what, label, &diagnose(case.clone(), rest), rules));
        }
        let at = case.observed_at;
        evaluation.recorded = Some(evaluation.recorded.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        if let Some(version) = case.server_version.filter(|v| !evaluation.servers.contains(v)) {
            evaluation.servers.push(version);
        }
    }
    evaluation.servers.sort();
    Ok(evaluation)
}

async fn read(label: &Label) -> anyhow::Result<CaseFile> {
    let connection = bundle::open(&label.bundle)?;
    let target = Target { namespace: label.namespace.clone(), name: label.target.clone(), uid: label.truth.target_uid.clone() };
    let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
    Ok(collect(&connection, target, Options::default(), Budget::default(), extras).await?)
}
