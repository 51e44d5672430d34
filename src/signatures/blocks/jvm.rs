//! The JVM: uncaught and logged exceptions with their causes, the VM's own crash report, Spring's failure report, dumps.

use super::super::rows::Row;
use super::block::{BlockKind, ErrorPart};
use super::cursor::{Rows, indented, limit, logger, next, part, structured};
use super::find::{Found, make};
use super::python;

/// `Exception in thread "main" java.lang.…`; Python words its threads alike.
pub fn thread(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let (before, rest) = row.text.split_once("Exception in thread ")?;
    if !before.is_empty() && !logger(row) {
        return None;
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        let (name, _) = quoted.split_once('"')?;
        let mut found = walk(rows, at, at)?;
        found.block.main = name == "main";
        found.block.kind = if found.block.main { BlockKind::Uncaught } else { BlockKind::Background };
        found.block.thread = Some(name.to_owned());
        return Some(found);
    }
    python::thread(rows, at, rest.trim_end_matches(':'))
}

/// A stack whose header stands above its first frame.
pub fn frames(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let line = rows.get(at)?.line;
    let inside = rows.get(at)?.inner;
    let above = at.checked_sub(1).filter(|&j| rows.get(j).is_some_and(|r| r.line == line || (!inside && !structured(rows, j))))?;
    let mut head = above;
    // A message may run over several rows: up to the row that names a class.
    for j in (at.saturating_sub(16)..at).rev() {
        let Some(row) = rows.get(j) else { break };
        if row.line != line && (inside || structured(rows, j)) {
            break;
        }
        if class(&row.text) {
            head = j;
            break;
        }
        if logger(row) {
            break;
        }
    }
    if rows.get(head).is_some_and(Row::is_blank) {
        return None;
    }
    let mut found = walk(rows, head, at - 1)?;
    found.block.kind = BlockKind::Logged;
    // The logger's own line says which thread it was.
    let said = if rows.get(head).is_some_and(logger) { head } else { head.saturating_sub(1) };
    if let Some(name) = rows.get(said).and_then(thread_of) {
        found.block.main = name == "main";
        found.block.thread = Some(name);
    }
    Some(found)
}

/// Whether a row begins with (or ends in) the name of an exception class.
fn class(text: &str) -> bool {
    let t = text.trim();
    let t = t.strip_prefix("Exception in thread ").map_or(t, |_| t);
    t.split([' ', ':']).any(|w| {
        let name = w.rsplit(['.', '$']).next().unwrap_or_default();
        w.contains('.')
            && ["Exception", "Error", "Throwable", "Failure"].iter().any(|s| name.ends_with(s))
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && w.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$' | b'/'))
    })
}

/// The thread that a pattern layout puts in brackets.
fn thread_of(row: &Row<'_>) -> Option<String> {
    if row.thread.is_some() {
        return row.thread.clone();
    }
    if !logger(row) {
        return None;
    }
    row.text.split('[').skip(1).take(3).filter_map(|p| p.split_once(']')).map(|(n, _)| n.trim()).find_map(|n| {
        let named = n.bytes().any(|b| b.is_ascii_alphabetic()) && (n == "main" || n.contains('-'));
        let stamp = n.starts_with(|c: char| c.is_ascii_digit()) && n.contains(':');
        (named && !stamp).then(|| n.to_owned())
    })
}

/// Header in `head`, its message up to `message`, frames and causes below.
fn walk(rows: Rows<'_, '_>, head: usize, message: usize) -> Option<Found> {
    let limit = limit(rows, head);
    let mut parts: Vec<ErrorPart> = vec![part(rows, head, message)];
    let mut suppressed: Vec<ErrorPart> = Vec::new();
    let mut last = message.max(head);
    loop {
        let wants = |r: &Row<'_>| {
            let t = r.text.trim_start();
            (indented(r)
                && (t.starts_with("at ")
                    || t.starts_with("... ")
                    || t.starts_with("Suppressed: ")
                    || t.starts_with("Caused by: ")
                    || t.starts_with("- locked")))
                || r.text.starts_with("Caused by: ")
                || r.text.starts_with("Wrapped by: ")
                || (r.inner && (t.starts_with("at ") || t.starts_with("... ")))
        };
        let Some(j) = next(rows, last + 1, limit, wants) else { break };
        last = j;
        let Some(row) = rows.get(j) else { break };
        let t = row.text.trim_start();
        if t.starts_with("Caused by: ") || t.starts_with("Suppressed: ") || t.starts_with("Wrapped by: ") {
            // The message of a cause may run over rows; its frames follow.
            let frame = (j + 1..limit.min(j + 12))
                .find(|&k| rows.get(k).is_some_and(|r| r.text.trim_start().starts_with("at ") || r.text.trim_start().starts_with("... ")));
            let end = frame.map_or(j, |f| f - 1);
            let list = if t.starts_with("Suppressed: ") || !suppressed.is_empty() && indented(row) { &mut suppressed } else { &mut parts };
            list.push(part(rows, j, end));
            last = end;
        }
    }
    parts.reverse();
    parts.append(&mut suppressed);
    make(rows, (head, last), "java", BlockKind::Logged, parts)
}

/// `# A fatal error has been detected by the Java Runtime Environment:` and the rest of the header.
pub fn crash(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    if !rows.get(at)?.text.starts_with('#') {
        return None;
    }
    let limit = limit(rows, at);
    let mut first = at;
    while first > 0 && rows.get(first - 1).is_some_and(|r| r.text.trim_end() == "#") {
        first -= 1;
    }
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit, |r| r.text.starts_with('#') || r.text.starts_with("[error occurred")) {
        last = j;
    }
    make(rows, (first, last), "java", BlockKind::Native, vec![part(rows, at, last.min(at + 4))])
}

/// Spring Boot tells in prose why it did not start.
pub fn spring(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let limit = limit(rows, at);
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit.min(at + 40), |r| !logger(r)) {
        last = j;
    }
    let described = (at..=last).find(|&j| rows.get(j).is_some_and(|r| r.text.starts_with("Description:"))).map_or(at, |j| j + 1);
    let action = (described..=last).find(|&j| rows.get(j).is_some_and(|r| r.text.starts_with("Action:"))).map_or(last, |j| j.saturating_sub(1));
    make(rows, (at, last), "java", BlockKind::Startup, vec![part(rows, described.min(last), action.max(described.min(last)))])
}

/// Threads dumped; a deadlock report among them.
pub fn dump(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let limit = limit(rows, at);
    let mut last = at;
    let more = |r: &Row<'_>| {
        r.is_blank()
            || indented(r)
            || r.text.starts_with(['"', '='])
            || r.text.starts_with("JNI ")
            || r.text.starts_with("Java stack")
            || r.text.starts_with("Found ")
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
    }
    let mut found = make(rows, (at, last), "java", BlockKind::Dump, vec![part(rows, at, at)])?;
    found.block.main = false;
    Some(found)
}
