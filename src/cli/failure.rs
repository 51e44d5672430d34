//! What stops a run: an error for a person, a hint what to type next, and the code that scripts read.

use serde::Serialize;

use super::exit::Exit;
use crate::evidence::Gap;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{error:#}")]
pub struct Failure {
    /// The exit code it leads to.
    pub exit: Exit,
    /// What went wrong; its chain reads as one line.
    pub error: anyhow::Error,
    /// What to type or look at next.
    pub hints: Vec<String>,
    /// What could not be read, when that is why there is no answer.
    pub gaps: Vec<Gap>,
}

impl Failure {
    /// A failure of any kind.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hints: Vec::new(), gaps: Vec::new() }
    }

    /// The command line or a file the user wrote is wrong.
    pub fn usage(message: impl std::fmt::Display) -> Self {
        Self::new(Exit::Usage, anyhow::Error::msg(message.to_string()))
    }

    /// The cluster or the bundle could not be read.
    pub fn unreadable(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Unreadable, error)
    }

    /// The user pressed Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, anyhow::Error::msg("interrupted"))
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what could not be read.
    pub fn gaps(mut self, gaps: impl IntoIterator<Item = Gap>) -> Self {
        self.gaps.extend(gaps);
        self
    }

    /// The reader of the output went away, as `| head` does: that is success.
    pub fn is_broken_pipe(&self) -> bool {
        self.error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
    }

    /// The object that stands on stdout under `-o json`.
    pub fn to_json(&self) -> serde_json::Value {
        let document = Document {
            api_version: "a2/v1",
            kind: "Error",
            code: self.exit.code(),
            message: self.to_string(),
            hint: (!self.hints.is_empty()).then(|| self.hints.join("; ")),
            gaps: self.gaps.iter().map(GapDocument::from).collect(),
        };
        serde_json::to_value(document).unwrap_or_default()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Unreadable, anyhow::Error::new(error).context("cannot write the answer"))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    api_version: &'static str,
    kind: &'static str,
    code: u8,
    message: String,
    hint: Option<String>,
    gaps: Vec<GapDocument>,
}

#[derive(Serialize)]
struct GapDocument {
    kind: &'static str,
    verb: String,
    resource: String,
    what: String,
    why: String,
    capture: Option<String>,
}

impl From<&Gap> for GapDocument {
    fn from(gap: &Gap) -> Self {
        Self {
            kind: gap.kind.word(),
            verb: gap.verb.clone(),
            resource: gap.resource.clone(),
            what: gap.what.clone(),
            why: gap.why.clone(),
            capture: gap.capture.clone(),
        }
    }
}
