//! The pod template that an owner remembers, and how far it can be trusted.

use serde_json::{Value, json};

use super::scene::Scene;
use super::{argo, tekton};
use crate::evidence::{Object, Owner, Related};

/// A template, as `{ metadata, spec }`.
pub(super) struct Found {
    pub template: Value,
    /// `ReplicaSet/shop/web-5d9c: spec.template`.
    pub from: String,
    /// `certain`, `likely` or `doubtful`.
    pub sure: &'static str,
    /// Why.
    pub why: String,
}

/// The template of one owner, unless it is known to be another pod's.
pub(super) fn of(scene: &Scene<'_>, owner: &Owner) -> Option<Found> {
    let object = &owner.object;
    let pod = &scene.case.target.name;
    let found = |template: Value, field: &str, sure: &'static str, why: &str| {
        Some(Found { template, from: format!("{}: {field}", object.reference().path()), sure, why: why.to_owned() })
    };
    let plain = || object.at("/spec/template").filter(|t| t.pointer("/spec/containers").is_some()).cloned();
    // A name alone may be a coincidence; that its controller speaks of the pod, or its own reference, is none.
    let named = owner.found_by == Related::Name;
    let unchanged = object.int("/metadata/generation") == Some(1);
    match object.kind() {
        "Workflow" => found(
            workflow(object, pod)?,
            "spec.templates",
            "likely",
            "the controller adds containers, wraps commands and fills in parameters; what holds a parameter is left out",
        ),
        "TaskRun" => {
            found(tekton::template(object, pod)?, "status.taskSpec", "likely", "every step runs under Tekton's entrypoint, and steps share a stepTemplate")
        }
        "CronJob" => found(
            object.at("/spec/jobTemplate/spec/template").cloned()?,
            "spec.jobTemplate",
            if unchanged { "likely" } else { "doubtful" },
            "its Job is gone, and the CronJob may have been changed since it was made",
        ),
        "ReplicaSet" => found(plain()?, "spec.template", "certain", "the hash in the pod's name is this template's, which never changes"),
        "Job" if named => found(plain()?, "spec.template", "likely", "a Job's template never changes; that the pod was this Job's follows from its name only"),
        "Job" => found(plain()?, "spec.template", "certain", "a Job's template never changes, and the Job is known to be the pod's"),
        // The hash in the name belongs to another revision than any that is left.
        "Deployment" => {
            let hidden = scene.case.gaps.iter().any(|g| g.resource.starts_with("replicasets"));
            if hidden {
                found(plain()?, "spec.template", "doubtful", "the pod's own ReplicaSet could not be seen; the Deployment has moved on, perhaps")
            } else {
                None
            }
        }
        "StatefulSet" | "DaemonSet" if !unchanged && former(scene, object).is_some() => {
            let (template, from, only) = former(scene, object)?;
            let why = "the newest revision that was there before the pod was";
            let sure = if only && !named { "certain" } else { "likely" };
            Some(Found { template, from, sure, why: why.to_owned() })
        }
        _ if unchanged => found(plain()?, "spec.template", if named { "likely" } else { "certain" }, "the owner was never changed since it was made"),
        _ => found(plain()?, "spec.template", "likely", "as the owner stands now; it may have been changed since the pod was made"),
    }
}

/// The revision of a StatefulSet or DaemonSet that was current when the pod came: template, where it stands, and whether there is no
/// other (K/pkg/controller/history: `data` holds the template as a patch).
fn former(scene: &Scene<'_>, set: &Object) -> Option<(Value, String, bool)> {
    let of_set = |o: &&Object| o.kind() == "ControllerRevision" && o.owners().iter().any(|r| r.kind == set.kind() && r.name == set.name());
    let all: Vec<&Object> = scene.case.objects.values().filter(of_set).collect();
    let born = scene.events.iter().filter_map(|e| e.first.or(e.last)).min()?;
    let made = |o: &Object| o.time("/metadata/creationTimestamp");
    let before = all.iter().filter(|o| made(o).is_some_and(|t| t <= born + chrono::TimeDelta::seconds(1)));
    let revision = before.max_by_key(|o| (made(o), o.int("/revision")))?;
    let mut template = revision.at("/data/spec/template")?.clone();
    template.as_object_mut()?.remove("$patch");
    template.pointer("/spec/containers")?;
    Some((template, format!("{}: data.spec.template", revision.reference().path()), all.len() == 1))
}

/// An Argo template as the pod that the controller makes of it: `init`, `wait` and the template's own container as `main`.
fn workflow(workflow: &Object, pod: &str) -> Option<Value> {
    let argo::Nodes::Read(nodes) = argo::nodes(workflow) else { return None };
    let node = argo::node_of(workflow.name(), &nodes, pod)?;
    let templates = ["/spec/templates", "/status/storedWorkflowTemplateSpec/templates"];
    let template = templates.iter().flat_map(|p| workflow.list(p)).find(|t| t.get("name").and_then(Value::as_str) == Some(&node.template))?;
    let mut main = template.get("container").or_else(|| template.get("script")).cloned()?;
    without_parameters(&mut main);
    // The emissary executor runs as the first process, with the template's command as arguments.
    let map = main.as_object_mut()?;
    for wrapped in ["source", "command", "args"] {
        map.remove(wrapped);
    }
    map.insert("name".into(), json!("main"));
    let mut containers = vec![main, json!({ "name": "wait" })];
    containers.extend(template.get("sidecars").and_then(Value::as_array).into_iter().flatten().cloned());
    let mut spec = json!({ "restartPolicy": "Never", "initContainers": [{ "name": "init" }], "containers": containers });
    let deadline = template.get("activeDeadlineSeconds").filter(|d| d.is_number());
    if let (Some(deadline), Some(map)) = (deadline, spec.as_object_mut()) {
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

/// Takes out whatever still holds `{{…}}`: the controller filled it in, and with what is not known.
fn without_parameters(value: &mut Value) {
    let open = |v: &Value| v.as_str().is_some_and(|t| t.contains("{{"));
    match value {
        Value::Object(map) => {
            map.retain(|_, v| !open(v));
            map.values_mut().for_each(without_parameters);
        }
        Value::Array(items) => {
            if items.iter().any(open) {
                items.clear();
            }
            items.iter_mut().for_each(without_parameters);
        }
        _ => {}
    }
}
