//! What is still worth asking. Pure: the same case and the same history give the same questions.
//!
//! Round 1 asks for the pod and its events; round 2 for what these point at: owner, node, logs, siblings; round 3 for
//! owners of owners and for peers named in the logs; round 4 for the logs of peers and failed siblings.

use std::collections::BTreeSet;

use crate::evidence::{CaseFile, Pod, Related};
use crate::reconstruct::argo;

use super::names::cron_job_of;
use super::plan_brief::plan_brief;
use super::plan_gone::plan_gone;
use super::plan_logs::{plan_logs, plan_peers};
use super::question::Question;
use super::trouble::is_troubled;

/// At most this many peers are looked at.
pub const MAX_PEERS: usize = 5;
/// Longer owner chains are cut here; the longest in use are four (Pod, Job, CronJob, and a custom resource above).
const MAX_DEPTH: usize = 4;
/// At most this many claims of a pod are looked at.
const MAX_CLAIMS: usize = 2;

/// What the plan needs to know beside the case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The user named the namespace: other namespaces are not searched.
    pub namespace_given: bool,
    /// Host names and addresses from the decisive log lines, most telling first.
    pub peers_named: Vec<String>,
    /// What `scan` asks of each of many suspects: the pod, its events and its logs, and what else could make the answer another.
    pub brief: bool,
}

/// The questions that are worth asking now and were not asked yet.
pub fn plan(case: &CaseFile, asked: &BTreeSet<Question>, hints: &Hints) -> Vec<Question> {
    let (namespace, name) = (case.target.namespace.clone(), case.target.name.clone());
    let the_pod = Question::Pod { namespace: namespace.clone(), name: name.clone() };
    let mut wanted = vec![the_pod.clone(), Question::Events { namespace, kind: None, name }];
    if hints.brief {
        plan_brief(case, &mut wanted);
    } else if asked.contains(&the_pod) {
        match &case.pod {
            Some(pod) => plan_present(case, pod, &mut wanted),
            None => plan_gone(case, asked, hints, &mut wanted),
        }
        plan_owners(case, &mut wanted);
        plan_services(case, &mut wanted);
        plan_logs(case, &mut wanted);
        plan_peers(case, hints, &mut wanted);
        // Only where the logs name a peer is a policy worth a request.
        if !hints.peers_named.is_empty() {
            let (api_version, kind) = ("networking.k8s.io/v1".to_owned(), "NetworkPolicy".to_owned());
            wanted.push(Question::Objects { api_version, kind, namespace: case.target.namespace.clone() });
        }
    }
    let mut seen = BTreeSet::new();
    let any_kind = |q: &Question| match q {
        Question::Events { namespace, kind: Some(_), name } => Some(Question::Events { namespace: namespace.clone(), kind: None, name: name.clone() }),
        _ => None,
    };
    let broad: BTreeSet<Question> = wanted.iter().filter(|q| matches!(q, Question::Events { kind: None, .. })).cloned().collect();
    wanted.retain(|q| {
        let covered = any_kind(q).is_some_and(|b| asked.contains(&b) || broad.contains(&b));
        !asked.contains(q) && !covered && !asked_as_owner(asked, q) && seen.insert(q.clone())
    });
    wanted
}

/// An owner is asked for once, whatever pointed at it.
fn asked_as_owner(asked: &BTreeSet<Question>, question: &Question) -> bool {
    let Question::Owner { kind, name, .. } = question else { return false };
    asked.iter().any(|q| matches!(q, Question::Owner { kind: k, name: n, .. } if k == kind && n == name))
}

