//! Log lines as rows: the words of a line without its JSON, with its level and whether a logger wrote it.

use std::borrow::Cow;

use serde_json::Value;

use crate::evidence::{LogLine, Time};

/// How a line ranks itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It does not say.
    Unknown,
    /// Trace, debug.
    Debug,
    /// Info, notice.
    Info,
    /// Warning.
    Warn,
    /// Error.
    Error,
    /// Fatal, critical, panic, emergency.
    Fatal,
}

/// One row: a line, or one line of a stack that a structured line carries.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    /// Index of the line it comes from.
    pub line: usize,
    /// When it was written.
    pub time: Option<Time>,
    /// The words.
    pub text: Cow<'a, str>,
    /// How it ranks itself.
    pub level: Level,
    /// Whether a logger wrote it: it carries a level, a time, or is structured.
    pub logged: bool,
    /// The row belongs to a structured line and is not its first.
    pub inner: bool,
    /// The thread that a structured line names.
    pub thread: Option<String>,
}

impl Row<'_> {
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Rows of a log, in order.
pub(super) fn rows(lines: &[LogLine]) -> Vec<Row<'_>> {
    let mut rows = Vec::with_capacity(lines.len());
    for (line, l) in lines.iter().enumerate() {
        let text = l.text.trim_end();
        if text.starts_with('{')
            && text.ends_with('}')
            && let Ok(Value::Object(map)) = serde_json::from_str::<Value>(text)
            && structured(&map, line, l.time, &mut rows)
        {
            continue;
        }
        // A colour may begin before the blank that pads a level.
        let clean = plain(text).map(|c| if prefix(c.trim_start()).1 { c.trim_start().to_owned() } else { c });
        let text = clean.as_deref().unwrap_or(text);
        let (level, stamped) = prefix(text);
        let logged = stamped || level != Level::Unknown;
        // logfmt and printed reprs keep a stack on one line with written-out line ends.
        if text.contains("\\n") && (text.matches("\\n").count() > 1 || text.contains("\\n\\t") || text.contains("\\n    at ")) {
            for (i, part) in text.split("\\n").enumerate() {
                let part = part.replace("\\t", "\t").replace("\\\"", "\"");
                rows.push(Row { line, time: l.time, text: Cow::Owned(part), level, logged: logged && i == 0, inner: i > 0, thread: None });
            }
            continue;
        }
        let text = match clean {
            Some(clean) => Cow::Owned(clean),
            None => Cow::Borrowed(l.text.trim_end()),
        };
        rows.push(Row { line, time: l.time, text, level, logged, inner: false, thread: None });
    }
    rows
}

/// Colour codes out of a line; `None` when there are none.
fn plain(text: &str) -> Option<String> {
    if !text.contains('\u{1b}') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.peek() == Some(&'[') {
            for d in chars.by_ref().skip(1) {
                if ('@'..='~').contains(&d) {
                    break;
                }
            }
        } else {
            out.push(c);
        }
    }
    Some(out)
}

const MESSAGE: [&str; 11] = ["message", "msg", "@m", "@mt", "event", "Message", "short_message", "RenderedMessage", "text", "log", "body"];
const ERROR: [&str; 26] = [
    "error",
    "err",
    "errorMessage",
    "error.message",
    "error_message",
    "exception",
    "exception.message",
    "exc_info",
    "exc",
    "reason",
    "cause",
    "details",
    "errorVerbose",
    "panic",
    "stack",
    "stacktrace",
    "stack_trace",
    "stackTrace",
    "error.stack_trace",
    "exception.stacktrace",
    "traceback",
    "trace",
    "@x",
    "Exception",
    "StackTrace",
    "throwable",
];

