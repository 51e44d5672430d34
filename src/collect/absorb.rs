//! Puts answers into the case. The order is that of the questions, whatever the order of arrival.

use std::collections::BTreeSet;

use crate::diagnosis::{MAX_PEERS, Question, names_object};
use crate::evidence::{
    CaseFile, Event, Gap, GapKind, LogStatus, LogTail, Node, NodeLog, Object, Owner, Peer, PeerRelation, Pod, PodRow, Related, SourceStatus,
};

use super::ask::Failure;
use super::describe::{describe, word};
use super::siblings::Answered;

/// One thing that was found.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Pod(Pod),
    Object(Object),
    Owner(Owner),
    Related(Object),
    Sibling(Pod),
    Rows(Vec<PodRow>),
    Near(Vec<String>),
    Elsewhere(Vec<String>),
    Event(Event),
    NodeEvent(Event),
    Node(Node),
    Peer(Peer),
    /// What could not be read of something else than the question is called after.
    Gap(Gap),
    NodeLog(NodeLog),
    Log(LogTail, Option<Failure>),
}

/// Puts one answer into the case.
pub(super) fn absorb(case: &mut CaseFile, question: &Question, answer: Result<Answered, Failure>) {
    let described = describe(question);
    let source = |gap, empty, detail: String| SourceStatus { name: described.source.clone(), gap, empty, detail };
    match answer {
        Ok((found, problems)) => {
            for (kind, why) in problems {
                case.gaps.push(described.gap(kind, &why));
            }
            let count = found.iter().filter(|f| !matches!(f, Found::Rows(_) | Found::Near(_) | Found::Log(..) | Found::Gap(_))).count();
            let is_log = found.iter().any(|f| matches!(f, Found::Log(..)));
            if !is_log {
                let count = match found.as_slice() {
                    [Found::Elsewhere(names)] => names.len(),
                    _ => count,
                };
                // Where nothing was read at all, nothing is not the answer.
                let unread = found.iter().find_map(|f| match f {
                    Found::Gap(gap) if count == 0 => Some(gap.kind),
                    _ => None,
                });
                case.sources.push(source(unread, count == 0, if count == 1 { "1 answer".to_owned() } else { format!("{count} answers") }));
            }
            // Keys of what is there already, made once for the answer and not once for every event of it.
            let (mut events, mut node_events) = (None, None);
            for one in found {
                match one {
                    Found::Event(event) => put_event(&mut case.events, &mut events, event),
                    Found::NodeEvent(event) => put_event(&mut case.node_events, &mut node_events, event),
                    other => put(case, question, other),
                }
            }
        }
        Err(failure) => {
            let absent = failure.is_absent();
            match question {
                Question::Pod { .. } if absent => case.pod_absent = true,
                Question::Namespace { .. } if absent => case.namespace_absent = true,
                _ => {}
            }
            // That a guess did not hit is no gap; that a Service of this name does not exist is told by the ledger.
            let guess =
                matches!(question, Question::Owner { guess: true, .. } | Question::Workflows { .. } | Question::TaskRuns { .. } | Question::PeerNamed { .. });
            // What a recording does not hold cannot tell that a Service has lost its last pod; nothing else hangs on it.
            let aside = failure.kind == GapKind::NotAsked && matches!(question, Question::Objects { kind, .. } if kind == "Service");
            if !(absent && guess || aside) {
                case.gaps.push(described.gap(failure.kind, &failure.why));
            }
            if let Question::Log { pod, container, previous, .. } = question {
                let (pod, container) = (pod.clone(), container.clone());
                case.logs.push(LogTail { pod, container, previous: *previous, status: LogStatus::Unseen, lines: Vec::new(), truncated: false });
            }
            case.sources.push(source(Some(failure.kind), false, failure.why));
        }
    }
}

