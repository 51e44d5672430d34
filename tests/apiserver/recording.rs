//! A recorded stage, made ready for a server whose "now" is another: its objects by etcd key and its logs, all times moved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// Whose log: namespace, pod, container, and whether it is that of the instance before the present one.
pub type LogKey = (String, String, String, bool);

/// What goes into etcd and what the kubelet has to say.
#[derive(Default)]
pub struct Recording {
    /// Objects by etcd key.
    pub objects: BTreeMap<String, Value>,
    /// Logs as a kubelet keeps them: each line with its time.
    pub logs: BTreeMap<LogKey, Vec<u8>>,
    /// What each LIST that the recorder asked must answer with: etcd keys by path.
    pub lists: BTreeMap<String, Vec<String>>,
}

impl Recording {
    /// Reads a stage of a case and moves its times so that its `capturedAt` is `now`, to the second: fractions stay as they are.
    pub fn read(stage: &Path, now: DateTime<Utc>) -> Self {
        let bundle = parse(&stage.join("bundle.json"));
        let captured = bundle["capturedAt"].as_str().and_then(time).expect("capturedAt in bundle.json");
        let shift = TimeDelta::seconds((now - captured).num_seconds());
        let covered = bundle["covered"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut recording = Self { lists: covered.map(|path| (path.to_owned(), Vec::new())).collect(), ..Self::default() };
        for file in files(stage) {
            let path = file.strip_prefix(stage).expect("a file below the stage").to_str().expect("a path in UTF-8").to_owned();
            let parts: Vec<&str> = path.split('/').collect();
            match parts.as_slice() {
                ["api", "v1", .., "namespaces", namespace, "pods", pod, "log", log] => recording.add_log(namespace, pod, log, &file, shift),
                ["api" | "apis", .., name] if !name.ends_with(".table.json") => recording.add_list(&parts, &file, shift),
                _ => {}
            }
        }
        recording
    }

    /// Lets every node be reached where the stand-in kubelet listens.
    pub fn point_nodes_at(&mut self, port: u16) {
        for (_, node) in self.objects.iter_mut().filter(|(key, _)| key.starts_with("/registry/minions/")) {
            if let Some(addresses) = node["status"]["addresses"].as_array_mut() {
                addresses.retain(|a| a["type"] != "InternalIP");
                addresses.insert(0, json!({ "type": "InternalIP", "address": "127.0.0.1" }));
            }
            node["status"]["daemonEndpoints"] = json!({ "kubeletEndpoint": { "Port": port } });
        }
    }

    fn add_log(&mut self, namespace: &str, pod: &str, log: &str, file: &Path, shift: TimeDelta) {
        let Some(name) = log.strip_suffix(".log") else { return };
        let (container, previous) = name.strip_suffix(".previous").map_or((name, false), |c| (c, true));
        let text: Vec<u8> = fs::read(file).expect("a readable log").split_inclusive(|b| *b == b'\n').flat_map(|line| move_line(line, shift)).collect();
        self.logs.insert((namespace.to_owned(), pod.to_owned(), container.to_owned(), previous), text);
    }

    fn add_list(&mut self, path: &[&str], file: &Path, shift: TimeDelta) {
        let mut list = parse(file);
        let (version, kind) = (list["apiVersion"].clone(), list["kind"].as_str().and_then(|k| k.strip_suffix("List")).unwrap_or_default().to_owned());
        let Some(Value::Array(items)) = list.get_mut("items").map(Value::take) else { return };
        for mut item in items {
            // Items of a typed List carry neither; etcd's objects must.
            if item.get("kind").is_none() {
                item["kind"] = json!(kind);
                item["apiVersion"] = version.clone();
            }
            if let Some(metadata) = item["metadata"].as_object_mut() {
                metadata.remove("resourceVersion");
            }
            move_times(&mut item, shift);
            let key = etcd_key(path, &item);
            self.lists.entry(format!("/{}", path.join("/").trim_end_matches(".json"))).or_default().push(key.clone());
            self.objects.insert(key, item);
        }
    }
}

/// Where the API server keeps an object of the LIST at `path`: `/registry/<resource>/<namespace>/<name>`, the resource after its group where it
/// comes from a CustomResourceDefinition, and a few resources under their oldest names.
fn etcd_key(path: &[&str], item: &Value) -> String {
    let resource = path.last().and_then(|f| f.strip_suffix(".json")).unwrap_or_default();
    let group = if path.first() == Some(&"apis") { path[1] } else { "" };
    let stored = match (group, resource) {
        ("", "nodes") => "minions".to_owned(),
        ("", "services") => "services/specs".to_owned(),
        ("", "endpoints") => "services/endpoints".to_owned(),
        (_, "ingresses") => "ingress".to_owned(),
        (group, _) if group.contains('.') && !group.ends_with(".k8s.io") => format!("{group}/{resource}"),
        _ => resource.to_owned(),
    };
    let name = item["metadata"]["name"].as_str().expect("a recorded object has a name");
    match item["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("/registry/{stored}/{namespace}/{name}"),
        None => format!("/registry/{stored}/{name}"),
    }
}

/// Moves what an API field calls a time. Annotations, environment, messages and logs are text, whatever they look like.
fn move_times(value: &mut Value, shift: TimeDelta) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| move_times(item, shift)),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "annotations" | "labels" | "env" | "data")) {
                match value.as_str() {
                    Some(text) if is_time_field(key) => *value = json!(moved(text, shift).unwrap_or_else(|| text.to_owned())),
                    _ => move_times(value, shift),
                }
            }
        }
        _ => {}
    }
}

