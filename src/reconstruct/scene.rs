//! The working state of a reconstruction: the case, sorted, and the tables that everything is written into.

use std::collections::BTreeMap;

use super::citations::{CitationId, Citations};
use super::facts::Facts;
use crate::evidence::{Authority, CaseFile, Citation, Container, Event, Gap, Owner, Pod, Source, Time};

/// What other pods of the case were judged to have died of, by pod name. Siblings and peers are judged first, each as
/// its own subject; their causes are facts about the target.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// By pod name.
    pub pods: BTreeMap<String, JudgedPod>,
}

/// The verdict about another pod.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedPod {
    /// Cause id, or `unknown`.
    pub cause: String,
    /// Mechanism word.
    pub mechanism: &'static str,
    /// Exit code of its death.
    pub exit_code: Option<i64>,
    /// Reason of its death.
    pub reason: Option<String>,
    /// When it ended.
    pub ended: Option<Time>,
    /// What its log says at the moment, as cause ids.
    pub said: Vec<String>,
    /// The verdict is about a death, a refusal or a container that cannot start.
    pub failed: bool,
}

/// The working state.
pub(super) struct Scene<'a> {
    pub case: &'a CaseFile,
    pub judged: &'a Judged,
    /// The pod object of this incarnation, when the API has it.
    pub live: Option<&'a Pod>,
    /// The pod as known: live, or rebuilt.
    pub pod: Option<Pod>,
    pub pod_from: &'static str,
    pub uid: Option<String>,
    /// Events of this incarnation, oldest first.
    pub events: Vec<&'a Event>,
    pub cites: Citations,
    pub facts: Facts,
    pub gaps: Vec<Gap>,
}

impl<'a> Scene<'a> {
    /// Whether a container of the pod runs a process of this name, by its command; the kernel cuts names at 15 bytes.
    pub(super) fn subject_runs(&self, process: Option<&str>) -> bool {
        let Some(process) = process else { return false };
        let words = self.pod.iter().flat_map(|p| &p.containers).flat_map(|c| &c.command).flat_map(|w| w.split_whitespace());
        words.filter_map(|w| w.rsplit('/').next()).any(|name| name == process || (process.len() == 15 && name.starts_with(process)))
    }

    /// "Now".
    pub fn now(&self) -> Time {
        self.case.observed_at
    }

    /// `Pod/ns/name` of the target.
    pub fn pod_path(&self) -> String {
        format!("Pod/{}/{}", self.case.target.namespace, self.case.target.name)
    }

    /// Cites an event.
    pub fn cite_event(&mut self, event: &Event) -> CitationId {
        self.cites.cite(event_citation(event))
    }

    /// Cites a field of the target's object.
    pub fn cite_pod(&mut self, field: impl Into<String>, text: impl Into<String>, time: Option<Time>, authority: Authority) -> CitationId {
        let object = self.pod_path();
        self.cites.cite(Citation { source: Source::Pod, object, field: field.into(), time, text: text.into(), authority })
    }

    /// Cites a field of an owner.
    pub fn cite_owner(&mut self, owner: &Owner, field: impl Into<String>, text: impl Into<String>, time: Option<Time>) -> CitationId {
        let source = if owner.object.kind() == "Workflow" || owner.object.kind() == "TaskRun" { Source::Workflow } else { Source::Owner };
        self.cites.cite(Citation {
            source,
            object: owner.object.reference().path(),
            field: field.into(),
            time,
            text: text.into(),
            authority: Authority::Controller,
        })
    }

    /// The container of this name in the pod as known.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.pod.as_ref().and_then(|p| p.container(name))
    }

    /// Events of the target with this reason, oldest first.
    pub fn events_of(&self, reason: &str) -> Vec<&'a Event> {
        self.events.iter().copied().filter(|e| e.reason == reason).collect()
    }

    /// Events about an owner, oldest first.
    pub fn owner_events(&self, owner: &Owner) -> Vec<&'a Event> {
        let mut found: Vec<&Event> = self.case.events.iter().filter(|e| e.about.kind == owner.object.kind() && e.about.name == owner.object.name()).collect();
        sort_events(&mut found);
        found
    }

    /// Why events of the pod could not be read, when they could not. That those of its node or owners could not (they may lie in another
    /// namespace, under other rights) takes nothing from its own.
    pub fn events_gap(&self) -> Option<Gap> {
        let own = format!("events about {}", self.case.target.name);
        let of_others = |what: &str| what.starts_with("events ") && what != own;
        self.case.gaps_of("events").find(|g| !of_others(&g.what)).cloned()
    }
}

/// Orders events by time; the rest of the key only makes the order total, so that the order of arrival does not matter.
pub(super) fn sort_events(events: &mut [&Event]) {
    fn key(e: &Event) -> impl Ord + '_ {
        (e.time(), e.first, e.reason.as_str(), e.container.as_deref(), e.message.as_str(), e.object.name())
    }
    events.sort_by(|a, b| key(a).cmp(&key(b)));
}

/// The citation of an event.
pub(super) fn event_citation(event: &Event) -> Citation {
    let count = if event.count > 1 { format!(" (x{})", event.count) } else { String::new() };
    let field = match &event.container {
        Some(c) => format!("{}{{{c}}}", event.reason),
        None => event.reason.clone(),
    };
    let mut about = event.about.clone();
    if about.kind == "Node" {
        about.namespace.clear();
    }
    Citation { source: Source::Event, object: about.path(), field, time: event.time(), text: format!("{}{count}", event.message), authority: event.authority() }
}
