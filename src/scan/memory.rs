//! What owners remember of their runs: a Job its tries, a CronJob its Jobs, a workflow the nodes of a template.

use std::collections::BTreeMap;

use super::absent::first;
use super::finding::{Finding, Severity};
use super::judge::Look;
use crate::collect;
use crate::evidence::{Gap, GapKind, Object};
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
pub(super) async fn remember(look: &Look<'_>, namespace: &str, findings: &mut [Finding], gaps: &mut Vec<Gap>) {
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
                finding.runs = Runs::of(jobs.iter().flatten().filter(own).filter_map(job_end));
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
        finding.runs = match kind {
            "Job" => of_job(object),
            _ => finding.pod.as_deref().and_then(|pod| of_template(object, pod)),
        };
    }
}

/// Whether a Job ended well, and how long it took; `None` while it goes on.
fn job_end(job: &Object) -> Option<(bool, Option<i64>)> {
    let conditions = job.at("/status/conditions")?.as_array()?;
    let holds = |kind: &str| {
        conditions.iter().any(|c| c.get("type").and_then(|t| t.as_str()) == Some(kind) && c.get("status").and_then(|s| s.as_str()) == Some("True"))
    };
    if holds("Complete") {
        return Some((true, seconds(job)));
    }
    holds("Failed").then_some((false, None))
}

fn seconds(job: &Object) -> Option<i64> {
    Some((job.time("/status/completionTime")? - job.time("/status/startTime")?).num_seconds())
}

fn of_job(job: &Object) -> Option<Runs> {
    let count = |path: &str| job.int(path).unwrap_or(0).max(0);
    let runs = Runs { succeeded: count("/status/succeeded"), failed: count("/status/failed"), median_seconds: seconds(job) };
    (runs.succeeded + runs.failed > 0).then_some(runs)
}

/// The nodes of the same template in the same workflow.
fn of_template(workflow: &Object, pod: &str) -> Option<Runs> {
    let Nodes::Read(all) = nodes(workflow) else { return None };
    let template = node_of(workflow.name(), &all, pod)?.template.clone();
    Runs::of(all.iter().filter(|n| n.kind == "Pod" && n.template == template).filter_map(|n| match n.phase.as_str() {
        "Succeeded" => Some((true, n.finished.zip(n.started).map(|(f, s)| (f - s).num_seconds()))),
        "Failed" | "Error" => Some((false, None)),
        _ => None,
    }))
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
