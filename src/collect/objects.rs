//! From a question to requests.

use std::collections::BTreeSet;

use crate::diagnosis::{Question, names_object};
use crate::evidence::{CaseFile, Event, GapKind, Node, Object, Owner, Pod, Related};
use crate::source::{collection_path, encode, object_path, plural_of};

use super::absorb::Found;
use super::ask::{Asker, Failure};
use super::describe::of_services;
use super::log::read_log;
use super::siblings::{Answered, KinRule, kin, siblings};
use super::workflows::{task_runs, workflows};
use super::{node_logs, peers, siblings as sib};

/// What answering may look at; taken before the round, so that answers do not depend on each other's time.
pub(super) struct View {
    target: String,
    present: bool,
    names: BTreeSet<String>,
}

impl View {
    pub(super) fn of(case: &CaseFile) -> Self {
        let mut names: BTreeSet<String> = case.siblings.iter().map(|s| s.name.clone()).collect();
        names.insert(case.target.name.clone());
        Self { target: case.target.name.clone(), present: case.pod.is_some(), names }
    }
}

/// Answers one question. An error means that nothing was learned.
pub(super) async fn answer(asker: &Asker<'_>, question: &Question, known: &View) -> Result<Answered, Failure> {
    match question {
        Question::Pod { namespace, name } => {
            let uri = object_path("v1", Some(&encode(namespace)), "pods", &encode(name));
            Ok((vec![Found::Pod(Pod::from_object(asker.get(&uri, "Pod", name).await?))], Vec::new()))
        }
        Question::Namespace { name } => {
            let uri = object_path("v1", None, "namespaces", &encode(name));
            Ok((vec![Found::Object(asker.get(&uri, "Namespace", name).await?)], Vec::new()))
        }
        Question::PodElsewhere { name } => elsewhere(asker, "pods", &format!("metadata.name={name}"), "/metadata/namespace").await,
        Question::EventsElsewhere { name } => {
            elsewhere(asker, "events", &format!("involvedObject.kind=Pod,involvedObject.name={name}"), "/involvedObject/namespace").await
        }
        Question::Owner { api_version, kind, namespace, name, depth, found_by, .. } => {
            let object = object(asker, api_version, kind, namespace, name).await?;
            let found_by: Related = *found_by;
            Ok((vec![Found::Owner(Owner { object, depth: *depth, found_by })], Vec::new()))
        }
        Question::Object { api_version, kind, namespace, name } => {
            Ok((vec![Found::Object(object(asker, api_version, kind, namespace, name).await?)], Vec::new()))
        }
        Question::Objects { api_version, kind, namespace } => {
            // Services are asked for because one of them may be meant: of the other kinds a few tell enough.
            let limit = if kind == "Service" { 500 } else { 50 };
            let listed = asker.list(&collection(api_version, kind, namespace), "", limit, 1).await?;
            let mut problems = listed.problems;
            if listed.more && kind == "Service" {
                problems.push((GapKind::NotAsked, format!("only {} of them were read", listed.items.len())));
            }
            Ok((listed.items.into_iter().map(Found::Object).collect(), problems))
        }
        Question::Endpoints { namespace, services } => {
            let path = collection_path("discovery.k8s.io/v1", Some(&encode(namespace)), "endpointslices");
            let listed = asker.list(&path, &format!("labelSelector={}", encode(&of_services(services))), 500, 1).await?;
            Ok((listed.items.into_iter().map(Found::Object).collect(), listed.problems))
        }
        Question::TaskRuns { namespace } => task_runs(asker, namespace, &known.target).await,
        Question::Workflows { namespace } => workflows(asker, namespace, &known.target, known.present).await,
        Question::Events { namespace, kind, name } => {
            let kind = kind.as_ref().map(|k| format!("involvedObject.kind={k},")).unwrap_or_default();
            let (events, problems) = events(asker, namespace, &format!("{kind}involvedObject.name={name}")).await?;
            Ok((events.into_iter().map(Found::Event).collect(), problems))
        }
        Question::EventsNaming { namespace, name } => {
            let (mut named, mut problems) = events(asker, namespace, "reason=SuccessfulCreate").await?;
            let (deletions, more) = events(asker, namespace, "reason=SuccessfulDelete").await?;
            named.extend(deletions);
            problems.extend(more);
            Ok((named.into_iter().filter(|e| names_object(&e.message, name)).map(Found::Event).collect(), problems))
        }
        Question::NodeEvents { name } => {
            let (events, problems) = events(asker, "default", &format!("involvedObject.kind=Node,involvedObject.name={name}")).await?;
            Ok((events.into_iter().map(Found::NodeEvent).collect(), problems))
        }
        Question::Node { name } => {
            let object = asker.get(&object_path("v1", None, "nodes", &encode(name)), "Node", name).await?;
            Ok((vec![Found::Node(Node::from_object(object))], Vec::new()))
        }
        Question::Siblings { namespace, selector, owner } => siblings(asker, namespace, selector, owner.as_ref(), &known.target).await,
        Question::Kin { namespace, like, prefix, template, near } => {
            let rule = KinRule { like, prefix: prefix.as_deref(), template: template.as_deref(), near: *near };
            kin(asker, namespace, &rule, &known.names).await
        }
        Question::PeerNamed { namespace, host } => peers::named(asker, namespace, host).await,
        Question::PeerLabelled { namespace, key, value } => peers::labelled(asker, namespace, key, value).await,
        Question::NodeFiles { node, namespace, pod, uid } => node_logs::files(asker, node, namespace, pod, uid).await,
        Question::NodeJournal { node, service, since, pattern } => node_logs::journal(asker, node, service, *since, pattern.as_deref()).await,
        Question::Log { namespace, pod, container, previous } => {
            let (tail, failure) = read_log(asker, namespace, pod, container, *previous).await;
            Ok((vec![Found::Log(tail, failure)], Vec::new()))
        }
    }
}

