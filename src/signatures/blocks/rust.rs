//! Rust: panics in every format the standard library has had, aborts, and what `main` returned.

use super::super::rows::Row;
use super::block::{BlockKind, ErrorPart};
use super::cursor::{Rows, indented, limit, logger, next, part, structured, words};
use super::find::{Found, make};

/// `thread 'main' (7) panicked at src/main.rs:1:2:`, the message below it; up to 1.72 the message stood in the line.
pub fn panic(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let text = row.text.trim_start();
    let rest = text.strip_prefix("thread '")?;
    let (name, rest) = rest.split_once('\'')?;
    let limit = limit(rows, at);
    let below = rest.trim_end().ends_with(':');
    let mut last = at;
    let mut errors = Vec::new();
    if below {
        // The message ends where the runtime's own note begins; without one it is a single row.
        let end = note(rows, at, limit);
        let first = next(rows, at + 1, limit, |r| !logger(r) && !r.is_blank()).unwrap_or(at);
        last = match end {
            Some(e) if e > first => e - 1,
            _ => first,
        };
        if first > at {
            errors = causes(rows, first, last);
        }
    }
    errors.push(part(rows, at, at));
    while let Some(j) = next(rows, last + 1, limit, closes) {
        last = j;
        if rows.get(j).is_some_and(|r| r.text.starts_with("stack backtrace:")) {
            while let Some(k) = next(rows, last + 1, limit, |r| indented(r) && !r.is_blank()) {
                last = k;
            }
        }
    }
    let mut found = make(rows, (at, last), "rust", BlockKind::Panic, errors)?;
    found.block.main = name == "main";
    found.block.thread = Some(name.to_owned());
    if !found.block.main {
        found.block.kind = BlockKind::Background;
    }
    Some(found)
}

/// The row where the runtime's note about this panic begins.
fn note(rows: Rows<'_, '_>, at: usize, limit: usize) -> Option<usize> {
    let mut foreign = 0;
    for j in at + 1..limit.min(at + 80) {
        let row = rows.get(j)?;
        if closes(row) {
            return Some(j);
        }
        foreign += usize::from(logger(row));
        let other = row.text.starts_with("thread '") || (row.line != rows.get(at)?.line && structured(rows, j));
        if other || foreign > 3 {
            return None;
        }
    }
    None
}

/// What the runtime prints below a message.
fn closes(row: &Row<'_>) -> bool {
    ["note: ", "stack backtrace:", "thread panicked while", "thread caused non-unwinding", "fatal runtime error: "].iter().any(|s| row.text.starts_with(s))
}

/// A message with a `Caused by:` list below: the innermost first, the outermost last.
fn causes(rows: Rows<'_, '_>, first: usize, last: usize) -> Vec<ErrorPart> {
    let mark = (first..=last).find(|&j| rows.get(j).is_some_and(|r| r.text.trim_end() == "Caused by:"));
    let Some(mark) = mark else { return vec![part(rows, first, last)] };
    let mut errors: Vec<ErrorPart> =
        (mark + 1..=last).rev().filter_map(|j| rows.get(j).filter(|r| indented(r) && !r.is_blank()).map(|r| words(rows, j, unnumbered(&r.text)))).collect();
    errors.push(part(rows, first, mark.saturating_sub(1).max(first)));
    errors
}

/// The runtime or the allocator gave up without unwinding.
pub fn abort(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let text = row.text.trim();
    let known = (text.starts_with("thread '") && text.contains("has overflowed its stack"))
        || (text.starts_with("memory allocation of ") && text.contains(" failed"))
        || text.starts_with("fatal runtime error: ")
        || text.starts_with("thread panicked while")
        || text.starts_with("thread caused non-unwinding");
    if !known {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit, closes) {
        last = j;
    }
    make(rows, (at, last), "rust", BlockKind::Native, vec![part(rows, at, last)])
}

/// `Error: …` as `main` prints what it returned: a `Debug` form, or a report with its causes below.
pub fn main(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let text = rows.get(at)?.text.as_ref();
    let rest = text.strip_prefix("Error:")?.trim();
    let limit = limit(rows, at);
    let mut last = at;
    // eyre numbers what it lists.
    let numbered = rest.is_empty() && rows.get(at + 1).is_some_and(|r| r.text.trim_start().starts_with("0: "));
    let head = at + 1..limit.min(at + 6);
    let mark = head.into_iter().find(|&j| rows.get(j).is_some_and(|r| r.text.trim_end() == "Caused by:"));
    let mut errors = Vec::new();
    if numbered || mark.is_some() {
        last = mark.unwrap_or(at);
        while let Some(j) = next(rows, last + 1, limit, |r| indented(r) && !r.is_blank()) {
            last = j;
        }
        for j in (mark.unwrap_or(at) + 1..=last).rev() {
            if let Some(r) = rows.get(j).filter(|r| !logger(r)) {
                errors.push(words(rows, j, unnumbered(&r.text)));
            }
        }
        if !rest.is_empty() {
            errors.push(part(rows, at, at));
        }
    } else {
        let debug = rest.starts_with('"') || debug_form(rest);
        if !debug || rows.get(at + 1).is_some_and(|r| r.text.trim_start().starts_with("at ")) {
            return None;
        }
        // The alternate form spreads a struct over several rows.
        if rest.ends_with(['{', '(']) {
            while let Some(j) = next(rows, last + 1, limit.min(at + 40), |r| indented(r) || r.text.starts_with(['}', ')'])) {
                last = j;
            }
        }
        errors.push(part(rows, at, last));
    }
    make(rows, (at, last), "rust", BlockKind::MainError, errors)
}

/// A cause without its number in the list.
fn unnumbered(row: &str) -> &str {
    let line = row.trim();
    line.split_once(": ").filter(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())).map_or(line, |(_, t)| t)
}

/// `Elapsed(())`, `Os { code: 111, … }`, `NotPresent`.
fn debug_form(rest: &str) -> bool {
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let after = rest.get(name.len()..).unwrap_or_default().trim_start();
    name.starts_with(|c: char| c.is_ascii_uppercase()) && (after.is_empty() || after.starts_with(['(', '{']))
}
