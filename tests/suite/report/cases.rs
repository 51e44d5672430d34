//! Recorded cases, read as far as the describe section needs them: the pod and its events.

use std::path::{Path, PathBuf};

use a2::evidence::{CaseFile, Event, Object, Options, Pod, Target, parse_time};
use serde_json::Value;

/// Where the recorded cases are; `None` when they are not there.
pub fn root() -> Option<PathBuf> {
    let root = std::env::var_os("A2_CASES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"), PathBuf::from);
    root.is_dir().then_some(root)
}

/// All stages that hold what kubectl printed, in order of path.
pub fn described() -> Vec<PathBuf> {
    let Some(root) = root() else { return Vec::new() };
    let mut found: Vec<PathBuf> = directories(&root).iter().flat_map(|case| directories(case)).filter(|stage| stage.join("describe.txt").is_file()).collect();
    found.sort();
    found
}

fn directories(path: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect()
}

fn json(path: &Path) -> Value {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null)
}

/// The pod that `describe.txt` is about, with the events of its namespace.
pub fn load(stage: &Path, name: &str, namespace: &str) -> CaseFile {
    let captured = json(&stage.join("bundle.json"));
    let now = captured.get("capturedAt").and_then(Value::as_str).and_then(parse_time).expect("capturedAt");
    let base = stage.join(format!("api/v1/namespaces/{namespace}"));
    let items = |file: &str| json(&base.join(file)).get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut case = CaseFile::new(Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None }, Options::default(), now);
    case.pod = items("pods.json").into_iter().map(Object::new).find(|o| o.name() == name).map(Pod::from_object);
    case.events = items("events.json").into_iter().map(Object::new).filter_map(Event::from_object).collect();
    case
}
