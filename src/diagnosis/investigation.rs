//! The answer, as data. Renderers read this and nothing else.

use serde_json::Value;

use crate::evidence::{CaseFile, Gap, SourceStatus};
use crate::reconstruct::{CitationId, History};

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

/// Where one of the five usual suspects stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    /// `oom`, `panic`, `timeout`, `dependency` or `error`.
    pub family: &'static str,
    /// `supported`, `contradicted`, `no-evidence` or `not-knowable`.
    pub standing: &'static str,
    /// One line: "reason Error, exit 1".
    pub note: String,
    /// What shows it.
    pub cited: Vec<CitationId>,
}

/// The verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Cause id, or `unknown`.
    pub cause: String,
    /// Word.
    pub confidence: Confidence,
    /// Of that cause; for `unknown` its own share.
    pub probability: f64,
    /// Container, where there is one.
    pub container: Option<String>,
    /// Exit code of the death it is about.
    pub exit_code: Option<i64>,
    /// Signal of that death.
    pub signal: Option<String>,
    /// Reason of that death.
    pub reason: Option<String>,
    /// One line that a person can paste into a ticket; redacted.
    pub headline: String,
}

/// One next step.
#[derive(Clone, Debug, PartialEq)]
pub struct NextStep {
    /// What to do.
    pub action: String,
    /// A command that can be copied.
    pub command: Option<String>,
    /// How urgent.
    pub priority: Priority,
}

/// One box of the definition of done.
#[derive(Clone, Debug, PartialEq)]
pub struct DoneBox {
    /// `Code fix`, `Deployment` or `Verification`.
    pub group: &'static str,
    /// What must hold.
    pub item: String,
    /// `done`, `open` or `not-checkable`.
    pub state: &'static str,
    /// What shows it.
    pub cited: Vec<CitationId>,
}

/// The whole answer.
#[derive(Clone, Debug)]
pub struct Investigation {
    /// The evidence.
    pub case: CaseFile,
    /// What happened.
    pub history: History,
    /// The verdict.
    pub verdict: Verdict,
    /// Winning path, root first, then rivals by falling probability.
    pub causes: Vec<RankedCause>,
    /// The five usual suspects.
    pub suspects: Vec<Suspect>,
    /// Lints of the spec tied to the verdict: never causes.
    pub hints: Vec<String>,
    /// Next steps, by priority.
    pub next_steps: Vec<NextStep>,
    /// Definition of done.
    pub definition_of_done: Vec<DoneBox>,
    /// How each source answered.
    pub sources: Vec<SourceStatus>,
    /// What could not be learned.
    pub gaps: Vec<Gap>,
    /// Stable under renaming of the pod within its owner.
    pub fingerprint: String,
    /// How the sum came about, for `--explain`; one line a hypothesis.
    pub explanation: Vec<String>,
}
