//! Finding and replacing secrets.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, OnceLock};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::bytes::{Regex, RegexBuilder};

use super::clean::clean;
use super::names::{secret_key, secret_name};
use super::patterns::{Check, FOOT, LONGEST_KEY, NAME, PATTERNS};

/// What every placeholder begins with; text that has it was redacted before.
const MARK: &str = "[redacted:";

/// So many times may a text be read again for pairs inside what looks like the value of a pair. A pile of pairs in one word
/// (`key=key=key=…`) would be read once for each; when the patience is at an end, the rest of the word is hidden.
const PATIENCE: usize = 16;
/// The same in bytes, for short texts.
const PATIENCE_AT_LEAST: usize = 64 * 1024;

/// Literals of all patterns, and the pattern of each.
static NEEDLES: LazyLock<(Option<AhoCorasick>, Vec<usize>)> = LazyLock::new(|| {
    let all: Vec<(&str, usize)> = PATTERNS.iter().enumerate().flat_map(|(i, p)| p.needles.iter().map(move |n| (*n, i))).collect();
    (AhoCorasick::builder().ascii_case_insensitive(true).build(all.iter().map(|n| n.0)).ok(), all.iter().map(|n| n.1).collect())
});

static COMPILED: [OnceLock<Option<Regex>>; 64] = [const { OnceLock::new() }; 64];

fn regex(index: usize) -> Option<&'static Regex> {
    let pattern = PATTERNS.get(index)?;
    COMPILED.get(index)?.get_or_init(|| RegexBuilder::new(&pattern.pattern.replace("{name}", NAME)).unicode(false).build().ok()).as_ref()
}

/// Byte ranges of the feet of keys, ascending.
fn feet(text: &str) -> Vec<(usize, usize)> {
    static REGEX: LazyLock<Option<Regex>> = LazyLock::new(|| RegexBuilder::new(FOOT).unicode(false).build().ok());
    REGEX.iter().flat_map(|regex| regex.find_iter(text.as_bytes())).map(|foot| (foot.start(), foot.end())).collect()
}

/// Replaces secrets; within one redactor the same secret has the same placeholder: `[redacted:jwt#1]`.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Numbers by kind and secret. Never printed, never stored.
    known: Mutex<BTreeMap<&'static str, BTreeMap<String, usize>>>,
}

impl Redactor {
    /// A redactor that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces secrets by numbered placeholders. Text without secrets is borrowed; redacting twice is redacting once.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace(text, |kind, secret| {
            let Ok(mut known) = self.known.lock() else { return format!("{MARK}{kind}]") };
            let of_kind = known.entry(kind).or_default();
            let next = of_kind.len() + 1;
            format!("{MARK}{kind}#{}]", of_kind.entry(secret.to_owned()).or_insert(next))
        })
    }

    /// Cleans, then redacts: what any output shows of a cluster's text. A secret split by invisible characters is found.
    pub fn show<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match clean(text) {
            Cow::Borrowed(t) => self.redact(t),
            Cow::Owned(t) => Cow::Owned(self.redact(&t).into_owned()),
        }
    }

    /// The placeholder for a value that is known to be a secret by its name or place, an environment variable's say.
    pub fn hide(&self, kind: &'static str, secret: &str) -> String {
        if secret.starts_with(MARK) {
            return secret.to_owned();
        }
        let Ok(mut known) = self.known.lock() else { return format!("{MARK}{kind}]") };
        let of_kind = known.entry(kind).or_default();
        let next = of_kind.len() + 1;
        format!("{MARK}{kind}#{}]", of_kind.entry(secret.to_owned()).or_insert(next))
    }
}

/// Replaces secrets by placeholders without numbers.
pub fn redact(text: &str) -> Cow<'_, str> {
    replace(text, |kind, _| format!("{MARK}{kind}]"))
}

/// [`clean`], then [`redact`].
pub fn show(text: &str) -> Cow<'_, str> {
    match clean(text) {
        Cow::Borrowed(t) => redact(t),
        Cow::Owned(t) => Cow::Owned(redact(&t).into_owned()),
    }
}

/// So often at most is a text looked through again.
const PASSES: usize = 8;

