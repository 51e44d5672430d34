//! What ranking ends in.

use serde_json::Value;

use crate::evidence::Gap;
use crate::reconstruct::CitationId;

/// How sure a2 is; the word follows provenance, not a fitted number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Nothing but prior frequency.
    None,
    /// One sign, or signs that disagree.
    Possible,
    /// At least two independent signs agree and nothing contradicts.
    Probable,
    /// A component with authority states it about this container.
    Confirmed,
}

impl Confidence {
    /// The taxonomy's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Possible => "possible",
            Self::Probable => "probable",
            Self::Confirmed => "confirmed",
        }
    }
}

/// How urgent an advice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Do it now.
    High,
    /// Do it soon.
    Medium,
    /// Worth doing.
    Low,
}

impl Priority {
    /// Lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What to do.
    pub action: String,
    /// How urgent.
    pub priority: Priority,
    /// `inspect`, `low` or `change`.
    pub risk: &'static str,
    /// A preview of the change to the spec, as a strategic merge patch.
    pub patch: Option<Value>,
}

/// What a sign for or against a cause says.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// The rule's sentence with its names filled in.
    pub says: String,
    /// What shows it.
    pub cited: Vec<CitationId>,
    /// Log-odds that it adds (negative: against).
    pub weight: f64,
    /// Its group; signs of one group count once.
    pub group: String,
}

/// One cause with all that speaks for and against it.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedCause {
    /// Cause id.
    pub cause: String,
    /// One-line title.
    pub title: String,
    /// Of this id being the verdict's cause.
    pub probability: f64,
    /// Word.
    pub confidence: Confidence,
    /// Signs for it, strongest first.
    pub supporting: Vec<Sign>,
    /// Signs against it, strongest first.
    pub against: Vec<Sign>,
    /// Gaps that stood in the way of judging it.
    pub unseen: Vec<Gap>,
    /// The cheap read-only command that would settle it.
    pub would_confirm: Vec<String>,
    /// Advice, by priority.
    pub remedy: Vec<Remedy>,
    /// Part of the winning path.
    pub on_path: bool,
    /// Carried over from siblings.
    pub from_siblings: bool,
}
