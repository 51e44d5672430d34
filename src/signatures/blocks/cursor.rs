//! Walking over rows. Standard output and standard error are two pipes: a line of the one may stand between two lines of a
//! block that came through the other.

use super::super::rows::Row;
use super::block::ErrorPart;

/// Rows of a log, in order.
pub(in super::super) type Rows<'r, 'a> = &'r [Row<'a>];

/// How many foreign lines may stand inside a block, one after another.
const FOREIGN: usize = 3;

/// More rows than this of one structured line are no stack.
const INSIDE: usize = 400;

/// Whether a row starts with white space.
pub(in super::super) fn indented(row: &Row<'_>) -> bool {
    row.text.starts_with([' ', '\t'])
}

/// Whether a logger wrote the row; `Error: …` and `panic: …` alone come from runtimes.
pub(in super::super) fn logger(row: &Row<'_>) -> bool {
    if !row.logged || indented(row) {
        return false;
    }
    let word = row.text.split([':', ' ']).next().unwrap_or_default();
    !matches!(word, "Error" | "error" | "panic" | "fatal" | "Fatal" | "Warning" | "FATAL" | "[FATAL]")
}

/// Where the rows that belong to row `at` end: a structured line holds its own stack.
pub fn limit(rows: Rows<'_, '_>, at: usize) -> usize {
    let line = rows.get(at).map(|r| r.line);
    let inside = rows.get(at + 1).is_some_and(|r| Some(r.line) == line) || rows.get(at).is_some_and(|r| r.inner);
    if !inside {
        return rows.len();
    }
    let more = rows.get(at..).unwrap_or_default().iter().take(INSIDE).take_while(|r| Some(r.line) == line).count();
    at + more
}

/// The next row from `at` on that the block wants, over at most a few foreign lines.
pub fn next(rows: Rows<'_, '_>, at: usize, limit: usize, wants: impl Fn(&Row<'_>) -> bool) -> Option<usize> {
    for j in at..limit.min(at + FOREIGN + 1) {
        let row = rows.get(j)?;
        // A structured line is whole in itself.
        if at > 0 && rows.get(at - 1).is_some_and(|r| r.line != row.line) && structured(rows, j) {
            return None;
        }
        if wants(row) {
            return Some(j);
        }
        if !logger(row) {
            return None;
        }
    }
    None
}

/// Whether the row is one of several that a structured line carries.
pub fn structured(rows: Rows<'_, '_>, at: usize) -> bool {
    rows.get(at).is_some_and(|r| r.inner || rows.get(at + 1).is_some_and(|n| n.inner && n.line == r.line))
}

/// Over blank rows.
pub fn over_blank(rows: Rows<'_, '_>, mut at: usize, limit: usize) -> usize {
    while at < limit && rows.get(at).is_some_and(Row::is_blank) {
        at += 1;
    }
    at
}

/// One part out of consecutive rows.
pub fn part(rows: Rows<'_, '_>, first: usize, last: usize) -> ErrorPart {
    let slice = rows.get(first..=last).unwrap_or_default();
    let text: Vec<&str> = slice.iter().enumerate().filter(|(i, r)| *i == 0 || !logger(r)).map(|(_, r)| r.text.trim_end()).collect();
    ErrorPart { line: slice.first().map_or(0, |r| r.line), text: text.join("\n") }
}

/// One part out of words found in a row.
pub fn words(rows: Rows<'_, '_>, at: usize, text: &str) -> ErrorPart {
    ErrorPart { line: rows.get(at).map_or(0, |r| r.line), text: text.to_owned() }
}
