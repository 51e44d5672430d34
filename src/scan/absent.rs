//! Findings about pods that are not there: never created, or taken away after their workflow step failed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use tokio::time::Instant;

use super::finding::{Finding, Severity};
use super::judge::Look;
use super::options::ScanOptions;
use super::outlived::tried_again;
use crate::collect::{self, Extras, Overview};
use crate::diagnosis::{Investigation, diagnose};
use crate::evidence::{Budget, CaseFile, Condition, Event, Gap, GapKind, Object, Options, Owner, Related, Target, Time};
use crate::reconstruct::argo::{Nodes, WorkflowNode, is_shutdown, nodes, pod_name};
use crate::source::bundle::LabelSelector;

/// Failed workflows of one namespace that are read, and steps of them that are judged.
const MOST_WORKFLOWS: usize = 8;
const MOST_STEPS: usize = 5;

/// Owners whose pods could not be created: only their FailedCreate events tell.
pub(super) async fn never_created(look: &Look<'_>, seen: &Overview, gaps: &mut Vec<Gap>) -> Vec<Finding> {
    // What does not exist has no node and no phase to be chosen by.
    if look.options.field_selector.is_some() {
        return Vec::new();
    }
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
            "ReplicationController" => "v1/replicationcontrollers",
            "Job" => "batch/v1/jobs",
            "CronJob" => "batch/v1/cronjobs",
            _ => continue,
        };
        let read = collect::objects_of(look.conn, &seen.namespace, resource, Some(&name), look.deadline).await;
        let Some(object) = first(read, gaps) else { continue };
        if !wants_more(&object, &events) || !is_chosen(&object, look.options) {
            continue; // They could be created in the end, or nobody asked for them.
        }
        let target = Target { namespace: seen.namespace.clone(), name: format!("{name}-never-created"), uid: None };
        let mut case = CaseFile::new(target, look.options.options.clone(), look.conn.now().unwrap_or(Time::UNIX_EPOCH));
        case.pod_absent = true;
        case.owners.push(Owner { object, depth: 1, found_by: Related::Event });
        let since = events.iter().filter_map(|e| e.first).min();
        case.events = events;
        found.push(absent(&diagnose(case, &look.rules), None, since));
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

/// Whether the owner still lacks what it was refused.
fn wants_more(owner: &Object, refused: &[Event]) -> bool {
    let count = |path: &str| owner.int(path);
    if owner.at("/spec/suspend").and_then(serde_json::Value::as_bool) == Some(true) {
        return false;
    }
    let last = refused.iter().filter_map(Event::time).max();
    match owner.kind() {
        "Job" => {
            let over = Condition::read_list(owner).iter().any(|c| c.status == "True" && matches!(c.kind.as_str(), "Complete" | "Failed" | "Suspended"));
            let left = count("/spec/completions").map(|all| (all - count("/status/succeeded").unwrap_or(0)).max(0));
            let at_once = count("/spec/parallelism").unwrap_or(1);
            !over && count("/status/active").unwrap_or(0) < left.map_or(at_once, |left| left.min(at_once))
        }
        // What it makes are Jobs: one that was made since shows that it may again.
        "CronJob" => owner.time("/status/lastScheduleTime").is_none_or(|made| last.is_some_and(|refused| refused > made)),
        "DaemonSet" => count("/status/currentNumberScheduled").unwrap_or(0) < count("/status/desiredNumberScheduled").unwrap_or(1),
        _ => count("/status/replicas").unwrap_or(0) < count("/spec/replicas").unwrap_or(1),
    }
}

/// Whether the pods that it would have would be among those that are asked for.
fn is_chosen(owner: &Object, options: &ScanOptions) -> bool {
    let templates = ["/spec/template/metadata/labels", "/spec/jobTemplate/spec/template/metadata/labels"];
    let labels = templates.iter().find_map(|p| owner.at(p)).cloned().unwrap_or_default();
    let pod = serde_json::json!({ "metadata": { "labels": labels } });
    let matches = |selector: &String| LabelSelector::parse(selector).is_ok_and(|s| s.matches(&pod));
    options.selector.as_ref().is_none_or(matches) && !options.exclude.iter().any(matches)
}

