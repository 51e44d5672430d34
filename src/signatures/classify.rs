//! Single messages of the platform.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::evidence::LogLine;

use super::catalog::{Role, Scope};
use super::entity::{Entity, EntityKind, peers};
use super::finding::{Finding, ReadContext};
use super::own;
use super::platform;
use super::read::read;
use super::scan::{Hit, hits};

/// What a single message says: a waiting or termination message, an event of kubelet, scheduler or controller, the output
/// of a probe. The platform's own grammar comes first; words that a program wrote (termination messages, exec probes) are
/// read as log text. Deepest explanation first; empty when the words are unknown.
pub fn classify(text: &str) -> Vec<Finding> {
    if text.len() > LONGEST_RECENT || own::any() {
        return classify_anew(text);
    }
    if let Some(said) = RECENT.with_borrow(|recent| recent.iter().find(|(message, _)| message == text).map(|(_, said)| said.clone())) {
        return said;
    }
    let said = classify_anew(text);
    RECENT.with_borrow_mut(|recent| {
        recent.truncate(MOST_RECENT - 1);
        recent.push_front((text.to_owned(), said.clone()));
    });
    said
}

/// So many messages are remembered, of no more bytes.
const MOST_RECENT: usize = 16;
const LONGEST_RECENT: usize = 1024;

thread_local! {
    /// What was read last on this thread, and what it says: pods of one owner fail in the same words, and one pod repeats its own.
    static RECENT: RefCell<VecDeque<(String, Vec<Finding>)>> = const { RefCell::new(VecDeque::new()) };
}

fn classify_anew(text: &str) -> Vec<Finding> {
    let (mut found, own) = platform::findings(text);
    if own {
        return found;
    }
    for scope in [Scope::Log, Scope::Kernel] {
        // Several lines of a program's words are a small log of their own, read as if the program had ended with it.
        if scope == Scope::Log && text.trim_end().contains('\n') {
            let lines: Vec<LogLine> = text.lines().map(|l| LogLine { time: None, text: l.to_owned() }).collect();
            for f in read(&lines, &ReadContext::default()).ending.into_iter().flat_map(|e| e.findings) {
                if !found.iter().any(|o| o.cause == f.cause) {
                    found.push(f);
                }
            }
        }
        let mut hits: Vec<Hit> = text.lines().flat_map(|l| hits(scope, l, 0)).filter(|h| h.signature.cause.is_some()).collect();
        hits.sort_by_key(|h| (h.signature.role != Role::Cause, std::cmp::Reverse(h.signature.rank), h.span.0));
        for hit in &hits {
            if let Some(f) = finding(hit)
                && !found.iter().any(|o| o.cause == f.cause)
            {
                found.push(f);
            }
        }
    }
    found
}

/// The finding that a hit stands for; `None` for markers.
pub(super) fn finding(hit: &Hit) -> Option<Finding> {
    let peer_named = hit.entities.iter().any(|e| e.kind == EntityKind::Peer) || (hit.signature.peer_cause.is_some() && !peers(&hit.text).is_empty());
    let cause = if peer_named { hit.signature.peer_cause.or(hit.signature.cause) } else { hit.signature.cause }?;
    let mut entities = hit.entities.clone();
    if hit.signature.scope == Scope::Log {
        for value in peers(&hit.text) {
            let known = entities.iter().any(|e| e.kind == EntityKind::Peer && (e.value == value || value.starts_with(&format!("{}:", e.value))));
            if !known {
                entities.push(Entity { kind: EntityKind::Peer, value, line: hit.line });
            }
        }
    }
    Some(Finding { cause, signature: hit.signature.id, line: hit.line, text: hit.text.clone(), generic: hit.signature.role != Role::Cause, entities })
}
