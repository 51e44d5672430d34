//! Opens a bundle or a dump, whichever it is.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use serde_json::Value;

use super::super::layout::{Layout, is_segment};
use super::super::paste::{Document, split};
use super::super::{moments, objects};
use super::{files, logs};
use crate::source::bundle::{self, Bundle, connect};
use crate::source::{Connection, SourceError, kind_of, plural_of};

/// A single file above this is not looked into: pods of one namespace are far smaller.
const MAX_FILE: usize = 128 * 1024 * 1024;

/// Opens a recording: a bundle, or a dump that another tool wrote. Must be called inside a tokio runtime.
///
/// # Errors
/// As for a bundle; a directory or archive that holds no pods at all is not one.
pub fn open(path: &Path) -> Result<Connection, SourceError> {
    let refused = match bundle::open(path) {
        Err(SourceError::NotABundle { path, inside }) if inside.is_empty() => SourceError::NotABundle { path, inside },
        // `kubectl cluster-info dump > file` is text.
        Err(SourceError::Corrupt { path, why }) if path.is_file() => SourceError::Corrupt { path, why },
        other => return other,
    };
    let files = match files::read(path) {
        Ok(files) => files,
        Err(_) if path.is_file() => stream(path).ok_or(refused)?,
        Err(error) => return Err(error),
    };
    let mut layout = Layout::default();
    let mut texts: Vec<(&String, &Bytes)> = Vec::new();
    for (name, body) in files.iter().filter(|(_, b)| b.len() <= MAX_FILE) {
        match name.rsplit('.').next() {
            Some("json") => objects_of(name, serde_json::from_slice(body).ok(), &mut layout),
            Some("yaml" | "yml") => objects_of(name, serde_yaml::from_slice(body).ok(), &mut layout),
            _ => texts.push((name, body)),
        }
    }
    for (name, body) in &texts {
        if name.ends_with(".txt") {
            concatenated(&String::from_utf8_lossy(body), &mut layout);
        }
    }
    let pods = containers(&layout);
    if pods.is_empty() {
        return Err(SourceError::NotABundle { path: path.to_owned(), inside: Vec::new() });
    }
    for (name, body) in texts {
        if let Some((namespace, pod, container, previous)) = logs::owner(name, &pods) {
            layout.log(&namespace, &pod, &container, previous, body.clone());
        }
    }
    let only: Vec<&String> = pods.keys().map(|(ns, _)| ns).filter(|ns| !ns.starts_with("kube-")).collect();
    let first = only.first().map(|ns| (*ns).clone());
    let (files, manifest) = layout.finish(first.as_deref());
    Ok(connect(Bundle::from_files(files, manifest), format!("dump {}", path.display())))
}

/// A text file as the one file of a dump.
fn stream(path: &Path) -> Option<BTreeMap<String, Bytes>> {
    let size = std::fs::metadata(path).ok()?.len();
    let body = (size <= MAX_FILE as u64).then(|| std::fs::read(path).ok()).flatten()?;
    Some([("dump.txt".to_owned(), Bytes::from(body))].into())
}

/// Takes the objects of a file; a file that is a list makes its list covered.
fn objects_of(name: &str, value: Option<Value>, layout: &mut Layout) {
    let Some(value) = value else { return };
    let namespace = namespace_of(name);
    let (is_list, listed) = (value.is_array() || value.get("items").is_some(), objects::kind_in(&value));
    if let Some(version) =
        value.get("gitVersion").or_else(|| value.pointer("/serverVersion/gitVersion")).or_else(|| value.pointer("/info/gitVersion")).and_then(Value::as_str)
    {
        layout.server_version = Some(version.to_owned());
    }
    layout.hear(value.get("items").is_none().then(|| moments::newest(&value)).flatten());
    let version = value.get("apiVersion").and_then(Value::as_str).unwrap_or("v1").to_owned();
    // Support bundles write plain arrays and put the plural into the path.
    let plural = listed
        .as_deref()
        .map(plural_of)
        .or_else(|| name.split('/').rev().map(|p| p.split('.').next().unwrap_or(p)).find(|p| kind_of(p).is_some()).map(str::to_owned));
    let mut found = objects::of(value);
    if let Some(kind) = plural.as_deref().and_then(kind_of).filter(|_| is_list) {
        for object in found.iter_mut().filter_map(Value::as_object_mut) {
            object.entry("kind".to_owned()).or_insert_with(|| Value::from(kind));
        }
    }
    for object in found {
        layout.add(object, namespace.as_deref());
    }
    if let (true, Some(plural)) = (is_list, plural) {
        let scoped = matches!(plural.as_str(), "nodes" | "namespaces" | "persistentvolumes");
        match (scoped, namespace) {
            (true, _) => layout.cover(&version, None, &plural),
            (false, Some(namespace)) => layout.cover(&version, Some(&namespace), &plural),
            (false, None) => {}
        }
    }
}

/// The namespace that a path shows: behind `namespaces/`, as the file's name, or as its directory.
fn namespace_of(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('/').collect();
    if let Some(at) = parts.iter().position(|p| *p == "namespaces") {
        return parts.get(at + 1).filter(|_| parts.len() > at + 2).map(|p| (*p).to_owned());
    }
    let stem = parts.last()?.split('.').next()?;
    let parent = parts.len().checked_sub(2).and_then(|at| parts.get(at)).copied();
    let singular = |p: &str| kind_of(p).is_some() || kind_of(&plural_of(p)).is_some();
    let found = if singular(stem) || stem.contains('-') && parent.is_none_or(|p| !singular(p)) { parent } else { Some(stem) };
    found.filter(|ns| is_segment(ns) && !singular(ns)).map(str::to_owned)
}

/// `kubectl cluster-info dump` without a directory: lists and logs one after the other.
fn concatenated(text: &str, layout: &mut Layout) {
    for document in split(text) {
        match document {
            Document::Object(value) => {
                let kind = objects::kind_in(&value);
                let version = value.get("apiVersion").and_then(Value::as_str).unwrap_or("v1").to_owned();
                let found = objects::of(value);
                let namespace = found.first().and_then(|o| o.pointer("/metadata/namespace")).and_then(Value::as_str).map(str::to_owned);
                for object in found {
                    layout.add(object, None);
                }
                if let (Some(kind), Some(namespace)) = (kind, namespace) {
                    layout.cover(&version, Some(&namespace), &plural_of(&kind));
                }
            }
            Document::Log(of, lines) => {
                if let (Some(namespace), Some(pod), Some(container)) = (of.namespace, of.pod, of.container) {
                    layout.log(&namespace, &pod, &container, of.previous == Some(true), lines.join("\n") + "\n");
                }
            }
            _ => {}
        }
    }
}

fn containers(layout: &Layout) -> logs::Pods {
    let mut found = logs::Pods::new();
    for pod in layout.pods() {
        let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let lists = ["/spec/containers", "/spec/initContainers", "/spec/ephemeralContainers"];
        let names = lists.iter().filter_map(|l| pod.pointer(l)?.as_array()).flatten().filter_map(|c| c.get("name")?.as_str().map(str::to_owned));
        found.insert((text("/metadata/namespace"), text("/metadata/name")), names.collect());
    }
    found
}
