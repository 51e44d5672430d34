//! Python: tracebacks, chains, groups, threads, tasks, the logging module's own failures, faulthandler.

use super::super::rows::{Level, Row};
use super::block::{BlockKind, ErrorPart};
use super::cursor::{Rows, indented, limit, logger, next, over_blank, part, words};
use super::find::{Found, make};

const HEAD: &str = "Traceback (most recent call last)";
const CHAIN: [&str; 2] = ["During handling of the above exception, another exception occurred", "The above exception was the direct cause of the following"];

/// `Traceback (most recent call last):`, alone or behind a logger's prefix.
pub fn traceback(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let boxed = row.text.trim_start().starts_with('╭');
    if !(boxed || row.text.trim_end().trim_end_matches(':').ends_with(HEAD)) || row.text.trim_start().starts_with(['|', '+']) {
        return None;
    }
    let (errors, last) = chain(rows, at)?;
    let logged = logger(row) || row.inner || announced(rows, at);
    let kind = if logged { BlockKind::Logged } else { BlockKind::Uncaught };
    let mut found = make(rows, (at, last), "python", kind, errors)?;
    if let Some(before) = at.checked_sub(1).and_then(|i| rows.get(i))
        && logged
    {
        // A server's answer to one failed request.
        found.block.caught = before.text.contains("Exception in ASGI application") || before.text.contains("Error handling request");
        found.block.main = !before.text.contains("Error in atexit");
    }
    Some(found)
}

/// Whether the row before is a logger's error that this traceback was handed to: written in the same instant.
fn announced(rows: Rows<'_, '_>, at: usize) -> bool {
    let (Some(before), Some(row)) = (at.checked_sub(1).and_then(|i| rows.get(i)), rows.get(at)) else { return false };
    logger(before)
        && before.level >= Level::Error
        && match (before.time, row.time) {
            (Some(a), Some(b)) => (b - a).num_milliseconds().abs() < 50,
            _ => true,
        }
}

/// The errors of a chain as printed (the original first), and the last row.
fn chain(rows: Rows<'_, '_>, start: usize) -> Option<(Vec<ErrorPart>, usize)> {
    let limit = limit(rows, start);
    let mut errors = Vec::new();
    let mut at = start;
    let mut last;
    loop {
        let (error, end) = one(rows, at, limit)?;
        last = end;
        errors.extend(error);
        let mark = over_blank(rows, last + 1, limit);
        let Some(mark) = next(rows, mark, limit, |r| CHAIN.iter().any(|c| r.text.contains(c))) else { break };
        let head = over_blank(rows, mark + 1, limit);
        match next(rows, head, limit, |r| r.text.contains(HEAD)) {
            Some(h) => at = h,
            None => {
                last = mark;
                break;
            }
        }
    }
    Some((errors, last))
}

/// One traceback: its exception and the last row.
fn one(rows: Rows<'_, '_>, head: usize, limit: usize) -> Option<(Option<ErrorPart>, usize)> {
    let mut at = head + 1;
    // Some handlers draw a box around the frames. Another head is no frame, or a pile of them were walked down from each.
    while let Some(j) = next(rows, at, limit, |r| (indented(r) || r.text.starts_with(['│', '╰'])) && !r.text.contains(HEAD)) {
        at = j + 1;
    }
    let Some(first) = next(rows, at, limit, |r| !r.is_blank() && !indented(r) && !logger(r)) else { return Some((None, at.saturating_sub(1))) };
    let last = message(rows, first, limit);
    Some((Some(part(rows, first, last)), last))
}

/// Last row of a message that runs over several rows.
fn message(rows: Rows<'_, '_>, first: usize, limit: usize) -> usize {
    let mut last = first;
    let listing = rows.get(first).is_some_and(|r| r.text.ends_with(':') || r.text.contains("validation error"));
    for j in first + 1..limit.min(first + 60) {
        let Some(row) = rows.get(j) else { break };
        if row.is_blank() || logger(row) || row.text.contains(HEAD) {
            break;
        }
        let follows = rows.get(j + 1).is_some_and(|r| j + 1 < limit && indented(r) && !r.is_blank());
        let known = ["[", "(", "DETAIL:", "HINT:", "LINE ", "CONTEXT:"].iter().any(|s| row.text.starts_with(s));
        if !(indented(row) || known || (follows && listing)) {
            break;
        }
        last = j;
    }
    last
}

