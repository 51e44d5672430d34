//! Names are nobody's knowledge: the same cluster under other names gives the same verdict.
//!
//! Namespaces, pods, owners, services, nodes, containers and images get other names wherever they stand, in objects, events, logs and paths.
//! Names that mean something by convention keep it (published sidecars and main containers, namespaces of the cluster itself, images that say what
//! they are); what is derived from a name is derived anew (template hashes, the hash in the name of a workflow's pod).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use a2::evidence::Target;
use a2::reconstruct::SIDECAR_NAMES;
use a2::reconstruct::argo::node_hash;
use serde_json::Value;

use super::corpus::{Stage, gather, over, stages};
use super::said::{Said, judge};

/// Names that mean something by convention: they are published, and stay.
const CONVENTIONAL: &[&str] = &[
    "main",
    "app",
    "user-container",
    "sandbox",
    "agent",
    "application",
    "server",
    "init",
    "default",
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "argo",
    "kubernetes",
    "localhost",
    "argoexec",
    "kube-root-ca.crt", // Words of the API's own paths.
    "api",
    "apis",
    "apps",
    "batch",
    "log",
    "pods",
];

/// Old name to new name.
struct Names(BTreeMap<String, String>);

impl Names {
    /// All names of a recorded cluster that are somebody's choice.
    fn of(stage: &Stage) -> Self {
        let mut found = Found::default();
        walk(&stage.dir, &mut |path, body| {
            if path.extension().is_some_and(|e| e == "json")
                && let Ok(value) = serde_json::from_slice::<Value>(body)
            {
                found.read(&value);
            }
        });
        let mut map = BTreeMap::new();
        let keep =
            |n: &str| n.len() < 3 || CONVENTIONAL.contains(&n) || SIDECAR_NAMES.contains(&n) || n.contains("sidecar") || n.starts_with("kube-api-access");
        for name in found.chosen.iter().filter(|n| !keep(n)) {
            map.insert(name.clone(), other(name));
        }
        for hash in &found.hashes {
            map.insert(hash.clone(), turned(hash));
        }
        let mut names = Self(map);
        // A workflow's pods carry the hash of their node's name.
        let derived: Vec<(String, String)> = found.nodes.iter().map(|n| (node_hash(n).to_string(), node_hash(&names.text(n)).to_string())).collect();
        names.0.extend(derived);
        names
    }

    /// A text with every name replaced where it stands as a word of its own, or begins a longer name that was made from it.
    fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let bytes = text.as_bytes();
        let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let mut at = 0;
        'scan: while at < text.len() {
            let starts = at == 0 || !(part(bytes[at - 1]) || bytes[at - 1] == b'-' && at > 1 && part(bytes[at - 2]) && !self.ended_at(&out));
            if starts && part(bytes[at]) {
                // The longest name that fits.
                let rest = &text[at..];
                let hit = self
                    .0
                    .iter()
                    .filter(|(old, _)| rest.starts_with(old.as_str()) && rest.as_bytes().get(old.len()).is_none_or(|b| !part(*b)))
                    .max_by_key(|(old, _)| old.len());
                if let Some((old, new)) = hit {
                    out.push_str(new);
                    at += old.len();
                    continue 'scan;
                }
            }
            let Some(c) = text[at..].chars().next() else { break };
            out.push(c);
            at += c.len_utf8();
        }
        out
    }

    /// Whether what was written so far ends in a new name and a dash: a derived name goes on there.
    fn ended_at(&self, out: &str) -> bool {
        out.strip_suffix('-').is_some_and(|front| self.0.values().any(|new| front.ends_with(new.as_str())))
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(s) => Value::String(self.text(s)),
            Value::Array(list) => list.iter().map(|v| self.value(v)).collect(),
            // Keys are the API's own, but for workflow nodes and the keys of maps that people write.
            Value::Object(map) => {
                map.iter().map(|(k, v)| (if k.contains('-') && !k.contains('/') { self.text(k) } else { k.clone() }, self.value(v))).collect()
            }
            other => other.clone(),
        }
    }
}

/// Letters moved on, so that the new name has the make of the old one and means nothing. Digits stay: ordinals and times are not names.
fn other(name: &str) -> String {
    let moved = |c: char| match c {
        'a'..='z' => char::from(b'a' + (c as u8 - b'a' + 7) % 26),
        c => c,
    };
    // Words that mark a helper or a task by convention stay.
    let kept = ["proxy", "exporter", "shipper", "logger", "reloader", "collector", "agent", "forwarder"];
    name.split('-').map(|w| if kept.contains(&w) { w.to_owned() } else { w.chars().map(moved).collect() }).collect::<Vec<String>>().join("-")
}

