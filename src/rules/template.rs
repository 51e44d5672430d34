//! Filling names into the sentences and commands of rules: `{exit_code}`, `{death.reason}`, `{peer|the peer}`.

use std::borrow::Cow;

use crate::reconstruct::Facts;
use crate::reconstruct::facts;

/// Short names for sentences, the fact behind each, and what stands in its place when the fact is not known.
const SHORT: &[(&str, &str, &str)] = &[
    ("container", "subject.container", "the container"),
    ("pod", "subject.pod", "the pod"),
    ("namespace", "subject.namespace", "the namespace"),
    ("node", "subject.node", "the node"),
    ("exit_code", "death.exit_code", "unknown"),
    ("signal", "death.signal", "a signal"),
    ("reason", "death.reason", "no reason"),
    ("memory_limit", "death.memory_limit", "not known"),
    ("lived", "death.lived_seconds", "some"),
    ("peer", "log.peer", "its peer"),
    ("variable", "log.variable", "a variable"),
    ("path", "log.path", "a path"),
];

/// Longest value that is filled in; the rest is cut.
const LONGEST: usize = 120;

/// Fills a sentence.
pub fn sentence(text: &str, facts: &Facts) -> String {
    fill(text, |name, otherwise| match value(name, facts) {
        Some(v) => Cow::Owned(cut(&v)),
        None => Cow::Owned(otherwise.unwrap_or_else(|| default_of(name)).to_owned()),
    })
}

/// Fills a command. What is not plainly a name is left as a placeholder: what a cluster says never becomes shell.
pub fn command(text: &str, facts: &Facts) -> String {
    fill(text, |name, otherwise| {
        let plain = |v: &String| !v.is_empty() && !v.starts_with('-') && v.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:/@".contains(c));
        match value(name, facts).filter(plain) {
            Some(v) => Cow::Owned(v),
            None => Cow::Owned(otherwise.map_or_else(|| format!("<{name}>"), str::to_owned)),
        }
    })
}

/// Fills all strings of a patch.
pub fn patch(value: &serde_json::Value, facts: &Facts) -> serde_json::Value {
    use serde_json::Value::{Array, Object, String};
    match value {
        String(text) => String(sentence(text, facts)),
        Array(list) => Array(list.iter().map(|v| patch(v, facts)).collect()),
        Object(map) => Object(map.iter().map(|(k, v)| (k.clone(), patch(v, facts))).collect()),
        other => other.clone(),
    }
}

/// The names in a text that are neither short names nor facts.
pub fn unknown_names(text: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    fill(text, |name, _| {
        if !SHORT.iter().any(|(short, ..)| *short == name) && facts::spec(name).is_none() {
            unknown.push(name.to_owned());
        }
        Cow::Borrowed("")
    });
    unknown
}

/// The short names, for suggestions.
pub fn short_names() -> impl Iterator<Item = &'static str> {
    SHORT.iter().map(|(short, ..)| *short)
}

fn value(name: &str, facts: &Facts) -> Option<String> {
    let fact = SHORT.iter().find(|(short, ..)| *short == name).map_or(name, |(_, fact, _)| fact);
    facts.first(fact).map(ToString::to_string)
}

fn default_of(name: &str) -> &str {
    SHORT.iter().find(|(short, fact, _)| *short == name || *fact == name).map_or("unknown", |(_, _, otherwise)| otherwise)
}

fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Replaces `{name}` and `{name|otherwise}`; any other brace is text (commands have jsonpath in them).
fn fill<'a>(text: &'a str, mut with: impl FnMut(&'a str, Option<&'a str>) -> Cow<'a, str>) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((inside, tail)) if is_name(inside.split('|').next().unwrap_or_default()) => {
                let (name, otherwise) = inside.split_once('|').map_or((inside, None), |(n, o)| (n, Some(o)));
                out.push_str(&with(name, otherwise));
                rest = tail;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.')
}