fn plan_present(case: &CaseFile, pod: &Pod, wanted: &mut Vec<Question>) {
    let namespace = &case.target.namespace;
    let troubled = is_troubled(case);
    if let Some(node) = &pod.node {
        plan_node(node, wanted);
    }
    if let Some(owner) = pod.owners.first() {
        wanted.push(owner_question(namespace, &owner.api_version, &owner.kind, &owner.name, 1));
        if troubled {
            wanted.push(Question::Events { namespace: namespace.clone(), kind: Some(owner.kind.clone()), name: owner.name.clone() });
        }
    }
    if let Some((selector, owner)) = sibling_selector(pod) {
        wanted.push(Question::Siblings { namespace: namespace.clone(), selector, owner });
    }
    if !troubled {
        return;
    }
    let one_shot = pod.owners.first().is_none_or(|o| o.kind == "Job" && cron_job_of(&o.name).is_none());
    if let (true, Some(selector)) = (one_shot, task_selector(case, &pod.labels)) {
        wanted.push(Question::Siblings { namespace: namespace.clone(), selector, owner: None });
    }
    if pod.owners.iter().any(|o| o.kind == "Job" && cron_job_of(&o.name).is_some()) {
        wanted.push(Question::Objects { api_version: "batch/v1".to_owned(), kind: "Job".to_owned(), namespace: namespace.clone() });
    }
    let of_workflow = pod.labels.contains_key(WORKFLOW_LABEL) || pod.owners.iter().any(|o| o.kind == "Workflow");
    if of_workflow {
        wanted.push(Question::Workflows { namespace: namespace.clone() });
    }
    let cron = pod.owners.iter().filter(|o| o.kind == "Job").find_map(|o| cron_job_of(&o.name));
    let generate_name = pod.object.text("/metadata/generateName").filter(|g| g.len() > 3 && pod.owners.is_empty());
    let prefix = cron.map(|c| format!("{c}-")).or_else(|| generate_name.map(str::to_owned));
    if prefix.is_some() || of_workflow {
        let template = workflow_template(case);
        wanted.push(Question::Kin { namespace: namespace.clone(), like: pod.name.clone(), prefix, template, near: false });
    }
    for claim in pod.volumes.iter().filter(|v| v.kind == "persistentVolumeClaim").filter_map(|v| v.refers_to.as_ref()).take(MAX_CLAIMS) {
        let kind = "PersistentVolumeClaim".to_owned();
        wanted.push(Question::Object { api_version: "v1".to_owned(), kind: kind.clone(), namespace: namespace.clone(), name: claim.clone() });
        if pod.phase == "Pending" {
            wanted.push(Question::Events { namespace: namespace.clone(), kind: Some(kind), name: claim.clone() });
        }
    }
}

/// The label by which Argo ties a pod to its workflow.
pub(super) const WORKFLOW_LABEL: &str = "workflows.argoproj.io/workflow";

/// The template that the target ran, by the workflow's own books.
pub(super) fn workflow_template(case: &CaseFile) -> Option<String> {
    case.owners.iter().filter(|o| o.object.kind() == "Workflow").find_map(|o| {
        let argo::Nodes::Read(nodes) = argo::nodes(&o.object) else { return None };
        let node = argo::node_of(o.object.name(), &nodes, &case.target.name)?;
        [&node.template, &node.display_name].into_iter().find(|t| !t.is_empty()).cloned()
    })
}

pub(super) fn plan_node(node: &str, wanted: &mut Vec<Question>) {
    wanted.push(Question::Node { name: node.to_owned() });
    wanted.push(Question::NodeEvents { name: node.to_owned() });
}

pub(super) fn owner_question(namespace: &str, api_version: &str, kind: &str, name: &str, depth: usize) -> Question {
    Question::Owner {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        depth,
        found_by: Related::OwnerReference,
        guess: false,
    }
}

