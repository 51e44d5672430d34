//! A recorded case as loose parts, a script of bytes that damages them, and the case file that is left. The script is
//! anything: a fuzzer's input, or what a property test made up.

use std::path::Path;

use a2::diagnosis::diagnose;
use a2::evidence::{CaseFile, Event, LogTail, Node, Object, Options, Owner, Pod, Related, Target, parse_time, read_rows};
use a2::report::{Format, RenderOptions, document, render};
use a2::rules::RuleSet;
use serde_json::{Value, json};

/// Every format of an answer.
pub const FORMATS: [Format; 6] = [Format::Table, Format::Json, Format::JsonLine, Format::Yaml, Format::Markdown, Format::Html];

/// What a case is made of, before it is read.
#[derive(Clone, Debug)]
pub struct Parts {
    namespace: String,
    name: String,
    now: String,
    pods: Vec<Value>,
    events: Vec<Value>,
    node_events: Vec<Value>,
    owners: Vec<Value>,
    nodes: Vec<Value>,
    table: Value,
    logs: Vec<(String, String, bool, Vec<u8>)>,
}

fn json_file(path: &Path) -> Value {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null)
}

fn items(path: &Path) -> Vec<Value> {
    json_file(path).get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn folders(path: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// All stages of all cases below a folder.
pub fn load_all(root: &Path) -> Vec<Parts> {
    let stages = folders(root).into_iter().flat_map(|case| folders(&case));
    stages.filter_map(|stage| load(&stage)).collect()
}

fn load(stage: &Path) -> Option<Parts> {
    let case = json_file(&stage.parent()?.join("case.json"));
    let text = |key: &str| case.get(key).and_then(Value::as_str).map(str::to_owned);
    let (namespace, name) = (text("namespace")?, text("target")?);
    let now = json_file(&stage.join("bundle.json")).get("capturedAt").and_then(Value::as_str)?.to_owned();
    let base = stage.join(format!("api/v1/namespaces/{namespace}"));
    let mut owners = Vec::new();
    for (api, kind) in [
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
        ("argoproj.io/v1alpha1", "Workflow"),
    ] {
        for mut object in items(&stage.join(format!("apis/{api}/namespaces/{namespace}/{}s.json", kind.to_lowercase()))).into_iter().take(2) {
            object["kind"] = json!(kind);
            object["apiVersion"] = json!(api);
            owners.push(object);
        }
    }
    let mut logs = Vec::new();
    for pod in folders(&base.join("pods")) {
        let Some(pod_name) = pod.file_name().and_then(|n| n.to_str()) else { continue };
        let mut files: Vec<_> = std::fs::read_dir(pod.join("log")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            let (container, previous) = stem.strip_suffix(".previous").map_or((stem, false), |c| (c, true));
            let mut body = std::fs::read(&file).unwrap_or_default();
            body.truncate(64 << 10);
            logs.push((pod_name.to_owned(), container.to_owned(), previous, body));
        }
    }
    Some(Parts {
        pods: items(&base.join("pods.json")),
        events: items(&base.join("events.json")),
        node_events: items(&stage.join("api/v1/namespaces/default/events.json")).into_iter().take(20).collect(),
        nodes: items(&stage.join("api/v1/nodes.json")),
        table: json_file(&base.join("pods.table.json")),
        owners,
        logs,
        namespace,
        name,
        now,
    })
}

/// Bytes, one after the other; zeros when they are used up.
pub struct Script<'a>(pub &'a [u8]);

impl Script<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> usize {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                usize::from(*first)
            }
            None => 0,
        }
    }

    fn number(&mut self) -> usize {
        self.byte() << 8 | self.byte()
    }

    /// Whether something is left to do.
    pub fn goes_on(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Text that a reader of cases might trip over.
const WORDS: [&str; 24] = [
    "",
    "OOMKilled",
    "Error",
    "Evicted",
    "DeadlineExceeded",
    "CrashLoopBackOff",
    "PodInitializing",
    "Killing",
    "Unhealthy",
    "Back-off restarting failed container",
    "main: OOMKilled (exit code 137)",
    "thread 'main' panicked at src/main.rs:1:1:",
    "Traceback (most recent call last):",
    "connect to [::1]:5432: Connection refused",
    "\u{1b}[31m\u{1b}]0;x\u{7}\u{202e}",
    "| a | b |\n\n```\n<script>alert(1)</script>",
    "ä€𝄞\u{0}\u{7f}",
    "2030-13-99T99:99:99Z",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "-292277022657-01-27T08:29:52Z",
    "99999999999999999999Gi",
    "../../etc/passwd",
    "password=hunter2",
];

fn odd(script: &mut Script<'_>) -> Value {
    match script.byte() % 12 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([]),
        3 => json!({}),
        4 => json!(i64::MAX),
        5 => json!(i64::MIN),
        6 => json!(-1),
        7 => json!(1e300),
        8 => json!(script.number()),
        9 => json!("x".repeat(script.number())),
        _ => json!(WORDS[script.byte() % WORDS.len()]),
    }
}

