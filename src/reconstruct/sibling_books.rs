//! Siblings that are no longer there: remembered by workflows, by Jobs, by events of their owner.

use std::collections::BTreeMap;

use super::history::SiblingRow;
use super::scene::Scene;
use super::{argo, remembered};
use crate::evidence::{Condition, Object};

/// Adds what the books hold to the rows of live siblings.
pub(super) fn read(scene: &Scene<'_>, rows: &mut Vec<SiblingRow>) {
    by_workflows(scene, rows);
    by_jobs(scene, rows);
    let known: Vec<String> = rows.iter().map(|r| r.name.clone()).collect();
    by_events(scene, &known, rows);
}

/// The template that the target ran: by its own workflow, or, when that is gone, the longest template of another workflow that
/// stands before the hash of the target's name.
fn template(scene: &Scene<'_>) -> Option<String> {
    if let Some((_, node)) = remembered::workflow_node(scene) {
        return Some(node.template).filter(|t| !t.is_empty());
    }
    let (front, _) = argo::split_pod_name(&scene.case.target.name)?;
    let mut found: Option<String> = None;
    for workflow in scene.case.related.iter().filter(|o| o.kind() == "Workflow") {
        let argo::Nodes::Read(nodes) = argo::nodes(workflow) else { continue };
        for node in nodes.iter().filter(|n| n.kind == "Pod" && !n.template.is_empty() && front.ends_with(&format!("-{}", n.template))) {
            if found.as_ref().is_none_or(|f| f.len() < node.template.len()) {
                found = Some(node.template.clone());
            }
        }
    }
    found
}

/// Other Jobs of the target's CronJob whose pods are gone. A Job names no pod of its own, so the row has the Job's name unless an
/// event named the pod.
fn by_jobs(scene: &Scene<'_>, rows: &mut Vec<SiblingRow>) {
    let Some(cron) = scene.case.owners.iter().find(|o| o.object.kind() == "CronJob") else { return };
    let own: Vec<&str> = scene.case.owners.iter().filter(|o| o.object.kind() == "Job").map(|o| o.object.name()).collect();
    let jobs = scene.case.objects.values().filter(|o| o.kind() == "Job" && o.owners().iter().any(|r| r.kind == "CronJob" && r.name == cron.object.name()));
    for job in jobs.filter(|j| !own.contains(&j.name()) && !scene.case.target.name.starts_with(&format!("{}-", j.name()))) {
        let prefix = format!("{}-", job.name());
        let lives = scene.case.siblings.iter().any(|s| s.owners.iter().any(|o| o.kind == "Job" && o.name == job.name()));
        if !lives && !rows.iter().any(|r| r.name.starts_with(&prefix)) {
            rows.extend(job_row(job));
        }
    }
}

/// `Container c for pod ns/p failed with exit code 42 …`: the one condition of a Job that tells a code.
fn policy_code(message: &str) -> Option<(String, i64)> {
    let (_, rest) = message.split_once(" for pod ")?;
    let (pod, rest) = rest.split_once(" failed with exit code ")?;
    let code = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    Some((pod.rsplit('/').next()?.to_owned(), code))
}

fn job_row(job: &Object) -> Option<SiblingRow> {
    let over = Condition::read_list(job).into_iter().find(|c| matches!(c.kind.as_str(), "Complete" | "Failed") && c.status == "True")?;
    let failed = over.kind == "Failed";
    let named = policy_code(&over.message);
    Some(SiblingRow {
        name: named.as_ref().map_or_else(|| job.name().to_owned(), |(pod, _)| pod.clone()),
        source: "job",
        phase: Some(if failed { "Failed" } else { "Succeeded" }.to_owned()),
        exit_code: named.map(|(_, code)| code).or((!failed).then_some(0)),
        reason: None,
        started: job.time("/status/startTime"),
        ended: job.time("/status/completionTime").or(over.since),
        node: None,
        image: job.list("/spec/template/spec/containers").first().and_then(|c| c.get("image")).and_then(serde_json::Value::as_str).map(str::to_owned),
        restarts: 0,
        alike: false,
        failed,
        same_owner: true,
    })
}

/// Nodes of the same template in this and other workflows.
fn by_workflows(scene: &Scene<'_>, rows: &mut Vec<SiblingRow>) {
    let Some(template) = template(scene) else { return };
    let own = scene.case.owners.iter().filter(|o| o.object.kind() == "Workflow").map(|o| (&o.object, true));
    let all: Vec<_> = own.chain(scene.case.related.iter().filter(|o| o.kind() == "Workflow").map(|o| (o, false))).collect();
    for (workflow, same_owner) in all {
        let argo::Nodes::Read(nodes) = argo::nodes(workflow) else { continue };
        for node in nodes.iter().filter(|n| n.kind == "Pod" && n.template == template) {
            let name = argo::pod_name(workflow.name(), &node.template, &node.name);
            if name == scene.case.target.name || rows.iter().any(|r| r.name == name) {
                continue;
            }
            let read = node.message.as_deref().and_then(argo::read_message).unwrap_or_default();
            rows.push(SiblingRow {
                name,
                source: "workflow",
                phase: Some(node.phase.clone()),
                exit_code: read.exit_code.or(node.exit_code),
                reason: read.reason,
                started: node.started,
                ended: node.finished,
                node: node.host.clone(),
                image: None,
                restarts: 0,
                alike: false,
                failed: matches!(node.phase.as_str(), "Failed" | "Error"),
                same_owner,
            });
        }
    }
}

/// Pods that an owner's events name and that are gone: they existed, and nothing more is known.
fn by_events(scene: &Scene<'_>, known: &[String], rows: &mut Vec<SiblingRow>) {
    let owners: Vec<_> = scene.case.owners.iter().filter(|o| o.depth == 1).collect();
    let mut names = BTreeMap::new();
    for owner in owners {
        for event in scene.owner_events(owner) {
            let named = event
                .message
                .strip_prefix("Created pod: ")
                .map(str::trim)
                .or_else(|| event.message.to_ascii_lowercase().starts_with("create pod ").then(|| event.message.split_whitespace().nth(2)).flatten());
            if let (Some(name), "SuccessfulCreate") = (named, event.reason.as_str())
                && name != scene.case.target.name
                && !known.iter().any(|k| k == name)
            {
                names.entry(name.to_owned()).or_insert((event.first.or(event.last), owner.object.uid() != ""));
            }
        }
    }
    for (name, (started, same_owner)) in names {
        rows.push(SiblingRow {
            name,
            source: "event",
            phase: None,
            exit_code: None,
            reason: None,
            started,
            ended: None,
            node: None,
            image: None,
            restarts: 0,
            alike: false,
            failed: false,
            same_owner,
        });
    }
}
