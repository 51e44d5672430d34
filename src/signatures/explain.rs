//! From a match to an explanation: which cause it speaks for, given what stands around it.

use super::blocks::{Block, BlockKind};
use super::catalog::Role;
use super::classify::finding;
use super::entity::{Entity, EntityKind, peers};
use super::finding::Finding;
use super::scan::Hit;
use super::units::Unit;

/// The explanation that a match offers, with the peer that the neighbourhood names when its own words name none.
pub(super) fn explain(hit: &Hit, units: &[Unit], at: usize, blocks: &[Block]) -> Option<Finding> {
    let own = finding(hit);
    let named = own.as_ref().is_some_and(|f| f.entities.iter().any(|e| e.kind == EntityKind::Peer));
    let wants = hit.signature.peer_cause.is_some() || own.as_ref().is_some_and(|f| f.cause.starts_with("dependency."));
    if named || !wants {
        return own;
    }
    let Some((peer, line)) = nearby(units, at, blocks) else { return own };
    let mut found = match own {
        Some(f) => f,
        None => {
            let generic = hit.signature.role != Role::Cause;
            Finding {
                cause: hit.signature.peer_cause?,
                signature: hit.signature.id,
                line: hit.line,
                text: hit.text.clone(),
                generic,
                entities: hit.entities.clone(),
            }
        }
    };
    found.cause = hit.signature.peer_cause.unwrap_or(found.cause);
    found.entities.push(Entity { kind: EntityKind::Peer, value: peer, line });
    Some(found)
}

/// A peer named in the block itself, else in one of the three units before.
fn nearby(units: &[Unit], at: usize, blocks: &[Block]) -> Option<(String, usize)> {
    let unit = units.get(at)?;
    if let Some(block) = unit.block.and_then(|b| blocks.get(b)) {
        for error in &block.errors {
            if let Some(p) = peers(&error.text).into_iter().next() {
                return Some((p, error.line));
            }
        }
    }
    for other in units.get(at.saturating_sub(3)..at)?.iter().rev() {
        if unit.times.0.zip(other.times.1).is_some_and(|(a, b)| (a - b).num_seconds() > 300) || inbound(&other.text) {
            continue;
        }
        if let Some(p) = peers(&other.text).into_iter().next() {
            return Some((p, other.lines.0));
        }
    }
    None
}

/// Lines about who calls the program, or where it listens, name no peer that it depends on.
fn inbound(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["listen", "running on", "serving", "started on", "bound to", "http/1.", "http/2", "remote_addr", "client_ip"].iter().any(|w| lower.contains(w))
        && !lower.contains("refused")
}

/// What a block says by its kind alone.
pub(super) fn generic(block: &Block) -> Option<Finding> {
    let error = block.errors.first()?;
    let (cause, signature) = match block.kind {
        BlockKind::Panic => ("crash.panic", "block.panic"),
        BlockKind::Native if block.language == "shell" => {
            if !["Segmentation", "Aborted", "Bus error", "Illegal", "Floating", "Trace"].iter().any(|w| error.text.contains(w)) {
                return None;
            }
            ("crash.native", "block.native")
        }
        BlockKind::Native if block.language == "rust" => ("crash.panic", "block.panic"),
        BlockKind::Native => ("crash.native", "block.native"),
        BlockKind::Startup if block.language == "shell" => ("config.command", "block.startup"),
        BlockKind::Startup => ("error.startup", "block.startup"),
        BlockKind::Logging => ("process.logging", "block.logging"),
        BlockKind::Dump => return None,
        BlockKind::Uncaught | BlockKind::Logged | BlockKind::MainError | BlockKind::Background => ("error.unhandled", "block.exception"),
    };
    Some(Finding { cause, signature, line: error.line, text: error.text.clone(), generic: true, entities: Vec::new() })
}

/// The same block in a program that runs on.
pub(super) fn generic_live(block: &Block) -> Option<Finding> {
    let mut f = generic(block).or_else(|| {
        let error = block.errors.first()?;
        Some(Finding { cause: "process.stalled", signature: "block.dump", line: error.line, text: error.text.clone(), generic: true, entities: Vec::new() })
    })?;
    (f.cause, f.signature) = match block.kind {
        BlockKind::Logging => ("process.logging", "block.logging"),
        BlockKind::Dump => ("process.stalled", "block.dump"),
        _ => ("process.background-task", "block.background"),
    };
    Some(f)
}

/// Errors of the program's own making: what a peer did a moment before does not explain them.
pub(super) fn own_mistake(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "KeyError",
        "TypeError",
        "AttributeError",
        "IndexError",
        "NameError",
        "UnboundLocalError",
        "ZeroDivisionError",
        "AssertionError",
        "NullPointerException",
        "IndexOutOfBounds",
        "ClassCastException",
        "NullReferenceException",
        "ReferenceError",
        "RangeError",
        "NoMethodError",
        "StackOverflowError",
        "RecursionError",
        "index out of bounds",
        "index out of range",
        "nil pointer",
        "on a `None` value",
        "attempt to ",
        "concurrent map",
        "unreachable code",
    ];
    WORDS.iter().any(|w| text.contains(w))
}
