//! Messages of the platform.

use a2::signatures::classify;

/// Feeds one input.
pub fn messages(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for finding in classify(&text) {
        assert!(!finding.cause.is_empty() && !finding.signature.is_empty());
    }
}