/// Owners of owners, their events, and what a refusal to create pods points at.
fn plan_owners(case: &CaseFile, wanted: &mut Vec<Question>) {
    let namespace = &case.target.namespace;
    let troubled = is_troubled(case);
    for owner in &case.owners {
        if let Some(above) = owner.object.owners().first().filter(|_| owner.depth < MAX_DEPTH) {
            wanted.push(owner_question(namespace, &above.api_version, &above.kind, &above.name, owner.depth + 1));
        }
        let above = owner.object.owners().first().map(|o| (o.kind.clone(), o.name.clone()));
        let own = Some((owner.object.kind().to_owned(), owner.object.name().to_owned()));
        for (kind, name) in [own, above].into_iter().flatten().filter(|_| troubled && owner.depth <= 2) {
            wanted.push(Question::Events { namespace: namespace.clone(), kind: Some(kind), name });
        }
    }
    for message in case.events.iter().filter(|e| e.reason == "FailedCreate").map(|e| e.message.as_str()) {
        let all_of = |kind: &str| Question::Objects { api_version: "v1".to_owned(), kind: kind.to_owned(), namespace: namespace.clone() };
        if message.contains("quota") {
            wanted.push(all_of("ResourceQuota"));
        }
        if message.contains("usage per Container") || message.contains("usage per Pod") {
            wanted.push(all_of("LimitRange"));
        }
        if let Some(name) = service_account(message) {
            let (api_version, kind) = ("v1".to_owned(), "ServiceAccount".to_owned());
            wanted.push(Question::Object { api_version, kind, namespace: namespace.clone(), name });
        }
    }
}

/// At most this many Services that select the target are looked behind.
const MAX_SERVICES: usize = 5;

/// Whether a Service lost its last pod: asked only while the target answers nobody.
fn plan_services(case: &CaseFile, wanted: &mut Vec<Question>) {
    let serves = case.pod.as_ref().is_some_and(|p| p.phase == "Succeeded" || p.condition("Ready").is_some_and(|c| c.status == "True"));
    if serves || !is_troubled(case) || case.labels_of_target().is_empty() {
        return;
    }
    let namespace = case.target.namespace.clone();
    wanted.push(Question::Objects { api_version: "v1".to_owned(), kind: "Service".to_owned(), namespace: namespace.clone() });
    let services: Vec<String> = case.services_of_target().map(|s| s.name().to_owned()).take(MAX_SERVICES).collect();
    if !services.is_empty() {
        wanted.push(Question::Endpoints { namespace, services });
    }
}

/// `error looking up service account ns/name: serviceaccount "name" not found`.
fn service_account(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("serviceaccount \"")?;
    rest.split_once('"').map(|(name, _)| name.to_owned()).filter(|n| !n.is_empty())
}

/// The selector for pods of the same task type: the first of the configured labels that there is.
pub(super) fn task_selector(case: &CaseFile, labels: &std::collections::BTreeMap<String, String>) -> Option<String> {
    let of = |key: &String| labels.get(key).filter(|v| !v.is_empty()).map(|v| format!("{key}={v}"));
    case.options.task_labels.iter().find_map(of)
}

/// The selector that finds pods of the same template, and the owner they must share.
pub(super) fn sibling_selector(pod: &Pod) -> Option<(String, Option<(String, String)>)> {
    let owner = pod.owners.first().map(|o| (o.kind.clone(), o.name.clone()));
    let by = |key: &str| pod.labels.get(key).filter(|v| !v.is_empty()).map(|v| format!("{key}={v}"));
    // These labels are made by the controller and name one owner.
    let exact = ["pod-template-hash", "batch.kubernetes.io/job-name", "job-name", WORKFLOW_LABEL, "tekton.dev/taskRun", "tekton.dev/pipelineRun"];
    if let Some(selector) = exact.iter().find_map(|key| by(key)) {
        return Some((selector, owner));
    }
    let owner = owner?;
    // What remains is what the template gave to all of them alike.
    let own = ["controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"];
    let common: Vec<String> = pod
        .labels
        .iter()
        .filter(|(k, _)| !own.contains(&k.as_str()) && !k.contains("-index") && !k.ends_with("controller-uid"))
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    let selector = if common.is_empty() { by("controller-revision-hash")? } else { common.join(",") };
    Some((selector, Some(owner)))
}
