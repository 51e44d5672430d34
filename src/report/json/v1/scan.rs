//! The answer of `a2 scan`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Cost, GapRow, SourceRow, Stamp};

/// The answer of `a2 scan`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scan {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Scan"))]
    pub kind: &'static str,
    /// What was scanned.
    pub scope: Scope,
    /// The server's time (or the bundle's) that counts as "now".
    pub observed_at: Stamp,
    /// How many there are of each.
    pub counts: Counts,
    /// One per pod and subject, worst first.
    pub findings: Vec<Finding>,
    /// How each source answered.
    pub sources: Vec<SourceRow>,
    /// What could not be learned.
    pub gaps: Vec<GapRow>,
    /// What the answer cost.
    pub cost: Cost,
}

/// What was scanned.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The namespaces.
    pub namespaces: Vec<String>,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Pods looked at.
    pub pods: usize,
    /// Pods without a finding.
    pub healthy: usize,
    /// Findings.
    pub findings: usize,
    /// Findings about pods that look alive.
    pub silent: usize,
    /// Pods left out on request.
    pub excluded: usize,
    /// Pods that deserved a look and could not be read: neither healthy nor found; `gaps` say why.
    pub unread: usize,
    /// Findings left out by --severity or --silent-only.
    pub hidden: usize,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Namespace.
    pub namespace: String,
    /// The pod; null for one that was never created.
    pub pod: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// How bad.
    #[schemars(extend("enum" = ["critical", "error", "warning", "info"]))]
    pub severity: String,
    /// Phase Running, and dead all the same.
    pub silent: bool,
    /// Exit code of the death that it is about.
    pub exit_code: Option<i64>,
    /// Cause id, or `unknown`.
    pub cause: String,
    /// How sure.
    #[schemars(extend("enum" = ["confirmed", "probable", "possible", "none"]))]
    pub confidence: String,
    /// How the container stopped.
    #[schemars(extend("enum" = ["running", "exited", "signaled", "oom-killed", "stopped", "lost", "not-started", "unknown"]))]
    pub mechanism: String,
    /// Since when.
    pub since: Option<Stamp>,
    /// Containers that keep the pod's phase at Running while this one is dead.
    pub held_up_by: Vec<String>,
    /// The owner.
    pub owner: Option<String>,
    /// What it is counted with: the owner, or what stays the same while owners of generated names come and go.
    pub family: String,
    /// What the owner remembers of its runs; null where it remembers nothing.
    pub runs: Option<Runs>,
    /// The group that tables fold it into.
    pub group: String,
    /// One line.
    pub headline: String,
    /// Of the group: stable while pods, and owners of generated names, come and go.
    pub fingerprint: String,
}

/// One change of a watched scan: a line of `a2 scan --watch -o jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// How the finding changed.
    #[schemars(extend("enum" = ["found", "changed", "cleared", "gone"]))]
    pub change: &'static str,
    /// When, by the server's clock.
    pub time: Stamp,
    /// The finding as it is now, or as it was last.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What an owner remembers of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Runs {
    /// Runs that ended well.
    pub succeeded: i64,
    /// Runs that failed.
    pub failed: i64,
    /// Median time of those that ended well, in seconds.
    pub median_seconds: Option<i64>,
}
