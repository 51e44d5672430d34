//! Documents as text.

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
