//! JSON Schema (draft 2020-12) of the documents, generated from their structs.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::v1;
use crate::rules::{rule_schema, signature_schema};

/// The documents that a2 prints, and those that people write for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The answer of `a2 investigate`.
    Investigation,
    /// The answer of `a2 scan`.
    Scan,
    /// What is printed instead of an answer.
    Error,
    /// The answer of `a2 explain` and `a2 rules show`.
    Explanation,
    /// The answer of `a2 rules list`.
    Rules,
    /// The answer of `a2 rules check` and `a2 rules test`.
    RuleCheck,
    /// The answer of `a2 evaluate`.
    Evaluation,
    /// A file with a rule, as people write it.
    RuleFile,
    /// A file with signatures, as people write it.
    SignatureFile,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Investigation, Self::Scan, Self::Error, Self::Explanation, Self::Rules, Self::RuleCheck, Self::Evaluation, Self::RuleFile, Self::SignatureFile];

    /// Name of its file in `docs/schema`.
    pub fn file(self) -> &'static str {
        match self {
            Self::Investigation => "investigation.v1.json",
            Self::Scan => "scan.v1.json",
            Self::Error => "error.v1.json",
            Self::Explanation => "explanation.v1.json",
            Self::Rules => "rules.v1.json",
            Self::RuleCheck => "rule-check.v1.json",
            Self::Evaluation => "evaluation.v1.json",
            Self::RuleFile => "rule-file.json",
            Self::SignatureFile => "signature-file.json",
        }
    }
}

/// The schema of a document as it is written (what may be absent when reading is required here).
pub fn schema(document: Document) -> Value {
    let generator = || SchemaSettings::draft2020_12().for_serialize().into_generator();
    match document {
        Document::Investigation => generator().into_root_schema_for::<v1::Investigation>(),
        Document::Scan => generator().into_root_schema_for::<v1::Scan>(),
        Document::Error => generator().into_root_schema_for::<v1::Error>(),
        Document::Explanation => generator().into_root_schema_for::<v1::Explanation>(),
        Document::Rules => generator().into_root_schema_for::<v1::Rules>(),
        Document::RuleCheck => generator().into_root_schema_for::<v1::RuleCheck>(),
        Document::Evaluation => generator().into_root_schema_for::<v1::Evaluation>(),
        Document::RuleFile => return rule_schema(),
        Document::SignatureFile => return signature_schema(),
    }
    .to_value()
}
