//! JavaScript: uncaught errors and rejections, logged errors, V8's own fatal errors.

use super::super::rows::Row;
use super::block::{BlockKind, ErrorPart};
use super::cursor::{Rows, indented, limit, logger, next, over_blank, part, structured};
use super::find::{Found, make};

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
        if named(&row.text) || logger(row) {
            break;
        }
    }
    if rows.get(head).is_some_and(Row::is_blank) {
        return None;
    }
    // An uncaught error shows the code that threw it: position, source, caret, blank.
    let mut first = head;
    let mut thrown = false;
    if !inside {
        let above = (head.saturating_sub(8)..head).rev().take_while(|&j| rows.get(j).is_some_and(|r| !logger(r)));
        for j in above {
            if rows.get(j).is_some_and(|r| !indented(r) && position(&r.text)) {
                first = j;
                thrown = true;
                break;
            }
        }
    }
    walk(rows, first, head, at, thrown)
}

/// `TypeError: …`, `Error [ERR_X]: …`, `Uncaught …`, `MongoServerSelectionError: …`.
fn named(text: &str) -> bool {
    let t = text.trim_start();
    let t = t.strip_prefix("Uncaught ").or_else(|| t.strip_prefix("error: ")).unwrap_or(t);
    let name: &str = t.split([':', ' ', '\n']).next().unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or_default();
    (name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning"))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
}

/// `/app/server.js:12` or `node:events:497` alone in a row.
fn position(text: &str) -> bool {
    let Some((file, line)) = text.trim_end().rsplit_once(':') else { return false };
    !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()) && !file.contains(' ') && (file.contains('/') || file.starts_with("node:"))
}

fn walk(rows: Rows<'_, '_>, first: usize, head: usize, frame: usize, thrown: bool) -> Option<Found> {
    let limit = limit(rows, head);
    let mut headers: Vec<(usize, usize)> = vec![(head, frame.saturating_sub(1))];
    let mut properties: Vec<usize> = Vec::new();
    let mut last = frame.saturating_sub(1).max(head);
    let wants = |r: &Row<'_>| {
        let t = r.text.trim_start();
        (indented(r) && !r.is_blank())
            || (r.inner && t.starts_with("at "))
            || t.starts_with('}')
            || t.starts_with("Emitted 'error' event")
            || t.starts_with("From previous event")
    };
    while let Some(j) = next(rows, last + 1, limit, wants) {
        let Some(row) = rows.get(j) else { break };
        let t = row.text.trim_start();
        last = j;
        if t.starts_with("at ") || t.starts_with("Emitted ") {
            continue;
        }
        if t.starts_with("[cause]: ") || t.starts_with("[errors]: ") || (named(t) && t.contains(": ")) {
            headers.push((j, j));
        } else if t.contains(": ") {
            properties.push(j);
        }
    }
    let tail = over_blank(rows, last + 1, limit);
    let version = next(rows, tail, limit, |r| r.text.starts_with("Node.js v") || r.text.starts_with("Bun v"));
    if let Some(v) = version {
        last = v;
    }
    let mut errors: Vec<ErrorPart> = headers.iter().rev().map(|&(a, b)| part(rows, a, b)).collect();
    // Codes and addresses stand in the properties of the innermost.
    for j in properties {
        let extra = part(rows, j, j);
        if let Some(e) = errors.first_mut().filter(|_| extra.text.len() < 300) {
            e.text.push('\n');
            e.text.push_str(&extra.text);
        }
    }
    let uncaught = thrown || version.is_some() || rows.get(head).is_some_and(|r| r.text.contains("Uncaught"));
    make(rows, (first, last), "node", if uncaught { BlockKind::Uncaught } else { BlockKind::Logged }, errors)
}

/// V8 gave up: its last collections, the message, a native stack.
pub fn fatal(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let head = rows.get(at)?;
    let gcs = head.text.contains("Last few GCs");
    if !gcs && !head.text.trim_start().starts_with("FATAL ERROR: ") {
        return None;
    }
    let limit = limit(rows, at);
    let message = if gcs { (at + 1..limit.min(at + 60)).find(|&j| rows.get(j).is_some_and(|r| r.text.contains("FATAL ERROR: ")))? } else { at };
    let mut last = message;
    let more = |r: &Row<'_>| {
        let t = r.text.trim_start();
        r.is_blank() || t.starts_with("-----") || t.starts_with("<---") || (t.contains(": 0x") && t.starts_with(|c: char| c.is_ascii_digit()))
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
    }
    make(rows, (at, last), "node", BlockKind::Native, vec![part(rows, message, message)])
}

/// A promise was rejected with something that is no `Error`: no stack, but Node says so.
pub fn rejection(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    if logger(row) || rows.get(at + 1).is_some_and(|r| r.text.trim_start().starts_with("at ")) {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit.min(at + 12), |r| indented(r) || r.is_blank() || r.text.starts_with('}') || r.text.starts_with("Node.js v"))
    {
        last = j;
    }
    make(rows, (at, last), "node", BlockKind::Uncaught, vec![part(rows, at, at)])
}
