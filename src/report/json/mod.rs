//! JSON: a versioned set of structs of its own, its schema, and the way from the domain to it.

pub(crate) mod convert;
mod error;
mod schema;
pub mod v1;

pub use convert::investigation;
pub use error::error;
pub use schema::{Document, schema};

use serde::Serialize;

/// One JSON object, indented, with a line end. The same document gives the same bytes.
pub fn render(document: &impl Serialize) -> String {
    // The documents hold strings, numbers and lists only: writing them into memory cannot fail.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}

/// One JSON object on one line, with a line end (`-o jsonl`).
pub fn render_line(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string(document).unwrap_or_else(|_| "{}".to_owned());
    text.push('\n');
    text
}
