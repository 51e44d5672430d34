//! Argo Workflows: the books that outlive their pods.

use std::io::Read;

use base64::Engine;
use serde_json::Value;

use crate::diagnosis::NameShape;
use crate::evidence::{Object, Owner, Related};
use crate::source::{collection_path, encode};

use super::absorb::Found;
use super::ask::{Asker, Failure};
use super::siblings::Answered;

/// At most this many workflows that ran the same template are kept.
const MAX_RELATED: usize = 10;
/// Compressed nodes are not unpacked beyond this.
const MAX_NODES_BYTES: u64 = 32 * 1024 * 1024;

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
    for workflow in listed.items.into_iter().map(unpack_nodes) {
        if ran(&workflow, pod) {
            if !present {
                found.push(Found::Owner(Owner { object: workflow, depth: 1, found_by: Related::Name }));
            }
        } else if ran_same_template(&workflow, pod) {
            related.push(workflow);
        }
    }
    related.sort_by(|a, b| (b.text("/metadata/creationTimestamp"), b.name()).cmp(&(a.text("/metadata/creationTimestamp"), a.name())));
    found.extend(related.into_iter().take(MAX_RELATED).map(Found::Related));
    Ok((found, problems))
}

/// Whether the workflow's books hold the pod: its node has the pod's name (v1 names) or the same hash behind the
/// workflow's name (v2 names).
fn ran(workflow: &Object, pod: &str) -> bool {
    let Some(nodes) = workflow.at("/status/nodes").and_then(Value::as_object) else { return false };
    let by_hash = NameShape::of(pod).argo.is_some_and(|(front, hash)| {
        let of_workflow = front == workflow.name() || front.strip_prefix(workflow.name()).is_some_and(|rest| rest.starts_with('-'));
        of_workflow && nodes.contains_key(&format!("{}-{hash}", workflow.name()))
    });
    by_hash || nodes.contains_key(pod)
}

/// Whether one of its pods ran the template that the target's name ends in.
fn ran_same_template(workflow: &Object, pod: &str) -> bool {
    let Some((front, _)) = NameShape::of(pod).argo else { return false };
    let nodes = workflow.at("/status/nodes").and_then(Value::as_object);
    nodes.into_iter().flatten().any(|(_, node)| {
        let text = |key: &str| node.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
        let is_pod = text("type").is_none_or(|t| t == "Pod");
        let template = text("templateName").or_else(|| node.pointer("/templateRef/template").and_then(Value::as_str));
        is_pod && template.or_else(|| text("displayName")).is_some_and(|t| front.strip_suffix(t).is_some_and(|f| f.ends_with('-')))
    })
}

/// Argo packs the nodes of large workflows (`status.compressedNodes`: base64 of gzip); they are laid out as if it had not.
pub(super) fn unpack_nodes(workflow: Object) -> Object {
    let Some(packed) = workflow.text("/status/compressedNodes").filter(|p| !p.is_empty()) else { return workflow };
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed) else { return workflow };
    let mut text = Vec::new();
    if flate2::read::GzDecoder::new(bytes.as_slice()).take(MAX_NODES_BYTES).read_to_end(&mut text).is_err() {
        return workflow;
    }
    let Ok(nodes @ Value::Object(_)) = serde_json::from_slice::<Value>(&text) else { return workflow };
    let mut raw = workflow.raw().clone();
    match raw.pointer_mut("/status").and_then(Value::as_object_mut) {
        Some(status) => {
            status.insert("nodes".to_owned(), nodes);
            status.remove("compressedNodes");
            Object::new(raw)
        }
        None => workflow,
    }
}