/// A hash of the same alphabet and length (KV/apimachinery/pkg/util/rand).
fn turned(hash: &str) -> String {
    const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    hash.bytes().map(|b| SAFE.iter().position(|s| *s == b).map_or(char::from(b), |i| char::from(SAFE[(i + 5) % SAFE.len()]))).collect()
}

/// Names by what they are for.
#[derive(Default)]
struct Found {
    chosen: BTreeSet<String>,
    hashes: BTreeSet<String>,
    nodes: BTreeSet<String>,
}

impl Found {
    fn read(&mut self, value: &Value) {
        let items = value.get("items").and_then(Value::as_array);
        for object in items.into_iter().flatten().chain(items.is_none().then_some(value)) {
            self.object(object);
        }
    }

    fn object(&mut self, object: &Value) {
        let text = |p: &str| object.pointer(p).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        if text("/involvedObject/name").is_some() {
            return; // An event has no name of its own.
        }
        self.chosen.extend(text("/metadata/namespace"));
        if let Some(hash) = text("/metadata/labels/pod-template-hash") {
            self.hashes.insert(hash);
        }
        let is_pod = object.pointer("/spec/containers").is_some();
        // Names of pods and ReplicaSets are made from their owners'.
        match text("/metadata/generateName").filter(|_| is_pod) {
            Some(prefix) => {
                let owner = prefix.trim_end_matches('-').trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
                self.chosen.insert(owner.to_owned());
            }
            None => self.chosen.extend(text("/metadata/name")),
        }
        for list in ["/spec/containers", "/spec/initContainers", "/spec/template/spec/containers", "/spec/jobTemplate/spec/template/spec/containers"] {
            for container in object.pointer(list).and_then(Value::as_array).into_iter().flatten() {
                self.chosen.extend(container["name"].as_str().map(str::to_owned));
            }
        }
        for (id, node) in object.pointer("/status/nodes").and_then(Value::as_object).into_iter().flatten() {
            let _ = id;
            self.nodes.extend(node["name"].as_str().map(str::to_owned));
            self.chosen.extend(node["templateName"].as_str().map(str::to_owned));
        }
    }
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, each);
        } else {
            each(&path, &std::fs::read(&path).expect("a file"));
        }
    }
}

#[test]
fn other_names_give_the_same_verdict() {
    // A2_ALL=1 takes all of them.
    let few = if std::env::var_os("A2_ALL").is_some() { 1 } else { (stages().len() / 90).max(1) };
    over("renaming", stages().iter().step_by(few), |stage| {
        let names = Names::of(stage);
        let folder = tempfile::tempdir().expect("a folder");
        walk(&stage.dir, &mut |path, body| {
            let inside = path.strip_prefix(&stage.dir).expect("inside").to_str().expect("a path");
            let inside: Vec<String> =
                inside.split('/').map(|p| if ["api", "apis", "v1", "apps", "batch", "log"].contains(&p) { p.to_owned() } else { names.text(p) }).collect();
            let target = folder.path().join(inside.join("/"));
            std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
            let body = match serde_json::from_slice::<Value>(body) {
                Ok(value) if path.extension().is_some_and(|e| e == "json") => names.value(&value).to_string(),
                _ => names.text(&String::from_utf8_lossy(body)),
            };
            std::fs::write(target, body).expect("written");
        });
        let target = Target { namespace: names.text(&stage.target.namespace), name: names.text(&stage.target.name), uid: None };
        let after = judge(&gather(folder.path(), &target));
        let mut was = Said::of(&stage.base);
        was.container = was.container.map(|c| names.text(&c));
        let is = Said::of(&after);
        if was == is { Vec::new() } else { vec![format!("as {}/{}\n    was {was:?}\n    is  {is:?}", target.namespace, target.name)] }
    });
}

#[test]
fn renaming_is_consistent() {
    let pairs = [("ledger-db", "other-db"), ("web", "other"), ("5d9c7b6f4", "6f4d9c7b5")];
    let names = Names(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
    assert_eq!(
        names.text("tcp://ledger-db:5432 ledger-db-0 my-ledger-db webhook web-5d9c7b6f4-x7k2p"),
        "tcp://other-db:5432 other-db-0 my-ledger-db webhook other-6f4d9c7b5-x7k2p"
    );
    assert_eq!(other("ledger-db-proxy").len(), "ledger-db-proxy".len());
}
