//! Every recorded live case whose cause a log can tell: the reading alone, without the rest of the evidence.

use std::path::{Path, PathBuf};

use a2::evidence::{LogStatus, LogTail, Time, parse_time};
use a2::signatures::{ReadContext, Reading, read};
use serde_json::Value;

const FAMILIES: [&str; 7] = ["dependency.", "crash.", "error.", "timeout.application", "config.invalid", "process.", "storage.full"];
const FURTHER: [&str; 4] = ["config.permission", "config.command", "oom.runtime-heap", "oom.child-process"];

fn json(path: &Path) -> Value {
    std::fs::read(path).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or(Value::Null)
}

fn time(v: Option<&Value>) -> Option<Time> {
    v.and_then(Value::as_str).and_then(parse_time)
}

/// When the kubelet was told to stop that container of the pod.
fn stop(root: &Path, pod: &str, container: &str, until: Option<Time>) -> Option<Time> {
    let events = json(&root.join("events.json"));
    let mut all: Vec<Time> = events["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|e| e["reason"] == "Killing" && e["involvedObject"]["name"] == pod)
        .filter(|e| e["involvedObject"]["fieldPath"].as_str().is_none_or(|f| f.contains(&format!("{{{container}}}"))))
        .filter_map(|e| time(e.get("lastTimestamp")).or_else(|| time(e.get("eventTime"))))
        .filter(|t| until.is_none_or(|u| *t <= u))
        .collect();
    all.sort();
    all.pop()
}

struct Case {
    root: PathBuf,
    pod: String,
    container: String,
}

fn reading(case: &Case) -> Option<Reading> {
    let pods = json(&case.root.join("pods.json"));
    let pod = pods["items"].as_array()?.iter().find(|p| p["metadata"]["name"] == case.pod.as_str())?;
    let status = ["containerStatuses", "initContainerStatuses"]
        .iter()
        .flat_map(|k| pod["status"][k].as_array().into_iter().flatten())
        .find(|s| s["name"] == case.container.as_str())?;
    let state = status.pointer("/state/terminated");
    let last = status.pointer("/lastState/terminated");
    let (previous, death) = if state.is_some() { (false, state) } else { (last.is_some(), last) };
    let file = format!("{}{}.log", case.container, if previous { ".previous" } else { "" });
    let bytes = std::fs::read(case.root.join("pods").join(&case.pod).join("log").join(file)).ok()?;
    let tail = LogTail::parse(&case.pod, &case.container, previous, &bytes);
    if tail.status != LogStatus::Read {
        return None;
    }
    let end = death.and_then(|d| time(d.get("finishedAt")));
    let began = death.and_then(|d| time(d.get("startedAt")));
    let stop = stop(&case.root, &case.pod, &case.container, end).filter(|s| began.is_none_or(|b| *s >= b));
    let ctx =
        ReadContext { end, stop: if death.is_some() { stop } else { None }, alive: death.is_none(), exit_code: death.and_then(|d| d["exitCode"].as_i64()) };
    Some(read(&tail.lines, &ctx))
}

#[test]
fn recorded_logs_tell_their_cause() {
    let root = std::env::var_os("A2_CASES").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(&root) else {
        println!("not run: {} is absent", root.display());
        return;
    };
    let mut dirs: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    dirs.sort();
    let (mut total, mut right, mut spoken) = (0, 0, 0);
    let mut wrong_on_healthy = Vec::new();
    for dir in dirs {
        let case = json(&dir.join("case.json"));
        let truth = &case["truth"]["live"];
        let (Some(cause), Some(container)) = (truth["cause"].as_str(), truth["container"].as_str()) else { continue };
        let ns = case["namespace"].as_str().unwrap_or_default();
        let at = Case {
            root: dir.join("live/api/v1/namespaces").join(ns),
            pod: case["target"].as_str().unwrap_or_default().to_owned(),
            container: container.to_owned(),
        };
        let Some(reading) = reading(&at) else { continue };
        let first = reading.root().or_else(|| reading.live.first());
        if cause.starts_with("healthy.") {
            if let Some(f) = first {
                wrong_on_healthy.push(format!("{}: {} {}", dir.display(), f.cause, f.text));
            }
            continue;
        }
        if !FAMILIES.iter().chain(&FURTHER).any(|f| cause.starts_with(f)) {
            continue;
        }
        total += 1;
        let acceptable: Vec<&str> = truth["acceptable"].as_array().into_iter().flatten().filter_map(Value::as_str).chain([cause]).collect();
        match first {
            Some(f) if acceptable.contains(&f.cause) => (right, spoken) = (right + 1, spoken + 1),
            Some(f) => {
                spoken += 1;
                let rest: Vec<&str> = reading.ending.iter().flat_map(|e| &e.findings).chain(&reading.live).map(|f| f.cause).collect();
                println!("{}: {cause}, read {} by {}: {} {rest:?}", dir.display(), f.cause, f.signature, f.text);
            }
            None => println!("{}: {cause}, read nothing", dir.display()),
        }
    }
    println!("{right} of {total}; of {spoken} that said something");
    assert!(wrong_on_healthy.is_empty(), "{wrong_on_healthy:#?}");
    assert!(right * 100 >= total * 90, "{right} of {total}");
}
