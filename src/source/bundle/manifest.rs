//! `bundle.json`: when it was recorded, and what was asked.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::evidence::{Time, parse_time};

/// `bundle.json`, read leniently.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// "Now" for the case.
    pub captured_at: Option<Time>,
    /// For instance `v1.36.2`.
    pub server_version: Option<String>,
    /// The namespaces that were recorded.
    pub namespaces: Vec<String>,
    /// Paths of the lists that were asked.
    pub covered: BTreeSet<String>,
    /// Which logs were asked.
    pub logs: LogsAsked,
    /// Node events before this were cut.
    pub node_events_since: Option<Time>,
    /// What a list cannot keep.
    pub answers: Vec<Answer>,
}

/// Which logs were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogsAsked {
    /// None.
    #[default]
    None,
    /// Of every container of every pod.
    All,
    /// These files, relative to the bundle.
    Files(BTreeSet<String>),
}

/// One recorded answer that a list cannot keep: a refusal, a 404, or a list that was asked with a selector.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The request's path.
    pub path: String,
    /// `get` or `list`.
    pub verb: String,
    /// What [`crate::source::Query::selector`] says, or just the text of one selector.
    pub selector: String,
    /// HTTP status.
    pub code: u16,
    /// The body, where it is not in the files.
    pub status: Option<Value>,
    /// It was asked as a table.
    pub table: bool,
    /// There was more than what was read.
    pub incomplete: bool,
    /// What was missing from it, as `Warning` headers.
    pub warnings: Vec<String>,
}

impl Manifest {
    /// Reads the manifest; the error is a lower-case fragment.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(body).map_err(|e| format!("bundle.json is not JSON: {e}"))?;
        if !value.is_object() {
            return Err("bundle.json is not a JSON object".to_owned());
        }
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|s| !s.is_empty());
        let strings = |v: Option<&Value>| v.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
        let logs = match value.get("logs") {
            Some(Value::Array(_)) => LogsAsked::Files(strings(value.get("logs")).into_iter().collect()),
            Some(Value::String(s)) if !s.is_empty() && s != "none" => LogsAsked::All,
            Some(Value::Bool(true)) => LogsAsked::All,
            _ => LogsAsked::None,
        };
        Ok(Self {
            captured_at: text("capturedAt").and_then(parse_time),
            server_version: text("serverVersion").map(str::to_owned),
            namespaces: strings(value.get("namespaces")),
            covered: strings(value.get("covered")).into_iter().collect(),
            logs,
            node_events_since: text("nodeEventsSince").and_then(parse_time),
            answers: value.get("answers").and_then(Value::as_array).into_iter().flatten().filter_map(Answer::read).collect(),
        })
    }

    /// The recorded answer to exactly this request.
    pub(super) fn answer(&self, path: &str, verb: &str, selector: &str, table: bool) -> Option<&Answer> {
        self.answers.iter().find(|a| a.path == path && a.verb == verb && a.is_for(selector) && (a.code >= 400 || a.table == table))
    }

    /// A refusal that holds for every request of this verb on the path.
    pub(super) fn refusal(&self, path: &str, verb: &str) -> Option<&Answer> {
        self.answers.iter().find(|a| a.path == path && a.verb == verb && a.selector.is_empty() && a.code >= 400)
    }

    /// Namespaces for which this resource was recorded.
    pub(super) fn namespaces_with(&self, api_version: &str, plural: &str) -> Vec<String> {
        let root = if api_version.contains('/') { "apis" } else { "api" };
        let front = format!("/{root}/{api_version}/namespaces/");
        self.covered.iter().filter_map(|p| p.strip_prefix(&front)?.strip_suffix(plural)?.strip_suffix('/')).map(str::to_owned).collect()
    }
}

impl Answer {
    fn read(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let flag = |key: &str| value.get(key).and_then(Value::as_bool).unwrap_or(false);
        let path = text("path");
        let code = value.get("code").and_then(Value::as_u64).and_then(|c| u16::try_from(c).ok()).filter(|c| (100..600).contains(c))?;
        let verb = match text("verb") {
            verb if verb.is_empty() => "list".to_owned(),
            verb => verb,
        };
        (!path.is_empty()).then(|| Self {
            path,
            verb,
            selector: text("selector"),
            code,
            status: value.get("status").filter(|s| !s.is_null()).cloned(),
            table: flag("table"),
            incomplete: flag("incomplete"),
            warnings: value.get("warnings").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// Selectors may be written by hand, without the parameter's name.
    fn is_for(&self, asked: &str) -> bool {
        self.selector == asked || (!self.selector.is_empty() && asked.split_once('=').is_some_and(|(_, bare)| bare == self.selector))
    }
}
