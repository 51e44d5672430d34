//! JSON Schema (draft 2020-12) of the documents, generated from their structs.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::v1;

/// The documents that a2 prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The answer of `a2 investigate`.
    Investigation,
    /// The answer of `a2 scan`.
    Scan,
    /// What is printed instead of an answer.
    Error,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Investigation, Self::Scan, Self::Error];

    /// Name of its file in `docs/schema`.
    pub fn file(self) -> &'static str {
        match self {
            Self::Investigation => "investigation.v1.json",
            Self::Scan => "scan.v1.json",
            Self::Error => "error.v1.json",
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
    }
    .to_value()
}
