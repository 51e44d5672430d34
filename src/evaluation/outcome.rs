//! One verdict beside the truth.

use std::collections::BTreeSet;

use super::label::{Label, family};
use crate::diagnosis::Investigation;
use crate::rules::causes::UNKNOWN;
use crate::rules::{Confidence, RuleSet};

/// Stages at which the pod is gone.
const GONE: [&str; 2] = ["deleted", "expired"];

/// What was said of one labelled stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Id of the case.
    pub case: String,
    /// Stage.
    pub stage: String,
    /// The labelled cause.
    pub truth: String,
    /// The cause named first.
    pub said: String,
    /// How sure.
    pub word: Confidence,
    /// Its probability.
    pub probability: f64,
    /// It is the labelled cause or one that is accepted.
    pub right: bool,
    /// A right one is among the first three.
    pub among_three: bool,
    /// A right answer other than `unknown`; `None` where `unknown` is the truth.
    pub answered: Option<bool>,
    /// `unknown`, or an accepted answer, where `unknown` is the truth.
    pub abstained: Option<bool>,
    /// `confirmed` or `probable` was said; `None` where `unknown` is the truth.
    pub decided: Option<bool>,
    /// The mechanism is right; `None` where it is not labelled.
    pub mechanism: Option<bool>,
    /// The container is right; `None` where it is not labelled.
    pub container: Option<bool>,
    /// `silent` is right; `None` where it is not labelled.
    pub silent: Option<bool>,
    /// The removal is right; `None` where it is not labelled.
    pub removal: Option<bool>,
    /// Sure, and wrong, where nobody could know.
    pub overclaimed: bool,
    /// Collecting and judging, in milliseconds.
    pub milliseconds: f64,
}

impl Outcome {
    /// Holds an investigation to its label.
    pub fn new(label: &Label, found: &Investigation, milliseconds: f64) -> Self {
        let truth = &label.truth;
        let verdict = &found.verdict;
        let right = truth.accepts(&verdict.cause);
        let sure = verdict.confidence >= Confidence::Probable;
        let known = truth.cause != UNKNOWN;
        let among = |n: usize| found.causes.iter().take(n).any(|c| truth.accepts(&c.cause));
        let is = |labelled: &Option<String>, said: Option<&str>| labelled.as_ref().map(|l| Some(l.as_str()) == said);
        Self {
            case: label.case.clone(),
            stage: label.stage.clone(),
            truth: truth.cause.clone(),
            said: verdict.cause.clone(),
            word: verdict.confidence,
            probability: verdict.probability,
            right,
            among_three: right || among(3),
            answered: known.then_some(right && verdict.cause != UNKNOWN),
            abstained: (!known).then_some(right),
            decided: known.then_some(sure),
            mechanism: is(&truth.mechanism, Some(found.history.subject.mechanism.word())),
            container: is(&truth.container, verdict.container.as_deref()),
            silent: truth.silent.map(|s| found.history.silence.silent == Some(s)),
            removal: is(&truth.removal, found.history.removal.as_ref().map(|r| r.kind)),
            overclaimed: GONE.contains(&label.stage.as_str()) && !known && sure && !right,
            milliseconds,
        }
    }

    /// Family of the labelled cause.
    pub fn family(&self) -> &str {
        family(&self.truth)
    }
}

/// What the other rules say of a case whose family of rules was taken away.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The family or cause whose rules were taken away.
    pub left_out: String,
    /// Id of the case.
    pub case: String,
    /// Stage.
    pub stage: String,
    /// The labelled cause.
    pub truth: String,
    /// What is said instead.
    pub said: String,
    /// How sure.
    pub word: Confidence,
    /// `unknown`, another accepted cause, or one that the cause would stand behind.
    pub honest: bool,
    /// Something else, `confirmed` or `probable`.
    pub overclaimed: bool,
}

impl LeftOut {
    /// Holds a verdict by the rest of the rules to a label. `all` are the rules before anything was taken away.
    pub fn new(what: &str, label: &Label, found: &Investigation, all: &RuleSet) -> Self {
        let said = &found.verdict.cause;
        let right = label.truth.acceptable.iter().chain([&label.truth.cause]);
        let honest = said == UNKNOWN || label.truth.accepts(said) || right.into_iter().any(|cause| parents(all, cause).contains(said));
        Self {
            left_out: what.to_owned(),
            case: label.case.clone(),
            stage: label.stage.clone(),
            truth: label.truth.cause.clone(),
            said: said.clone(),
            word: found.verdict.confidence,
            honest,
            overclaimed: !honest && found.verdict.confidence >= Confidence::Probable,
        }
    }
}

/// The causes that a cause may stand behind: what is left to say when it itself cannot be named.
pub fn parents(rules: &RuleSet, cause: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![cause.to_owned()];
    while let Some(at) = open.pop() {
        for next in rules.get(&at).into_iter().flat_map(|r| &r.explains).map(|e| &e.cause) {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}
