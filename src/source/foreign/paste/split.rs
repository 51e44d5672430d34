//! Cuts a paste into documents. What a line begins shows in the line itself or in its neighbours; what begins nothing
//! belongs to the document before it, or to a log.

use serde_json::Value;

use super::headers::{self, Header, LogOf};
use super::{node_lines, tables};

/// A part of a paste.
#[derive(Debug)]
pub(in crate::source::foreign) enum Document<'a> {
    /// `kubectl describe pod`.
    Describe(Vec<&'a str>),
    /// Objects, as YAML or JSON.
    Object(Value),
    /// Objects that cannot be read, and why.
    Broken(String),
    /// A printed table of events.
    Events(Vec<&'a str>),
    /// A log, and whose it is as far as a header tells.
    Log(LogOf, Vec<&'a str>),
    /// Lines of the kernel, the kubelet or the runtime.
    Node(Vec<&'a str>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Describe,
    Yaml,
    Events,
    Log,
    Node,
}

struct Splitter<'a> {
    found: Vec<Document<'a>>,
    kind: Kind,
    lines: Vec<&'a str>,
    log: LogOf,
    /// The log was announced, so that nothing but a header ends it.
    announced: bool,
    /// The describe has come to its events, the last of its sections.
    events: bool,
}

/// Cuts a text into documents.
pub(in crate::source::foreign) fn split(text: &str) -> Vec<Document<'_>> {
    let lines: Vec<&str> = text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
    let mut splitter = Splitter { found: Vec::new(), kind: Kind::None, lines: Vec::new(), log: LogOf::default(), announced: false, events: false };
    let mut at = 0;
    // Byte offset of each line, for JSON, which is read from the text.
    let mut offset = 0;
    while let Some(line) = lines.get(at).copied() {
        let used = splitter.line(&lines, at, text, offset);
        for skipped in lines.iter().skip(at).take(used) {
            offset += skipped.len() + 1 + usize::from(text.as_bytes().get(offset + skipped.len()) == Some(&b'\r'));
        }
        at += used.max(1);
        let _ = line;
    }
    splitter.end();
    splitter.found
}

impl<'a> Splitter<'a> {
    /// Takes the line at `at`; returns how many lines were used.
    fn line(&mut self, lines: &[&'a str], at: usize, text: &'a str, offset: usize) -> usize {
        let Some(line) = lines.get(at).copied() else { return 1 };
        let before = at.checked_sub(1).and_then(|b| lines.get(b)).copied().unwrap_or_default();
        let fresh = before.trim().is_empty() || self.lines.is_empty();
        let fence = line.trim_start().starts_with("```") || line.trim() == "{code}" || line.trim() == "{noformat}";
        if fence {
            self.end();
            return 1;
        }
        if let Some(header) = headers::read(line) {
            self.end();
            match header {
                Header::Log(log) => {
                    (self.kind, self.log, self.announced) = (Kind::Log, log, true);
                }
                Header::Node => self.kind = Kind::Node,
                Header::Other => {}
            }
            return 1;
        }
        if line.starts_with("==== END logs for container ") {
            self.end();
            return 1;
        }
        if is_describe_head(lines, at) {
            self.begin(Kind::Describe, line);
            return 1;
        }
        if tables::is_head(line) {
            self.begin(Kind::Events, line);
            return 1;
        }
        if self.kind != Kind::Yaml
            && line.trim_start().starts_with('{')
            && (fresh || !self.announced)
            && let Some((value, size)) = json(text.get(offset..).unwrap_or_default())
        {
            self.end();
            self.found.push(Document::Object(value));
            let consumed = text.get(offset..offset + size).unwrap_or_default();
            return consumed.matches('\n').count() + 1;
        }
        if self.kind != Kind::Yaml && !(self.announced && self.kind == Kind::Log) && is_yaml_head(lines, at) {
            self.begin(Kind::Yaml, line);
            return 1;
        }
        self.ordinary(line, fresh, lines, at);
        1
    }

    fn ordinary(&mut self, line: &'a str, fresh: bool, lines: &[&'a str], at: usize) {
        let blank = line.trim().is_empty();
        let ends = match self.kind {
            Kind::None => !blank,
            // Sections of a describe have no blank lines between them; messages may.
            Kind::Describe => {
                let row = line.starts_with("  Normal ") || line.starts_with("  Warning ");
                fresh && !blank && !row && self.events
            }
            Kind::Yaml => line == "---" || line == "..." || (!blank && fresh && !line.starts_with([' ', '-', '}']) && !line.contains(':')),
            Kind::Events => blank,
            Kind::Log => !self.announced && fresh && !blank && node_lines::begins(lines.get(at..).unwrap_or_default()),
            Kind::Node => fresh && !blank && self.lines.last().is_some_and(|l| l.trim().is_empty()) && node_lines::read(line).is_none(),
        };
        if ends {
            self.end();
            if blank || line == "---" || line == "..." {
                return;
            }
            self.kind = if node_lines::begins(lines.get(at..).unwrap_or_default()) { Kind::Node } else { Kind::Log };
        }
        if self.kind != Kind::None {
            self.events |= line.starts_with("Events:");
            self.lines.push(line);
        }
    }

    fn begin(&mut self, kind: Kind, line: &'a str) {
        self.end();
        self.kind = kind;
        self.lines.push(line);
    }

    fn end(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let log = std::mem::take(&mut self.log);
        let announced = std::mem::take(&mut self.announced);
        self.events = false;
        match std::mem::replace(&mut self.kind, Kind::None) {
            Kind::None => {}
            Kind::Describe => self.found.push(Document::Describe(lines)),
            Kind::Events => self.found.push(Document::Events(lines)),
            Kind::Node => self.found.push(Document::Node(lines)),
            Kind::Yaml => self.found.push(match serde_yaml::from_str::<Value>(&lines.join("\n")) {
                Ok(value) => Document::Object(value),
                Err(error) => Document::Broken(error.to_string()),
            }),
            // An announced log may be empty, which is a finding of its own.
            Kind::Log => {
                let mut lines = lines;
                while lines.last().is_some_and(|l| l.trim().is_empty()) {
                    lines.pop();
                }
                if announced || !lines.is_empty() {
                    self.found.push(Document::Log(log, lines));
                }
            }
        }
    }
}

/// `Name:` with `Namespace:` on the next line, as describe begins.
fn is_describe_head(lines: &[&str], at: usize) -> bool {
    let line = lines.get(at).copied().unwrap_or_default();
    line.starts_with("Name:") && lines.iter().skip(at + 1).take(2).any(|l| l.starts_with("Namespace:"))
}

/// A YAML object begins with `apiVersion:`, `kind:` or `items:` in the first column and has the others near.
fn is_yaml_head(lines: &[&str], at: usize) -> bool {
    let line = lines.get(at).copied().unwrap_or_default();
    let key = |l: &str| ["apiVersion:", "kind:", "items:", "metadata:"].iter().position(|k| l.starts_with(k));
    let Some(first) = key(line) else { return false };
    lines.iter().skip(at + 1).take(4).take_while(|l| !l.trim().is_empty()).any(|l| key(l).is_some_and(|k| k != first))
}

/// An API object at the start of a text, and its length in bytes.
fn json(text: &str) -> Option<(Value, usize)> {
    // Structured logs are objects too; most lines of them can be told without being parsed.
    let head = (0..=text.len().min(4096)).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    if !head.contains("\"kind\"") && !head.contains("\"apiVersion\"") && !head.contains("\"items\"") {
        return None;
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    let is_object = value.get("apiVersion").is_some_and(Value::is_string) && value.get("kind").is_some_and(Value::is_string);
    is_object.then(|| (value, stream.byte_offset()))
}
