//! What the platform's own messages need beyond patterns: how much of them counts, and what they name.

use std::sync::LazyLock;

use regex::Regex;

use super::catalog::{Role, Scope};
use super::entity::{Entity, EntityKind};
use super::finding::Finding;
use super::scan::{Hit, hits};

/// The part of a message that says why. What follows in the scheduler's messages tells why evicting others would not
/// help (kube-scheduler `preemption.go`), in the same words as the reasons themselves.
pub(super) fn reason_part(text: &str) -> &str {
    let tail = ["no new claims to deallocate", "preemption: ", "Preemption: "].iter().filter_map(|t| text.find(t)).min();
    match tail {
        Some(at) if text.get(..at).is_some_and(|head| head.contains("available")) => text.get(..at).unwrap_or(text),
        _ => text,
    }
}

/// Findings of the platform's own grammar, best first; only the best is meant, the others are generic. The second value
/// tells whether these are the platform's words, so that a program's signatures do not apply.
pub(super) fn findings(text: &str) -> (Vec<Finding>, bool) {
    let head = reason_part(text);
    // Mount helpers and drivers write several lines; one explanation may need the first line and the last.
    const WHOLE: [&str; 7] = ["MountVolume", "AttachVolume", "rpc error: code", "OCI runtime", "pull image", "is forbidden", "nodes are available"];
    let flat = if head.contains('\n') && WHOLE.iter().any(|w| head.contains(w)) { head.replace(['\n', '\r'], " ") } else { head.to_owned() };
    let mut hits: Vec<Hit> = flat.lines().flat_map(|l| hits(Scope::Platform, l, 0)).collect();
    let own = hits.iter().any(|h| (h.signature.cause.is_some() && h.signature.role == Role::Cause) || h.signature.tags.contains(&"final"));
    if hits.iter().any(|h| h.signature.tags.contains(&"transient")) {
        // "Could not be set up" is not worth more than its own reason.
        hits.retain(|h| h.signature.tags.contains(&"transient") || h.signature.rank >= 60);
    }
    hits.retain(|h| h.signature.cause.is_some());
    hits.sort_by_key(|h| (h.signature.role != Role::Cause, std::cmp::Reverse(h.signature.rank), h.span.0));
    let mut found: Vec<Finding> = Vec::new();
    for hit in hits {
        let Some(cause) = hit.signature.cause else { continue };
        if found.iter().any(|f| f.cause == cause) {
            continue;
        }
        let generic = hit.signature.role != Role::Cause || !found.is_empty();
        let mut entities = hit.entities;
        named(cause, &flat, &mut entities);
        found.push(Finding { cause, signature: hit.signature.id, line: 0, text: text.to_owned(), generic, entities });
    }
    (found, own)
}

static IMAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:[Ii]mage(?: tag| name)?|reference) \\*"(?P<quoted>[^"\\]+)\\*""#,
        r"|docker://(?P<source>[^\s:,]+(?::[0-9]+/[^\s:,]+)?(?::[A-Za-z0-9_.-]+)?)",
        r"|manifest for (?P<manifest>\S+) not found",
        r"|pull access denied for (?P<denied>[^\s,]+)",
    ))
    .ok()
});
static PEER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"https?://(?P<url>\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?|[A-Za-z0-9._-]+(?::[0-9]{1,5})?)",
        r"|lookup (?P<name>[A-Za-z0-9._-]+[A-Za-z0-9])",
        r"|dial (?:tcp|udp) (?P<address>\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}|[A-Za-z0-9._-]+:[0-9]{1,5})",
    ))
    .ok()
});
static VOLUME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"[Vv]olume(?:Mount)? \\*"(?P<v>[^"\\]+)\\*""#).ok());
static RESOURCE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"Insufficient (?P<r>[A-Za-z0-9./_-]*[A-Za-z0-9])").ok());
static CLAIM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i:persistentvolumeclaims?|PVC) \\*"(?P<c>[^"\\]+)\\*""#).ok());
static TAINT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"taint(?:\(s\))? \{(?P<t>[^:}]+)").ok());

/// Adds what a message of that family names besides what its pattern captured.
fn named(cause: &str, text: &str, entities: &mut Vec<Entity>) {
    let mut add = |kind: EntityKind, re: &LazyLock<Option<Regex>>| {
        for c in re.iter().flat_map(|r| r.captures_iter(text)) {
            for m in c.iter().skip(1).flatten() {
                let value = m.as_str().to_owned();
                if !entities.iter().any(|e| e.kind == kind && e.value == value) {
                    entities.push(Entity { kind, value, line: 0 });
                }
            }
        }
    };
    match cause.split('.').next().unwrap_or_default() {
        "image" => {
            add(EntityKind::Object, &IMAGE);
            add(EntityKind::Peer, &PEER);
        }
        "storage" => add(EntityKind::Object, &VOLUME),
        "config" => add(EntityKind::Object, &VOLUME),
        "scheduling" => {
            add(EntityKind::Object, &RESOURCE);
            add(EntityKind::Object, &CLAIM);
            add(EntityKind::Object, &TAINT);
        }
        _ => {}
    }
}