async fn events(asker: &Asker<'_>, namespace: &str, selector: &str) -> Result<(Vec<Event>, sib::Problems), Failure> {
    let path = collection_path("v1", Some(&encode(namespace)), "events");
    let listed = asker.list(&path, &format!("fieldSelector={}", encode(selector)), 500, 4).await?;
    let mut problems = listed.problems;
    if listed.more {
        problems.push((GapKind::NotAsked, "there are more events than were read".to_owned()));
    }
    let (mut events, mut stray) = (Vec::new(), Vec::new());
    for object in listed.items {
        let name = object.name().to_owned();
        match Event::from_object(object) {
            Some(event) => events.push(event),
            None => stray.push(name),
        }
    }
    // One problem, however many there are.
    match stray.as_slice() {
        [] => {}
        [name] => problems.push((GapKind::Malformed, format!("event {name} is about nothing"))),
        [name, ..] => problems.push((GapKind::Malformed, format!("{} events are about nothing, {name} first", stray.len()))),
    }
    Ok((events, problems))
}

async fn elsewhere(asker: &Asker<'_>, resource: &str, selector: &str, namespace_at: &str) -> Result<Answered, Failure> {
    let path = collection_path("v1", None, resource);
    let listed = asker.list(&path, &format!("fieldSelector={}", encode(selector)), 50, 1).await?;
    let namespaces: BTreeSet<String> = listed.items.iter().filter_map(|o| o.text(namespace_at)).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    Ok((vec![Found::Elsewhere(namespaces.into_iter().collect())], listed.problems))
}

async fn object(asker: &Asker<'_>, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Object, Failure> {
    asker.get(&format!("{}/{}", collection(api_version, kind, namespace), encode(name)), kind, name).await
}

/// The collection's path; every part may be hostile text from an ownerReference.
fn collection(api_version: &str, kind: &str, namespace: &str) -> String {
    let version: Vec<String> = api_version.splitn(2, '/').map(encode).collect();
    collection_path(&version.join("/"), Some(&encode(namespace)), &encode(&plural_of(kind)))
}
