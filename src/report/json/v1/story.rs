//! What happened.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Stamp;

/// One row of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimelineRow {
    /// When.
    pub time: Stamp,
    /// Who.
    #[schemars(extend("enum" = ["container", "kubelet", "node", "owner", "sibling", "user"]))]
    pub actor: String,
    /// What happened.
    pub what: String,
    /// What shows it.
    pub evidence: String,
}

/// The decisive part of one log.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// The pod, when it is not the target.
    pub pod: Option<String>,
    /// The container.
    pub container: String,
    /// Of the instance before the present one.
    pub previous: bool,
    /// The lines, oldest first.
    pub lines: Vec<String>,
    /// Indexes (from 0) of the lines that carry the cause.
    pub decisive: Vec<usize>,
}

/// Other pods that run the same thing.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Siblings {
    /// How many are known.
    pub total: usize,
    /// How many failed in the same way.
    pub failed_alike: usize,
    /// What they have in common.
    #[schemars(extend("enum" = ["isolated", "recurring", "all", "node-bound", "image-bound", "unknown"]))]
    pub pattern: String,
    /// The pods, by start.
    pub pods: Vec<Sibling>,
    /// What changed just before.
    pub changes: Vec<String>,
}

/// One sibling, live or remembered.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sibling {
    /// Its name.
    pub name: String,
    /// Where it is known from.
    #[schemars(extend("enum" = ["live", "event", "job", "workflow"]))]
    pub source: String,
    /// Its phase.
    pub phase: Option<String>,
    /// Exit code of its primary container.
    pub exit_code: Option<i64>,
    /// Reason of its end.
    pub reason: Option<String>,
    /// When it started.
    pub started_at: Option<Stamp>,
    /// When it ended.
    pub ended_at: Option<Stamp>,
    /// Its node.
    pub node: Option<String>,
    /// Image of its primary container.
    pub image: Option<String>,
    /// Restarts of its primary container.
    pub restarts: i64,
    /// Whether it failed.
    pub failed: bool,
    /// Whether it failed in the same way as the target.
    pub alike: bool,
    /// Whether it has the same owner, and not only the same kind of work.
    pub same_owner: bool,
}

/// The work the pod was part of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    /// The workflow.
    pub workflow: Option<String>,
    /// Its node in the workflow.
    pub workflow_node: Option<String>,
    /// The workflow's template.
    pub template: Option<String>,
    /// The task.
    pub task: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// Other names that tie it to work.
    pub other: BTreeMap<String, String>,
}

/// A consequence for others.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// What follows.
    pub what: String,
    /// For whom.
    pub object: String,
}

/// The primary container.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Primary {
    /// Its name.
    pub container: String,
    /// Why it is held to be the primary.
    pub why: String,
}

/// One end of one container instance.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Death {
    /// The container.
    pub container: String,
    /// Its kind.
    #[schemars(extend("enum" = ["init", "sidecar", "main", "ephemeral"]))]
    pub kind: String,
    /// Start of the instance.
    pub started_at: Option<Stamp>,
    /// Its end.
    pub finished_at: Option<Stamp>,
    /// Exit code, where stated.
    pub exit_code: Option<i64>,
    /// Reason, where stated.
    pub reason: Option<String>,
    /// Message of the runtime or the program.
    pub message: Option<String>,
    /// How it stopped.
    #[schemars(extend("enum" = ["running", "exited", "signaled", "oom-killed", "stopped", "lost", "not-started", "unknown"]))]
    pub mechanism: String,
    /// Where it is known from.
    #[schemars(extend("enum" = ["state", "last-state", "events", "workflow", "job", "taskrun", "runtime"]))]
    pub from: String,
    /// What shows it.
    pub evidence: Vec<String>,
    /// The verdict is about this one.
    pub subject: bool,
}

/// Whether and how the pod is silently dead.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// Dead since.
    pub dead_since: Option<Stamp>,
    /// For how many seconds, as of `observedAt`.
    pub dead_for_seconds: Option<i64>,
    /// What will end it; null: nothing will.
    pub ended_by: Option<String>,
    /// When that will be.
    pub ends_at: Option<Stamp>,
    /// The container runs again and is ready since then.
    pub recovered_since: Option<Stamp>,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// Who took the pod away.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    /// In one word.
    pub kind: String,
    /// For people.
    pub note: String,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// A link of the story that lies outside the pod's container.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The object.
    pub object: String,
    /// What happened to it.
    pub what: String,
    /// What ended it, where judged.
    pub cause: Option<String>,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// Something that repeats at a regular interval.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryLoop {
    /// What repeats.
    pub what: String,
    /// Median gap in seconds.
    pub period_seconds: i64,
    /// How often it was seen.
    pub count: usize,
    /// First time.
    pub first: Stamp,
    /// Last time.
    pub last: Stamp,
    /// What shows it.
    pub evidence: String,
}
