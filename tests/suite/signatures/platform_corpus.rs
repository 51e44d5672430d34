//! The platform's messages of the recorded cases.

use std::path::{Path, PathBuf};

use a2::signatures::classify;
use serde_json::Value;

fn corpus() -> PathBuf {
    std::env::var_os("A2_CASES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"), PathBuf::from)
}

fn json_files(dir: &Path, into: &mut Vec<Value>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            json_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "json") && !path.to_string_lossy().contains(".table.") {
            into.extend(std::fs::read_to_string(&path).ok().and_then(|t| serde_json::from_str(&t).ok()));
        }
    }
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// What the platform says about the target: states and conditions of the pod first, then its events and its owners'.
fn messages(files: &[Value], target: &str) -> Vec<String> {
    let items: Vec<&Value> = files.iter().filter_map(|f| f.get("items").and_then(Value::as_array)).flatten().collect();
    let owns = |name: &str| name == target || (name.len() > 3 && target.starts_with(&format!("{name}-"))) || name.starts_with(&format!("{target}-"));
    let mut first = Vec::new();
    let mut then = Vec::new();
    for item in items {
        if text(item, "/metadata/name") == target {
            for list in ["/status/initContainerStatuses", "/status/containerStatuses"] {
                for status in item.pointer(list).and_then(Value::as_array).into_iter().flatten() {
                    for state in ["/state/waiting", "/state/terminated", "/lastState/terminated"] {
                        first.push(text(status, &format!("{state}/message")).to_owned());
                        if text(status, &format!("{state}/message")).is_empty() {
                            first.push(text(status, &format!("{state}/reason")).to_owned());
                        }
                    }
                }
            }
            first.push(text(item, "/status/message").to_owned());
        }
        for condition in item.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten() {
            if owns(text(item, "/metadata/name")) {
                then.push(text(condition, "/message").to_owned());
            }
        }
        if owns(text(item, "/involvedObject/name")) && text(item, "/reason") != "Killing" {
            then.push(text(item, "/message").to_owned());
        }
    }
    first.retain(|m| !m.is_empty());
    then.retain(|m| !m.is_empty());
    first.extend(then);
    first
}

#[test]
fn the_platform_names_the_cause() {
    let root = corpus();
    let Ok(entries) = std::fs::read_dir(&root) else {
        println!("not run: no corpus at {}", root.display());
        return;
    };
    let mut cases: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    cases.sort();
    let (mut asked, mut right, mut misses) = (0, 0, Vec::new());
    for case in cases {
        let Some(about) = std::fs::read_to_string(case.join("case.json")).ok().and_then(|t| serde_json::from_str::<Value>(&t).ok()) else { continue };
        for stage in ["live", "deleted"] {
            let truth = text(&about, &format!("/truth/{stage}/cause"));
            let not_started = text(&about, &format!("/truth/{stage}/mechanism")) == "not-started";
            let family = truth.split('.').next().unwrap_or_default();
            let platform = matches!(family, "image" | "scheduling") || matches!(truth, "storage.mount" | "config.missing-reference");
            if !(platform || not_started && matches!(truth, "config.command" | "config.permission" | "config.invalid")) {
                continue;
            }
            let mut files = Vec::new();
            json_files(&case.join(stage), &mut files);
            let messages = messages(&files, text(&about, "/target"));
            let found: Vec<(&str, &String)> = messages.iter().filter_map(|m| classify(m).into_iter().find(|f| !f.generic).map(|f| (f.cause, m))).collect();
            asked += 1;
            if found.first().is_some_and(|f| f.0 == truth) {
                right += 1;
            } else {
                misses.push(format!("{} {stage}: {truth} wanted, {} messages say {found:?}", case.display(), messages.len()));
            }
        }
    }
    println!("{right} of {asked}");
    misses.iter().for_each(|m| println!("{m}"));
    assert!(asked >= 20, "only {asked} cases");
    assert!(f64::from(right) >= 0.95 * f64::from(asked), "{right} of {asked}");
}
