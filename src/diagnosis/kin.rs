//! Whom a failure is counted with: the owner that people know, and the family of pods that come and go under changing names.
//!
//! Told by the pod's own metadata alone, so that a scan, which reads no owners, and an investigation, which does, say the same.

use crate::evidence::{CaseFile, Pod};
use crate::reconstruct::History;

use super::names::{cron_job_of, without_suffix};

/// The owner and the family of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    /// `Deployment/checkout`; `None` for a pod that nobody owns.
    pub owner: Option<String>,
    /// What stays the same while pods, Jobs and workflows of generated names come and go: `Deployment/checkout`, `CronJob/nightly`,
    /// `Workflow/train/load-batch`, `Pod/kube-proxy`.
    pub family: String,
}

/// Labels by which those who put a ReplicaSet or ReplicationController between themselves and the pod mark it.
const TEMPLATE_HASHES: &[(&str, &str)] = &[("pod-template-hash", "Deployment"), ("rollouts-pod-template-hash", "Rollout")];

/// Of a case: of its pod, or of what is known of a pod that is gone or was never created.
pub(super) fn of(case: &CaseFile, history: &History) -> Kin {
    let pod = case.pod.as_ref().or(history.pod.as_ref());
    let target = case.target.name.as_str();
    let nearest = case.owners.iter().find(|o| o.depth == 1).map(|o| &o.object);
    let owner = pod
        .and_then(|p| p.owners.first().map(|o| (o.kind.as_str(), o.name.as_str())))
        .or_else(|| nearest.map(|o| (o.kind(), o.name())))
        .or_else(|| history.context.get("workflow").filter(|w| argo_template(w, target).is_some()).map(|w| ("Workflow", w.as_str())));
    let Some((kind, name)) = owner else { return alone(pod, target) };
    let label = |key: &str| pod.and_then(|p| p.labels.get(key)).filter(|v| !v.is_empty()).map(String::as_str);
    let one = |owner: String| Kin { owner: Some(owner.clone()), family: owner };
    match kind {
        "ReplicaSet" => {
            let by_label = TEMPLATE_HASHES.iter().find_map(|(key, above)| Some(format!("{above}/{}", name.strip_suffix(&format!("-{}", label(key)?))?)));
            let above = || nearest.filter(|o| o.name() == name)?.owners().first().map(|o| format!("{}/{}", o.kind, o.name));
            one(by_label.or_else(above).unwrap_or_else(|| format!("{kind}/{name}")))
        }
        "ReplicationController" => one(label("deploymentconfig").map_or_else(|| format!("{kind}/{name}"), |dc| format!("DeploymentConfig/{dc}"))),
        "Job" => match cron_job_of(name) {
            Some(cron) => one(format!("CronJob/{cron}")),
            None => Kin { owner: Some(format!("{kind}/{name}")), family: format!("{kind}/{}", without_suffix(name)) },
        },
        "Workflow" => {
            let step = argo_template(name, target).map(|t| format!("/{t}")).unwrap_or_default();
            Kin { owner: Some(format!("{kind}/{name}")), family: format!("{kind}/{}{step}", without_suffix(name)) }
        }
        "TaskRun" => {
            let of_pipeline = label("tekton.dev/pipeline").zip(label("tekton.dev/pipelineTask")).map(|(p, t)| format!("Pipeline/{p}/{t}"));
            let of_task = || label("tekton.dev/task").map(|t| format!("Task/{t}"));
            let family = of_pipeline.or_else(of_task).unwrap_or_else(|| format!("{kind}/{}", without_suffix(name)));
            Kin { owner: Some(format!("{kind}/{name}")), family }
        }
        // A static pod is owned by its node and named after it: <name>-<node>.
        "Node" => Kin { owner: Some(format!("{kind}/{name}")), family: format!("Pod/{}", target.strip_suffix(&format!("-{name}")).unwrap_or(target)) },
        _ => one(format!("{kind}/{name}")),
    }
}

/// A pod that nobody owns: those that were made from one `generateName` are kin.
fn alone(pod: Option<&Pod>, target: &str) -> Kin {
    let made_from = pod.and_then(|p| p.object.text("/metadata/generateName")).filter(|g| g.len() > 3 && target.starts_with(*g));
    Kin { owner: None, family: made_from.map_or_else(|| format!("Pod/{target}"), |g| format!("Pod/{g}*")) }
}

