//! Lines that come at intervals: a retry loop, a heartbeat.

use std::collections::HashMap;

use crate::evidence::Time;

use super::blocks::{Rows, indented};
use super::finding::Repeat;
use super::rows::Level;
use super::units::seconds;

/// Fewer are no rhythm.
const MIN: usize = 3;
/// More groups than this are not told.
const MAX: usize = 20;

struct Group {
    times: Vec<Time>,
    line: usize,
    row: usize,
    level: Level,
}

/// Repeated lines, those with the latest end first.
pub(super) fn repeats(rows: Rows<'_, '_>) -> Vec<Repeat> {
    let mut groups: HashMap<String, Group> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(time) = row.time else { continue };
        if row.inner || indented(row) || row.is_blank() {
            continue;
        }
        let group = groups.entry(masked(&row.text)).or_insert_with(|| Group { times: Vec::new(), line: row.line, row: index, level: row.level });
        group.times.push(time);
        group.line = row.line;
        group.row = index;
        group.level = group.level.max(row.level);
    }
    let mut found: Vec<Repeat> = groups.into_values().filter(|g| g.times.len() >= MIN).filter_map(|g| of(&g, rows)).collect();
    found.sort_by_key(|r| std::cmp::Reverse(r.line));
    found.truncate(MAX);
    found
}

fn of(group: &Group, rows: Rows<'_, '_>) -> Option<Repeat> {
    let mut gaps: Vec<f64> = group.times.windows(2).filter_map(|w| Some(seconds(*w.first()?, *w.last()?))).collect();
    gaps.sort_by(f64::total_cmp);
    let period = *gaps.get(gaps.len() / 2)?;
    if period < 0.05 {
        return None;
    }
    let alike = gaps.iter().filter(|g| (**g - period).abs() <= period * 0.35).count();
    let text = rows.get(group.row)?.text.clone().into_owned();
    Some(Repeat {
        period_seconds: period,
        regular: alike * 5 >= gaps.len() * 4,
        count: group.times.len(),
        first: *group.times.iter().min()?,
        last: *group.times.iter().max()?,
        line: group.line,
        trouble: group.level >= Level::Warn || (group.level == Level::Unknown || group.level == Level::Info) && waits(&text),
        text,
    })
}

/// Words of a program that cannot get on.
fn waits(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "waiting for",
        "retry",
        "attempt",
        "failed",
        "unavailable",
        "refused",
        "timed out",
        "backoff",
        "not ready",
        "reconnect",
        "cannot",
        "could not",
        "unable to",
    ]
    .iter()
    .any(|w| lower.contains(w))
}

/// The line without what changes from one to the next: numbers, and words that hold digits.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(160));
    for token in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        if out.len() > 160 {
            break;
        }
        let bare = token.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if bare.bytes().any(|b| b.is_ascii_digit()) {
            out.push('#');
            out.push_str(token.get(bare.len()..).unwrap_or_default());
        } else {
            out.push_str(token);
        }
    }
    out
}
