//! From an investigation to text, in one step.

use super::json::v1;
use super::{Cleaner, Redaction, RenderOptions, json, markdown, table, yaml};
use crate::diagnosis::Investigation;
use crate::redact::Redactor;

/// The formats of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// The same on one line.
    JsonLine,
    /// The same in YAML.
    Yaml,
    /// A ticket.
    Markdown,
    /// A page that needs nothing else.
    Html,
}

/// The document behind every format, redacted. The same investigation gives the same placeholders.
pub fn document(investigation: &Investigation) -> v1::Investigation {
    document_with(investigation, &Redactor::new())
}

/// The document behind every format, cleaned with this redaction.
pub fn document_with(investigation: &Investigation, redaction: &dyn Redaction) -> v1::Investigation {
    json::investigation(investigation, &Cleaner::new(redaction))
}

/// Renders a document.
pub fn render(document: &v1::Investigation, format: Format, options: &RenderOptions) -> String {
    match format {
        Format::Table => table::render(document, options),
        Format::Json => json::render(document),
        Format::JsonLine => json::render_line(document),
        Format::Yaml => yaml::render(document),
        Format::Markdown => markdown::render(document, options),
        Format::Html => super::html::render(document, options),
    }
}