/// `+ Exception Group Traceback`: groups inside groups; the deepest is the original.
pub fn group(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let limit = limit(rows, at);
    let mut errors: Vec<(usize, ErrorPart)> = Vec::new();
    let mut last = at;
    let inside = |r: &Row<'_>| r.text.trim_start().starts_with(['|', '+']);
    while let Some(j) = next(rows, last + 1, limit, inside) {
        last = j;
        let Some(row) = rows.get(j) else { break };
        let bare = row.text.trim_start_matches([' ', '|', '+', '-']);
        let depth = row.text.len() - bare.len();
        let tight = row.text.trim_start().trim_start_matches('|').strip_prefix(' ').is_some_and(|t| !t.starts_with(' '));
        let name = bare.split([':', ' ']).next().unwrap_or_default();
        if tight && !name.is_empty() && !bare.starts_with("Traceback") && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_') {
            errors.push((depth, words(rows, j, bare)));
        }
    }
    errors.sort_by_key(|e| std::cmp::Reverse(e.0));
    make(rows, (at, last), "python", BlockKind::Uncaught, errors.into_iter().map(|e| e.1).collect())
}

/// The logging module could not write a record.
pub fn logging(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let limit = limit(rows, at);
    let head = next(rows, at + 1, limit, |r| r.text.contains(HEAD))?;
    let (errors, mut last) = chain(rows, head)?;
    if let Some(stack) = next(rows, last + 1, limit, |r| r.text.starts_with("Call stack:")) {
        last = stack;
        while let Some(j) = next(rows, last + 1, limit, |r| indented(r) || r.text.starts_with("Message: ") || r.text.starts_with("Arguments: ")) {
            last = j;
        }
    }
    let mut found = make(rows, (at, last), "python", BlockKind::Logging, errors)?;
    found.block.caught = true;
    found.block.main = false;
    Some(found)
}

/// An exception that a task, a future or a callback died of; asyncio tells when it is collected.
pub fn task(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let limit = limit(rows, at);
    let head = (at + 1..limit.min(at + 6)).find(|&j| rows.get(j).is_some_and(|r| r.text.contains(HEAD)));
    let (errors, last) = match head {
        Some(h) => chain(rows, h)?,
        None => (vec![part(rows, at, at)], at),
    };
    let mut found = make(rows, (at, last), "python", BlockKind::Background, errors)?;
    found.block.main = false;
    found.block.thread = rows.get(at + 1).and_then(|r| r.text.split_once("name='")).and_then(|(_, t)| t.split_once('\'')).map(|(n, _)| n.to_owned());
    Some(found)
}

/// `Exception in thread Thread-1 (drain):` with a traceback below.
pub fn thread(rows: Rows<'_, '_>, at: usize, name: &str) -> Option<Found> {
    let head = next(rows, at + 1, limit(rows, at), |r| r.text.contains(HEAD))?;
    let (errors, last) = chain(rows, head)?;
    let mut found = make(rows, (at, last), "python", BlockKind::Background, errors)?;
    found.block.main = name.starts_with("MainThread");
    found.block.thread = Some(name.to_owned());
    Some(found)
}

/// The interpreter itself died.
pub fn fatal(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    if logger(rows.get(at)?) {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    let more = |r: &Row<'_>| {
        r.is_blank()
            || indented(r)
            || ["Current thread ", "Thread 0x", "Python runtime state", "Extension modules:", "Current thread's C stack", "Traceback", "Binary file"]
                .iter()
                .any(|s| r.text.starts_with(s))
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
    }
    make(rows, (at, last), "python", BlockKind::Native, vec![part(rows, at, at)])
}

/// A file that does not parse has no traceback of its own.
pub fn syntax(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    if !(row.text.starts_with("SyntaxError: ") || row.text.starts_with("IndentationError: ")) {
        return None;
    }
    let first = (at.saturating_sub(4)..at).find(|&j| rows.get(j).is_some_and(|r| r.text.starts_with("  File \"")))?;
    make(rows, (first, at), "python", BlockKind::Startup, vec![part(rows, at, at)])
}
