//! From documents to a bundle: what only the whole paste tells is settled here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::layout::Layout;
use super::super::objects;
use super::describe::{self, DescribedPod};
use super::event_text::Row;
use super::{Document, clock, logs, node_join, split, tables};
use crate::evidence::{Time, format_time};
use crate::source::bundle::{Bundle, connect};
use crate::source::{Connection, SourceError};

/// A longer paste is refused: it is a dump, and dumps are files.
pub const MAX_PASTE_BYTES: usize = 16 * 1024 * 1024;
/// The namespace of what names none.
const NAMESPACE: &str = "default";

/// A pod that a paste is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodId {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A paste that was read.
#[derive(Debug)]
pub struct Pasted {
    /// Answers what was pasted.
    pub connection: Connection,
    /// The pods it is about; those with objects or logs where there are any, else those that events name.
    pub pods: Vec<PodId>,
    /// What could not be read: lower-case fragments.
    pub notes: Vec<String>,
}

/// Reads a paste. "Now" is the newest moment that it speaks of; `clock` stands in when it speaks of none (ages alone).
/// Must be called inside a tokio runtime, as any `kube::Client`.
///
/// # Errors
/// When it is too long, or when nothing in it is about a pod.
pub fn paste(bytes: &[u8], clock: Time) -> Result<Pasted, SourceError> {
    if bytes.len() > MAX_PASTE_BYTES {
        return Err(SourceError::PasteTooLong { limit: MAX_PASTE_BYTES >> 20 });
    }
    let text = String::from_utf8_lossy(bytes);
    let text = unquoted(text.trim_start_matches('\u{feff}'));
    let documents = split(&text);
    let mut pile = Pile::default();
    for document in documents {
        pile.sort(document);
    }
    pile.settle(clock)
}

/// Mail and tickets put `> ` before every line of a quotation.
fn unquoted(text: &str) -> String {
    let lines = || text.lines().filter(|l| !l.trim().is_empty());
    let quoted = lines().filter(|l| l.starts_with('>')).count();
    if quoted > 2 && quoted == lines().count() {
        return text.lines().map(|l| l.strip_prefix("> ").or_else(|| l.strip_prefix('>')).unwrap_or(l)).collect::<Vec<_>>().join("\n");
    }
    text.to_owned()
}

#[derive(Default)]
struct Pile<'a> {
    layout: Layout,
    described: Vec<DescribedPod>,
    tables: Vec<Row>,
    logs: Vec<logs::Pasted<'a>>,
    node: Vec<Vec<&'a str>>,
    /// The pod last spoken of, for a log that follows it.
    last_pod: Option<PodId>,
    /// Events that came as objects: the namespace and name of what they are about.
    about: BTreeSet<(String, String, String)>,
    notes: Vec<String>,
}

impl<'a> Pile<'a> {
    fn sort(&mut self, document: Document<'a>) {
        match document {
            Document::Object(value) => {
                for object in objects::of(value) {
                    self.object(object);
                }
            }
            Document::Broken(why) => self.notes.push(format!("a part that looks like YAML cannot be read: {why}")),
            Document::Describe(lines) => {
                if let Some(pod) = describe::read(&lines) {
                    self.last_pod = id(&pod.pod);
                    self.layout.hear(super::super::moments::newest(&pod.pod));
                    self.described.push(pod);
                }
            }
            Document::Events(lines) => self.tables.extend(tables::read(&lines)),
            Document::Log(of, lines) => {
                self.layout.hear(logs::newest(&lines));
                self.logs.extend(logs::take_apart(of, lines, self.last_pod.as_ref()));
            }
            Document::Node(lines) => self.node.push(lines),
        }
    }

