//! Files of signatures of one's own: how log lines and messages are recognised, beside the built-in signatures.

use schemars::JsonSchema;
use serde::Deserialize;

use super::parse::{RuleError, with_suggestion};
use super::suggest;
use crate::signatures::{Draft, Own, OwnError, RANK, Role, Scope};

/// A file of signatures.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// Which texts they are about; log lines when left out.
    #[serde(default)]
    pub scope: ScopeWord,
    /// The signatures.
    pub signatures: Vec<OwnSignature>,
}

/// Which texts a signature is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScopeWord {
    /// What a program writes.
    #[default]
    Log,
    /// What kubelet, runtime, scheduler and controllers write into events, conditions and messages.
    Platform,
    /// What the kernel writes.
    Kernel,
}

/// What a match is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleWord {
    /// It names a cause.
    #[default]
    Cause,
    /// It names a cause only for want of a better one.
    Generic,
    /// It carries another error, or reports the end of it.
    Wrapper,
    /// It tells something about the program, no cause.
    Marker,
    /// It matters while the program still runs.
    Live,
    /// It looks like a failure and is none: a line that matches is not held to be an error.
    Noise,
}

/// One recognisable text.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnSignature {
    /// Stable name, `theme.detail`; not that of a built-in signature. Rules name it in `log.signature`.
    pub id: String,
    /// Regular expression, tried on one line at a time. Named groups are entities: host, port, peer, variable, path, file, line, object.
    pub pattern: String,
    /// The cause it speaks for.
    #[serde(default)]
    pub cause: Option<String>,
    /// The cause when the text around it names a peer.
    #[serde(default)]
    pub peer_cause: Option<String>,
    /// What a match is worth.
    #[serde(default)]
    pub role: RoleWord,
    /// The library that writes it.
    #[serde(default)]
    pub library: Option<String>,
    /// Of two causes in one line the one of higher rank is meant; 70 when left out, built-in ones have 20 to 91.
    #[serde(default)]
    pub rank: Option<u8>,
    /// Further words about it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What it means, for people.
    pub why: String,
    /// Lines that must match, and lines that must not; `a2 rules test` tries them.
    #[serde(default)]
    pub examples: Lines,
}

/// Lines that must match, and lines that must not.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// Must match.
    #[serde(default)]
    pub yes: Vec<String>,
    /// Must not.
    #[serde(default)]
    pub no: Vec<String>,
}

/// Reads a file of signatures. Causes and patterns are checked once all files are known.
///
/// # Errors
/// With the place and the mend.
pub fn parse(file: &str, text: &str) -> Result<SignatureFile, RuleError> {
    serde_yaml::from_str::<SignatureFile>(text).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |l| (l.line(), l.column()));
        let full = error.to_string();
        let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(m, _)| m);
        RuleError::at(file, text, line, column, with_suggestion(message))
    })
}

/// Checks causes and ids.
pub(super) fn check(file: &str, text: &str, parsed: &SignatureFile, known: &[&str]) -> Result<(), RuleError> {
    for signature in &parsed.signatures {
        for cause in [&signature.cause, &signature.peer_cause].into_iter().flatten() {
            if !known.contains(&cause.as_str()) {
                let message =
                    format!("unknown cause `{cause}`{}; a cause of your own needs a rule with `meaning: …`", suggest::hint(cause, known.iter().copied()));
                return Err(RuleError::at_word(file, text, cause, message));
            }
        }
        if signature.id.is_empty() || !signature.id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
            return Err(RuleError::at_word(
                file,
                text,
                &signature.id,
                format!("`{}` is no id; use letters, digits, `-` and one `.`: licence.expired", signature.id),
            ));
        }
        let speaks = matches!(signature.role, RoleWord::Cause | RoleWord::Generic | RoleWord::Live);
        if speaks && signature.cause.is_none() && signature.peer_cause.is_none() {
            let message = format!("signature `{}` names no cause; add `cause: …`, or `role: marker` when it is only a sign", signature.id);
            return Err(RuleError::at_word(file, text, &signature.id, message));
        }
    }
    Ok(())
}

/// Adds the signatures of a file.
pub(super) fn add(file: &str, text: &str, parsed: SignatureFile, own: &mut Own) -> Result<(), RuleError> {
    for signature in parsed.signatures {
        let id = signature.id.clone();
        own.add(draft(signature, parsed.scope)).map_err(|error| {
            let at = RuleError::at_word(file, text, &id, error.to_string());
            match error {
                OwnError::Taken(_) | OwnError::TooMany => at,
                // The pattern stands below its id.
                _ => pattern_of(text, at.line).map_or(at, |(line, column)| RuleError::at(file, text, line, column, error.to_string())),
            }
        })?;
    }
    Ok(())
}

fn pattern_of(text: &str, from: usize) -> Option<(usize, usize)> {
    text.lines().enumerate().skip(from.saturating_sub(1)).find_map(|(n, line)| Some((n + 1, line.find("pattern:")? + 1)))
}

fn draft(signature: OwnSignature, scope: ScopeWord) -> Draft {
    Draft {
        id: signature.id,
        scope: match scope {
            ScopeWord::Log => Scope::Log,
            ScopeWord::Platform => Scope::Platform,
            ScopeWord::Kernel => Scope::Kernel,
        },
        pattern: signature.pattern,
        cause: signature.cause,
        peer_cause: signature.peer_cause,
        role: match signature.role {
            RoleWord::Cause => Role::Cause,
            RoleWord::Generic => Role::Generic,
            RoleWord::Wrapper => Role::Wrapper,
            RoleWord::Marker => Role::Marker,
            RoleWord::Live => Role::Live,
            RoleWord::Noise => Role::Noise,
        },
        library: signature.library,
        rank: signature.rank.unwrap_or(RANK),
        tags: signature.tags,
        why: signature.why,
    }
}
