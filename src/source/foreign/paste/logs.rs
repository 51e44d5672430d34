//! Logs of a paste: of which pod, which container, which of its lives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::layout::Layout;
use super::assemble::PodId;
use super::headers::LogOf;
use crate::evidence::{Time, parse_time};

/// One log.
#[derive(Debug)]
pub(super) struct Pasted<'a> {
    of: LogOf,
    /// The container that a header names.
    pub(super) container: Option<String>,
    /// The pod spoken of just before.
    after: Option<PodId>,
    pod: Option<PodId>,
    lines: Vec<&'a str>,
}

/// `kubectl logs --prefix` writes `[pod/name/container] ` before every line; such a log is several.
pub(super) fn take_apart<'a>(of: LogOf, lines: Vec<&'a str>, after: Option<&PodId>) -> Vec<Pasted<'a>> {
    let one = |of: LogOf, lines| Pasted { container: of.container.clone(), of, after: after.cloned(), pod: None, lines };
    if lines.first().is_none_or(|l| prefix(l).is_none()) {
        return vec![one(of, lines)];
    }
    let mut found: Vec<Pasted<'a>> = Vec::new();
    for line in lines {
        match prefix(line) {
            Some((pod, container, rest)) => {
                let same = |p: &Pasted<'_>| p.of.pod.as_deref() == Some(pod) && p.container.as_deref() == Some(container);
                let at = found.iter().position(same);
                if let Some(log) = at.and_then(|at| found.get_mut(at)) {
                    log.lines.push(rest);
                } else if found.len() < 64 {
                    found.push(one(LogOf { pod: Some(pod.to_owned()), container: Some(container.to_owned()), ..of.clone() }, vec![rest]));
                }
            }
            None => {
                if let Some(log) = found.last_mut() {
                    log.lines.push(line);
                }
            }
        }
    }
    found
}

