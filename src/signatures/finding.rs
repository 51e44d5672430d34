//! What reading a log gives.

use crate::evidence::Time;

use super::blocks::Block;
use super::entity::Entity;
use super::scan::Hit;

/// What is known from elsewhere about the instance whose log is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadContext {
    /// When the instance ended (`finishedAt`), where known.
    pub end: Option<Time>,
    /// When somebody asked it to stop (`Killing` event, deletion): lines after it are shutdown noise.
    pub stop: Option<Time>,
    /// Whether it still runs.
    pub alive: bool,
    /// Its exit code; a tie-break only.
    pub exit_code: Option<i64>,
}

/// One explanation that a text offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The cause id it speaks for.
    pub cause: &'static str,
    /// The signature that found it.
    pub signature: &'static str,
    /// Index of the line; 0 for single texts.
    pub line: usize,
    /// The words that say it, raw.
    pub text: String,
    /// Whether it only says that something failed, not what.
    pub generic: bool,
    /// What the words name.
    pub entities: Vec<Entity>,
}

/// What ended the instance, as its log tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Indexes of the lines that tell it, ascending.
    pub decisive: Vec<usize>,
    /// The block that ends it, where one does: an index into [`Reading::blocks`].
    pub block: Option<usize>,
    /// Explanations, root first: what is named (a peer, a variable, a file) before the panic that carries it.
    pub findings: Vec<Finding>,
}

/// A line that comes again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// Median distance of two, in seconds.
    pub period_seconds: f64,
    /// Whether the distances are alike; a growing distance is a back-off.
    pub regular: bool,
    /// How often.
    pub count: usize,
    /// When first.
    pub first: Time,
    /// When last.
    pub last: Time,
    /// Index of the last line of them.
    pub line: usize,
    /// The text of that line, raw.
    pub text: String,
    /// Whether it tells of trouble (an error, a warning, waiting) and not of work.
    pub trouble: bool,
}

/// Everything a log says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// All matches, by line.
    pub hits: Vec<Hit>,
    /// Stack traces and error blocks, by first line.
    pub blocks: Vec<Block>,
    /// What ended the instance; `None` when it runs, or the log does not tell.
    pub ending: Option<Ending>,
    /// Seen, but the program went on (or was already told to stop).
    pub earlier: Vec<Finding>,
    /// What is wrong inside a program that runs on: a dead worker or task, logging that fails, no progress, errors that
    /// go on to the last line.
    pub live: Vec<Finding>,
    /// Lines that come at intervals.
    pub repeats: Vec<Repeat>,
    /// Whether the log speaks of memory running out.
    pub mentions_oom: bool,
    /// The language that the program is written in, where the log shows it.
    pub language: Option<&'static str>,
    /// Index of the last line that is not blank.
    pub last_line: Option<usize>,
    /// The first line written after the stop was asked for.
    pub first_after_stop: Option<usize>,
    /// What the log names in lines that tell of trouble: peers, variables, paths, certificates, SQLSTATEs.
    pub entities: Vec<Entity>,
}

impl Reading {
    /// The deepest explanation of the end.
    pub fn root(&self) -> Option<&Finding> {
        self.ending.as_ref().and_then(|e| e.findings.first())
    }
}
