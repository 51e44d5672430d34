//! Causes and suspects.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::GapRow;

/// A cause with what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Cause id.
    pub cause: String,
    /// Of this id being the verdict's cause.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// How sure.
    #[schemars(extend("enum" = ["confirmed", "probable", "possible", "none"]))]
    pub confidence: String,
    /// Evidence for it.
    pub r#for: Vec<String>,
    /// Evidence against it.
    pub against: Vec<String>,
    /// The cheap read-only command that would settle it.
    pub would_confirm: Vec<String>,
    /// Advice, by priority.
    pub remedy: Vec<Remedy>,
    /// One-line title.
    pub title: String,
    /// Sentences for it, strongest first.
    pub signs: Vec<Sign>,
    /// Sentences against it, strongest first.
    pub signs_against: Vec<Sign>,
    /// What stood in the way of judging it.
    pub unseen: Vec<GapRow>,
    /// Part of the winning path.
    pub on_path: bool,
    /// Carried over from pods that run the same thing.
    pub from_siblings: bool,
}

/// What one sign says.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sign {
    /// The sentence.
    pub says: String,
    /// Log-odds that it adds.
    pub weight: f64,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    /// What to do.
    pub r#do: String,
    /// How urgent.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    pub priority: String,
    /// `inspect` only reads, `low` is easily undone, `change` changes what runs.
    #[schemars(extend("enum" = ["inspect", "low", "change"]))]
    pub risk: String,
    /// Preview of the change as a strategic merge patch; empty when there is none.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub patch: Value,
}

/// Where one of the usual suspects stands.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspect {
    /// The family of causes.
    #[schemars(extend("enum" = ["oom", "panic", "timeout", "dependency", "error"]))]
    pub family: String,
    /// Where it stands.
    #[schemars(extend("enum" = ["supported", "contradicted", "no-evidence", "not-knowable"]))]
    pub standing: String,
    /// What shows it.
    pub evidence: Vec<String>,
    /// In one line.
    pub note: String,
}
