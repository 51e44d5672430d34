//! Argo Workflows and Tekton TaskRuns: the books that outlive their pods.

use serde_json::Value;

use crate::evidence::{Object, Owner, Related};
use crate::reconstruct::argo::{self, Nodes};
use crate::reconstruct::tekton;
use crate::source::{collection_path, encode};

use super::absorb::Found;
use super::ask::{Asker, Failure};
use super::siblings::Answered;

/// At most this many workflows that ran the same template are kept.
const MAX_RELATED: usize = 10;

/// The workflow that ran the target, where its name is all that is left of it, and those that ran the same template.
pub(super) async fn workflows(asker: &Asker<'_>, namespace: &str, pod: &str, present: bool) -> Result<Answered, Failure> {
    let path = collection_path("argoproj.io/v1alpha1", Some(&encode(namespace)), "workflows");
    let listed = asker.list(&path, "", 50, 4).await?;
    let mut problems = listed.problems;
    if listed.more {
        problems.push((crate::evidence::GapKind::NotAsked, "the namespace has more workflows than were looked through".to_owned()));
    }
    let mut found = Vec::new();
    let mut related: Vec<Object> = Vec::new();
    let mut unread: Option<Object> = None;
    for workflow in listed.items {
        if ran(&workflow, pod) {
            if !present {
                found.push(Found::Owner(Owner { object: workflow, depth: 1, found_by: Related::Name }));
            }
        } else if !matches!(argo::nodes(&workflow), Nodes::Read(_)) {
            // Of several names that fit, the longest is the workflow's.
            if may_have_run(&workflow, pod) && unread.as_ref().is_none_or(|u| u.name().len() < workflow.name().len()) {
                unread = Some(workflow);
            }
        } else if ran_same_template(&workflow, pod) {
            related.push(workflow);
        }
    }
    if let (Some(workflow), true, false) = (unread, found.is_empty(), present) {
        found.push(Found::Owner(Owner { object: workflow, depth: 1, found_by: Related::Name }));
    }
    related.sort_by(|a, b| (b.text("/metadata/creationTimestamp"), b.name()).cmp(&(a.text("/metadata/creationTimestamp"), a.name())));
    found.extend(related.into_iter().take(MAX_RELATED).map(Found::Related));
    Ok((found, problems))
}

/// Whether the workflow's books hold the pod, by its name or by the hash of a node's name.
fn ran(workflow: &Object, pod: &str) -> bool {
    match argo::nodes(workflow) {
        Nodes::Read(nodes) => argo::node_of(workflow.name(), &nodes, pod).is_some(),
        Nodes::Offloaded | Nodes::Malformed(_) => false,
    }
}

/// Whether the workflow may have run the pod although its books cannot be read: its name stands first, and what follows up to
/// the hash is nothing or one of its templates.
fn may_have_run(workflow: &Object, pod: &str) -> bool {
    let Some((front, _)) = argo::split_pod_name(pod) else { return false };
    let Some(rest) = front.strip_prefix(workflow.name()) else { return false };
    let templates = ["/spec/templates", "/status/storedWorkflowTemplateSpec/templates"];
    let mut names = templates.iter().flat_map(|p| workflow.list(p)).filter_map(|t| t.get("name").and_then(Value::as_str)).peekable();
    match rest.strip_prefix('-') {
        None => rest.is_empty(),
        Some(template) => names.peek().is_none() || names.any(|n| n == template),
    }
}

/// Whether one of its pods ran the template that the target's name ends in.
fn ran_same_template(workflow: &Object, pod: &str) -> bool {
    let (Some((front, _)), Nodes::Read(nodes)) = (argo::split_pod_name(pod), argo::nodes(workflow)) else { return false };
    nodes.iter().any(|node| {
        let template = [&node.template, &node.display_name].into_iter().find(|t| !t.is_empty());
        (node.kind.is_empty() || node.kind == "Pod") && template.is_some_and(|t| front.strip_suffix(t.as_str()).is_some_and(|f| f.ends_with('-')))
    })
}

/// The TaskRun whose status names the pod, for a pod whose own name does not hold the TaskRun's.
pub(super) async fn task_runs(asker: &Asker<'_>, namespace: &str, pod: &str) -> Result<Answered, Failure> {
    let path = collection_path("tekton.dev/v1", Some(&encode(namespace)), "taskruns");
    let listed = asker.list(&path, "", 50, 4).await?;
    let mut problems = listed.problems;
    if listed.more {
        problems.push((crate::evidence::GapKind::NotAsked, "the namespace has more TaskRuns than were looked through".to_owned()));
    }
    let run = listed.items.into_iter().find(|run| tekton::read(run, pod).is_some());
    Ok((run.into_iter().map(|object| Found::Owner(Owner { object, depth: 1, found_by: Related::Name })).collect(), problems))
}
