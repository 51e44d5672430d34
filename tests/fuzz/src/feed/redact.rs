//! What is shown once may be shown again, by the same redactor or by another; no control character is left.

use a2::redact::{Redactor, show};

/// Feeds one input.
pub fn redact(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let redactor = Redactor::new();
    let once = redactor.show(&text);
    assert!(!once.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{once:?}");
    assert_eq!(redactor.show(&once), once);
    assert_eq!(show(&once), once, "a placeholder with a number is none to another redactor");
}