fn prefix(line: &str) -> Option<(&str, &str, &str)> {
    let (front, rest) = line.strip_prefix("[pod/")?.split_once(']')?;
    let (pod, container) = front.split_once('/')?;
    Some((pod, container, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// The newest time stamp in front of a line.
pub(super) fn newest(lines: &[&str]) -> Option<Time> {
    lines.iter().rev().take(2000).filter_map(|l| stamp(l)).max()
}

fn stamp(line: &str) -> Option<Time> {
    line.split(' ').next().filter(|w| w.len() >= 20).and_then(parse_time)
}

/// The pods that a paste is about, found by name.
#[derive(Default)]
pub(super) struct Pods {
    /// In the order in which they were spoken of.
    pub(super) all: Vec<PodId>,
    known: BTreeSet<PodId>,
    first: BTreeMap<String, PodId>,
}

impl Pods {
    /// These pods.
    pub(super) fn of(pods: impl Iterator<Item = PodId>) -> Self {
        let mut all = Self::default();
        pods.for_each(|pod| {
            all.add(pod);
        });
        all
    }

    /// Adds a pod; false when it was known.
    pub(super) fn add(&mut self, pod: PodId) -> bool {
        if !self.known.insert(pod.clone()) {
            return false;
        }
        self.first.entry(pod.name.clone()).or_insert_with(|| pod.clone());
        self.all.push(pod);
        true
    }

    fn named(&self, namespace: Option<&str>, name: &str) -> Option<PodId> {
        let Some(namespace) = namespace else { return self.first.get(name).cloned() };
        let pod = PodId { namespace: namespace.to_owned(), name: name.to_owned() };
        self.known.contains(&pod).then_some(pod)
    }
}

impl Pasted<'_> {
    /// Finds the pod that it belongs to: the one named, the only one, or the one spoken of just before.
    pub(super) fn settle(&mut self, pods: &Pods, default: &str) -> PodId {
        let named = |name: &str| pods.named(self.of.namespace.as_deref(), name);
        // `==> x <==` may name either.
        let pod = if let Some(pod) = self.container.as_deref().filter(|_| self.of.pod.is_none()).and_then(named) {
            self.container = None;
            pod
        } else {
            match (&self.of.pod, pods.all.as_slice()) {
                (Some(name), _) => {
                    let new = || PodId { namespace: self.of.namespace.clone().unwrap_or_else(|| default.to_owned()), name: name.clone() };
                    named(name).unwrap_or_else(new)
                }
                (None, [only]) => only.clone(),
                (None, several) => self
                    .after
                    .clone()
                    .or_else(|| several.first().cloned())
                    .unwrap_or_else(|| PodId { namespace: default.to_owned(), name: "pasted".to_owned() }),
            }
        };
        self.pod = Some(pod.clone());
        pod
    }
}

/// Puts the logs where the API would have them.
pub(super) fn lay_out(logs: &[Pasted<'_>], layout: &mut Layout) {
    let mut taken: BTreeSet<(PodId, String, bool)> = BTreeSet::new();
    for log in logs {
        let Some(id) = log.pod.clone() else { continue };
        let pod = layout.pod(&id.namespace, &id.name).unwrap_or(&Value::Null);
        let container = container(pod, log.container.as_deref());
        let status = status(pod, &container);
        let mut previous = log.of.previous.unwrap_or_else(|| is_previous(status, &log.lines));
        if log.of.previous.is_none() && taken.contains(&(id.clone(), container.clone(), previous)) {
            previous = !previous;
        }
        // Between restarts the kubelet answers both questions with the log of the instance that ended last.
        let waits = status.pointer("/state/waiting").is_some() && status.pointer("/lastState/terminated").is_some();
        let body = log.lines.join("\n") + if log.lines.is_empty() { "" } else { "\n" };
        if waits && !taken.contains(&(id.clone(), container.clone(), !previous)) {
            layout.log(&id.namespace, &id.name, &container, !previous, body.clone());
        }
        layout.log(&id.namespace, &id.name, &container, previous, body);
        taken.insert((id, container, previous));
    }
}

/// The container named, else the one that failed, else the one that `kubectl logs` would take.
fn container(pod: &Value, named: Option<&str>) -> String {
    let lists = ["/spec/containers", "/spec/initContainers", "/spec/ephemeralContainers"];
    let names: Vec<&str> = lists.iter().filter_map(|l| pod.pointer(l)?.as_array()).flatten().filter_map(|c| c.get("name")?.as_str()).collect();
    if let Some(named) = named.filter(|n| names.contains(n) || names.is_empty()) {
        return named.to_owned();
    }
    let failed = |name: &&&str| {
        let status = status(pod, name);
        let code = |path: &str| status.pointer(path).and_then(Value::as_i64).is_some_and(|c| c != 0);
        code("/state/terminated/exitCode") || code("/lastState/terminated/exitCode")
    };
    let default = pod.pointer("/metadata/annotations/kubectl.kubernetes.io~1default-container").and_then(Value::as_str);
    let chosen = names.iter().find(failed).copied().or(default.filter(|d| names.contains(d))).or(names.first().copied());
    chosen.or(named).unwrap_or("main").to_owned()
}

fn status<'v>(pod: &'v Value, container: &str) -> &'v Value {
    static NULL: Value = Value::Null;
    let lists = ["/status/containerStatuses", "/status/initContainerStatuses"];
    let mut all = lists.iter().filter_map(|l| pod.pointer(l)?.as_array()).flatten();
    all.find(|s| s.get("name").and_then(Value::as_str) == Some(container)).unwrap_or(&NULL)
}

/// Without a word about it, the times tell: a log that ends before the present instance began is of the one before.
fn is_previous(status: &Value, lines: &[&str]) -> bool {
    let time = |path: &str| status.pointer(path).and_then(Value::as_str).and_then(parse_time);
    let began = time("/state/running/startedAt").or_else(|| time("/state/terminated/startedAt"));
    let ended = time("/lastState/terminated/finishedAt");
    match (began, ended, newest(lines)) {
        (Some(began), Some(_), Some(last)) => last < began,
        (None, Some(_), _) => true,
        _ => false,
    }
}
