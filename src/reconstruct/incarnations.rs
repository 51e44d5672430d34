//! Pods share names; everything is grouped by UID.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::history::Incarnation;
use super::scene::sort_events;
use crate::evidence::{CaseFile, Event, Pod};

/// How far the clocks of the server and of a node may be apart.
const CLOCKS: TimeDelta = TimeDelta::seconds(60);

/// The incarnation under investigation: its UID, its object when the API has it, its events, and all incarnations on record.
pub(super) struct Chosen<'a> {
    pub uid: Option<String>,
    pub live: Option<&'a Pod>,
    pub events: Vec<&'a Event>,
    pub all: Vec<Incarnation>,
}

/// Chooses the incarnation: the one asked for, else the one in the API, else the latest that left events.
pub(super) fn choose(case: &CaseFile) -> Chosen<'_> {
    let mut mine: Vec<&Event> =
        case.events.iter().filter(|e| e.about.kind == "Pod" && e.about.name == case.target.name && e.about.namespace == case.target.namespace).collect();
    sort_events(&mut mine);
    let mut seen: BTreeMap<&str, Incarnation> = BTreeMap::new();
    for event in &mine {
        let uid = event.about.uid.as_str();
        if uid.is_empty() {
            continue;
        }
        let entry = seen.entry(uid).or_insert_with(|| Incarnation { uid: uid.to_owned(), first_seen: None, last_seen: None });
        entry.first_seen = [entry.first_seen, event.first.or(event.last)].into_iter().flatten().min();
        entry.last_seen = entry.last_seen.max(event.time());
    }
    if let Some(pod) = &case.pod {
        let entry = seen.entry(pod.uid.as_str()).or_insert_with(|| Incarnation { uid: pod.uid.clone(), first_seen: None, last_seen: None });
        entry.first_seen = [entry.first_seen, pod.created].into_iter().flatten().min();
        entry.last_seen = Some(case.observed_at);
    }
    let mut all: Vec<Incarnation> = seen.into_values().collect();
    all.sort_by(|a, b| (a.last_seen, &a.uid).cmp(&(b.last_seen, &b.uid)));
    let uid = case.target.uid.clone().or_else(|| case.pod.as_ref().map(|p| p.uid.clone())).or_else(|| all.last().map(|i| i.uid.clone()));
    let live = case.pod.as_ref().filter(|p| uid.as_deref() == Some(p.uid.as_str()));
    // Events without a UID belong to whichever incarnation is investigated, unless they are older than it: nothing else tells them apart.
    let before = live.and_then(|p| p.created).map(|t| t - CLOCKS);
    let possible = |e: &Event| before.is_none_or(|b| e.time().is_none_or(|t| t >= b));
    let events = mine.into_iter().filter(|e| if e.about.uid.is_empty() { possible(e) } else { Some(&e.about.uid) == uid.as_ref() }).collect();
    Chosen { uid, live, events, all }
}
