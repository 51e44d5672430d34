//! A log as units: a block, or a line with all it carries. What ended an instance is decided over units, not rows.

use crate::evidence::Time;

use super::blocks::{Block, BlockKind, Rows, logger};
use super::catalog::{Role, Scope};
use super::rows::Level;
use super::scan::{Hit, hits};

/// How bad a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    None,
    Warn,
    Error,
}

/// A block or a line.
#[derive(Debug)]
pub(super) struct Unit {
    /// Index of its first and last line.
    pub lines: (usize, usize),
    /// When it began and ended.
    pub times: (Option<Time>, Option<Time>),
    /// Index of the block.
    pub block: Option<usize>,
    /// What matched in it; in a block with the index of the error of its chain.
    pub hits: Vec<(usize, Hit)>,
    pub trouble: Trouble,
    /// It calls itself fatal.
    pub fatal: bool,
    /// A short word at the end: shutting down, exiting, usage.
    pub farewell: bool,
    /// Its words; of a block those of its first error.
    pub text: String,
}

impl Unit {
    /// Seconds from the end of this unit to the start of a later one.
    pub fn until(&self, later: &Self) -> Option<f64> {
        Some(seconds(self.times.1?, later.times.0?))
    }

    pub fn has(&self, role: Role) -> bool {
        self.hits.iter().any(|(_, h)| h.signature.role == role)
    }

    /// Whether something in it names a cause proper.
    pub fn causal(&self) -> bool {
        self.hits.iter().any(|(_, h)| h.signature.role == Role::Cause && (h.signature.cause.is_some() || h.signature.peer_cause.is_some()))
    }
}

pub(super) fn seconds(a: Time, b: Time) -> f64 {
    (b - a).num_milliseconds() as f64 / 1000.0
}

/// The units of a log, in order; blank lines are none.
pub(super) fn units(rows: Rows<'_, '_>, blocks: &[(usize, usize)], of: &[Block]) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut at = 0;
    let mut spans = blocks.iter().enumerate().peekable();
    let mut usage = false;
    while let Some(row) = rows.get(at) {
        if let Some((index, &(first, last))) = spans.peek().copied()
            && at >= first
        {
            spans.next();
            if let Some(block) = of.get(index) {
                units.push(of_block(rows, index, (first, last), block));
            }
            at = (last + 1).max(at + 1);
            usage = false;
            continue;
        }
        let bound = spans.peek().map_or(rows.len(), |(_, s)| s.0);
        let mut end = at;
        while end + 1 < bound && rows.get(end + 1).is_some_and(|r| r.line == row.line) {
            end += 1;
        }
        if !row.is_blank() || end > at {
            let unit = of_line(rows, at, end, usage);
            usage = usage && !logger(row) || row.text.trim_start().to_ascii_lowercase().starts_with("usage");
            units.push(unit);
        }
        at = end + 1;
    }
    units
}

/// The matches that say something of their own. A general word that reaches into the words of a more telling match does
/// not ("no such file" in "exec /app/run: no such file"), nor does a match that lies inside one ("permission denied" in an
/// answer of a secret store).
fn told(hits: Vec<Hit>) -> impl Iterator<Item = Hit> {
    let shadowed: Vec<bool> = hits.iter().map(|hit| hits.iter().any(|other| shadows(other, hit))).collect();
    hits.into_iter().zip(shadowed).filter(|(_, shadowed)| !shadowed).map(|(hit, _)| hit)
}

fn shadows(other: &Hit, hit: &Hit) -> bool {
    let telling = other.signature.role == Role::Cause
        && other.signature.cause.is_some()
        && other.signature.cause != hit.signature.cause
        && other.signature.rank > hit.signature.rank;
    let overlap = other.span.0 < hit.span.1 && hit.span.0 < other.span.1;
    let inside = other.span.0 <= hit.span.0 && hit.span.1 <= other.span.1;
    telling
        && hit.signature.cause.is_some()
        && match hit.signature.role {
            Role::Generic => overlap,
            Role::Cause => inside,
            _ => false,
        }
}

