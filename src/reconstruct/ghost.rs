//! The pod that is gone, rebuilt: spec from its owner's template, node and times from events.

use serde_json::{Map, Value, json};

use super::argo;
use super::scene::Scene;
use crate::evidence::{ContainerKind, Object, Owner, Pod};

/// A rebuilt pod with where it is from.
pub(super) struct Ghost {
    pub pod: Pod,
    pub from: &'static str,
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
    let template = scene.case.owners.iter().find_map(|o| template_of(o, &scene.case.target.name).map(|t| (o, t)));
    let (mut spec, from) = match template {
        Some((owner, template)) => {
            for key in ["labels", "annotations"] {
                if let Some(map) = template.pointer(&format!("/metadata/{key}")) {
                    metadata.insert(key.into(), map.clone());
                }
            }
            let o = &owner.object;
            metadata.insert(
                "ownerReferences".into(),
                json!([{ "apiVersion": o.api_version(), "kind": o.kind(), "name": o.name(), "uid": o.uid(), "controller": true }]),
            );
            (template.get("spec").cloned().unwrap_or_else(|| json!({})), "owner-template")
        }
        None => (spec_from_events(scene)?, "events"),
    };
    let node = scene.events_of("Scheduled").iter().rev().find_map(|e| scheduled_node(&e.message)).map(str::to_owned);
    let host = || scene.events.iter().rev().find(|e| e.component == "kubelet" && !e.host.is_empty()).map(|e| e.host.clone());
    if let (Some(node), Some(map)) = (node.or_else(host), spec.as_object_mut()) {
        map.insert("nodeName".into(), json!(node));
    }
    let object = Object::new(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec }));
    Some(Ghost { pod: Pod::from_object(object), from })
}

/// The pod template that an owner remembers, as `{ metadata, spec }`.
fn template_of(owner: &Owner, pod: &str) -> Option<Value> {
    let object = &owner.object;
    match object.kind() {
        "Workflow" => workflow_template(object, pod),
        "CronJob" => object.at("/spec/jobTemplate/spec/template").cloned(),
        "TaskRun" => None,
        _ => object.at("/spec/template").filter(|t| t.pointer("/spec/containers").is_some()).cloned(),
    }
}

/// An Argo template as the pod that the controller makes of it: `init`, `wait` and the template's own container as `main`.
fn workflow_template(workflow: &Object, pod: &str) -> Option<Value> {
    let argo::Nodes::Read(nodes) = argo::nodes(workflow) else { return None };
    let node = argo::node_of(workflow.name(), &nodes, pod)?;
    let templates = ["/spec/templates", "/status/storedWorkflowTemplateSpec/templates"];
    let template = templates.iter().flat_map(|p| workflow.list(p)).find(|t| t.get("name").and_then(Value::as_str) == Some(&node.template))?;
    let mut main = template.get("container").or_else(|| template.get("script")).cloned()?;
    main.as_object_mut()?.insert("name".into(), json!("main"));
    let mut containers = vec![main, json!({ "name": "wait" })];
    containers.extend(template.get("sidecars").and_then(Value::as_array).into_iter().flatten().cloned());
    let mut spec = json!({ "restartPolicy": "Never", "initContainers": [{ "name": "init" }], "containers": containers });
    if let (Some(deadline), Some(map)) = (template.get("activeDeadlineSeconds"), spec.as_object_mut()) {
        map.insert("activeDeadlineSeconds".into(), deadline.clone());
    }
    Some(json!({
        "metadata": {
            "labels": { "workflows.argoproj.io/workflow": workflow.name() },
            "annotations": { "kubectl.kubernetes.io/default-container": "main", "workflows.argoproj.io/node-name": node.name },
        },
        "spec": spec,
    }))
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