fn put(case: &mut CaseFile, question: &Question, found: Found) {
    match found {
        Found::Pod(pod) => put_target(case, question, pod),
        Found::Object(object) => {
            case.objects.insert(format!("{}/{}", object.kind(), object.name()), object);
        }
        Found::Owner(owner) => {
            let same = |o: &Owner| o.object.kind() == owner.object.kind() && o.object.name() == owner.object.name();
            if !case.owners.iter().any(same) {
                case.owners.push(owner);
            }
        }
        Found::Related(object) => {
            let owned = case.owners.iter().any(|o| o.object.kind() == object.kind() && o.object.name() == object.name());
            if !owned && !case.related.iter().any(|r| r.name() == object.name()) {
                case.related.push(object);
            }
        }
        Found::Sibling(pod) => {
            let is_target = case.pod.as_ref().map_or_else(|| case.target.uid.as_ref() == Some(&pod.uid), |t| t.name == pod.name);
            // Who may list but not get (they are two rights) is shown the target among its siblings.
            let wanted = case.target.uid.as_ref().is_none_or(|uid| *uid == pod.uid);
            if case.pod.is_none() && !case.pod_absent && wanted && pod.name == case.target.name && pod.namespace == case.target.namespace {
                case.pod = Some(pod);
            } else if !is_target && !case.siblings.iter().any(|s| s.name == pod.name && s.uid == pod.uid) {
                case.siblings.push(pod);
            }
        }
        Found::Rows(rows) => {
            let known: BTreeSet<String> = case.sibling_rows.iter().map(|r| r.name.clone()).collect();
            case.sibling_rows.extend(rows.into_iter().filter(|r| !known.contains(&r.name)));
        }
        Found::Near(names) => case.near_names.extend(names),
        Found::Elsewhere(names) => case.other_namespaces.extend(names.into_iter().filter(|n| *n != case.target.namespace)),
        Found::Event(event) => put_event(&mut case.events, &mut None, event),
        Found::NodeEvent(event) => put_event(&mut case.node_events, &mut None, event),
        Found::Node(node) => case.node = Some(node),
        Found::NodeLog(log) => case.node_logs.push(log),
        Found::Peer(peer) => put_peer(case, peer),
        Found::Gap(gap) => case.gaps.push(gap),
        Found::Log(tail, failure) => put_log(case, question, tail, failure),
    }
}

/// The target; when the user named another incarnation, the present one only stands beside it.
fn put_target(case: &mut CaseFile, question: &Question, pod: Pod) {
    match case.target.uid.clone().filter(|uid| *uid != pod.uid) {
        Some(uid) => {
            case.pod_absent = true;
            let why = format!("the pod of this name has UID {} now, not {uid}", pod.uid);
            case.gaps.push(describe(question).gap(GapKind::NotFound, &why));
            case.siblings.push(pod);
        }
        None => case.pod = Some(pod),
    }
}

/// UID, namespace and name of an event.
type EventKey = (String, String, String);

fn put_event(events: &mut Vec<Event>, known: &mut Option<BTreeSet<EventKey>>, event: Event) {
    let key = |e: &Event| (e.object.uid().to_owned(), e.object.namespace().to_owned(), e.object.name().to_owned());
    if known.get_or_insert_with(|| events.iter().map(key).collect()).insert(key(&event)) {
        events.push(event);
    }
}

fn put_peer(case: &mut CaseFile, peer: Peer) {
    if let Some(pod) = &peer.pod {
        let is_target = pod.name == case.target.name && pod.namespace == case.target.namespace;
        let is_sibling = case.siblings.iter().any(|s| s.name == pod.name && s.namespace == pod.namespace);
        let same_owner = |t: &Pod| t.owners.first().is_some_and(|o| pod.owners.iter().any(|p| p.kind == o.kind && p.name == o.name));
        if is_target || is_sibling || case.pod.as_ref().is_some_and(same_owner) {
            return;
        }
    }
    let key = |p: &Peer| match (&p.pod, &p.service) {
        (Some(pod), _) => ("Pod", pod.namespace.clone(), pod.name.clone()),
        (None, Some(service)) => ("Service", service.namespace().to_owned(), service.name().to_owned()),
        (None, None) => ("", String::new(), String::new()),
    };
    let new = key(&peer);
    match case.peers.iter_mut().find(|p| key(p) == new) {
        // Being named in the log says more than sharing a label.
        Some(old) if matches!(old.relation, PeerRelation::Label(_)) => *old = peer,
        Some(_) => {}
        None => case.peers.push(peer),
    }
    case.peers.sort_by_cached_key(|p| (matches!(p.relation, PeerRelation::Label(_)), key(p)));
    case.peers.truncate(MAX_PEERS);
}