fn replace(text: &str, mut placeholder: impl FnMut(&'static str, &str) -> String) -> Cow<'_, str> {
    let mut all = Cow::Borrowed(text);
    // What a secret stood beside may read differently once it is gone: redacting twice is redacting once because it is done until nothing is found.
    for _ in 0..PASSES {
        let spans = spans(&all);
        if spans.is_empty() {
            break;
        }
        let mut out = String::with_capacity(all.len());
        let mut at = 0;
        for (start, end, kind) in spans {
            if let (Some(before), Some(secret)) = (all.get(at..start), all.get(start..end)) {
                out.push_str(before);
                out.push_str(&placeholder(kind, secret));
                at = end;
            }
        }
        out.push_str(all.get(at..).unwrap_or_default());
        all = Cow::Owned(out);
    }
    all
}

/// Byte ranges of the placeholders that a text already has.
fn placeholders(text: &str) -> Vec<(usize, usize)> {
    let close = |start: usize| text.get(start + MARK.len()..).and_then(|rest| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '#'));
    text.match_indices(MARK).map(|(start, _)| (start, close(start).map_or(text.len(), |n| start + MARK.len() + n + 1))).collect()
}

/// Byte ranges of the secrets, ascending, without overlap, with their kinds.
fn spans(text: &str) -> Vec<(usize, usize, &'static str)> {
    let (automaton, of) = &*NEEDLES;
    let placeholders = placeholders(text);
    // The first placeholder that ends behind this byte, where it begins before the other.
    let redacted = |from: usize, to: usize| placeholders.get(placeholders.partition_point(|p| p.1 <= from)).is_some_and(|p| p.0 < to);
    let mut candidates = Vec::new();
    if let Some(automaton) = automaton {
        for m in automaton.find_overlapping_iter(text) {
            // The kind in a placeholder (`jwt`, `password`) gives away no other secret.
            if let Some(&p) = of.get(m.pattern().as_usize()).filter(|_| !redacted(m.start(), m.end())) {
                candidates.push(p);
            }
        }
    }
    if text.len() >= 60 && text.lines().any(is_material) {
        candidates.extend(PATTERNS.iter().position(|p| p.check == Check::Material));
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut patience = PATIENCE * text.len() + PATIENCE_AT_LEAST;
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for index in candidates {
        let (Some(pattern), Some(regex)) = (PATTERNS.get(index), regex(index)) else { continue };
        let mut from = 0;
        let feet = if pattern.check == Check::Armor { feet(text) } else { Vec::new() };
        while let Some(c) = regex.captures_at(text.as_bytes(), from) {
            let Some(whole) = c.get(0) else { break };
            let secret = c.name("s").unwrap_or(whole);
            let foot = feet.get(feet.partition_point(|f| f.0 < whole.end())).filter(|f| f.0 - whole.end() <= LONGEST_KEY);
            let secret = secret.start()..foot.map_or(secret.end(), |f| f.1);
            let value = text.get(secret.clone()).unwrap_or_default();
            let name = c.name("n").and_then(|m| text.get(m.start()..m.end())).unwrap_or_default();
            let is_secret = !value.contains(MARK)
                && !redacted(secret.start, secret.end)
                && !value.is_empty()
                && match pattern.check {
                    _ if patience == 0 && !name.is_empty() => true,
                    Check::Shape => true,
                    Check::Value => looks_secret(value),
                    Check::Pair => {
                        let code = value.contains('.') && is_code(value);
                        pair_name(name) && !(is_plain(value) || is_object(name, value) || code)
                    }
                    Check::Prose => pair_name(name) && !is_plain(value) && looks_secret(value) && !is_object(name, value) && !is_code(value),
                    Check::Mixed => is_mixed(value),
                    Check::Basic => is_basic(value),
                    Check::Url => !value.split_once('/').is_some_and(|(port, _)| port.bytes().all(|b| b.is_ascii_digit())),
                    Check::User => !value.bytes().all(|b| b.is_ascii_digit()),
                    Check::Material => is_material(value),
                    Check::Armor => foot.is_some(),
                };
            if is_secret {
                found.push((secret.start, secret.end, index));
            }
            // A pair that is none may hide one: `error="password=x"`; so may what stands behind a placeholder.
            let behind_mark = || value.find(MARK).map(|at| secret.start + at + MARK.len());
            from = match c.name("n").map(|n| n.end()).or_else(behind_mark) {
                _ if is_secret => secret.end,
                Some(inside) if patience > 0 => {
                    patience = patience.saturating_sub(whole.end() - inside.min(whole.end()));
                    inside
                }
                _ => whole.end(),
            }
            .max(whole.start() + 1);
        }
    }
    found.sort_by_key(|&(start, _, index)| (start, index));
    let mut merged: Vec<(usize, usize, usize)> = Vec::new();
    for (start, end, index) in found {
        match merged.last_mut() {
            Some(last) if start < last.1 => {
                last.1 = last.1.max(end);
                last.2 = last.2.min(index);
            }
            _ => merged.push((start, end, index)),
        }
    }
    merged.into_iter().filter_map(|(s, e, i)| Some((s, e, PATTERNS.get(i)?.kind))).collect()
}

/// A name in a text stands for a secret; a bare `key` is an entry of a cache or a map far more often.
fn pair_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "pass" => true,
        "key" | "keys" | "pat" => false,
        _ => secret_name(name) && secret_key(name),
    }
}

