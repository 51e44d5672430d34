//! Names that tie the pod to work, and consequences for others.

use super::argo;
use super::history::{Context, Impact};
use super::remembered;
use super::scene::Scene;
use crate::evidence::Pod;

/// Labels and annotations that name a task, an agent, a service, a template.
const NAMED: &[(&str, &[&str])] = &[
    ("workflow", &["workflows.argoproj.io/workflow", "tekton.dev/pipelineRun"]),
    ("workflowNode", &["workflows.argoproj.io/node-name"]),
    ("task", &["task-id", "task", "tekton.dev/pipelineTask", "tekton.dev/taskRun"]),
    ("agent", &["agent", "agent-name", "github-user"]),
    ("service", &["service", "app.kubernetes.io/name", "app", "k8s-app", "serving.knative.dev/service"]),
    ("template", &["workflows.argoproj.io/template", "tekton.dev/task"]),
];

/// Reads the context from labels, annotations and workflow parameters.
pub(super) fn read(scene: &Scene<'_>) -> Context {
    let mut context = Context::new();
    let empty = Default::default();
    let (labels, annotations) = scene.pod.as_ref().map_or((&empty, &empty), |p: &Pod| (&p.labels, &p.annotations));
    for (key, names) in NAMED {
        let own = scene.case.options.labels.get(*key).into_iter().flatten().map(String::as_str);
        let value = own.chain(names.iter().copied()).find_map(|n| labels.get(n).or_else(|| annotations.get(n)).filter(|v| !v.is_empty()));
        if let Some(value) = value {
            context.insert(key, value.clone());
        }
    }
    if let Some((index, node)) = remembered::workflow_node(scene) {
        if let Some(owner) = scene.case.owners.get(index) {
            context.insert("workflow", owner.object.name().to_owned());
            for parameter in owner.object.list("/spec/arguments/parameters") {
                let text = |k: &str| parameter.get(k).and_then(serde_json::Value::as_str);
                if let (Some("task-id" | "task_id" | "task"), Some(value)) = (text("name"), text("value")) {
                    context.insert("task", value.to_owned());
                }
            }
        }
        context.insert("workflowNode", if node.display_name.is_empty() { node.name } else { node.display_name });
        if !node.template.is_empty() {
            context.insert("template", node.template);
        }
    }
    context
}

/// What the death means for others.
pub(super) fn impact(scene: &Scene<'_>) -> Vec<Impact> {
    let mut impact = Vec::new();
    for owner in &scene.case.owners {
        let object = owner.object.reference().path();
        match owner.object.kind() {
            "Workflow" => {
                if let argo::Nodes::Read(nodes) = argo::nodes(&owner.object) {
                    for node in nodes.iter().filter(|n| matches!(n.phase.as_str(), "Omitted" | "Pending")) {
                        let name = if node.display_name.is_empty() { &node.id } else { &node.display_name };
                        impact.push(Impact { what: format!("step {name} is {}", node.phase.to_lowercase()), object: object.clone() });
                    }
                }
                if owner.object.text("/status/phase") == Some("Running") {
                    impact.push(Impact { what: "the workflow still counts as running".to_owned(), object });
                }
            }
            "ReplicaSet" | "StatefulSet" | "Deployment" => {
                let wanted = owner.object.int("/spec/replicas").unwrap_or(1);
                let ready = owner.object.int("/status/readyReplicas").unwrap_or(0);
                if ready < wanted {
                    impact.push(Impact { what: format!("{ready} of {wanted} replicas are ready"), object });
                }
            }
            "Job" if owner.object.list("/status/conditions").iter().any(|c| c.get("type").and_then(serde_json::Value::as_str) == Some("Failed")) => {
                impact.push(Impact { what: "the Job has failed".to_owned(), object });
            }
            _ => {}
        }
    }
    for service in scene.case.services_without_endpoints() {
        impact.push(Impact { what: "no endpoint is ready, so nothing answers behind it".to_owned(), object: service.reference().path() });
    }
    impact.sort();
    impact.dedup();
    impact
}