    fn object(&mut self, object: Value) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        match text("/kind").as_str() {
            "Pod" => self.last_pod = id(&object),
            "Event" => {
                let front = if object.get("involvedObject").is_some() { "/involvedObject" } else { "/regarding" };
                self.about.insert((text("/metadata/namespace"), text(&format!("{front}/kind")), text(&format!("{front}/name"))));
            }
            _ => {}
        }
        self.layout.add(object, Some(NAMESPACE));
    }

    fn settle(mut self, stand_in: Time) -> Result<Pasted, SourceError> {
        for (namespace, kind, name) in std::mem::take(&mut self.about) {
            let namespace = if namespace.is_empty() { NAMESPACE.to_owned() } else { namespace };
            self.layout.events_of(&namespace, None, &name, None);
            self.layout.events_of(&namespace, Some(&kind), &name, None);
        }
        self.described_pods(stand_in);
        let default = self.layout.pods().first().and_then(|p| id(p)).map_or_else(|| NAMESPACE.to_owned(), |p| p.namespace);
        self.event_tables(&default, stand_in);
        let said = node_join::read(&self.node, self.layout.newest.or(Some(stand_in)));
        let mut known = logs::Pods::of(self.layout.pods().into_iter().filter_map(id));
        for log in &mut self.logs {
            let pod = log.settle(&known, &default);
            if known.add(pod.clone()) {
                // A log alone: a pod of which nothing else is known.
                self.layout.add(bare_pod(&pod, log.container.as_deref()), None);
            }
        }
        let mut pods = known.all;
        if pods.is_empty() {
            pods.extend(node_join::named_pods(&said));
            for row in self.tables.iter().filter(|r| r.object.as_ref().is_some_and(|(kind, _)| kind == "Pod")) {
                let name = row.object.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
                pods.push(PodId { namespace: row.namespace.clone().unwrap_or_else(|| default.clone()), name });
            }
            pods.sort();
            pods.dedup();
        }
        if pods.is_empty() && !said.is_empty() {
            // Kernel lines alone are about one container, whatever it is called.
            let pod = PodId { namespace: NAMESPACE.to_owned(), name: "pasted".to_owned() };
            self.layout.add(node_join::stand_in(&pod, &said), None);
            pods.push(pod);
        }
        if pods.is_empty() {
            return Err(SourceError::NothingPasted);
        }
        logs::lay_out(&self.logs, &mut self.layout);
        node_join::lay_out(said, &mut self.layout);
        self.layout.newest = self.layout.newest.or(Some(stand_in));
        let first = pods.first().map(|p| p.namespace.clone());
        let (files, manifest) = self.layout.finish(first.as_deref());
        let connection = connect(Bundle::from_files(files, manifest), "the pasted text".to_owned());
        Ok(Pasted { connection, pods, notes: self.notes })
    }

    /// Describes last, so that what they say is added to what an object of the same pod says.
    fn described_pods(&mut self, stand_in: Time) {
        for mut one in std::mem::take(&mut self.described) {
            let Some(pod) = id(&one.pod) else { continue };
            let rows = one.events.unwrap_or_default();
            let known: Vec<&Value> = vec![&one.pod];
            let (now, times) = clock::settle(&rows, &known, self.layout.newest.unwrap_or(stand_in));
            self.layout.hear(now);
            if let (Some(lasts), Some(meta)) = (one.terminating, one.pod.pointer_mut("/metadata").and_then(Value::as_object_mut)) {
                let due = self.layout.newest.unwrap_or(stand_in) - chrono::TimeDelta::seconds(lasts);
                meta.insert("deletionTimestamp".to_owned(), Value::from(format_time(due)));
            }
            let node = one.pod.pointer("/spec/nodeName").and_then(Value::as_str).unwrap_or_default().to_owned();
            self.layout.add(one.pod, Some(NAMESPACE));
            self.layout.events_of(&pod.namespace, None, &pod.name, None);
            let uid = self.uid_of(&pod);
            for (index, (row, (first, last))) in rows.iter().zip(times).enumerate() {
                let event = event(row, ("Pod", &pod, uid.as_deref()), &node, (first, last), index);
                self.layout.add(event, Some(&pod.namespace));
            }
        }
    }

    fn event_tables(&mut self, default: &str, stand_in: Time) {
        let (now, times) = {
            let pods = self.layout.pods();
            clock::settle(&self.tables, &pods, self.layout.newest.unwrap_or(stand_in))
        };
        self.layout.hear(now);
        for (index, (row, (first, last))) in self.tables.clone().iter().zip(times).enumerate() {
            let Some((kind, name)) = row.object.clone() else { continue };
            let namespace = row.namespace.clone().unwrap_or_else(|| if kind == "Node" { NAMESPACE.to_owned() } else { default.to_owned() });
            let about = PodId { namespace, name };
            let uid = if kind == "Pod" { self.uid_of(&about) } else { None };
            let event = event(row, (&kind, &about, uid.as_deref()), "", (first, last), 10_000 + index);
            self.layout.events_of(&about.namespace, None, &about.name, None);
            self.layout.events_of(&about.namespace, Some(&kind), &about.name, None);
            self.layout.add(event, Some(&about.namespace));
        }
    }

    fn uid_of(&self, pod: &PodId) -> Option<String> {
        self.layout.pod(&pod.namespace, &pod.name)?.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned)
    }
}

/// Namespace and name of a pod.
pub(super) fn id(pod: &Value) -> Option<PodId> {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    Some(PodId { namespace: text("/metadata/namespace").unwrap_or_else(|| NAMESPACE.to_owned()), name: text("/metadata/name")? })
}

fn bare_pod(pod: &PodId, container: Option<&str>) -> Value {
    json!({
        "kind": "Pod", "apiVersion": "v1", "metadata": { "name": pod.name, "namespace": pod.namespace },
        "spec": { "containers": [{ "name": container.unwrap_or("main") }] }, "status": {},
    })
}

fn event(row: &Row, (kind, about, uid): (&str, &PodId, Option<&str>), node: &str, (first, last): (Option<Time>, Option<Time>), index: usize) -> Value {
    let path = row.container.as_ref().map(|c| format!("spec.containers{{{c}}}"));
    let host = (row.component == "kubelet").then_some(node);
    json!({
        "kind": "Event", "apiVersion": "v1", "metadata": { "name": format!("{}.printed-{index}", about.name), "namespace": about.namespace },
        "involvedObject": { "kind": kind, "namespace": about.namespace, "name": about.name, "uid": uid, "fieldPath": path },
        "type": row.kind, "reason": row.reason, "message": row.message, "count": row.count,
        "firstTimestamp": first.map(format_time), "lastTimestamp": last.map(format_time),
        "source": { "component": row.component, "host": host },
    })
}