/// The name of a Kubernetes object, as components log it: `secret="namespace/name"`.
fn is_object(name: &str, value: &str) -> bool {
    let part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    matches!(name, "secret" | "secrets") && value.split_once('/').is_some_and(|(namespace, name)| part(namespace) && part(name))
}

/// A call or an index, as in the source line of a traceback: `password=os.environ[…`.
fn is_code(value: &str) -> bool {
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(value.len());
    end > 0 && value.get(end..).is_some_and(|rest| rest.starts_with(['(', '[']))
}

/// Capitals, small letters and digits together, or a long run of hex.
fn is_mixed(value: &str) -> bool {
    let has = |f: fn(&u8) -> bool| value.as_bytes().iter().any(f);
    let hex = value.rsplit(['-', '_']).next().is_some_and(|t| t.len() >= 32 && t.bytes().all(|b| b.is_ascii_hexdigit()));
    hex || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Base64 of `user:password`.
fn is_basic(value: &str) -> bool {
    let bare = value.trim_end_matches('=');
    STANDARD_NO_PAD.decode(bare).is_ok_and(|bytes| bytes.contains(&b':') && bytes.iter().all(|b| (0x20..0x7f).contains(b) || *b >= 0x80))
}

/// Words that stand where a secret could, and are none.
fn is_plain(value: &str) -> bool {
    let v = value.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    const WORDS: [&str; 62] = [
        "",
        "true",
        "false",
        "yes",
        "no",
        "null",
        "none",
        "nil",
        "undefined",
        "empty",
        "set",
        "unset",
        "missing",
        "invalid",
        "expired",
        "required",
        "not",
        "is",
        "was",
        "must",
        "cannot",
        "could",
        "failed",
        "error",
        "unauthorized",
        "forbidden",
        "denied",
        "rejected",
        "wrong",
        "incorrect",
        "mismatch",
        "unknown",
        "unexpected",
        "the",
        "a",
        "an",
        "for",
        "from",
        "in",
        "of",
        "and",
        "or",
        "string",
        "str",
        "bool",
        "int",
        "secret",
        "token",
        "password",
        "default",
        "file",
        "env",
        "value",
        "optional",
        "ok",
        "valid",
        "found",
        "redacted",
        "hidden",
        "masked",
        "permission",
        "bearer",
    ];
    WORDS.contains(&v.as_str())
        || (v.len() < 6 && v.bytes().all(|b| b.is_ascii_digit()) && value.len() < 6)
        || value.starts_with(['<', '$'])
        || value.starts_with("{{")
        || value.starts_with("%(")
}

/// Letters mixed with digits, signs or inner capitals: no word of a sentence, no path.
fn looks_secret(value: &str) -> bool {
    let letters = value.bytes().any(|b| b.is_ascii_alphabetic());
    let digits = value.bytes().any(|b| b.is_ascii_digit());
    let inner_capital = value.bytes().skip(1).any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase());
    let sign = value.bytes().any(|b| matches!(b, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' | b'+' | b'~' | b'='));
    value.len() >= 6
        && (letters || digits)
        && !value.starts_with('/')
        && !value.contains("://")
        && ((letters && digits) || sign || (inner_capital && value.len() >= 16) || value.len() >= 32)
}

/// A line of base64 as keys are wrapped; digests in hex and plain words are none.
fn is_material(line: &str) -> bool {
    let line = line.trim_end();
    let bytes = line.trim_end_matches('=').as_bytes();
    (60..=78).contains(&line.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().any(u8::is_ascii_digit)
        && !bytes.iter().all(u8::is_ascii_hexdigit)
}