fn is_time_field(key: &str) -> bool {
    matches!(key, "time" | "timeAdded") || ["Time", "Timestamp", "At"].iter().any(|end| key.ends_with(end))
}

/// A log line as the runtime writes it, its own time moved, its text left alone. A line without a time is the kubelet's own word.
fn move_line(line: &[u8], shift: TimeDelta) -> Vec<u8> {
    let end = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
    match std::str::from_utf8(&line[..end]).ok().and_then(|t| moved(t, shift)) {
        Some(stamp) => [stamp.as_bytes(), &line[end..]].concat(),
        None => line.to_vec(),
    }
}

/// The time `text`, moved, its fraction written as it was. Zero times (`startedAt` of what never ran is 1970) mean "never" and stay.
fn moved(text: &str, shift: TimeDelta) -> Option<String> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let at = time(text).filter(|t| t.timestamp() > 0)? + shift;
    (seconds.contains('T') && rest.ends_with('Z')).then(|| format!("{}{rest}", at.format("%Y-%m-%dT%H:%M:%S")))
}

/// A time as the API writes it.
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.to_utc())
}

/// A JSON file.
pub fn parse(file: &Path) -> Value {
    let bytes = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// All files below a directory, sorted.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display())) {
        let path = entry.expect("a readable directory").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn only_time_fields_move() {
    let mut object = json!({
        "metadata": { "creationTimestamp": "2026-01-02T03:04:05Z", "annotations": { "restartedAt": "2026-01-02T03:04:05Z" }, "managedFields": [{ "time": "2026-01-02T03:04:05Z" }] },
        "eventTime": "2026-01-02T23:59:59.123456Z", "lastTimestamp": null, "message": "at 2026-01-02T03:04:05Z it fell",
        "state": { "terminated": { "startedAt": "1970-01-01T00:00:00Z", "finishedAt": "2026-01-02T03:04:05Z" } },
        "env": [{ "name": "DEPLOYED_AT", "value": "2026-01-02T03:04:05Z" }]
    });
    move_times(&mut object, TimeDelta::seconds(61));
    assert_eq!(
        object,
        json!({
            "metadata": { "creationTimestamp": "2026-01-02T03:05:06Z", "annotations": { "restartedAt": "2026-01-02T03:04:05Z" }, "managedFields": [{ "time": "2026-01-02T03:05:06Z" }] },
            "eventTime": "2026-01-03T00:01:00.123456Z", "lastTimestamp": null, "message": "at 2026-01-02T03:04:05Z it fell",
            "state": { "terminated": { "startedAt": "1970-01-01T00:00:00Z", "finishedAt": "2026-01-02T03:05:06Z" } },
            "env": [{ "name": "DEPLOYED_AT", "value": "2026-01-02T03:04:05Z" }]
        })
    );
    assert_eq!(move_line(b"2026-01-02T03:04:05.1Z 2026-01-02T03:04:05Z up\n", TimeDelta::seconds(-5)), b"2026-01-02T03:04:00.1Z 2026-01-02T03:04:05Z up\n");
    assert_eq!(move_line(b"unable to retrieve container logs\n", TimeDelta::seconds(9)), b"unable to retrieve container logs\n");
}
