//! The signatures, as the build script prepared them.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// Which texts a signature is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// What a program writes.
    Log,
    /// What kubelet, runtime, scheduler, controllers and admission write into events, conditions and messages.
    Platform,
    /// What the kernel writes.
    Kernel,
}

/// What a match is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It names a cause.
    Cause,
    /// It names a cause only for want of a better one: any traceback, any panic.
    Generic,
    /// It carries another error, or reports the end of it: "failed to boot", "giving up".
    Wrapper,
    /// It tells something about the program, no cause: a language, a start, a shutdown.
    Marker,
    /// It matters while the program still runs: a worker, a task, the logging died.
    Live,
    /// It looks like a failure and is none.
    Noise,
}

/// One recognisable text.
#[derive(Debug)]
pub struct Signature {
    /// Stable name, `theme.detail`.
    pub id: &'static str,
    /// Where it applies.
    pub scope: Scope,
    /// The pattern, in byte semantics; named groups are entities.
    pub pattern: &'static str,
    /// The cause id it speaks for.
    pub cause: Option<&'static str>,
    /// The cause id when the text around it names a peer.
    pub peer_cause: Option<&'static str>,
    /// What a match is worth.
    pub role: Role,
    /// Languages it is typical of; empty: any.
    pub languages: &'static [&'static str],
    /// The library that writes it.
    pub library: Option<&'static str>,
    /// Of two causes in one line the one of higher rank is meant; 50 unless told.
    pub rank: u8,
    /// Further words about it: `oom`, `gpu`, `shutdown`, …
    pub tags: &'static [&'static str],
    /// What it means, for people.
    pub why: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/signatures.rs"));

/// Ids of what is recognised by its shape instead of by a pattern, with what it means.
pub const MADE_HERE: &[(&str, &str)] = &[
    ("block.panic", "a panic block of Rust or Go"),
    ("block.native", "the last words of a native crash"),
    ("block.startup", "a start that failed"),
    ("block.logging", "the logging handler's own failure"),
    ("block.exception", "an exception with its stack"),
    ("block.dump", "a dump of threads or goroutines"),
    ("block.background", "a thread or task that died in a program that goes on"),
    ("line.error", "an error line that no pattern knows"),
    ("line.queue-grows", "a heartbeat whose backlog grows"),
];

/// All signatures, in the order of the data files.
pub fn signatures() -> &'static [Signature] {
    SIGNATURES
}

/// The signature of that id.
pub fn signature(id: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|s| s.id == id)
}

static COMPILED: OnceLock<Vec<OnceLock<Option<Regex>>>> = OnceLock::new();

/// The pattern of the signature at that index, compiled on first use. A pattern that does not compile is caught by a
/// test; here it never matches.
pub(super) fn regex(index: usize) -> Option<&'static Regex> {
    let all = COMPILED.get_or_init(|| (0..SIGNATURES.len()).map(|_| OnceLock::new()).collect());
    let signature = SIGNATURES.get(index)?;
    all.get(index)?.get_or_init(|| RegexBuilder::new(signature.pattern).unicode(false).build().ok()).as_ref()
}
