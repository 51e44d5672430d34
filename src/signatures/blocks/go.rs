//! Go: panics, fatal errors of the runtime, goroutine dumps.

use super::super::rows::Row;
use super::block::BlockKind;
use super::cursor::{Rows, indented, limit, logger, next, part, words};
use super::find::{Found, make};

/// `panic: …` or `fatal error: …`, then the goroutines. Any goroutine's panic ends the process.
pub fn panic(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let text = rows.get(at)?.text.as_ref();
    if !(text.starts_with("panic: ") || text.starts_with("fatal error: ")) {
        return None;
    }
    let limit = limit(rows, at);
    let stack = (at + 1..limit.min(at + 24)).find(|&j| rows.get(j).is_some_and(opens));
    let mut errors = Vec::new();
    let mut last = at;
    if let Some(stack) = stack {
        // `panic: a [recovered]` and further panics below it: the first is the original.
        let end = (at + 1..stack).rev().find(|&j| rows.get(j).is_some_and(|r| !r.is_blank())).unwrap_or(at);
        let nested = (at + 1..=end).find(|&j| rows.get(j).is_some_and(|r| r.text.trim_start().starts_with("panic: "))).unwrap_or(end + 1);
        errors.push(part(rows, at, nested.saturating_sub(1).max(at)));
        for j in nested..=end {
            if let Some(r) = rows.get(j) {
                errors.push(words(rows, j, r.text.trim()));
            }
        }
        last = frames(rows, stack, limit);
    } else if text.starts_with("fatal error: ") && !text.contains("runtime") && !known_fatal(text) {
        return None;
    } else {
        errors.push(part(rows, at, at));
    }
    // The runtime says beforehand what it ran out of.
    let first = at.checked_sub(1).filter(|&j| rows.get(j).is_some_and(|r| r.text.starts_with("runtime: "))).unwrap_or(at);
    if first < at {
        errors.insert(0, part(rows, first, first));
    }
    make(rows, (first, last), "go", BlockKind::Panic, errors)
}

fn known_fatal(text: &str) -> bool {
    ["concurrent map", "all goroutines are asleep", "stack overflow", "out of memory", "cannot allocate", "unexpected signal", "sync: "]
        .iter()
        .any(|w| text.contains(w))
}

fn opens(row: &Row<'_>) -> bool {
    let t: &str = &row.text;
    (t.starts_with("goroutine ") && t.contains('[')) || t.starts_with("runtime stack:")
}

/// The last row of a dump that starts there.
fn frames(rows: Rows<'_, '_>, start: usize, limit: usize) -> usize {
    let frame = |r: &Row<'_>| {
        let t: &str = &r.text;
        r.is_blank()
            || indented(r)
            || opens(r)
            || t.starts_with("created by ")
            || t.starts_with("exit status ")
            || (t.ends_with(')') && t.contains('('))
            || (t.len() < 40 && t.contains(" 0x") && !logger(r))
            || t.starts_with("...additional frames elided")
    };
    let mut last = start;
    while let Some(j) = next(rows, last + 1, limit, frame) {
        last = j;
    }
    last
}

/// A dump that somebody asked for, or a fatal signal's.
pub fn dump(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    if !row.text.starts_with("SIGQUIT: quit") {
        return None;
    }
    let last = frames(rows, at, limit(rows, at));
    make(rows, (at, last), "go", BlockKind::Dump, vec![part(rows, at, at)])
}

/// A signal that arrived in C code.
pub fn signal(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    if !row.text.starts_with("SIGSEGV: ") {
        return None;
    }
    let last = frames(rows, at, limit(rows, at));
    make(rows, (at, last), "go", BlockKind::Panic, vec![part(rows, at, at)])
}

/// net/http catches what a handler panics with.
pub fn served(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let limit = limit(rows, at);
    let last = match next(rows, at + 1, limit, opens) {
        Some(s) => frames(rows, s, limit),
        None => at,
    };
    let mut found = make(rows, (at, last), "go", BlockKind::Logged, vec![part(rows, at, at)])?;
    found.block.caught = true;
    found.block.main = false;
    Some(found)
}