fn put_log(case: &mut CaseFile, question: &Question, tail: LogTail, failure: Option<Failure>) {
    let described = describe(question);
    let pods = case.pod.iter().chain(&case.siblings).chain(case.peers.iter().filter_map(|p| p.pod.as_ref()));
    // A log of a container that ended was there once: rotated, or gone with the container.
    let ended = pods.filter(|p| p.name == tail.pod).filter_map(|p| p.container(&tail.container)).any(|c| {
        let last = c.last_state.terminated().is_some();
        if tail.previous { last } else { last || c.state.terminated().is_some_and(|t| !t.never_started()) }
    });
    let gap = match (&tail.status, failure) {
        (LogStatus::Read, _) => None,
        (LogStatus::Absent(words), failure) => {
            let kind = if ended { GapKind::Expired } else { GapKind::NotFound };
            Some((kind, failure.map_or_else(|| words.clone(), |f| f.why)))
        }
        (LogStatus::Unseen, Some(failure)) => Some((failure.kind, failure.why)),
        (LogStatus::Unseen, None) => Some((GapKind::NotAsked, String::new())),
    };
    let lines = tail.lines.len();
    let detail = gap.as_ref().map_or_else(|| if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }, |(_, why)| why.clone());
    let kind = gap.as_ref().map(|(kind, _)| *kind);
    case.sources.push(SourceStatus { name: described.source.clone(), gap: kind, empty: lines == 0, detail });
    if let Some((kind, why)) = gap {
        case.gaps.push(described.gap(kind, &why));
    }
    case.logs.push(tail);
}

/// Brings everything into one order, and says what was not asked on purpose.
pub(super) fn finish(case: &mut CaseFile) {
    let name = case.target.name.clone();
    let logs_gone = case.pod.is_none() && case.pod_absent && !case.logs.iter().any(|l| l.pod == name && l.status == LogStatus::Read);
    if !case.options.logs {
        case.gaps.push(Gap::new(GapKind::NotAsked, "get", "pods/log", "logs", "logs were switched off"));
    } else if logs_gone {
        let why = "the pod is gone, and its logs with it";
        let next = format!("kubectl logs -n {} {} --all-containers --timestamps > {}", word(&case.target.namespace), word(&name), word(&format!("{name}.log")));
        case.gaps.push(Gap::new(GapKind::NotFound, "get", "pods/log", format!("logs of pod {name}"), why).capture(next));
    }
    // An owner found by the make of the name, whose own event names the pod, is found by event.
    let events = &case.events;
    for owner in case.owners.iter_mut().filter(|o| o.depth == 1 && o.found_by == Related::Name) {
        let about = |e: &Event| e.about.kind == owner.object.kind() && e.about.name == owner.object.name();
        if events.iter().any(|e| about(e) && names_object(&e.message, &name)) {
            owner.found_by = Related::Event;
        }
    }
    let event_key = |e: &Event| (e.time(), e.object.namespace().to_owned(), e.object.name().to_owned(), e.object.uid().to_owned());
    case.events.sort_by_cached_key(event_key);
    case.node_events.sort_by_cached_key(event_key);
    case.owners.sort_by_cached_key(|o| (o.depth, o.object.kind().to_owned(), o.object.name().to_owned()));
    case.siblings.sort_by(|a, b| (&a.name, &a.uid).cmp(&(&b.name, &b.uid)));
    case.sibling_rows.sort();
    case.related.sort_by_cached_key(|r| r.name().to_owned());
    case.logs.sort_by(|a, b| (&a.pod, &a.container, a.previous).cmp(&(&b.pod, &b.container, b.previous)));
    for names in [&mut case.near_names, &mut case.other_namespaces] {
        names.sort();
        names.dedup();
    }
    case.gaps.sort();
    case.gaps.dedup();
    case.sources.sort();
    case.sources.dedup();
}