fn absent(investigation: &Investigation, pod: Option<String>, since: Option<Time>) -> Finding {
    let mut finding = Finding::bare(investigation);
    finding.pod = pod;
    finding.since = since;
    if finding.silent {
        finding.severity = Severity::Critical;
    }
    finding
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
    let mut steps: Vec<(Time, String, WorkflowNode)> = Vec::new();
    for (name, _) in workflows.iter().take(MOST_WORKFLOWS) {
        let read = collect::objects_of(look.conn, &seen.namespace, "argoproj.io/v1alpha1/workflows", Some(name), look.deadline).await;
        let Some(workflow) = first(read, gaps) else { continue };
        let Nodes::Read(all) = nodes(&workflow) else { continue };
        let by_request = |n: &WorkflowNode| n.message.as_deref().is_some_and(is_shutdown);
        for node in all.iter().filter(|n| n.kind == "Pod" && matches!(n.phase.as_str(), "Failed" | "Error") && !by_request(n)) {
            let pod = pod_of(&workflow, node);
            if let Some(finished) = node.finished.filter(|f| *f >= since && !there.contains(pod.as_str()) && !tried_again(&all, node)) {
                steps.push((finished, pod, node.clone()));
            }
        }
    }
    // The latest first.
    steps.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    gaps.extend(left_out(&seen.namespace, workflows.iter().skip(MOST_WORKFLOWS).filter(|w| may_be_recent(w.1, look.options)).count(), "failed workflows"));
    gaps.extend(left_out(&seen.namespace, steps.len().saturating_sub(MOST_STEPS), "failed steps of workflows"));
    let mut found = Vec::new();
    for (_, pod, node) in steps.iter().take(MOST_STEPS) {
        found.extend(step(look, &seen.namespace, pod, node).await);
    }
    found
}

/// What is not looked at, because there is too much of it, is told.
fn left_out(namespace: &str, count: usize, of: &str) -> Option<Gap> {
    let what = format!("{count} more {of} of namespace {namespace}");
    (count > 0).then(|| Gap::new(GapKind::NotAsked, "get", "workflows.argoproj.io", what, "only the latest are looked at"))
}

/// Whether a workflow of this age may have ended inside the window: few run longer than a day.
fn may_be_recent(age: Option<i64>, options: &ScanOptions) -> bool {
    age.is_none_or(|age| age < options.since_seconds.saturating_add(86_400))
}

/// The name that the step's pod had: by the workflow's own word for the format, v2 being the default.
fn pod_of(workflow: &Object, node: &WorkflowNode) -> String {
    let v1 = workflow.at("/metadata/annotations").and_then(|a| a.get("workflows.argoproj.io/pod-name-format")).and_then(|f| f.as_str()) == Some("v1");
    if v1 { node.id.clone() } else { pod_name(workflow.name(), &node.template, &node.name) }
}

async fn step(look: &Look<'_>, namespace: &str, pod: &str, node: &WorkflowNode) -> Option<Finding> {
    let left = look.deadline.saturating_duration_since(Instant::now()).as_millis() as u64;
    let target = Target { namespace: namespace.to_owned(), name: pod.to_owned(), uid: None };
    let options = Options { since_seconds: look.window(), ..look.options.options.clone() };
    let extras = Extras { namespace_given: true, ..Extras::default() };
    let budget = Budget { milliseconds: left, ..Budget::default() };
    let case = collect::collect(look.conn, target, options, budget, extras).await.ok()?;
    let investigation = diagnose(case, &look.rules);
    let well = ["healthy.", "disruption."].iter().any(|f| investigation.verdict.cause.starts_with(f));
    (!well).then(|| absent(&investigation, Some(pod.to_owned()), node.finished))
}
