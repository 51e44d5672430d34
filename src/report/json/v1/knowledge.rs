//! What a2 knows: rules, what words mean, what came of checking files of one's own.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer of `a2 explain` and `a2 rules show`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Explanation"))]
    pub kind: &'static str,
    /// What was asked.
    pub word: String,
    /// All it means.
    pub topics: Vec<Topic>,
}

/// One thing that a word means.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// `cause`, `family`, `exit code`, `reason`, `signal`, `signature`, `fact`, `mechanism` or `confidence`.
    pub kind: String,
    /// Its name as it is written.
    pub name: String,
    /// One line.
    pub title: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// Lists with their headings.
    pub lists: Vec<TopicList>,
}

/// A list with its heading.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopicList {
    /// The heading.
    pub heading: String,
    /// The items.
    pub items: Vec<String>,
}

/// The answer of `a2 rules list`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Rules"))]
    pub kind: &'static str,
    /// The rules in force, by cause.
    pub rules: Vec<RuleRow>,
    /// Ids of signatures of one's own.
    pub own_signatures: Vec<String>,
    /// What was done with files of one's own.
    pub notes: Vec<String>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleRow {
    /// Cause id.
    pub cause: String,
    /// One line.
    pub title: String,
    /// What the cause means.
    pub meaning: String,
    /// Whether a2 has a rule for it without files of one's own.
    pub builtin: bool,
    /// Files of one's own that made or changed it.
    pub files: Vec<String>,
}

/// The answer of `a2 rules check` and `a2 rules test`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleCheck {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "RuleCheck"))]
    pub kind: &'static str,
    /// Every file can be used, and every example leads where it says.
    pub ok: bool,
    /// The files that were read.
    pub files: Vec<String>,
    /// What is wrong with them.
    pub problems: Vec<RuleProblem>,
    /// What will be done with them.
    pub notes: Vec<String>,
    /// The examples that were tried; only by `a2 rules test`.
    pub examples: Vec<ExampleRow>,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleProblem {
    /// The file.
    pub file: String,
    /// Line, from 1; null when the error has no place.
    pub line: Option<usize>,
    /// Column, from 1.
    pub column: Option<usize>,
    /// What is wrong, and what was probably meant.
    pub message: String,
    /// The line itself.
    pub source_line: String,
}

/// One example.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExampleRow {
    /// Cause or signature id.
    pub of: String,
    /// `yes 1`, `no 2`.
    pub example: String,
    /// Whether it led where it says.
    pub passed: bool,
    /// What it led to.
    pub led_to: String,
}
