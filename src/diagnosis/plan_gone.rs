//! The plan for a target that the API no longer has, or will not show.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::evidence::{CaseFile, Event, Object, Related};

use super::names::{NameShape, TaskRunName, cron_job_of, names_object};
use super::plan::{Hints, WORKFLOW_LABEL, owner_question, plan_node, task_selector, workflow_template};
use super::question::Question;

pub(super) fn plan_gone(case: &CaseFile, asked: &BTreeSet<Question>, hints: &Hints, wanted: &mut Vec<Question>) {
    let (namespace, name) = (&case.target.namespace, &case.target.name);
    let own: Vec<&Event> = case.events.iter().filter(|e| e.about.kind == "Pod" && e.about.name == *name).collect();
    if own.is_empty() && case.pod_absent {
        wanted.push(Question::Namespace { name: namespace.clone() });
        if !hints.namespace_given {
            wanted.push(Question::PodElsewhere { name: name.clone() });
            wanted.push(Question::EventsElsewhere { name: name.clone() });
        }
    }
    if let Some(node) = own.iter().find_map(|e| node_of(e)) {
        plan_node(&node, wanted);
        if case.options.node_logs {
            plan_node_logs(case, &node, &own, wanted);
        }
    }
    let shape = NameShape::of(name);
    // The only pod of a workflow has the workflow's name; one that was refused never had a pod.
    if own.is_empty() && case.pod_absent && shape.argo.is_none() && shape.template_hash.is_none() {
        wanted.push(Question::Owner {
            api_version: "argoproj.io/v1alpha1".to_owned(),
            kind: "Workflow".to_owned(),
            namespace: namespace.clone(),
            name: name.clone(),
            depth: 1,
            found_by: Related::Name,
            guess: true,
        });
    }
    // A later pod of the same name has the same owner.
    match case.siblings.iter().find(|s| s.name == *name).and_then(|s| s.owners.first()) {
        Some(owner) => wanted.push(owner_question(namespace, &owner.api_version, &owner.kind, &owner.name, 1)),
        None => plan_guesses(case, &shape, asked, wanted),
    }
    // Controllers say whom they created and deleted.
    for event in case.events.iter().filter(|e| e.about.kind != "Pod" && names_object(&e.message, name)) {
        let version = ["/involvedObject/apiVersion", "/regarding/apiVersion"].iter().find_map(|p| event.object.text(p)).unwrap_or("v1");
        wanted.push(Question::Owner {
            api_version: version.to_owned(),
            kind: event.about.kind.clone(),
            namespace: namespace.clone(),
            name: event.about.name.clone(),
            depth: 1,
            found_by: Related::Event,
            guess: false,
        });
    }
    let guessed = asked.iter().any(|q| matches!(q, Question::Owner { .. } | Question::Workflows { .. } | Question::Node { .. }));
    if (guessed || shape == NameShape::default()) && case.owners.is_empty() && !own.is_empty() {
        wanted.push(Question::EventsNaming { namespace: namespace.clone(), name: name.clone() });
    }
    for owner in case.owners.iter().filter(|o| o.depth == 1) {
        if let Some(selector) = owner_selector(&owner.object) {
            let owner = (owner.object.kind().to_owned(), owner.object.name().to_owned());
            wanted.push(Question::Siblings { namespace: namespace.clone(), selector, owner: Some(owner) });
        }
    }
    for job in case.owners.iter().filter(|o| o.object.kind() == "Job" && cron_job_of(o.object.name()).is_none()) {
        if let Some(selector) = task_selector(case, &job.object.map("/spec/template/metadata/labels")) {
            wanted.push(Question::Siblings { namespace: namespace.clone(), selector, owner: None });
        }
    }
    // Former templates of what can be changed in place.
    if case.owners.iter().any(|o| matches!(o.object.kind(), "StatefulSet" | "DaemonSet") && o.object.int("/metadata/generation") != Some(1)) {
        wanted.push(Question::Objects { api_version: "apps/v1".to_owned(), kind: "ControllerRevision".to_owned(), namespace: namespace.clone() });
    }
    if case.owners.iter().any(|o| o.object.kind() == "CronJob") {
        wanted.push(Question::Objects { api_version: "batch/v1".to_owned(), kind: "Job".to_owned(), namespace: namespace.clone() });
    }
    // Names come last: what an owner or a label finds is better.
    let looked = asked.iter().any(|q| matches!(q, Question::Owner { .. } | Question::Workflows { .. } | Question::Namespace { .. } | Question::Node { .. }));
    let spoken_of =
        case.owners.iter().any(|o| o.object.kind() == "Workflow") || case.events.iter().any(|e| e.about.kind != "Pod" && names_object(&e.message, name));
    let near = own.is_empty() && !spoken_of && !case.namespace_absent;
    let kin_asked = asked.iter().any(|q| matches!(q, Question::Kin { .. }));
    let of_a_run = shape.argo.is_some() || shape.cron_job.is_some();
    if looked && !kin_asked && !case.namespace_absent && (near || of_a_run || case.siblings.is_empty()) {
        let front = shape.cron_job.or(shape.generated_from).or(shape.ordinal_of);
        let prefix = front.map(|f| format!("{f}-"));
        let template = workflow_template(case);
        wanted.push(Question::Kin { namespace: namespace.clone(), like: name.clone(), prefix, template, near });
    }
}

