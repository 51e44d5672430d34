//! All signatures over a text in one pass.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::Regex;

use super::catalog::{NEEDLES, SIGNATURES, Scope, Signature, regex};
use super::entity::{Entity, EntityKind};
use super::own::own_hits;

/// One signature matched in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What matched.
    pub signature: &'static Signature,
    /// Index of the line.
    pub line: usize,
    /// The words it matched in, raw: the whole line, or the field of a JSON line.
    pub text: String,
    /// Byte range of the match in `text`.
    pub span: (usize, usize),
    /// What its named groups captured.
    pub entities: Vec<Entity>,
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

struct Scanner {
    automaton: Option<AhoCorasick>,
    of: Vec<&'static [u16]>,
}

/// A larger buffer repays the time that building a dense automaton takes.
const LARGE: usize = 8 * 1024 * 1024;

impl Scanner {
    fn new(scope: Scope, kind: AhoCorasickKind) -> Self {
        let mine = NEEDLES.iter().filter(|n| n.0 == scope);
        let of = mine.clone().map(|n| n.2).collect();
        // The literals are lower-case, and a pattern decides about case itself.
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(kind)).build(mine.map(|n| n.1)).ok();
        Self { automaton, of }
    }

    /// Signatures worth trying on the text, ascending, each once.
    fn candidates(&self, text: &[u8], into: &mut Vec<u16>) {
        into.clear();
        if let Some(automaton) = &self.automaton {
            for m in automaton.find_overlapping_iter(text) {
                if let Some(of) = self.of.get(m.pattern().as_usize()) {
                    into.extend_from_slice(of);
                }
            }
            into.sort_unstable();
            into.dedup();
        }
    }
}

// A tail of a log is short: most of a run's time would go into building a dense automaton, so lines get the sparse one.
static LOG: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(Scope::Log, AhoCorasickKind::NoncontiguousNFA));
static PLATFORM: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(Scope::Platform, AhoCorasickKind::NoncontiguousNFA));
static KERNEL: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(Scope::Kernel, AhoCorasickKind::NoncontiguousNFA));
static LARGE_LOG: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(Scope::Log, AhoCorasickKind::DFA));

fn scanner(scope: Scope) -> &'static Scanner {
    match scope {
        Scope::Log => &LOG,
        Scope::Platform => &PLATFORM,
        Scope::Kernel => &KERNEL,
    }
}

/// The signatures of a scope that match a text, in table order, those of one's own last. `line` is copied into the hits.
pub fn hits(scope: Scope, text: &str, line: usize) -> Vec<Hit> {
    let mut candidates = Vec::new();
    scanner(scope).candidates(text.as_bytes(), &mut candidates);
    let mut found: Vec<Hit> = candidates.iter().filter_map(|&index| hit(SIGNATURES.get(usize::from(index))?, regex(usize::from(index))?, text, line)).collect();
    own_hits(scope, text, line, &mut found);
    found
}

/// The match of one signature in a text.
pub(super) fn hit(signature: &'static Signature, regex: &Regex, text: &str, line: usize) -> Option<Hit> {
    let captures = regex.captures(text.as_bytes())?;
    let whole = captures.get(0)?;
    let group = |name: &str| captures.name(name).and_then(|m| text.get(m.start()..m.end())).filter(|t| !t.is_empty());
    let mut entities = Vec::new();
    if let Some(host) = group("host") {
        let value = group("port").map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        entities.push(Entity { kind: EntityKind::Peer, value, line });
    }
    if let Some(file) = group("file") {
        let value = group("line").map_or_else(|| file.to_owned(), |n| format!("{file}:{n}"));
        entities.push(Entity { kind: EntityKind::Position, value, line });
    }
    for name in regex.capture_names().flatten() {
        if let (Some(kind), Some(value)) = (EntityKind::of_group(name), group(name)) {
            entities.push(Entity { kind, value: value.to_owned(), line });
        }
    }
    Some(Hit { signature, line, text: text.to_owned(), span: (whole.start(), whole.end()), entities })
}

/// One pass over a whole buffer of lines: for each line where a signature matches, the offset of the line's first byte
/// and the index of the signature in [`super::signatures`]. For large logs; no captures are taken.
pub fn scan_buffer(scope: Scope, buffer: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let scanner = if scope == Scope::Log && buffer.len() >= LARGE { &LARGE_LOG } else { scanner(scope) };
    let Some(automaton) = &scanner.automaton else { return found };
    let mut line = (0, 0);
    for m in automaton.find_overlapping_iter(buffer) {
        if m.start() >= line.1 || m.start() < line.0 {
            let start = buffer.get(..m.start()).map_or(0, |b| b.iter().rposition(|&c| c == b'\n').map_or(0, |p| p + 1));
            let end = buffer.get(m.end()..).and_then(|b| b.iter().position(|&c| c == b'\n')).map_or(buffer.len(), |p| m.end() + p);
            line = (start, end);
        }
        let Some(text) = buffer.get(line.0..line.1) else { continue };
        for &index in scanner.of.get(m.pattern().as_usize()).into_iter().flat_map(|of| of.iter()) {
            let index = usize::from(index);
            if regex(index).is_some_and(|r| r.is_match(text)) {
                found.push((line.0, index));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
