//! Pods that stand as they ended while what they were for goes on: another pod took their place, a later try or run ended well.
//! They are told, and wake nobody.

use chrono::TimeDelta;

use super::finding::{Finding, Severity};
use crate::diagnosis::NameShape;
use crate::evidence::{PodRow, Time, age_seconds};
use crate::reconstruct::argo::WorkflowNode;

impl Finding {
    /// What it was for ended well, or goes on without it: broken for a while and well again, and before the window history.
    pub(super) fn outlived(&mut self, window: Window, why: &str) {
        let severity = if window.is_before(self.since) { Severity::Info } else { Severity::Warning };
        if self.severity > severity && !self.silent {
            self.severity = severity;
            self.remark(why);
        }
    }
}

/// The time that a scan looks back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    now: Time,
    since: Time,
}

impl Window {
    pub(super) fn new(now: Time, since_seconds: i64) -> Self {
        Self { now, since: now - TimeDelta::seconds(since_seconds.clamp(0, 1 << 33)) }
    }

    /// Whether a time is known and lies before it.
    fn is_before(self, time: Option<Time>) -> bool {
        time.is_some_and(|t| t < self.since)
    }
}

/// Owners that make a new pod for one that ended, at once: the old one is only what is left of it (evictions, node shutdowns).
fn replaces(finding: &Finding) -> Option<&str> {
    let (kind, name) = finding.owner.as_deref()?.split_once('/')?;
    matches!(kind, "Deployment" | "ReplicaSet" | "DaemonSet" | "ReplicationController" | "DeploymentConfig" | "Rollout").then_some(name)
}

/// Lowers the findings about pods that were replaced: where another pod of the owner is ready since, and where the end lies before the
/// window.
pub(super) fn replaced(findings: &mut [Finding], rows: &[PodRow], window: Window) {
    for finding in findings.iter_mut().filter(|f| f.ended) {
        let Some(owner) = replaces(finding) else { continue };
        if rows.iter().any(|row| is_well(row) && is_of(row, owner) && is_younger(row, finding, window.now)) {
            finding.outlived(window, "another pod of its owner is ready since");
        } else if window.is_before(finding.since) {
            finding.outlived(window, "it ended long ago, and its owner replaces what ends");
        }
    }
}

fn is_well(row: &PodRow) -> bool {
    row.status == "Running" && row.containers > 0 && row.ready >= row.containers
}

/// Whether the pod's name is made from the owner's: `<deployment>-<hash>-<suffix>`, `<owner>-<suffix>`.
fn is_of(row: &PodRow, owner: &str) -> bool {
    let shape = NameShape::of(&row.name);
    shape.deployment.as_deref() == Some(owner) || shape.generated_from.as_deref() == Some(owner)
}

/// Whether the pod came after the end; a printed age is never more than the truth, so the pod may be older by what it leaves out.
fn is_younger(row: &PodRow, finding: &Finding, now: Time) -> bool {
    match (age_seconds(&row.age), finding.since) {
        (Some(age), Some(end)) => age <= (now - end).num_seconds() + 60,
        _ => finding.since.is_none(),
    }
}

/// Whether a later try of the same step ended well: tries of one step are children of one node (`Retry`), their names end `(0)`, `(1)`.
pub(super) fn tried_again(all: &[WorkflowNode], node: &WorkflowNode) -> bool {
    // Members of a loop are told apart by their item as well: `(0:item)`.
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    let step = |n: &WorkflowNode| n.name.strip_suffix(')').and_then(|s| s.rsplit_once('(')).filter(|(_, n)| number(n)).map(|(step, _)| step.to_owned());
    let Some(mine) = step(node) else { return false };
    all.iter().any(|n| n.phase == "Succeeded" && n.finished > node.finished && (step(n).as_ref() == Some(&mine) || (n.kind == "Retry" && n.name == mine)))
}
