//! C and C++: aborts, assertions, the allocator's checks, sanitizers; and the shell that tells how its child died.

use super::super::rows::Row;
use super::block::BlockKind;
use super::cursor::{Rows, indented, limit, logger, next, part};
use super::find::{Found, make};

/// `terminate called after throwing an instance of …`, `what():` below.
pub fn terminate(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    if !rows.get(at)?.text.trim_start().starts_with("terminate called ") {
        return None;
    }
    let last = next(rows, at + 1, limit(rows, at), |r| r.text.trim_start().starts_with("what():")).unwrap_or(at);
    make(rows, (at, last), "native", BlockKind::Native, vec![part(rows, at, last)])
}

/// One line by the C library: a failed assertion, a corrupted heap.
pub fn single(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let text = row.text.trim_end();
    if row.logged && logger(row) {
        return None;
    }
    if text.contains("Assertion ") && !text.ends_with("failed.") && !text.contains("Assertion failed: ") {
        return None;
    }
    let last = next(rows, at + 1, limit(rows, at), |r| matches!(r.text.trim(), "Aborted" | "Aborted (core dumped)")).unwrap_or(at);
    make(rows, (at, last), "native", BlockKind::Native, vec![part(rows, at, at)])
}

/// `==7==ERROR: AddressSanitizer: …` up to its abort.
pub fn sanitizer(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let text = rows.get(at)?.text.as_ref();
    if !text.starts_with("==") && !text.starts_with("WARNING: ThreadSanitizer") {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    let more = |r: &Row<'_>| {
        r.is_blank() || indented(r) || r.text.starts_with("==") || r.text.starts_with("SUMMARY: ") || r.text.starts_with("0x") || r.text.starts_with("Shadow ")
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
    }
    make(rows, (at, last), "native", BlockKind::Native, vec![part(rows, at, at)])
}

/// `Segmentation fault (core dumped)`, `Killed`: a shell about its child.
pub fn died(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let text = row.text.trim();
    if logger(row) || (text.len() > 40 && !text.contains(": line ")) {
        return None;
    }
    make(rows, (at, at), "shell", BlockKind::Native, vec![part(rows, at, at)])
}

/// `/app/run.sh: line 4: tool: not found`: the shell itself.
pub fn shell(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let text = row.text.trim_end();
    let ends = text.ends_with(": not found") || text.ends_with(": command not found");
    let from =
        text.contains(": line ") || ["sh: ", "bash: ", "ash: ", "dash: ", "/bin/sh: "].iter().any(|s| text.starts_with(s)) || text.split(": ").count() >= 3;
    if !ends || !from || logger(row) {
        return None;
    }
    make(rows, (at, at), "shell", BlockKind::Startup, vec![part(rows, at, at)])
}
