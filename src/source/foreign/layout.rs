//! Objects, events and logs in the order of API paths: a bundle that was never a directory.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::evidence::Time;
use crate::source::bundle::{Answer, LogsAsked, Manifest};
use crate::source::{GAP_WARNING, collection_path, encode, plural_of};

use super::moments;

/// A bundle under construction.
#[derive(Debug, Default)]
pub(super) struct Layout {
    lists: BTreeMap<String, Vec<Value>>,
    /// By list and name: where each object stands in its list.
    places: BTreeMap<String, BTreeMap<String, usize>>,
    covered: BTreeSet<String>,
    answers: Vec<Answer>,
    /// Path and selector of the answers.
    answered: BTreeSet<(String, String)>,
    logs: BTreeMap<String, Bytes>,
    /// The newest moment seen so far.
    pub(super) newest: Option<Time>,
    /// The server's version, where it is told.
    pub(super) server_version: Option<String>,
}

impl Layout {
    /// Hears a moment.
    pub(super) fn hear(&mut self, time: Option<Time>) {
        self.newest = self.newest.max(time);
    }

    /// Adds an object at the path of its own kind; `namespace` is for those that do not say theirs. Objects without kind
    /// or name, and those whose names could not be path segments, are refused.
    pub(super) fn add(&mut self, mut object: Value, namespace: Option<&str>) -> bool {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        let (Some(kind), Some(name)) = (text("/kind"), text("/metadata/name")) else { return false };
        let version = text("/apiVersion").unwrap_or_else(|| "v1".to_owned());
        let own = text("/metadata/namespace");
        let scoped = matches!(kind.as_str(), "Node" | "Namespace" | "PersistentVolume");
        let namespace = own.clone().or_else(|| namespace.filter(|_| !scoped).map(str::to_owned));
        if ![Some(&kind), Some(&name), namespace.as_ref()].into_iter().flatten().all(|t| is_segment(t)) || !version.split('/').all(is_segment) {
            return false;
        }
        // Events are asked for in the core group, whatever group they were read from.
        let (version, plural) = if kind == "Event" { ("v1".to_owned(), "events".to_owned()) } else { (version, plural_of(&kind)) };
        if let (None, Some(ns), Some(meta)) = (&own, &namespace, object.get_mut("metadata").and_then(Value::as_object_mut)) {
            meta.insert("namespace".to_owned(), Value::from(ns.clone()));
        }
        if kind == "Event" {
            in_core_shape(&mut object);
        }
        self.hear(moments::newest(&object));
        let path = collection_path(&version, namespace.as_deref(), &plural);
        let places = self.places.entry(path.clone()).or_default();
        let list = self.lists.entry(path).or_default();
        match places.get(&name).and_then(|at| list.get_mut(*at)) {
            Some(old) => merge(old, object),
            None => {
                places.insert(name, list.len());
                list.push(object);
            }
        }
        true
    }

    /// Says that a list was read to its end.
    pub(super) fn cover(&mut self, api_version: &str, namespace: Option<&str>, plural: &str) {
        if namespace.is_none_or(is_segment) && is_segment(plural) {
            self.covered.insert(collection_path(api_version, namespace, plural));
        }
    }

    /// Says that the events about one object were read; `partly` tells what is missing from them.
    pub(super) fn events_of(&mut self, namespace: &str, kind: Option<&str>, name: &str, partly: Option<&str>) {
        if !is_segment(namespace) || !is_segment(name) {
            return;
        }
        let kind = kind.map(|k| format!("involvedObject.kind={k},")).unwrap_or_default();
        let selector = format!("fieldSelector={kind}involvedObject.name={name}");
        let path = collection_path("v1", Some(namespace), "events");
        if !self.answered.insert((path.clone(), selector.clone())) {
            return;
        }
        let warnings = partly.map(|why| format!("{GAP_WARNING}\"not-asked: {why}\"")).into_iter().collect();
        self.answers.push(Answer { path, verb: "list".to_owned(), selector, code: 200, warnings, ..Answer::default() });
    }

    /// Adds a log.
    pub(super) fn log(&mut self, namespace: &str, pod: &str, container: &str, previous: bool, body: impl Into<Bytes>) {
        if ![namespace, pod, container].into_iter().all(is_segment) {
            return;
        }
        let pods = collection_path("v1", Some(namespace), "pods");
        let file = format!("{}/{}/log/{container}{}.log", pods.trim_start_matches('/'), encode(pod), if previous { ".previous" } else { "" });
        self.logs.insert(file, body.into());
    }

    /// A pod.
    pub(super) fn pod(&self, namespace: &str, name: &str) -> Option<&Value> {
        let path = collection_path("v1", Some(namespace), "pods");
        self.lists.get(&path)?.get(*self.places.get(&path)?.get(name)?)
    }

    /// All pods, by namespace and name.
    pub(super) fn pods(&self) -> Vec<&Value> {
        self.lists.iter().filter(|(path, _)| path.ends_with("/pods")).flat_map(|(_, pods)| pods).collect()
    }

    /// The same, to be changed.
    pub(super) fn pods_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.lists.iter_mut().filter(|(path, _)| path.ends_with("/pods")).flat_map(|(_, pods)| pods)
    }

    /// The files and the manifest of the bundle that this is.
    pub(super) fn finish(self, first_namespace: Option<&str>) -> (BTreeMap<String, Bytes>, Manifest) {
        let mut namespaces: Vec<String> = first_namespace.map(str::to_owned).into_iter().collect();
        let told = self.lists.keys().chain(&self.covered).filter_map(|p| p.split("/namespaces/").nth(1)?.split('/').next());
        let mut others: BTreeSet<String> = told.map(str::to_owned).collect();
        others.retain(|ns| !namespaces.contains(ns));
        namespaces.extend(others);
        let mut covered = self.covered;
        // A dump of cluster-wide objects holds them in one place.
        covered.extend(self.lists.keys().filter(|p| p.ends_with("/v1/nodes")).cloned());
        let manifest = Manifest {
            captured_at: self.newest,
            server_version: self.server_version,
            namespaces,
            covered,
            logs: LogsAsked::Files(self.logs.keys().cloned().collect()),
            node_events_since: None,
            answers: self.answers,
        };
        let mut files = self.logs;
        for (path, items) in self.lists {
            files.insert(format!("{}.json", path.trim_start_matches('/')), Bytes::from(json!({ "kind": "List", "items": items }).to_string()));
        }
        (files, manifest)
    }
}

/// Whether a text may stand in a path, as every name that Kubernetes gives out may.
pub(super) fn is_segment(text: &str) -> bool {
    !text.is_empty() && text.len() <= 253 && text != "." && text != ".." && !text.contains(['/', '\\', '\0', '%', '?', '#']) && !text.contains(char::is_control)
}

/// The same object twice: what the second says and the first does not is added (a describe beside a YAML of the pod).
fn merge(old: &mut Value, new: Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in new {
                match old.get_mut(&key) {
                    Some(present) => merge(present, value),
                    None => {
                        old.insert(key, value);
                    }
                }
            }
        }
        (old @ Value::Null, new) => *old = new,
        _ => {}
    }
}

/// The field selector of the core group reads `involvedObject`; events.k8s.io calls it `regarding`.
fn in_core_shape(event: &mut Value) {
    let Some(map) = event.as_object_mut() else { return };
    if let (None, Some(regarding)) = (map.get("involvedObject"), map.get("regarding").cloned()) {
        map.insert("involvedObject".to_owned(), regarding);
    }
    map.insert("apiVersion".to_owned(), Value::from("v1"));
}
