//! YAML: the JSON documents in another notation.

use serde::Serialize;

/// One YAML document. The same document gives the same bytes.
pub fn render(document: &impl Serialize) -> String {
    // The documents hold strings, numbers and lists only: writing them into memory cannot fail.
    serde_yaml::to_string(document).unwrap_or_else(|_| "{}\n".to_owned())
}
