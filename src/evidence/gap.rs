//! What could not be learned, and why. A gap is shown; it is never an error and never proof of absence.

use serde::Serialize;

/// Why something could not be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// The server refused (401 or 403).
    Forbidden,
    /// It was there once and has run out: event TTL, rotated log, garbage-collected container.
    Expired,
    /// The server says that it does not exist (404).
    NotFound,
    /// No answer within the budget, or the server was too busy (429, 5xx, time-outs, resets).
    TimedOut,
    /// An answer that cannot be read.
    Malformed,
    /// Nobody asked: outside the bundle, the budget or the plan.
    NotAsked,
}

impl GapKind {
    /// The word used in JSON and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Expired => "expired",
            Self::NotFound => "not-found",
            Self::TimedOut => "timed-out",
            Self::Malformed => "malformed",
            Self::NotAsked => "not-asked",
        }
    }
}

/// One thing that could not be learned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// The API verb: `get`, `list`, `watch`; empty when no request stands behind it.
    pub verb: String,
    /// The API resource: `pods`, `pods/log`, `events`, `replicasets.apps`.
    pub resource: String,
    /// What is missing, as a lower-case fragment: "logs of container main (previous)".
    pub what: String,
    /// Why it is missing, as a lower-case fragment; the server's message where it gave one.
    pub why: String,
    /// The command that would capture it next time, where there is one.
    pub capture: Option<String>,
}

impl Gap {
    /// A gap without a capture command.
    pub fn new(kind: GapKind, verb: &str, resource: &str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { kind, verb: verb.to_owned(), resource: resource.to_owned(), what: what.into(), why: why.into(), capture: None }
    }

    /// Adds the command that would capture it next time.
    pub fn capture(mut self, command: impl Into<String>) -> Self {
        self.capture = Some(command.into());
        self
    }
}

/// How one source of evidence answered, for the ledger at the end of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceStatus {
    /// For instance `pod`, `events`, `logs main (previous)`, `ReplicaSet/web-5d9`.
    pub name: String,
    /// `None`: it answered with something; otherwise why not.
    pub gap: Option<GapKind>,
    /// It answered, and the answer was empty.
    pub empty: bool,
    /// Lower-case fragment: "7 events", "404: pods \"x\" not found".
    pub detail: String,
}

impl SourceStatus {
    /// The word used in JSON: `ok`, `empty`, or the gap's.
    pub fn word(&self) -> &'static str {
        match (self.gap, self.empty) {
            (Some(gap), _) => gap.word(),
            (None, true) => "empty",
            (None, false) => "ok",
        }
    }
}