/// Log files outlive the pod by about a minute, the runtime's journal by hours.
fn plan_node_logs(case: &CaseFile, node: &str, own: &[&Event], wanted: &mut Vec<Question>) {
    let latest = own.iter().filter(|e| !e.about.uid.is_empty()).max_by_key(|e| e.time()).map(|e| e.about.uid.clone());
    let Some(uid) = case.target.uid.clone().or(latest) else { return };
    let since = own.iter().filter(|e| e.about.uid == uid).filter_map(|e| e.first.or(e.last)).min().unwrap_or(case.observed_at - TimeDelta::hours(1));
    let since = since - TimeDelta::seconds(5);
    let journal = |service: &str, pattern: Option<String>| Question::NodeJournal { node: node.to_owned(), service: service.to_owned(), since, pattern };
    // Containers are known to the runtime by ids that only its own lines tie to the pod: no pattern.
    wanted.push(journal("containerd", None));
    wanted.push(journal("kubelet", Some(uid.clone())));
    let (namespace, pod) = (case.target.namespace.clone(), case.target.name.clone());
    wanted.push(Question::NodeFiles { node: node.to_owned(), namespace, pod, uid });
}

/// Owners that the name points at. Each is a guess; what is not there is no gap.
fn plan_guesses(case: &CaseFile, shape: &NameShape, asked: &BTreeSet<Question>, wanted: &mut Vec<Question>) {
    let namespace = &case.target.namespace;
    let guess = |api_version: &str, kind: &str, name: &str, depth: usize| Question::Owner {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.clone(),
        name: name.to_owned(),
        depth,
        found_by: Related::Name,
        guess: true,
    };
    // Any event about the presumed owner tells its kind, and says whether it made or deleted the pod.
    let events = |name: &str| Question::Events { namespace: namespace.clone(), kind: None, name: name.to_owned() };
    let found = |kind: &str| case.owners.iter().any(|o| o.object.kind() == kind);
    let was_asked = |kind: &str, name: &str| asked.iter().any(|q| matches!(q, Question::Owner { kind: k, name: n, .. } if k == kind && n == name));
    if let (Some(hash), Some(deployment), Some(set)) = (&shape.template_hash, &shape.deployment, &shape.generated_from) {
        wanted.push(events(set));
        wanted.push(guess("apps/v1", "ReplicaSet", set, 1));
        wanted.push(Question::Siblings {
            namespace: namespace.clone(),
            selector: format!("pod-template-hash={hash}"),
            owner: Some(("ReplicaSet".to_owned(), set.clone())),
        });
        if was_asked("ReplicaSet", set) && !found("ReplicaSet") {
            wanted.push(guess("apps/v1", "Deployment", deployment, 2));
        }
    } else if let Some(base) = &shape.generated_from {
        wanted.push(events(base));
        wanted.push(guess("batch/v1", "Job", base, 1));
        wanted.push(guess("apps/v1", "DaemonSet", base, 1));
        if shape.cron_job.is_none() {
            wanted.push(guess("apps/v1", "ReplicaSet", base, 1));
        }
    }
    if let Some(cron_job) = &shape.cron_job {
        wanted.push(guess("batch/v1", "CronJob", cron_job, 2));
    }
    if let Some(set) = &shape.ordinal_of {
        wanted.push(events(set));
        wanted.push(guess("apps/v1", "StatefulSet", set, 1));
    }
    match &shape.task_run {
        Some(TaskRunName::Whole(run)) => {
            wanted.push(events(run));
            wanted.push(guess("tekton.dev/v1", "TaskRun", run, 1));
        }
        Some(TaskRunName::Cut) => wanted.push(Question::TaskRuns { namespace: namespace.clone() }),
        None => {}
    }
    if shape.argo.is_some() {
        wanted.push(Question::Workflows { namespace: namespace.clone() });
    }
}

/// Which pods an owner selects.
fn owner_selector(owner: &Object) -> Option<String> {
    match owner.kind() {
        "Job" => Some(format!("job-name={}", owner.name())),
        "Workflow" => Some(format!("{WORKFLOW_LABEL}={}", owner.name())),
        "TaskRun" => Some(format!("tekton.dev/taskRun={}", owner.name())),
        "ReplicaSet" => owner.labels().get("pod-template-hash").map(|hash| format!("pod-template-hash={hash}")).or_else(|| match_labels(owner)),
        _ => match_labels(owner),
    }
}

fn match_labels(owner: &Object) -> Option<String> {
    let labels = owner.map("/spec/selector/matchLabels");
    (!labels.is_empty()).then(|| labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","))
}

/// The node of a vanished pod: the scheduler names it, and each kubelet signs its events.
fn node_of(event: &Event) -> Option<String> {
    if event.reason == "Scheduled" {
        return event.message.rsplit_once(" to ").map(|(_, node)| node.trim().to_owned()).filter(|n| !n.is_empty() && !n.contains(' '));
    }
    (event.component == "kubelet" && !event.host.is_empty()).then(|| event.host.clone())
}
