//! Findings about pods that are not there: never created, or taken away after their workflow step failed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use tokio::time::Instant;

use super::finding::{Finding, Severity};
use super::judge::Look;
use crate::collect::{self, Extras, Overview};
use crate::diagnosis::{Investigation, diagnose};
use crate::evidence::{Budget, CaseFile, Event, Gap, GapKind, Object, Options, Owner, Related, Target, Time};
use crate::reconstruct::argo::{Nodes, WorkflowNode, nodes, pod_name};

/// Failed workflows of one namespace that are read, and steps of them that are judged.
const MOST_WORKFLOWS: usize = 8;
const MOST_STEPS: usize = 5;

/// Owners whose pods could not be created: only their FailedCreate events tell.
pub(super) async fn never_created(look: &Look<'_>, seen: &Overview, gaps: &mut Vec<Gap>) -> Vec<Finding> {
    let mut owners: BTreeMap<(String, String), Vec<Event>> = BTreeMap::new();
    for event in seen.warnings.iter().filter(|e| e.reason == "FailedCreate" && e.about.kind != "Pod") {
        owners.entry((event.about.kind.clone(), event.about.name.clone())).or_default().push(event.clone());
    }
    let mut found = Vec::new();
    for ((kind, name), events) in owners {
        let resource = match kind.as_str() {
            "ReplicaSet" => "apps/v1/replicasets",
            "StatefulSet" => "apps/v1/statefulsets",
            "DaemonSet" => "apps/v1/daemonsets",
            "Job" => "batch/v1/jobs",
            _ => continue,
        };
        let read = collect::objects_of(look.conn, &seen.namespace, resource, Some(&name), look.deadline).await;
        let Some(object) = first(read, gaps) else { continue };
        if has_its_pods(&object) {
            continue; // They could be created in the end.
        }
        let target = Target { namespace: seen.namespace.clone(), name: format!("{name}-never-created"), uid: None };
        let mut case = CaseFile::new(target, look.options.options.clone(), look.conn.now().unwrap_or(Time::UNIX_EPOCH));
        case.pod_absent = true;
        let parent = object.owners().first().map(|p| format!("{}/{}", p.kind, p.name));
        case.owners.push(Owner { object, depth: 1, found_by: Related::Event });
        let since = events.iter().filter_map(|e| e.first).min();
        case.events = events;
        let owner = parent.unwrap_or_else(|| format!("{kind}/{name}"));
        found.push(absent(&diagnose(&case, &look.rules), None, owner.clone(), owner, since));
    }
    found
}

/// The object that was asked for. That it went away meanwhile is no gap.
pub(super) fn first(read: Result<Vec<Object>, Gap>, gaps: &mut Vec<Gap>) -> Option<Object> {
    match read {
        Ok(objects) => objects.into_iter().next(),
        Err(gap) => {
            gaps.extend(Some(gap).filter(|gap| !matches!(gap.kind, GapKind::NotFound | GapKind::NotAsked)));
            None
        }
    }
}

fn has_its_pods(owner: &Object) -> bool {
    let first = |paths: &[&str]| paths.iter().find_map(|p| owner.int(p));
    let wanted = first(&["/spec/replicas", "/status/desiredNumberScheduled"]).unwrap_or(1);
    let there = first(&["/status/replicas", "/status/currentNumberScheduled", "/status/active"]).unwrap_or(0);
    there >= wanted
}

fn absent(investigation: &Investigation, pod: Option<String>, owner: String, family: String, since: Option<Time>) -> Finding {
    let (verdict, namespace) = (&investigation.verdict, &investigation.case.target.namespace);
    let container = verdict.container.clone();
    let silent = investigation.history.silence.silent == Some(true);
    Finding {
        namespace: namespace.clone(),
        pod,
        severity: if silent { Severity::Critical } else { Severity::Error },
        silent,
        exit_code: verdict.exit_code,
        cause: verdict.cause.clone(),
        confidence: verdict.confidence,
        mechanism: investigation.history.subject.mechanism.word(),
        since,
        held_up_by: Vec::new(),
        runs: None,
        group: format!("{namespace}/{family}/{}/{}", container.as_deref().unwrap_or("-"), verdict.cause),
        owner: Some(owner),
        container,
        headline: verdict.headline.clone(),
        fingerprint: investigation.fingerprint.clone(),
    }
}

/// Failed steps of failed workflows whose pods were taken away (podGC): the workflow's books still tell. Each is judged
/// with everything that an investigation of the same name would read.
pub(super) async fn failed_steps(look: &Look<'_>, seen: &Overview, gaps: &mut Vec<Gap>) -> Vec<Finding> {
    let workflows = match collect::failed_workflows(look.conn, &seen.namespace, look.deadline).await {
        Ok(Some(names)) => names,
        Ok(None) => {
            look.no_workflows.store(true, std::sync::atomic::Ordering::Relaxed);
            return Vec::new();
        }
        Err(gap) => {
            gaps.push(gap);
            return Vec::new();
        }
    };
    let there: BTreeSet<&str> = seen.rows.iter().map(|r| r.name.as_str()).collect();
    let since = look.conn.now().unwrap_or(Time::UNIX_EPOCH) - TimeDelta::seconds(look.options.since_seconds.clamp(0, 1 << 33));
    let mut found = Vec::new();
    for name in workflows.iter().take(MOST_WORKFLOWS) {
        let read = collect::objects_of(look.conn, &seen.namespace, "argoproj.io/v1alpha1/workflows", Some(name), look.deadline).await;
        let Some(workflow) = first(read, gaps) else { continue };
        let Nodes::Read(all) = nodes(&workflow) else { continue };
        for node in all.iter().filter(|n| n.kind == "Pod" && matches!(n.phase.as_str(), "Failed" | "Error") && n.finished.is_some_and(|f| f >= since)) {
            let pod = pod_of(&workflow, node);
            if there.contains(pod.as_str()) || found.len() >= MOST_STEPS {
                continue;
            }
            found.extend(step(look, &seen.namespace, &pod, name, node).await);
        }
    }
    found
}

/// The name that the step's pod had: by the workflow's own word for the format, v2 being the default.
fn pod_of(workflow: &Object, node: &WorkflowNode) -> String {
    let v1 = workflow.at("/metadata/annotations").and_then(|a| a.get("workflows.argoproj.io/pod-name-format")).and_then(|f| f.as_str()) == Some("v1");
    if v1 { node.id.clone() } else { pod_name(workflow.name(), &node.template, &node.name) }
}

async fn step(look: &Look<'_>, namespace: &str, pod: &str, workflow: &str, node: &WorkflowNode) -> Option<Finding> {
    let left = look.deadline.saturating_duration_since(Instant::now()).as_millis() as u64;
    let target = Target { namespace: namespace.to_owned(), name: pod.to_owned(), uid: None };
    let options = Options { since_seconds: look.window(), ..look.options.options.clone() };
    let extras = Extras { namespace_given: true, ..Extras::default() };
    let budget = Budget { milliseconds: left, ..Budget::default() };
    let case = collect::collect(look.conn, target, options, budget, extras).await.ok()?;
    let investigation = diagnose(&case, &look.rules);
    let well = ["healthy.", "disruption."].iter().any(|f| investigation.verdict.cause.starts_with(f));
    let template = if node.template.is_empty() { &node.display_name } else { &node.template };
    (!well).then(|| absent(&investigation, Some(pod.to_owned()), format!("Workflow/{workflow}"), format!("template/{template}"), node.finished))
}
