//! Reading rule files. An error names file, line and column, shows the line, and says what was probably meant.

use std::fmt;

use super::causes;
use super::condition::{Condition, Matcher};
use super::rule::Rule;
use super::suggest;
use super::template;
use crate::reconstruct::Value;
use crate::reconstruct::facts::Kind;

/// Why a rule file was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 when the error has no place.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Lower-case fragment, with a suggestion where there is one.
    pub message: String,
    /// The line itself.
    pub source_line: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "{}: {}", self.file, self.message);
        }
        let gutter = self.line.to_string().len();
        let (shown, pad) = self.excerpt();
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{} | {shown}", self.line)?;
        write!(f, "{:gutter$} | {:pad$}^", "", "")
    }
}

impl std::error::Error for RuleError {}

/// Of a longer line this many characters are shown before the column, and behind it.
const AROUND: usize = 80;

impl RuleError {
    /// The line, or of a long one what stands around the column (a generated file may be one line), and how far in the column is.
    fn excerpt(&self) -> (String, usize) {
        let before = self.column.saturating_sub(1);
        let from = if before > 2 * AROUND { before - AROUND } else { 0 };
        let front = if from > 0 { "…" } else { "" };
        let mut rest = self.source_line.chars().skip(from);
        let shown: String = rest.by_ref().take(before - from + AROUND).collect();
        let back = if rest.next().is_some() { "…" } else { "" };
        (format!("{front}{shown}{back}"), before - from + front.chars().count())
    }

    /// An error at a place of a text.
    pub fn at(file: &str, text: &str, line: usize, column: usize, message: impl Into<String>) -> Self {
        let source_line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned();
        Self { file: file.to_owned(), line, column, message: message.into(), source_line }
    }

    /// An error where a word first stands in a text, or without a place when it does not.
    pub fn at_word(file: &str, text: &str, word: &str, message: impl Into<String>) -> Self {
        match find_word(text, word) {
            Some((line, column)) => Self::at(file, text, line, column, message),
            None => Self { file: file.to_owned(), line: 0, column: 0, message: message.into(), source_line: String::new() },
        }
    }
}

/// Reads one rule file. Cause ids are checked by [`check_ids`], once all files are known.
pub fn parse(file: &str, text: &str) -> Result<Rule, RuleError> {
    serde_yaml::from_str::<Rule>(text).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |l| (l.line(), l.column()));
        let full = error.to_string();
        let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(m, _)| m);
        RuleError::at(file, text, line, column, with_suggestion(message))
    })
}

/// Serde says what it expected; this adds what was meant.
pub(super) fn with_suggestion(message: &str) -> String {
    let mut parts = message.split('`').skip(1).step_by(2);
    if let (true, Some(word)) = (message.contains("unknown field") || message.contains("unknown variant"), parts.next()) {
        return format!("{message}{}", suggest::hint(word, parts));
    }
    message.to_owned()
}

/// Checks the ids and names in a rule against all that are known: the taxonomy and what rules of one's own declare.
pub fn check_ids(file: &str, text: &str, rule: &Rule, known: &[&str], signatures: &[&str]) -> Result<(), RuleError> {
    let refuse = |id: &str| {
        let declare = if id == rule.cause { "; a cause of your own needs `meaning: …`" } else { "" };
        RuleError::at_word(file, text, id, format!("unknown cause `{id}`{}{declare}", suggest::hint(id, known.iter().copied())))
    };
    if rule.cause == causes::UNKNOWN {
        return Err(RuleError::at_word(file, text, &rule.cause, "`unknown` has no rule: it is what is left when nothing else convinces"));
    }
    for id in std::iter::once(rule.cause.as_str()).chain(rule.explains.iter().map(|e| e.cause.as_str())) {
        if !known.contains(&id) {
            return Err(refuse(id));
        }
    }
    for condition in conditions(rule) {
        if let Some(id) = stranger(condition, Kind::Cause, known) {
            return Err(refuse(&id));
        }
        if let Some(id) = stranger(condition, Kind::Signature, signatures) {
            let message = format!("unknown signature `{id}`{}; `a2 explain` knows those there are", suggest::hint(&id, signatures.iter().copied()));
            return Err(RuleError::at_word(file, text, &id, message));
        }
    }
    for text_with_names in texts(rule) {
        if let Some(name) = template::unknown_names(text_with_names).first() {
            let names = template::short_names().chain(crate::reconstruct::facts::REGISTRY.iter().map(|s| s.name));
            return Err(RuleError::at_word(file, text, &format!("{{{name}"), format!("unknown name `{{{name}}}`{}", suggest::hint(name, names))));
        }
    }
    for sign in &rule.evidence {
        if sign.weight.is_for() && sign.group.is_none() {
            return Err(RuleError::at_word(file, text, &sign.says, "a sign for a cause needs a `group`: signs of one group count once"));
        }
    }
    if !rule.evidence.iter().any(|sign| sign.weight.is_for()) {
        return Err(RuleError::at_word(file, text, "evidence", "no sign speaks for this cause: it could never be a verdict"));
    }
    Ok(())
}

/// The first id of a kind in a condition that is not known.
fn stranger(condition: &Condition, kind: Kind, known: &[&str]) -> Option<String> {
    let mut wrong = None;
    condition.visit(&mut |spec, matcher| {
        if let (true, Matcher::In(values) | Matcher::NotIn(values)) = (spec.kind == kind, matcher) {
            let unknown = |v: &Value| matches!(v, Value::Text(id) if !known.contains(&id.as_str())).then(|| v.to_string());
            wrong = wrong.take().or_else(|| values.iter().find_map(unknown));
        }
    });
    wrong
}

/// All conditions of a rule.
pub fn conditions(rule: &Rule) -> impl Iterator<Item = &Condition> {
    rule.requires
        .iter()
        .chain(rule.evidence.iter().map(|e| &e.when))
        .chain(rule.explains.iter().filter_map(|e| e.when.as_ref()))
        .chain(rule.cap.0.iter().map(|c| &c.when))
        .chain(rule.remedy.iter().filter_map(|r| r.when.as_ref()))
        .chain(rule.hints.iter().map(|h| &h.when))
}

/// All texts with names to fill in.
fn texts(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.evidence
        .iter()
        .map(|e| e.says.as_str())
        .chain(rule.confirm_with.iter().map(String::as_str))
        .chain(rule.remedy.iter().map(|r| r.action.as_str()))
        .chain(rule.hints.iter().map(|h| h.says.as_str()))
}

/// Line and column of the first place where a word stands by itself.
fn find_word(text: &str, word: &str) -> Option<(usize, usize)> {
    let joins = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    text.lines().enumerate().find_map(|(n, line)| {
        line.match_indices(word).find_map(|(at, _)| {
            let before = line.get(..at)?.chars().next_back();
            let after = line.get(at + word.len()..)?.chars().next();
            let alone = !before.is_some_and(joins) && !after.is_some_and(joins);
            (alone && !word.is_empty()).then(|| (n + 1, line.get(..at).map_or(0, |b| b.chars().count()) + 1))
        })
    })
}