/// Rows of a structured line; false when it is no log record.
fn structured(map: &serde_json::Map<String, Value>, line: usize, time: Option<Time>, rows: &mut Vec<Row<'_>>) -> bool {
    let message = MESSAGE.iter().find_map(|k| map.get(*k)).and_then(text_of);
    let mut errors = Vec::new();
    for source in [Some(map), map.get("fields").and_then(Value::as_object), map.get("attributes").and_then(Value::as_object)].into_iter().flatten() {
        for key in ERROR {
            if let Some(value) = source.get(key) {
                collect(value, &mut errors, 0);
            }
        }
        if message.is_none()
            && let Some(m) = MESSAGE.iter().find_map(|k| source.get(*k)).and_then(text_of)
        {
            errors.insert(0, m);
        }
    }
    if message.is_none() && errors.is_empty() {
        return false;
    }
    let level = ["level", "severity", "lvl", "levelname", "log.level", "@l", "@level", "logLevel", "Level", "LogLevel", "severity_text", "loglevel"]
        .iter()
        .find_map(|k| map.get(*k))
        .map_or_else(|| if map.contains_key("@mt") || map.contains_key("@m") { Level::Info } else { Level::Unknown }, level_of);
    let thread = ["thread_name", "thread", "threadName", "process.thread.name"].iter().find_map(|k| map.get(*k)).and_then(Value::as_str).map(str::to_owned);
    let mut first = true;
    let mut seen: Vec<String> = Vec::new();
    for text in message.into_iter().chain(errors) {
        if seen.contains(&text) {
            continue;
        }
        for part in text.split('\n') {
            rows.push(Row { line, time, text: Cow::Owned(part.trim_end().to_owned()), level, logged: first, inner: !first, thread: thread.clone() });
            first = false;
        }
        seen.push(text);
    }
    true
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Words of an error field: a string, a list of frames, or an object with its own message and stack.
fn collect(value: &Value, into: &mut Vec<String>, depth: usize) {
    match value {
        Value::String(s) if !s.is_empty() => into.push(s.clone()),
        Value::Array(list) => list.iter().for_each(|v| collect(v, into, depth + 1)),
        Value::Object(map) if depth < 4 => {
            let word = |k: &[&str]| k.iter().find_map(|k| map.get(*k)).and_then(Value::as_str);
            let kind = word(&["type", "name", "class", "exception_class", "kind"]);
            let message = word(&["message", "msg", "exception_message", "value"]);
            match (kind, message) {
                (Some(k), Some(m)) if !m.starts_with(k) => into.push(format!("{k}: {m}")),
                (_, Some(m)) => into.push(m.to_owned()),
                (Some(k), None) => into.push(k.to_owned()),
                _ => {}
            }
            if let Some(code) = map.get("code").and_then(Value::as_str) {
                into.push(code.to_owned());
            }
            for key in ["stack", "stacktrace", "stack_trace", "stackTrace", "cause", "errors", "aggregateErrors", "inner"] {
                if let Some(v) = map.get(key) {
                    collect(v, into, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn level_of(value: &Value) -> Level {
    match value {
        // pino and bunyan: 10 trace … 60 fatal.
        Value::Number(n) => match n.as_i64().unwrap_or(0) {
            60.. => Level::Fatal,
            50..60 => Level::Error,
            40..50 => Level::Warn,
            30..40 => Level::Info,
            10..30 => Level::Debug,
            _ => Level::Unknown,
        },
        Value::String(s) => word(s),
        _ => Level::Unknown,
    }
}

/// The level that a word stands for.
fn word(w: &str) -> Level {
    match w.to_ascii_lowercase().as_str() {
        "trace" | "trce" | "debug" | "dbug" | "dbg" | "verbose" | "vrb" => Level::Debug,
        "info" | "inf" | "information" | "informational" | "notice" | "log" => Level::Info,
        "warn" | "wrn" | "warning" => Level::Warn,
        "error" | "err" | "eror" | "fail" | "severe" => Level::Error,
        "fatal" | "ftl" | "critical" | "crit" | "crt" | "panic" | "emerg" | "alert" | "emergency" | "dpanic" => Level::Fatal,
        _ => Level::Unknown,
    }
}

/// Level and "a time stands in front" of a plain line.
fn prefix(text: &str) -> (Level, bool) {
    let head: &str = match text.char_indices().nth(110) {
        Some((i, _)) => text.get(..i).unwrap_or(text),
        None => text,
    };
    if head.starts_with([' ', '\t']) {
        // A frame of a stack, most likely; still a logger when a time follows at once.
        return (Level::Unknown, false);
    }
    let stamped = stamped(head);
    for key in ["level=", "lvl=", "severity=", "\"level\":"] {
        if let Some(at) = head.find(key) {
            let rest = head.get(at + key.len()..).unwrap_or_default().trim_start_matches(['"', ' ']);
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let level = word(rest.get(..end).unwrap_or_default());
            if level != Level::Unknown {
                return (level, true);
            }
        }
    }
    // klog: `E0102 15:04:05.000000       1 file.go:12] …`
    let bytes = head.as_bytes();
    if bytes.len() > 6 && bytes.get(1..5).is_some_and(|d| d.iter().all(u8::is_ascii_digit)) && bytes.get(5) == Some(&b' ') {
        match bytes.first() {
            Some(b'I') => return (Level::Info, true),
            Some(b'W') => return (Level::Warn, true),
            Some(b'E') => return (Level::Error, true),
            Some(b'F') => return (Level::Fatal, true),
            _ => {}
        }
    }
    // Words up to the message. A level is written in capitals, in brackets, or as the first word before a colon.
    let mut first = true;
    for token in head.split_whitespace().take(9) {
        // `WARNING:root:message`, what Python's logging writes until it is told otherwise.
        if first
            && let Some((level, rest)) = token.split_once(':')
            && level.len() > 3
            && level.bytes().all(|b| b.is_ascii_uppercase())
            && rest.contains(':')
            && word(level) != Level::Unknown
        {
            return (word(level), true);
        }
        let bare = token.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let level = word(bare);
        if level != Level::Unknown {
            let capitals = bare.len() > 2 && bare.bytes().all(|b| b.is_ascii_uppercase());
            let bracketed = token.starts_with(['[', '<', '|', '(']) || token.ends_with([']', '>', '|']);
            let leading = first && token.ends_with(':');
            // `Error: …` alone is how a program ends, not how a logger writes; it is an error line all the same.
            if capitals
                || bracketed
                || leading
                || (stamped && !first && bare.len() > 3 && bare.chars().next().is_some_and(char::is_uppercase))
                || (stamped && bare.bytes().all(|b| b.is_ascii_lowercase()) && token.len() <= 8)
            {
                return (level, stamped || capitals || bracketed);
            }
        }
        // `[2026-01-02 …] [7] [ERROR]`, `name.ERROR:` of monolog.
        if let Some((_, tail)) = bare.rsplit_once('.')
            && tail.bytes().all(|b| b.is_ascii_uppercase())
            && word(tail) != Level::Unknown
        {
            return (word(tail), true);
        }
        first = false;
    }
    (Level::Unknown, stamped)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Whether a time stands in front: `2026-…`, `2026/…`, `[2026-…`, `12:34:56`, `Jan  2 …`, `[12/Jan/2026:…`.
fn stamped(head: &str) -> bool {
    let h = head.trim_start_matches(['[', '(', '"']);
    let b = h.as_bytes();
    let digits = |r: std::ops::Range<usize>| b.get(r).is_some_and(|d| !d.is_empty() && d.iter().all(u8::is_ascii_digit));
    let at = |i: usize| b.get(i).copied().unwrap_or(0);
    (digits(0..4) && matches!(at(4), b'-' | b'/' | b'.') && digits(5..7))
        || (digits(0..2) && at(2) == b':' && digits(3..5))
        || (digits(0..2) && at(2) == b'/' && (digits(3..5) || at(3).is_ascii_uppercase()))
        || (h.get(..3).is_some_and(|month| MONTHS.contains(&month))
            && at(3) == b' '
            && (at(4) == b' ' || at(4).is_ascii_digit())
            && at(5).is_ascii_digit()
            && h.get(6..).is_some_and(|r| r.contains(':')))
}
