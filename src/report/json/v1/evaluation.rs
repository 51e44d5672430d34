//! The answer of `a2 evaluate`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Stamp;

/// The answer of `a2 evaluate`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Evaluation"))]
    pub kind: &'static str,
    /// Labelled cases.
    pub cases: usize,
    /// When the first stage was recorded.
    pub recorded_from: Option<Stamp>,
    /// When the last stage was recorded.
    pub recorded_to: Option<Stamp>,
    /// Versions of the servers they were recorded from.
    pub servers: Vec<String>,
    /// Over all stages.
    pub figures: Figures,
    /// By stage.
    pub by_stage: Vec<Group>,
    /// By family of the labelled cause.
    pub by_family: Vec<Group>,
    /// How often each word of confidence is right.
    pub words: Vec<WordRow>,
    /// How often each range of probability is right.
    pub bins: Vec<BinRow>,
    /// What was taken for what.
    pub confusion: Vec<ConfusionRow>,
    /// What the rest of the rules says of a family that was left out.
    pub left_out: Vec<LeftOutRow>,
    /// Every verdict.
    pub outcomes: Vec<OutcomeRow>,
}

/// A share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// How many were right.
    pub right: usize,
    /// Of how many.
    pub of: usize,
    /// The share; null of nothing.
    pub share: Option<f64>,
}

/// Figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Labelled stages.
    pub count: usize,
    /// The first cause is right.
    pub top1: Share,
    /// One of the first three is.
    pub top3: Share,
    /// A right answer where there is one.
    pub answered: Share,
    /// `unknown` where nobody can know.
    pub abstained: Share,
    /// `confirmed` or `probable` where there is an answer.
    pub decided: Share,
    /// Mechanism.
    pub mechanism: Share,
    /// Container.
    pub container: Share,
    /// Silent failure or not.
    pub silent: Share,
    /// Who took the pod away.
    pub removal: Share,
    /// Mean squared distance between probability and outcome.
    pub brier: f64,
    /// Sure, and wrong, where nobody could know.
    pub overclaimed: usize,
    /// Median time of one, in milliseconds.
    pub median_milliseconds: f64,
    /// The slowest, in milliseconds.
    pub slowest_milliseconds: f64,
}

/// Figures of a group.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its figures.
    pub figures: Figures,
}

/// How often a word is right.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WordRow {
    /// The word.
    pub word: String,
    /// Verdicts with it that are right.
    pub right: Share,
}

/// How often a range of probability is right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BinRow {
    /// From, included.
    pub from: f64,
    /// To, excluded but for 1.
    pub to: f64,
    /// Mean of the probabilities.
    pub mean: f64,
    /// Verdicts in it that are right.
    pub right: Share,
}

/// One cause taken for another.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfusionRow {
    /// The labelled cause.
    pub truth: String,
    /// What was said.
    pub said: String,
    /// Where, as `case/stage`.
    pub stages: Vec<String>,
}

/// One family (or cause) left out.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftOutRow {
    /// The family or cause whose rules were taken away.
    pub family: String,
    /// Stages whose labelled cause is among them.
    pub count: usize,
    /// `unknown`, another accepted cause, or one that the cause would stand behind.
    pub honest: Share,
    /// Something else, `confirmed` or `probable`.
    pub overclaimed: usize,
    /// What was said instead, the most frequent first.
    pub said: Vec<String>,
}

/// One verdict.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeRow {
    /// Id of the case.
    pub case: String,
    /// Stage.
    pub stage: String,
    /// The labelled cause.
    pub truth: String,
    /// The cause named first.
    pub said: String,
    /// How sure.
    pub confidence: String,
    /// Its probability.
    pub probability: f64,
    /// It is the labelled cause or one that is accepted.
    pub right: bool,
    /// Collecting and judging, in milliseconds.
    pub milliseconds: f64,
}
