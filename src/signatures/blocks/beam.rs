//! Erlang and Elixir.

use super::super::rows::Row;
use super::block::BlockKind;
use super::cursor::{Rows, indented, limit, logger, next, part};
use super::find::{Found, make};

/// `** (RuntimeError) …`, alone or below the logger's line about the process that raised it.
pub fn raised(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let row = rows.get(at)?;
    let t = row.text.trim_start();
    if !t.starts_with("** (") {
        return None;
    }
    let limit = limit(rows, at);
    let before = at
        .checked_sub(1)
        .and_then(|i| rows.get(i))
        .filter(|r| r.text.contains("terminating") || r.text.contains("Process #PID") || r.text.contains("Task #PID"));
    let first = if before.is_some() { at - 1 } else { at };
    let mut errors = vec![part(rows, at, at)];
    let mut last = at;
    let more = |r: &Row<'_>| {
        (indented(r) && !r.is_blank())
            || ["** (", "Last message", "State: ", "Function: ", "Initial Call", "Ancestors:", "Args: "].iter().any(|s| r.text.starts_with(s))
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
        if rows.get(j).is_some_and(|r| r.text.trim_start().starts_with("** (")) {
            errors.push(part(rows, j, j));
        }
    }
    errors.reverse();
    let process = before.is_some();
    let mut found = make(rows, (first, last), "beam", if process { BlockKind::Background } else { BlockKind::Uncaught }, errors)?;
    found.block.main = !process;
    Some(found)
}

/// `=CRASH REPORT====`: one process; its supervisor decides.
pub fn report(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let text = rows.get(at)?.text.as_ref();
    if !text.trim_start().starts_with('=') && !text.contains("CRASH REPORT Process") {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit, |r| indented(r) && !r.is_blank()) {
        last = j;
    }
    let told = (at..=last).find(|&j| rows.get(j).is_some_and(|r| ["exception ", "Reason:", "reason:"].iter().any(|w| r.text.contains(w)))).unwrap_or(at);
    let mut found = make(rows, (at, last), "beam", BlockKind::Background, vec![part(rows, told, (told + 3).min(last))])?;
    found.block.main = false;
    Some(found)
}

/// The whole node goes down.
pub fn kernel(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    if logger(rows.get(at)?) && !rows.get(at)?.text.contains("Kernel pid") {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit, |r| r.text.starts_with("Crash dump") || indented(r) && !r.is_blank()) {
        last = j;
    }
    make(rows, (at, last), "beam", BlockKind::Panic, vec![part(rows, at, at)])
}
