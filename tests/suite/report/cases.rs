//! Recorded cases, read as far as a report needs them: the pod, its events, owners, siblings, node and logs.

use std::path::{Path, PathBuf};

use a2::evidence::{CaseFile, Cost, Event, Gap, GapKind, LogTail, Node, Object, Options, Owner, Pod, Related, SourceStatus, Target, parse_time};
use serde_json::Value;

/// Where the recorded cases are; `None` when they are not there.
pub fn root() -> Option<PathBuf> {
    let root = std::env::var_os("A2_CASES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"), PathBuf::from);
    root.is_dir().then_some(root)
}

/// All stages that hold what kubectl printed, in order of path.
pub fn described() -> Vec<PathBuf> {
    stages().into_iter().filter(|stage| stage.join("describe.txt").is_file()).collect()
}

/// All stages of all cases, in order of path.
pub fn stages() -> Vec<PathBuf> {
    let Some(root) = root() else { return Vec::new() };
    let mut found: Vec<PathBuf> = directories(&root).iter().flat_map(|case| directories(case)).filter(|stage| stage.join("bundle.json").is_file()).collect();
    found.sort();
    found
}

/// Namespace and name of a case's target; `None` for a case without one.
pub fn target(stage: &Path) -> Option<(String, String)> {
    let case = json(&stage.parent()?.join("case.json"));
    let text = |key: &str| case.get(key).and_then(Value::as_str).map(str::to_owned);
    Some((text("namespace")?, text("target")?))
}

fn directories(path: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect()
}

fn json(path: &Path) -> Value {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null)
}

fn items(path: &Path) -> Vec<Object> {
    json(path).get("items").and_then(Value::as_array).cloned().unwrap_or_default().into_iter().map(Object::new).collect()
}

/// Reads a stage for one target.
pub fn load(stage: &Path, name: &str, namespace: &str) -> CaseFile {
    let captured = json(&stage.join("bundle.json"));
    let now = captured.get("capturedAt").and_then(Value::as_str).and_then(parse_time).expect("capturedAt");
    let base = stage.join(format!("api/v1/namespaces/{namespace}"));
    let mut case = CaseFile::new(Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None }, Options::default(), now);
    let pods: Vec<Pod> = items(&base.join("pods.json")).into_iter().map(Pod::from_object).collect();
    case.pod = pods.iter().find(|p| p.name == name).cloned();
    case.pod_absent = case.pod.is_none();
    case.events = items(&base.join("events.json")).into_iter().filter_map(Event::from_object).collect();
    case.node_events =
        items(&stage.join("api/v1/namespaces/default/events.json")).into_iter().filter_map(Event::from_object).filter(|e| e.about.kind == "Node").collect();
    case.owners = owners(stage, namespace, case.pod.as_ref());
    let controller = case.pod.as_ref().and_then(|p| p.owners.first().cloned());
    case.siblings = pods.iter().filter(|p| p.name != name && controller.is_some() && p.owners.first() == controller.as_ref()).cloned().collect();
    let node = case.pod.as_ref().and_then(|p| p.node.clone());
    case.node = items(&stage.join("api/v1/nodes.json")).into_iter().map(Node::from_object).find(|n| Some(&n.name) == node.as_ref());
    for pod in case.pod.iter().chain(&case.siblings) {
        for container in &pod.containers {
            for previous in [false, true] {
                let file = format!("pods/{}/log/{}{}.log", pod.name, container.name, if previous { ".previous" } else { "" });
                if let Ok(body) = std::fs::read(base.join(file)) {
                    case.logs.push(LogTail::parse(&pod.name, &container.name, previous, &body));
                }
            }
        }
    }
    case.sources = vec![SourceStatus { name: "events".to_owned(), gap: None, empty: case.events.is_empty(), detail: format!("{} events", case.events.len()) }];
    if case.pod_absent {
        case.gaps.push(Gap::new(GapKind::NotFound, "get", "pods", "the pod", format!("pods \"{name}\" not found")));
    }
    case.cost = Cost { requests: 7, bytes: 20_000 };
    case
}

fn owners(stage: &Path, namespace: &str, pod: Option<&Pod>) -> Vec<Owner> {
    let mut all = Vec::new();
    let mut wanted = pod.and_then(|p| p.owners.first().cloned());
    while let Some(reference) = wanted.take() {
        let list = format!("apis/{}/namespaces/{namespace}/{}s.json", reference.api_version, reference.kind.to_lowercase());
        let Some(object) = items(&stage.join(list)).into_iter().find(|o| o.name() == reference.name) else { break };
        wanted = object.owners().first().cloned();
        let mut raw = object.raw().clone();
        raw["kind"] = Value::String(reference.kind);
        all.push(Owner { object: Object::new(raw), depth: all.len() + 1, found_by: Related::OwnerReference });
    }
    all
}