/// The template in the name of a workflow's pod: `<workflow>-<template>-<hash>`.
fn argo_template<'a>(workflow: &str, pod: &'a str) -> Option<&'a str> {
    let (template, hash) = pod.strip_prefix(workflow)?.strip_prefix('-')?.rsplit_once('-')?;
    (!template.is_empty() && hash.len() >= 6 && hash.bytes().all(|b| b.is_ascii_digit())).then_some(template)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Object, Options, Target, Time};
    use crate::reconstruct::{Judged, reconstruct};
    use serde_json::json;

    fn kin(name: &str, owner: Option<(&str, &str)>, metadata: serde_json::Value) -> (Option<String>, String) {
        let mut meta = metadata;
        meta["name"] = json!(name);
        meta["namespace"] = json!("shop");
        if let Some((kind, name)) = owner {
            meta["ownerReferences"] = json!([{ "kind": kind, "name": name, "controller": true }]);
        }
        let target = Target { namespace: "shop".to_owned(), name: name.to_owned(), uid: None };
        let mut case = CaseFile::new(target, Options::default(), Time::UNIX_EPOCH);
        case.pod = Some(Pod::from_object(Object::new(json!({ "metadata": meta, "spec": { "containers": [] }, "status": { "phase": "Running" } }))));
        let found = of(&case, &reconstruct(&case, &Judged::default()));
        (found.owner, found.family)
    }

    #[test]
    fn owners_that_people_know() {
        let same = |owner: &str| (Some(owner.to_owned()), owner.to_owned());
        let hash = json!({ "labels": { "pod-template-hash": "5d9c7b6f4" } });
        assert_eq!(kin("web-5d9c7b6f4-x2x4z", Some(("ReplicaSet", "web-5d9c7b6f4")), hash), same("Deployment/web"));
        let hash = json!({ "labels": { "rollouts-pod-template-hash": "5d9c7b6f4" } });
        assert_eq!(kin("web-5d9c7b6f4-x2x4z", Some(("ReplicaSet", "web-5d9c7b6f4")), hash), same("Rollout/web"));
        assert_eq!(kin("own-x2x4z", Some(("ReplicaSet", "own")), json!({})), same("ReplicaSet/own"));
        assert_eq!(kin("nightly-29401020-x2x4z", Some(("Job", "nightly-29401020")), json!({})), same("CronJob/nightly"));
        assert_eq!(kin("db-0", Some(("StatefulSet", "db")), json!({})), same("StatefulSet/db"));
        assert_eq!(
            kin("web-3-x2x4z", Some(("ReplicationController", "web-3")), json!({ "labels": { "deploymentconfig": "web" } })),
            same("DeploymentConfig/web")
        );
    }

    #[test]
    fn families_outlive_generated_names() {
        let owned = |owner: &str, family: &str| (Some(owner.to_owned()), family.to_owned());
        assert_eq!(kin("load-x2x4z-7b9kd", Some(("Job", "load-x2x4z")), json!({})), owned("Job/load-x2x4z", "Job/load"));
        assert_eq!(kin("load-7b9kd", Some(("Job", "load")), json!({})), owned("Job/load", "Job/load"));
        let step = kin("train-x2x4z-load-batch-2420829733", Some(("Workflow", "train-x2x4z")), json!({}));
        assert_eq!(step, owned("Workflow/train-x2x4z", "Workflow/train/load-batch"));
        let by_id = kin("train-x2x4z-2420829733", Some(("Workflow", "train-x2x4z")), json!({}));
        assert_eq!(by_id, owned("Workflow/train-x2x4z", "Workflow/train"));
        let labels = json!({ "labels": { "tekton.dev/pipeline": "release", "tekton.dev/pipelineTask": "build" } });
        assert_eq!(
            kin("release-x2x4z-build-pod", Some(("TaskRun", "release-x2x4z-build")), labels),
            owned("TaskRun/release-x2x4z-build", "Pipeline/release/build")
        );
        assert_eq!(kin("etcd-node-3", Some(("Node", "node-3")), json!({})), owned("Node/node-3", "Pod/etcd"));
        assert_eq!(kin("runner-x2x4z", None, json!({ "generateName": "runner-" })), (None, "Pod/runner-*".to_owned()));
        assert_eq!(kin("alone", None, json!({})), (None, "Pod/alone".to_owned()));
    }
}
