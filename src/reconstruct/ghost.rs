//! The pod that is gone, rebuilt: spec from its owner's template, node and times from events.

use serde_json::{Map, Value, json};

use super::reach::Provenance;
use super::scene::Scene;
use super::{remembered, templates};
use crate::evidence::{ContainerKind, Object, Pod};

/// A rebuilt pod with where it is from.
pub(super) struct Ghost {
    pub pod: Pod,
    pub from: &'static str,
    pub provenance: Vec<Provenance>,
}

/// The node that the `Scheduled` event names: `Successfully assigned ns/pod to node`.
pub(super) fn scheduled_node(message: &str) -> Option<&str> {
    message.strip_prefix("Successfully assigned ")?.split_once(" to ").map(|(_, node)| node.trim()).filter(|n| !n.is_empty())
}

/// Rebuilds the pod from the nearest owner with a template, else from the containers that its events name.
pub(super) fn rebuild(scene: &Scene<'_>) -> Option<Ghost> {
    let mut metadata = Map::new();
    metadata.insert("name".into(), json!(scene.case.target.name));
    metadata.insert("namespace".into(), json!(scene.case.target.namespace));
    if let Some(uid) = &scene.uid {
        metadata.insert("uid".into(), json!(uid));
    }
    let mut rows = Vec::new();
    let template = scene.case.owners.iter().find_map(|o| templates::of(scene, o));
    let (mut spec, from) = match template {
        Some(found) => {
            for key in ["labels", "annotations"] {
                if let Some(map) = found.template.pointer(&format!("/metadata/{key}")) {
                    metadata.insert(key.into(), map.clone());
                }
            }
            // The template of a Deployment or a CronJob reaches the pod through a ReplicaSet or a Job that is not there.
            let direct = scene.case.owners.iter().find(|o| o.depth == 1).map(|o| &o.object);
            if let Some(o) = direct {
                metadata.insert(
                    "ownerReferences".into(),
                    json!([{ "apiVersion": o.api_version(), "kind": o.kind(), "name": o.name(), "uid": o.uid(), "controller": true }]),
                );
            }
            rows.push(provenance("spec and labels", found.from.clone(), found.sure, found.why.clone()));
            let mut spec = found.template.get("spec").cloned().unwrap_or_else(|| json!({}));
            if default_requests(&mut spec) {
                let why = "the API server sets a request that is missing to the limit";
                rows.push(provenance("requests that the template leaves out", found.from, found.sure, why.to_owned()));
            }
            (spec, "owner-template")
        }
        None => {
            let why = "events name containers and images, nothing more of the spec";
            rows.push(provenance("containers and their images", "events of the pod".to_owned(), "certain", why.to_owned()));
            (spec_from_events(scene)?, "events")
        }
    };
    if let (Some((node, from)), Some(map)) = (node(scene), spec.as_object_mut()) {
        map.insert("nodeName".into(), json!(node));
        rows.push(provenance("node", from, "certain", "stated by the component that acted".to_owned()));
    }
    let rungs: Vec<&str> = ["Scheduled", "Started", "Killing"].into_iter().filter(|r| scene.events.iter().any(|e| e.reason == *r)).collect();
    if !rungs.is_empty() {
        let why = "to the second; an event that was dropped or has expired is not missed";
        rows.push(provenance("times of scheduling, starts and kills", format!("events {}", rungs.join(", ")), "certain", why.to_owned()));
    }
    let object = Object::new(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec }));
    Some(Ghost { pod: Pod::from_object(object), from, provenance: rows })
}

fn provenance(what: &str, from: String, sure: &'static str, why: String) -> Provenance {
    Provenance { what: what.to_owned(), from, sure, why }
}

/// The node, and who names it: the scheduler, the kubelet whose host signs its events, or the workflow's books.
fn node(scene: &Scene<'_>) -> Option<(String, String)> {
    let scheduled = scene.events_of("Scheduled").iter().rev().find_map(|e| scheduled_node(&e.message)).map(|n| (n.to_owned(), "event Scheduled".to_owned()));
    let signed = || scene.events.iter().rev().find(|e| e.component == "kubelet" && !e.host.is_empty()).map(|e| (e.host.clone(), format!("event {}", e.reason)));
    let booked = || remembered::workflow_node(scene).and_then(|(_, n)| Some((n.host?, format!("workflow node {}", n.id))));
    scheduled.or_else(signed).or_else(booked)
}

/// Requests default to limits (K/pkg/apis/core/v1/defaults.go `SetDefaults_Pod`): of a pod, not of a template.
fn default_requests(spec: &mut Value) -> bool {
    let mut changed = false;
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(limits) = container.pointer("/resources/limits").and_then(Value::as_object).cloned() else { continue };
            let Some(resources) = container.get_mut("resources").and_then(Value::as_object_mut) else { continue };
            let Some(requests) = resources.entry("requests").or_insert_with(|| json!({})).as_object_mut() else { continue };
            for (key, value) in limits {
                if !requests.contains_key(&key) {
                    requests.insert(key, value);
                    changed = true;
                }
            }
        }
    }
    changed
}

/// The containers that the pod's events name by field path.
fn spec_from_events(scene: &Scene<'_>) -> Option<Value> {
    let mut lists: [(ContainerKind, Vec<Value>); 2] = [(ContainerKind::Init, Vec::new()), (ContainerKind::Main, Vec::new())];
    for event in &scene.events {
        let Some(name) = &event.container else { continue };
        let path = event.object.text("/involvedObject/fieldPath").or_else(|| event.object.text("/regarding/fieldPath")).unwrap_or_default();
        let slot = if path.starts_with("spec.initContainers") {
            0
        } else if path.starts_with("spec.containers") {
            1
        } else {
            continue;
        };
        let known = lists.iter().any(|(_, l)| l.iter().any(|c| c.get("name").and_then(Value::as_str) == Some(name)));
        if !known {
            let image = scene.events.iter().filter(|e| e.container.as_ref() == Some(name)).find_map(|e| image_in(&e.message));
            lists[slot].1.push(json!({ "name": name, "image": image.unwrap_or_default() }));
        }
    }
    let [(_, init), (_, main)] = lists;
    (!init.is_empty() || !main.is_empty()).then(|| json!({ "initContainers": init, "containers": main }))
}

/// `Pulling image "x"`, `Successfully pulled image "x" in …`, `Container image "x" already present …`.
pub(super) fn image_in(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("mage \"")?;
    rest.split_once('"').map(|(image, _)| image.to_owned()).filter(|i| !i.is_empty())
}
