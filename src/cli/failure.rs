//! What stops a run: an error for a person, a hint what to type next, and the code that scripts read.

use super::exit::Exit;
use crate::evidence::Gap;
use crate::redact;
use crate::report::{Cleaner, json};

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
    pub fn to_json(&self) -> String {
        let redacted = |text: &str| redact::show(text).into_owned();
        let hint = (!self.hints.is_empty()).then(|| self.hints.join("; "));
        json::render(&json::error(self.exit.code(), &self.to_string(), hint.as_deref(), &self.gaps, &Cleaner::new(&redacted)))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Unreadable, anyhow::Error::new(error).context("cannot write the answer"))
    }
}
