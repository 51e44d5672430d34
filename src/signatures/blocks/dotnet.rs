//! .NET: unhandled and logged exceptions, fail-fast.

use super::super::rows::Row;
use super::block::{BlockKind, ErrorPart};
use super::cursor::{Rows, indented, limit, logger, next, part, structured, words};
use super::find::{Found, make};

/// `Unhandled exception. System.X: … ---> System.Y: …`.
pub fn unhandled(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    if !rows.get(at)?.text.trim_start().starts_with("Unhandled exception. ") {
        return None;
    }
    let limit = limit(rows, at);
    let frame = (at + 1..limit.min(at + 20)).find(|&j| rows.get(j).is_some_and(|r| r.text.trim_start().starts_with("at ")));
    walk(rows, at, frame.map_or(at, |f| f - 1), BlockKind::Uncaught)
}

/// A stack whose header stands above its first frame.
pub fn frames(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let line = rows.get(at)?.line;
    let inside = rows.get(at)?.inner;
    let mut head = at.checked_sub(1).filter(|&j| rows.get(j).is_some_and(|r| r.line == line || (!inside && !structured(rows, j))))?;
    for j in (at.saturating_sub(12)..at).rev() {
        let Some(row) = rows.get(j) else { break };
        if (row.line != line && (inside || structured(rows, j))) || row.is_blank() {
            break;
        }
        head = j;
        if class(&row.text) || logger(row) {
            break;
        }
    }
    if rows.get(head).is_some_and(Row::is_blank) {
        return None;
    }
    walk(rows, head, at - 1, BlockKind::Logged)
}

fn class(text: &str) -> bool {
    let name = text.trim_start().split([':', ' ']).next().unwrap_or_default();
    name.ends_with("Exception") && !text.trim_start().starts_with("at ")
}

fn walk(rows: Rows<'_, '_>, head: usize, message: usize, kind: BlockKind) -> Option<Found> {
    let limit = limit(rows, head);
    let mut last = message;
    let mut parts: Vec<ErrorPart> = Vec::new();
    let mut split = |first: usize, end: usize| {
        let whole = part(rows, first, end);
        for piece in whole.text.split("---> ") {
            let piece = piece.trim_start_matches("(Inner Exception #0) ").trim();
            if !piece.is_empty() {
                parts.push(words(rows, first, piece));
            }
        }
    };
    split(head, message);
    let wants = |r: &Row<'_>| {
        let t = r.text.trim_start();
        t.starts_with("at ") && (indented(r) || r.inner) || t.starts_with("--- End of ") || t.starts_with("---> ")
    };
    while let Some(j) = next(rows, last + 1, limit, wants) {
        last = j;
        if rows.get(j).is_some_and(|r| r.text.trim_start().starts_with("---> ")) {
            split(j, j);
        }
    }
    parts.reverse();
    make(rows, (head, last), "dotnet", kind, parts)
}

/// `Process terminated. …`, `Stack overflow.`, `Fatal error. …`: the runtime ends itself.
pub fn terminated(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    if logger(row) || !["Process terminated. ", "Stack overflow.", "Fatal error. "].iter().any(|s| row.text.starts_with(s)) {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit, |r| r.text.trim_start().starts_with("at ") || r.text.starts_with("Repeat ") || r.text.starts_with("-----"))
    {
        last = j;
    }
    make(rows, (at, last), "dotnet", BlockKind::Native, vec![part(rows, at, at)])
}
