//! What owners remember of their runs: a Job its tries, a CronJob its Jobs, a workflow the nodes of a template.

use std::collections::BTreeMap;

use super::absent::first;
use super::finding::{Finding, Severity};
use super::judge::Look;
use super::outlived::{Window, tried_again};
use crate::collect;
use crate::evidence::{Condition, Gap, GapKind, Object, Time};
use crate::reconstruct::argo::{Nodes, node_of, nodes};

/// Owners of one namespace that are asked what they remember.
const MOST_OWNERS: usize = 10;

/// What an owner remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// Runs that ended well.
    pub succeeded: i64,
    /// Runs that failed.
    pub failed: i64,
    /// Median time of those that ended well, in seconds.
    pub median_seconds: Option<i64>,
}

impl Runs {
    fn of(ends: impl Iterator<Item = (bool, Option<i64>)>) -> Option<Self> {
        let mut runs = Self::default();
        let mut times = Vec::new();
        for (well, seconds) in ends {
            match well {
                true => {
                    runs.succeeded += 1;
                    times.extend(seconds);
                }
                false => runs.failed += 1,
            }
        }
        times.sort_unstable();
        runs.median_seconds = times.get(times.len() / 2).copied();
        (runs.succeeded + runs.failed > 0).then_some(runs)
    }
}

/// Adds what owners remember to the findings of a namespace. What cannot be asked decides nothing, and is told as a gap.
pub(super) async fn remember(look: &Look<'_>, namespace: &str, findings: &mut [Finding], window: Window, gaps: &mut Vec<Gap>) {
    let mut jobs: Option<Vec<Object>> = None;
    let mut asked: BTreeMap<String, Option<Object>> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|f| f.severity > Severity::Info) {
        let Some((kind, name)) = finding.owner.as_deref().and_then(|o| o.split_once('/')) else { continue };
        let resource = match kind {
            "Job" => "batch/v1/jobs",
            "Workflow" => "argoproj.io/v1alpha1/workflows",
            "CronJob" => {
                if jobs.is_none() {
                    let listed = collect::objects_of(look.conn, namespace, "batch/v1/jobs", None, look.deadline).await;
                    jobs = Some(listed.unwrap_or_else(|gap| {
                        gaps.extend(Some(gap).filter(|gap| gap.kind != GapKind::NotAsked));
                        Vec::new()
                    }));
                }
                let own = |j: &&Object| j.owners().iter().any(|o| o.kind == "CronJob" && o.name == name);
                let ends: Vec<JobEnd> = jobs.iter().flatten().filter(own).filter_map(job_end).collect();
                finding.runs = Runs::of(ends.iter().map(|e| (e.well, e.seconds)));
                if finding.ended && ends.iter().any(|e| e.well && e.at > finding.since) {
                    finding.outlived(window, "a later run ended well");
                }
                continue;
            }
            _ => continue,
        };
        let key = format!("{kind}/{name}");
        if !asked.contains_key(&key) {
            if asked.len() >= MOST_OWNERS {
                continue;
            }
            let found = collect::objects_of(look.conn, namespace, resource, Some(name), look.deadline).await;
            asked.insert(key.clone(), first(found, gaps));
        }
        let Some(Some(object)) = asked.get(&key) else { continue };
        match kind {
            "Job" => of_job(object, finding, window),
            _ => of_workflow(object, finding, window),
        }
    }
}

/// How a Job ended.
struct JobEnd {
    well: bool,
    seconds: Option<i64>,
    at: Option<Time>,
}

/// How a Job ended; `None` while it goes on.
fn job_end(job: &Object) -> Option<JobEnd> {
    let conditions = Condition::read_list(job);
    let holds = |kind: &str| conditions.iter().find(|c| c.kind == kind && c.status == "True");
    if let Some(complete) = holds("Complete") {
        return Some(JobEnd { well: true, seconds: seconds(job), at: job.time("/status/completionTime").or(complete.since) });
    }
    holds("Failed").map(|c| JobEnd { well: false, seconds: None, at: c.since })
}

fn seconds(job: &Object) -> Option<i64> {
    Some((job.time("/status/completionTime")? - job.time("/status/startTime")?).num_seconds())
}

/// The tries of a Job. One that failed is told all the same when another ended well, or while another is at work.
fn of_job(job: &Object, finding: &mut Finding, window: Window) {
    let count = |path: &str| job.int(path).unwrap_or(0).max(0);
    let runs = Runs { succeeded: count("/status/succeeded"), failed: count("/status/failed"), median_seconds: seconds(job) };
    finding.runs = (runs.succeeded + runs.failed > 0).then_some(runs);
    if !finding.ended {
        return;
    }
    match job_end(job) {
        Some(end) if end.well => finding.outlived(window, "its Job completed all the same"),
        None if count("/status/active") > 0 => finding.outlived(window, "its Job goes on"),
        _ => {}
    }
}

/// The nodes of the same template in the same workflow, and whether a later try of the step, or the workflow, ended well.
fn of_workflow(workflow: &Object, finding: &mut Finding, window: Window) {
    let Nodes::Read(all) = nodes(workflow) else { return };
    let Some(node) = finding.pod.as_deref().and_then(|pod| node_of(workflow.name(), &all, pod)) else { return };
    finding.runs = Runs::of(all.iter().filter(|n| n.kind == "Pod" && n.template == node.template).filter_map(|n| match n.phase.as_str() {
        "Succeeded" => Some((true, n.finished.zip(n.started).map(|(f, s)| (f - s).num_seconds()))),
        "Failed" | "Error" => Some((false, None)),
        _ => None,
    }));
    if !finding.ended {
        return;
    }
    if tried_again(&all, node) {
        finding.outlived(window, "a later try of the step ended well");
    } else if workflow.text("/status/phase") == Some("Succeeded") {
        finding.outlived(window, "its workflow succeeded all the same");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_runs_that_ended_well() {
        let runs = Runs::of([(true, Some(10)), (false, None), (true, Some(30)), (true, Some(20))].into_iter()).unwrap();
        assert_eq!(runs, Runs { succeeded: 3, failed: 1, median_seconds: Some(20) });
        assert_eq!(Runs::of(std::iter::empty()), None);
    }
}
