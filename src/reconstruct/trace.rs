//! Whether anything at all remembers the pod itself, and not merely an owner that its name points at.

use super::history::{Death, DeathSource};
use super::scene::Scene;
use super::{argo, remembered, subject, tekton};
use crate::evidence::{Event, Object, Related};

/// A trace: the object, an event about it, a controller's event that names it, a workflow node, a TaskRun's status, a Job that
/// names it or had no other pod, a StatefulSet whose arithmetic makes this name, or an owner that says why it cannot create it.
pub(super) fn is_left(scene: &Scene<'_>, deaths: &[Death]) -> bool {
    let pod = scene.case.target.name.as_str();
    scene.live.is_some()
        || !scene.events.is_empty()
        || deaths.iter().any(|d| d.from != DeathSource::Events)
        || remembered::workflow_node(scene).is_some()
        || scene.case.events.iter().any(|e| e.about.kind != "Pod" && names(&e.message, pod))
        || subject::never_created(scene)
        || scene.case.owners.iter().any(|o| {
            o.found_by == Related::Event && o.depth == 1
                || match o.object.kind() {
                    "TaskRun" => tekton::read(&o.object, pod).is_some(),
                    "Job" => job_remembers(scene, &o.object, pod),
                    "StatefulSet" => ordinal_of(&o.object, pod),
                    "Workflow" => o.object.name() == pod && refused(&o.object),
                    _ => false,
                }
        })
}

/// An event about this incarnation, whoever wrote it.
pub(super) fn is_about(scene: &Scene<'_>, event: &Event) -> bool {
    let (target, about) = (&scene.case.target, &event.about);
    let same = about.uid.is_empty() || scene.uid.is_none() || scene.uid.as_ref() == Some(&about.uid);
    same && about.kind == "Pod" && about.name == target.name && about.namespace == target.namespace
}

/// Whether a message names the pod as a word of its own.
fn names(message: &str, pod: &str) -> bool {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    message.split(|c: char| !part_of_name(c)).any(|word| word.trim_end_matches('.') == pod)
}

/// A condition names the pod, or the Job had one pod in all, and it is none that others still know by another name.
fn job_remembers(scene: &Scene<'_>, job: &Object, pod: &str) -> bool {
    let said = job.list("/status/conditions").iter().filter_map(|c| c.get("message").and_then(serde_json::Value::as_str)).any(|m| names(m, pod));
    let count = |field: &str| job.int(&format!("/status/{field}")).unwrap_or(0);
    let alone = count("succeeded") + count("failed") == 1 && count("active") == 0;
    let other_lives = scene.case.siblings.iter().any(|s| s.name != pod && s.owners.iter().any(|o| o.kind == "Job" && o.name == job.name()));
    let other_made = scene.case.events.iter().any(|e| e.about.kind == "Job" && e.about.name == job.name() && e.reason == "SuccessfulCreate");
    said || alone && !other_lives && !other_made
}

/// The workflow was refused for what its spec says, and made no pod.
fn refused(workflow: &Object) -> bool {
    let empty = matches!(argo::nodes(workflow), argo::Nodes::Read(nodes) if nodes.is_empty());
    empty && workflow.text("/status/message").is_some_and(|m| m.contains("invalid spec"))
}

/// `<set>-<n>` with n below the number of replicas, counted from `spec.ordinals.start`.
fn ordinal_of(set: &Object, pod: &str) -> bool {
    let ordinal = pod.strip_prefix(set.name()).and_then(|rest| rest.strip_prefix('-')).and_then(|n| n.parse::<i64>().ok());
    let start = set.int("/spec/ordinals/start").unwrap_or(0);
    ordinal.is_some_and(|n| n >= start && n - start < set.int("/spec/replicas").unwrap_or(1))
}