/// A place in a document, chosen by the script: deeper with every byte until a zero.
fn place<'v>(value: &'v mut Value, script: &mut Script<'_>, depth: usize) -> &'v mut Value {
    if depth > 12 || script.byte().is_multiple_of(8) && depth > 1 {
        return value;
    }
    let width = value.as_array().map(Vec::len).or_else(|| value.as_object().map(serde_json::Map::len)).unwrap_or(0);
    if width == 0 {
        return value;
    }
    let chosen = script.byte() % width;
    let next = match value {
        Value::Array(list) => list.get_mut(chosen),
        Value::Object(map) => map.values_mut().nth(chosen),
        _ => None,
    };
    place(next.expect("inside"), script, depth + 1)
}

fn shift(time: &str, seconds: i64) -> Option<String> {
    let shifted = parse_time(time)?.timestamp().checked_add(seconds)?;
    let (days, rest) = (shifted.div_euclid(86_400), shifted.rem_euclid(86_400));
    // Civil date from days (Hinnant), to need no library for it.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60))
}

/// One change somewhere in a document.
pub fn damage(value: &mut Value, script: &mut Script<'_>) {
    let taken = (script.byte() % 8 == 1).then(|| place(&mut value.clone(), script, 0).clone());
    let at = place(value, script, 0);
    match script.byte() % 8 {
        0 | 1 => {
            let chosen = script.byte();
            match at {
                Value::Array(list) if !list.is_empty() => {
                    let index = chosen % list.len();
                    list.remove(index);
                }
                Value::Object(map) if !map.is_empty() => {
                    let key = map.keys().nth(chosen % map.len()).cloned().unwrap_or_default();
                    map.remove(&key);
                }
                other => *other = Value::Null,
            }
        }
        2 => {
            if let Value::Array(list) = at
                && let Some(item) = list.get(script.byte() % list.len().max(1)).cloned()
            {
                for _ in 0..script.byte() % 20 {
                    list.push(item.clone());
                }
            }
        }
        3 => {
            if let Value::Array(list) = at {
                list.reverse();
            } else if let Value::Object(map) = at
                && map.len() > 1
            {
                let (a, b) = (script.byte() % map.len(), script.byte() % map.len());
                let values: Vec<Value> = map.values().cloned().collect();
                for (index, slot) in map.values_mut().enumerate() {
                    *slot = if index == a {
                        values[b].clone()
                    } else if index == b {
                        values[a].clone()
                    } else {
                        continue;
                    };
                }
            }
        }
        4 => *at = odd(script),
        5 => {
            let seconds = (script.number() as i64 - 32_768) * if script.byte().is_multiple_of(4) { 1_000_000 } else { 1 };
            if let Value::String(text) = at
                && let Some(shifted) = shift(text, seconds)
            {
                *text = shifted;
            }
        }
        6 => {
            if let Value::Number(number) = at {
                let code = [0, 1, 2, 101, 124, 126, 127, 130, 134, 137, 139, 143, 255, 256, -1, 4_294_967_295_i64];
                *number = code[script.byte() % code.len()].into();
            } else if let Value::String(text) = at {
                text.push_str(WORDS[script.byte() % WORDS.len()]);
            }
        }
        _ => {
            if let Some(taken) = taken {
                *at = taken;
            }
        }
    }
}

