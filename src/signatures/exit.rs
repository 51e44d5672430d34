//! What exit codes and the platform's reasons mean, as data.

/// How much an exit code alone says about the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Specificity {
    /// Next to nothing.
    Low,
    /// It narrows the choice.
    Medium,
    /// It all but names it.
    High,
}

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitMeaning {
    /// The code.
    pub code: i64,
    /// The signal behind it (`SIGSEGV`), when it is 128 + n.
    pub signal: Option<&'static str>,
    /// One line for people.
    pub meaning: &'static str,
    /// How much it says.
    pub specificity: Specificity,
    /// Words for rules: `crash`, `rust-panic`, `go-panic`, `usage`, `timeout`, `config`, `killed`, `stopped`, …
    pub tags: &'static [&'static str],
}

/// Where a reason word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonOf {
    /// `state.waiting.reason`.
    Waiting,
    /// `state.terminated.reason`.
    Terminated,
    /// `status.reason` of a pod.
    Pod,
    /// The reason of an event.
    Event,
}

/// What a reason word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonMeaning {
    /// The word.
    pub reason: &'static str,
    /// Where it stands.
    pub of: ReasonOf,
    /// One line for people.
    pub meaning: &'static str,
    /// Causes it alone can speak for; the message beside it tells which.
    pub causes: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/exit_codes.rs"));
include!(concat!(env!("OUT_DIR"), "/reasons.rs"));

/// What an exit code means. Codes that no table names are the program's own; 128 + n are signals.
pub fn exit_code(code: i64) -> ExitMeaning {
    if let Ok(i) = EXIT_CODES.binary_search_by_key(&code, |m| m.code)
        && let Some(m) = EXIT_CODES.get(i)
    {
        return *m;
    }
    match code {
        129..=192 => {
            ExitMeaning { code, signal: None, meaning: "ended by a signal, or the program's own code", specificity: Specificity::Low, tags: &["signal"] }
        }
        _ => ExitMeaning { code, signal: None, meaning: "the program's own code", specificity: Specificity::Low, tags: &["application"] },
    }
}

/// What a reason word means where it stands.
pub fn reason(of: ReasonOf, word: &str) -> Option<&'static ReasonMeaning> {
    REASONS.iter().find(|r| r.of == of && r.reason == word)
}

/// All exit codes with a meaning of their own, rising.
pub fn exit_codes() -> &'static [ExitMeaning] {
    EXIT_CODES
}

/// All reason words.
pub fn reasons() -> &'static [ReasonMeaning] {
    REASONS
}
