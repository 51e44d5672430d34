//! A recording, written as a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use crate::evidence::{Time, format_time};

use super::error::SourceError;
use super::recording::{Exchange, Recorder};
use super::resource::ApiPath;
use super::status::NOT_COVERED;

/// What a bundle says about itself beside the answers.
#[derive(Clone, Debug, Default)]
pub struct BundleInfo {
    /// "Now" of the case.
    pub captured_at: Option<Time>,
    /// The server's version.
    pub server_version: Option<String>,
    /// The namespaces that were asked about.
    pub namespaces: Vec<String>,
    /// Node events before this are missing.
    pub node_events_since: Option<Time>,
}

/// The bundle in the making.
#[derive(Default)]
struct Draft {
    /// Items by collection path, then by name.
    lists: BTreeMap<String, BTreeMap<String, Value>>,
    logs: BTreeMap<String, Vec<u8>>,
    logs_asked: BTreeSet<String>,
    covered: BTreeSet<String>,
    answers: BTreeMap<(String, String, String, bool), Value>,
}

impl Recorder {
    /// Writes everything kept as a `.tar.gz`. `redact` sees every text that is stored; objects of kind Secret are stored
    /// without their data. The file appears only when it is whole.
    pub fn write(&self, path: &Path, info: &BundleInfo, redact: &dyn Fn(&str) -> String) -> Result<(), SourceError> {
        let files = files_of(self, info, redact);
        let unwritable = |e: std::io::Error| SourceError::Unwritable { path: path.to_owned(), why: e.to_string().to_lowercase() };
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = std::path::PathBuf::from(partial);
        let written = write_archive(&partial, &files, info).and_then(|()| std::fs::rename(&partial, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        written.map_err(unwritable)
    }
}

fn files_of(recorder: &Recorder, info: &BundleInfo, redact: &dyn Fn(&str) -> String) -> BTreeMap<String, Vec<u8>> {
    let mut draft = Draft::default();
    for exchange in recorder.exchanges() {
        draft.keep(&exchange, redact);
    }
    draft.files(info)
}

fn write_archive(path: &Path, files: &BTreeMap<String, Vec<u8>>, info: &BundleInfo) -> std::io::Result<()> {
    let mut archive = tar::Builder::new(GzEncoder::new(File::create(path)?, Compression::default()));
    for (name, body) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(info.captured_at.map_or(0, |t| u64::try_from(t.timestamp()).unwrap_or(0)));
        archive.append_data(&mut header, name, body.as_slice())?;
    }
    archive.into_inner()?.finish()?.flush()
}

impl Draft {
    fn keep(&mut self, exchange: &Exchange, redact: &dyn Fn(&str) -> String) {
        let Some(path) = ApiPath::parse(&exchange.path) else { return };
        let json: Option<Value> = serde_json::from_slice(&exchange.body).ok();
        if exchange.code == 501 && json.as_ref().and_then(|j| j.get("reason")?.as_str()) == Some(NOT_COVERED) {
            return; // A recording of a recording: what was not asked stays so.
        }
        match (path.subresource.as_deref(), &path.name) {
            (Some("log"), Some(_)) => self.keep_log(exchange, json, redact),
            (None, name) => self.keep_json(exchange, &path, name.is_some(), json, redact),
            _ => {}
        }
    }

    fn keep_log(&mut self, exchange: &Exchange, status: Option<Value>, redact: &dyn Fn(&str) -> String) {
        let container = exchange.query.get("container").unwrap_or_default();
        let previous = if exchange.query.is_true("previous") { ".previous" } else { "" };
        let file = format!("{}/{container}{previous}.log", exchange.path.trim_start_matches('/'));
        self.logs_asked.insert(file.clone());
        if exchange.code == 200 {
            let text = String::from_utf8_lossy(&exchange.body);
            // Line by line: the time stamp in front of each is the kubelet's and holds no secret.
            let lines: Vec<String> = text
                .split('\n')
                .map(|line| match line.split_once(' ') {
                    Some((stamp, rest)) if crate::evidence::parse_time(stamp).is_some() => format!("{stamp} {}", redact(rest)),
                    _ => redact(line),
                })
                .collect();
            self.logs.insert(file, lines.join("\n").into_bytes());
        } else {
            self.answer(exchange, "get", status, redact);
        }
    }

    fn keep_json(&mut self, exchange: &Exchange, path: &ApiPath, named: bool, json: Option<Value>, redact: &dyn Fn(&str) -> String) {
        let verb = if named { "get" } else { "list" };
        let kind = json.as_ref().and_then(|j| j.get("kind")?.as_str()).unwrap_or_default().to_owned();
        match json {
            Some(object) if exchange.code == 200 && named && kind != "Status" => self.item(path, object, redact),
            Some(mut list) if exchange.code == 200 && !named && list.get("items").is_some_and(Value::is_array) => {
                let items = list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
                let more = list.pointer("/metadata/continue").and_then(Value::as_str).is_some_and(|c| !c.is_empty());
                let item_kind = kind.strip_suffix("List").unwrap_or_default();
                for mut item in items {
                    // Below a cluster-wide path nothing else says what an unknown kind is called.
                    if let Some(map) = item.as_object_mut()
                        && !item_kind.is_empty()
                    {
                        map.entry("kind").or_insert_with(|| Value::from(item_kind));
                    }
                    self.item(path, item, redact);
                }
                self.listed(exchange, path, more);
            }
            // A table is kept as it came: its rows stand for objects that were not read.
            body => self.answer(exchange, verb, body, redact),
        }
    }