/// One step of the script.
pub fn mutate(parts: &mut Parts, script: &mut Script<'_>) {
    let pick = |list: &mut Vec<Value>, script: &mut Script<'_>| {
        if list.is_empty() {
            return;
        }
        let index = script.byte() % list.len();
        match script.byte() % 12 {
            0 => {
                list.remove(index);
            }
            1 => list.push(list[index].clone()),
            2 => {
                let other = script.byte() % list.len();
                list.swap(index, other);
            }
            _ => damage(&mut list[index], script),
        }
    };
    match script.byte() % 16 {
        0..=5 => {
            // The target itself, more often than not.
            let name = parts.name.clone();
            match parts.pods.iter_mut().find(|pod| pod["metadata"]["name"] == name.as_str()) {
                Some(pod) if !script.byte().is_multiple_of(4) => damage(pod, script),
                _ => pick(&mut parts.pods, script),
            }
        }
        6..=8 => pick(&mut parts.events, script),
        9 => pick(&mut parts.node_events, script),
        10 | 11 => pick(&mut parts.owners, script),
        12 => pick(&mut parts.nodes, script),
        13 => damage(&mut parts.table, script),
        14 => {
            if let Some(shifted) = shift(&parts.now, script.number() as i64 - 32_768) {
                parts.now = shifted;
            }
        }
        _ => {
            if parts.logs.is_empty() {
                return;
            }
            let index = script.byte() % parts.logs.len();
            let body = &mut parts.logs[index].3;
            let at = script.number() % (body.len() + 1);
            match script.byte() % 4 {
                0 => body.truncate(at),
                1 => drop(body.splice(at..at, WORDS[script.byte() % WORDS.len()].bytes())),
                2 => drop(body.splice(at..at, [script.byte() as u8; 3])),
                _ => body.drain(..at).for_each(drop),
            }
        }
    }
}

/// The parts, read as leniently as the collector reads them.
pub fn case_of(parts: &Parts) -> CaseFile {
    let now = parse_time(&parts.now).or_else(|| parse_time("2030-01-02T03:04:05Z")).expect("a time");
    let target = Target { namespace: parts.namespace.clone(), name: parts.name.clone(), uid: None };
    let mut case = CaseFile::new(target, Options::default(), now);
    let pods: Vec<Pod> = parts.pods.iter().cloned().map(Object::new).map(Pod::from_object).collect();
    case.pod = pods.iter().find(|p| p.name == parts.name).cloned();
    case.pod_absent = case.pod.is_none();
    case.siblings = pods.into_iter().filter(|p| p.name != parts.name).take(12).collect();
    let events = |list: &[Value]| list.iter().cloned().map(Object::new).filter_map(Event::from_object).collect::<Vec<_>>();
    (case.events, case.node_events) = (events(&parts.events), events(&parts.node_events));
    case.owners = parts.owners.iter().cloned().map(Object::new).zip(1..).map(|(object, depth)| Owner { object, depth, found_by: Related::Name }).collect();
    case.node = parts.nodes.first().cloned().map(Object::new).map(Node::from_object);
    case.sibling_rows = read_rows(&parts.table).unwrap_or_default();
    case.logs = parts.logs.iter().map(|(pod, container, previous, body)| LogTail::parse(pod, container, *previous, body)).collect();
    case
}

/// Diagnoses the case and renders it in every format that the mask names; gives all the text.
pub fn answer(case: &CaseFile, mask: usize) -> String {
    let document = document(&diagnose(case.clone(), RuleSet::builtin()));
    let options = |width| RenderOptions {
        width,
        color: mask & 64 != 0,
        wide: mask & 128 != 0,
        describe: true,
        explain: true,
        checklist: true,
        ..RenderOptions::default()
    };
    let mut text = String::new();
    for (index, format) in FORMATS.into_iter().enumerate() {
        if mask >> index & 1 == 1 {
            text.push_str(&render(&document, format, &options(60 + mask % 90)));
        }
    }
    text
}
