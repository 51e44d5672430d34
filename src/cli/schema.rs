//! `a2 schema [DOCUMENT]`.

use super::args::SchemaDocument;
use crate::report::json;

/// The JSON Schema of a document, as it is kept in `docs/schema`.
pub fn text(document: SchemaDocument) -> String {
    json::render(&json::schema(match document {
        SchemaDocument::Investigation => json::Document::Investigation,
        SchemaDocument::Scan => json::Document::Scan,
        SchemaDocument::Error => json::Document::Error,
        SchemaDocument::Explanation => json::Document::Explanation,
        SchemaDocument::Rules => json::Document::Rules,
        SchemaDocument::RuleCheck => json::Document::RuleCheck,
        SchemaDocument::Evaluation => json::Document::Evaluation,
        SchemaDocument::RuleFile => json::Document::RuleFile,
        SchemaDocument::SignatureFile => json::Document::SignatureFile,
    }))
}
