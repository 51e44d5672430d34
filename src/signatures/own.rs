//! Signatures of one's own, beside the built-in ones: bounded in number, size and time.
//!
//! They are in force inside [`with_own`], on that thread: reading is a function of the text, and which signatures count
//! belongs to the set of rules that judges. The `regex` crate matches in linear time; what remains is bounded here.

use std::cell::RefCell;
use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};

use super::catalog::{Role, Scope, Signature, signature};
use super::scan::{Hit, hit};

/// Longest pattern, in bytes.
pub const LONGEST_PATTERN: usize = 2000;
/// Largest compiled pattern, in bytes; also the limit of its lazy automaton.
pub const LARGEST_PATTERN: usize = 1 << 18;
/// So many signatures may be added.
pub const MOST: usize = 500;
/// Of a longer text only this many bytes are searched.
const LONGEST_TEXT: usize = 16 * 1024;
/// What a signature of one's own ranks unless told: it was written for these very lines.
pub const RANK: u8 = 70;

/// A signature as a person wrote it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Stable name, `theme.detail`.
    pub id: String,
    /// Where it applies.
    pub scope: Scope,
    /// The pattern.
    pub pattern: String,
    /// The cause it speaks for.
    pub cause: Option<String>,
    /// The cause when the text around it names a peer.
    pub peer_cause: Option<String>,
    /// What a match is worth.
    pub role: Role,
    /// The library that writes it.
    pub library: Option<String>,
    /// Of two causes in one line the one of higher rank is meant.
    pub rank: u8,
    /// Further words about it.
    pub tags: Vec<String>,
    /// What it means, for people.
    pub why: String,
}

/// Why a signature was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnError {
    /// The id is taken.
    #[error("signature `{0}` exists already; an id names one signature")]
    Taken(String),
    /// Too many.
    #[error("more than {MOST} signatures")]
    TooMany,
    /// The pattern is too long.
    #[error("the pattern is {0} bytes long, more than {LONGEST_PATTERN}; cut it to what is always there")]
    TooLong(usize),
    /// The pattern compiles to too much.
    #[error("the pattern needs more than {} KiB when compiled; use smaller repetitions", LARGEST_PATTERN / 1024)]
    TooLarge,
    /// The pattern matches an empty line.
    #[error("the pattern matches an empty text, so it would match every line; add words that are always there")]
    MatchesAll,
    /// No pattern.
    #[error("the pattern does not parse: {0}")]
    Malformed(String),
}

#[derive(Debug)]
struct Entry {
    signature: &'static Signature,
    regex: Regex,
}

/// Signatures of one's own.
#[derive(Clone, Debug, Default)]
pub struct Own(Vec<Arc<Entry>>);

impl Own {
    /// Adds a signature. It lives as long as the process: findings carry its words wherever they go.
    ///
    /// # Errors
    /// When its id is taken or its pattern is not usable.
    pub fn add(&mut self, draft: Draft) -> Result<(), OwnError> {
        if signature(&draft.id).is_some() || self.get(&draft.id).is_some() {
            return Err(OwnError::Taken(draft.id));
        }
        if self.0.len() >= MOST {
            return Err(OwnError::TooMany);
        }
        let regex = compile(&draft.pattern)?;
        let tags: Vec<&'static str> = draft.tags.into_iter().map(keep).collect();
        let signature: &'static Signature = Box::leak(Box::new(Signature {
            id: keep(draft.id),
            scope: draft.scope,
            pattern: keep(draft.pattern),
            cause: draft.cause.map(keep),
            peer_cause: draft.peer_cause.map(keep),
            role: draft.role,
            languages: &[],
            library: draft.library.map(keep),
            rank: draft.rank,
            tags: Box::leak(tags.into_boxed_slice()),
            why: keep(draft.why),
        }));
        self.0.push(Arc::new(Entry { signature, regex }));
        Ok(())
    }

    /// The signature of that id.
    pub fn get(&self, id: &str) -> Option<&'static Signature> {
        self.iter().find(|s| s.id == id)
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &'static Signature> {
        self.0.iter().map(|e| e.signature)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn keep(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn compile(pattern: &str) -> Result<Regex, OwnError> {
    if pattern.len() > LONGEST_PATTERN {
        return Err(OwnError::TooLong(pattern.len()));
    }
    let built = RegexBuilder::new(pattern).unicode(false).size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_PATTERN).nest_limit(50).build();
    let regex = built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => OwnError::TooLarge,
        // The parser draws the pattern with a caret below; the last line is what it says.
        other => OwnError::Malformed(other.to_string().lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()),
    })?;
    if regex.is_match(b"") { Err(OwnError::MatchesAll) } else { Ok(regex) }
}

thread_local! {
    static IN_FORCE: RefCell<Own> = RefCell::new(Own::default());
}

/// Puts back what was in force, also when the work panics.
struct Restore(Own);

impl Drop for Restore {
    fn drop(&mut self) {
        let before = std::mem::take(&mut self.0);
        IN_FORCE.with(|own| own.replace(before));
    }
}

/// Does some reading with these signatures beside the built-in ones.
pub fn with_own<T>(own: &Own, work: impl FnOnce() -> T) -> T {
    let _restore = Restore(IN_FORCE.with(|now| now.replace(own.clone())));
    work()
}

/// Whether any are in force.
pub(super) fn any() -> bool {
    IN_FORCE.with_borrow(|own| !own.is_empty())
}

/// The matches of the signatures in force in a text.
pub(super) fn own_hits(scope: Scope, text: &str, line: usize, into: &mut Vec<Hit>) {
    IN_FORCE.with(|own| {
        let own = own.borrow();
        if own.is_empty() {
            return;
        }
        let end = (0..=LONGEST_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let searched = text.get(..end).unwrap_or_default();
        into.extend(own.0.iter().filter(|e| e.signature.scope == scope).filter_map(|e| hit(e.signature, &e.regex, searched, line)));
    });
}
