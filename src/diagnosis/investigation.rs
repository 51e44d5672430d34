//! The answer, as data. Renderers read this and nothing else.

use super::kin::Kin;
use crate::evidence::{CaseFile, Gap, SourceStatus};
use crate::reconstruct::{CitationId, History};
use crate::rules::{Confidence, Priority, RankedCause};

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
    /// Whom the failure is counted with.
    pub kin: Kin,
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