fn of_block(rows: Rows<'_, '_>, index: usize, span: (usize, usize), block: &Block) -> Unit {
    let mut found = Vec::new();
    for (n, error) in block.errors.iter().enumerate() {
        for (offset, text) in error.text.lines().enumerate() {
            // A message over several rows stands on as many lines; rows of one structured line all stand on its one.
            let line = (error.line + offset).min(block.last);
            found.extend(told(hits(Scope::Log, text, line)).map(|h| (n, h)));
        }
    }
    let time = |i: usize| rows.get(i).and_then(|r| r.time);
    Unit {
        lines: (block.first, block.last),
        times: (time(span.0), time(span.1)),
        block: Some(index),
        hits: found,
        trouble: if block.kind == BlockKind::Dump { Trouble::Warn } else { Trouble::Error },
        fatal: rows.get(span.0).is_some_and(|r| r.level == Level::Fatal),
        farewell: false,
        text: block.errors.first().map(|e| e.text.clone()).unwrap_or_default(),
    }
}

fn of_line(rows: Rows<'_, '_>, first: usize, last: usize, usage: bool) -> Unit {
    let slice = rows.get(first..=last).unwrap_or_default();
    let mut found = Vec::new();
    for row in slice {
        found.extend(told(hits(Scope::Log, &row.text, row.line)).map(|h| (0, h)));
    }
    let head = slice.first();
    let level = head.map_or(Level::Unknown, |r| r.level);
    let text = head.map(|r| r.text.clone().into_owned()).unwrap_or_default();
    let noise = found.iter().any(|(_, h)| h.signature.role == Role::Noise);
    let matched = found.iter().any(|(_, h)| h.signature.cause.is_some() && matches!(h.signature.role, Role::Cause | Role::Generic | Role::Wrapper));
    let trouble = match level {
        _ if noise => Trouble::None,
        Level::Fatal | Level::Error => Trouble::Error,
        Level::Warn => Trouble::Warn,
        Level::Unknown if matched || failing(&text) => Trouble::Error,
        _ => Trouble::None,
    };
    let farewell = (usage && trouble == Trouble::None) || farewell(&text);
    let time = head.and_then(|r| r.time);
    let line = |r: Option<&super::rows::Row<'_>>| r.map_or(0, |r| r.line);
    Unit {
        lines: (line(slice.first()), line(slice.last())),
        times: (time, time),
        block: None,
        hits: found,
        trouble,
        fatal: level == Level::Fatal,
        farewell,
        text,
    }
}

/// Words with which a plain line says that it failed.
fn failing(text: &str) -> bool {
    let t = text.trim_start();
    let head: String = t.chars().take(120).collect::<String>().to_ascii_lowercase();
    ["error:", "error ", "fatal:", "fatal ", "failed to ", "cannot ", "could not ", "unable to ", "can't "].iter().any(|w| head.starts_with(w))
        || [
            ": error: ",
            ": fatal: ",
            " failed: ",
            ": cannot ",
            ": can't ",
            ": could not ",
            "exception: ",
            "giving up",
            "fatal error",
            "unhandled error",
            "aborting",
        ]
        .iter()
        .any(|w| head.contains(w))
}

/// Words with which a program takes its leave.
fn farewell(text: &str) -> bool {
    if text.len() > 200 {
        return false;
    }
    const WORDS: [&str; 35] = [
        "exiting",
        "shutting down",
        "shutdown",
        "shut down",
        "stopped",
        "stopping",
        "terminating",
        "terminated",
        "goodbye",
        "leaving",
        "closing",
        "closed",
        "cleaning up",
        "cleanup",
        "flushing",
        "deregister",
        "releasing",
        "cancelled",
        "graceful",
        "destroy",
        "quitting",
        "unregister",
        "finished server process",
        "exit status",
        "exit code",
        "exited",
        "draining",
        "sigterm",
        "disconnect",
        "npm err",
        "npm error",
        "usage:",
        "see --help",
        "for more information",
        "--help",
    ];
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|w| lower.contains(w)) || matches!(lower.trim(), "aborted" | "killed" | "bye" | "done" | "done.")
}

/// Whether a line tells that the program was asked to stop and obeys.
pub(super) fn stopping(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["sigterm", "sigint", "shutting down", "graceful", "signal 15", "signal 2", "received signal", "caught signal", "terminated", "stopping", "shutdown"]
        .iter()
        .any(|w| lower.contains(w))
}