    /// Notes that a list was asked, and how far it was read.
    fn listed(&mut self, exchange: &Exchange, path: &ApiPath, more: bool) {
        let selector = exchange.query.selector();
        if selector.is_empty() && !more && !exchange.table && exchange.warnings.is_empty() {
            self.covered.insert(path.collection());
            return;
        }
        let entry = json!({ "path": path.collection(), "verb": "list", "selector": selector, "code": 200, "table": exchange.table, "incomplete": more, "warnings": exchange.warnings });
        self.answers.insert((path.collection(), "list".to_owned(), selector, exchange.table), entry);
    }

    fn answer(&mut self, exchange: &Exchange, verb: &str, body: Option<Value>, redact: &dyn Fn(&str) -> String) {
        let selector = exchange.query.selector();
        // Never answered: the budget ran out or the connection broke.
        let code = if exchange.code == 0 { 504 } else { exchange.code };
        let mut entry =
            json!({ "path": exchange.path, "verb": verb, "selector": selector, "code": code, "table": exchange.table, "warnings": exchange.warnings });
        if let (Some(mut body), Some(map)) = (body, entry.as_object_mut()) {
            scrub(&mut body, redact);
            map.insert("status".to_owned(), body);
        }
        self.answers.insert((exchange.path.clone(), verb.to_owned(), selector, exchange.table), entry);
    }

    fn item(&mut self, path: &ApiPath, mut item: Value, redact: &dyn Fn(&str) -> String) {
        let text = |item: &Value, p: &str| item.pointer(p).and_then(Value::as_str).map(str::to_owned);
        let Some(name) = text(&item, "/metadata/name") else { return };
        let namespace = path.namespace.clone().or_else(|| text(&item, "/metadata/namespace"));
        if let Some(map) = item.as_object_mut()
            && (path.resource == "secrets" || map.get("kind").and_then(Value::as_str) == Some("Secret"))
        {
            map.remove("data");
            map.remove("stringData");
        }
        if let Some(meta) = item.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            meta.remove("managedFields");
            // A copy of the whole object as text, secrets and all, which nobody reads.
            if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            }
        }
        scrub(&mut item, redact);
        let collection = ApiPath { namespace, name: None, subresource: None, ..path.clone() }.collection();
        self.lists.entry(collection).or_default().insert(name, item);
    }

    fn files(self, info: &BundleInfo) -> BTreeMap<String, Vec<u8>> {
        let mut manifest = Map::new();
        let mut put = |key: &str, value: Value| {
            manifest.insert(key.to_owned(), value);
        };
        put("capturedAt", info.captured_at.map_or(Value::Null, |t| Value::from(format_time(t))));
        put("serverVersion", json!(info.server_version));
        put("namespaces", json!(info.namespaces));
        put("covered", json!(self.covered));
        put("logs", json!(self.logs_asked));
        if let Some(since) = info.node_events_since {
            put("nodeEventsSince", Value::from(format_time(since)));
        }
        put("answers", Value::Array(self.answers.into_values().collect()));
        let pretty = |value: &Value| serde_json::to_vec_pretty(value).unwrap_or_default();
        let mut files = BTreeMap::from([("bundle.json".to_owned(), pretty(&Value::Object(manifest)))]);
        if let Some(version) = &info.server_version {
            files.insert("version.json".to_owned(), pretty(&json!({ "gitVersion": version })));
        }
        for (path, items) in self.lists {
            let list = json!({ "kind": "List", "apiVersion": "v1", "metadata": {}, "items": items.into_values().collect::<Vec<_>>() });
            files.insert(format!("{}.json", path.trim_start_matches('/')), pretty(&list));
        }
        files.extend(self.logs);
        files
    }
}

/// Redacts every text below a value. An entry of `env` is shown to the redactor as `NAME=value`, because its name is
/// what gives a secret away; so is the value of any other named text.
fn scrub(value: &mut Value, redact: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = redact(text),
        Value::Array(items) => items.iter_mut().for_each(|i| scrub(i, redact)),
        Value::Object(map) => {
            let name = map.get("name").and_then(Value::as_str).map(str::to_owned);
            for (key, entry) in map.iter_mut() {
                match (&name, entry) {
                    (Some(name), Value::String(text)) if key == "value" => {
                        let shown = redact(&format!("{name}={text}"));
                        *text = shown.strip_prefix(&format!("{name}=")).map_or_else(|| redact(text), str::to_owned);
                    }
                    (_, entry) => scrub(entry, redact),
                }
            }
        }
        _ => {}
    }
}
