//! A fingerprint that stays the same when the pod is renamed within its family: for tickets that must not be opened twice.

use super::kin::Kin;

/// FNV-1a, 64 bits: stable across releases and platforms, which the standard hasher is not.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Hash of namespace, family, container and cause: what a scan folds into one line. How the container stopped is left out: it reads
/// differently from moment to moment of one crash loop.
pub(super) fn fingerprint(namespace: &str, kin: &Kin, container: Option<&str>, cause: &str) -> String {
    format!("{:016x}", fnv(&[namespace, kin.family.as_str(), container.unwrap_or("-"), cause].join("\u{1f}")))
}
