//! The document that is printed instead of an answer.

use super::convert::gap_row;
use super::v1;
use crate::evidence::Gap;
use crate::report::clean::Cleaner;

/// Builds the document of a failed run. `code` is the exit code, `hint` the next thing to type.
pub fn error(code: u8, message: &str, hint: Option<&str>, gaps: &[Gap], clean: &Cleaner<'_>) -> v1::Error {
    v1::Error {
        api_version: v1::API_VERSION,
        kind: "Error",
        code,
        message: clean.line(message),
        hint: hint.map(|h| clean.line(h)),
        gaps: gaps.iter().map(|g| gap_row(g, clean)).collect(),
    }
}
