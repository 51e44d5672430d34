//! All signatures over a text in one pass.

use regex::bytes::Regex;

use super::catalog::{SIGNATURES, Scope, Signature, regex};
use super::entity::{Entity, EntityKind};
use super::own::own_hits;
use super::prefilter;

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

/// The signatures of a scope that match a text, in table order, those of one's own last. `line` is copied into the hits.
pub fn hits(scope: Scope, text: &str, line: usize) -> Vec<Hit> {
    let mut candidates: Vec<u16> = Vec::new();
    prefilter::each(scope, text.as_bytes(), |_, _, of| candidates.extend_from_slice(of));
    candidates.sort_unstable();
    candidates.dedup();
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
    let mut line = (0, 0);
    prefilter::each(scope, buffer, |start, end, of| {
        if start >= line.1 || start < line.0 {
            let from = buffer.get(..start).map_or(0, |b| b.iter().rposition(|&c| c == b'\n').map_or(0, |p| p + 1));
            let to = buffer.get(end..).and_then(|b| b.iter().position(|&c| c == b'\n')).map_or(buffer.len(), |p| end + p);
            line = (from, to);
        }
        let Some(text) = buffer.get(line.0..line.1) else { return };
        for &index in of {
            let index = usize::from(index);
            if regex(index).is_some_and(|r| r.is_match(text)) {
                found.push((line.0, index));
            }
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}
