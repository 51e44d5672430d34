//! The first version of the JSON documents. Keys are only ever added.
//!
//! Absent knowledge is `null` or an empty list; times are RFC 3339 in UTC; every text has been redacted and holds no
//! control characters (a line end inside a text is written as `⏎`).

mod pod;
mod scan;

pub use pod::{
    ConditionStatus, ContainerStatus, Detail, Device, EnvFrom, EnvVar, LastLine, Mount, PodEvent, PodStatus, PortStatus, ProbeStatus, Quantities, Running,
    StateStatus, Terminated, Unknowable, VolumeStatus, Waiting,
};
pub use scan::{Counts, Finding, Scan, Scope};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::evidence::{Time, format_time};

/// What `apiVersion` says in every document.
pub const API_VERSION: &str = "a2/v1";

/// A moment as the documents write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(transparent, inline)]
pub struct Stamp(#[schemars(with = "String", extend("format" = "date-time"))] pub Time);

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_time(self.0))
    }
}

/// The answer of `a2 investigate`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Investigation {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Investigation"))]
    pub kind: &'static str,
    /// Who was asked about, and how it stands.
    pub target: Target,
    /// The answer.
    pub verdict: Verdict,
    /// The winning path, root first, then rivals by falling probability.
    pub causes: Vec<Cause>,
    /// The five usual suspects.
    pub suspects: Vec<Suspect>,
    /// Everything that an id in this document points to, in order of id.
    pub evidence: Vec<Evidence>,
    /// The pod; null when nothing of it is known.
    pub pod: Option<PodStatus>,
    /// Its containers of all kinds, in the order of the spec.
    pub containers: Vec<ContainerStatus>,
    /// Events about the pod, its owners, its node and its relatives, by time.
    pub events: Vec<PodEvent>,
    /// What happened, by time.
    pub timeline: Vec<TimelineRow>,
    /// The decisive parts of logs, the subject's first.
    pub log_excerpt: Vec<Excerpt>,
    /// Other pods that run the same thing.
    pub siblings: Siblings,
    /// The work the pod was part of.
    pub context: Context,
    /// Consequences for others.
    pub impact: Vec<Impact>,
    /// How each source answered.
    pub sources: Vec<SourceRow>,
    /// What could not be learned.
    pub gaps: Vec<GapRow>,
    /// What to do next, by priority.
    pub next_steps: Vec<NextStep>,
    /// The definition of done.
    pub definition_of_done: Vec<DoneBox>,
    /// What the answer cost.
    pub cost: Cost,
    /// Stable under renaming of the pod within its owner.
    pub fingerprint: String,
    /// The server's time (or the bundle's) that counts as "now".
    pub observed_at: Stamp,
    /// Version of the server, where it said so.
    pub server_version: Option<String>,
    /// Which container the verdict holds to be the primary, and why.
    pub primary: Option<Primary>,
    /// Every known end of a container instance of this pod, by time.
    pub deaths: Vec<Death>,
    /// Whether and how the pod is silently dead.
    pub silence: Silence,
    /// Who took the pod away.
    pub removal: Option<Removal>,
    /// Links of the story that lie outside the pod's container, nearest first.
    pub links: Vec<Link>,
    /// What repeats at a regular interval.
    pub retry_loops: Vec<RetryLoop>,
    /// Remarks on the spec that are tied to the verdict; never causes.
    pub hints: Vec<String>,
    /// Which evidence will be lost, and when.
    pub horizon: Vec<String>,
    /// How the probabilities came about, one line a hypothesis.
    pub explanation: Vec<String>,
}

/// Who was asked about, and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Namespace.
    pub namespace: String,
    /// Name of the pod.
    pub name: String,
    /// UID of the incarnation that was investigated.
    pub uid: Option<String>,
    /// Whether the API still has the pod.
    pub exists: bool,
    /// Phase as the API states it.
    pub phase: Option<String>,
    /// What the containers say.
    #[schemars(extend("enum" = ["running", "stopped", "stopping", "created", "gone"]))]
    pub effective_status: String,
    /// Incarnations of this name on record, oldest first.
    pub incarnations: Vec<Incarnation>,
}

/// One incarnation of a name.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incarnation {
    /// Its UID.
    pub uid: String,
    /// First sign of it.
    pub first_seen: Option<Stamp>,
    /// Last sign of it.
    pub last_seen: Option<Stamp>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Cause id, or `unknown`.
    pub cause: String,
    /// How sure, as a word that follows who vouches for the evidence.
    #[schemars(extend("enum" = ["confirmed", "probable", "possible", "none"]))]
    pub confidence: String,
    /// Of this cause; for `unknown` its own share.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// How the container stopped.
    #[schemars(extend("enum" = ["running", "exited", "signaled", "oom-killed", "stopped", "lost", "not-started", "unknown"]))]
    pub mechanism: String,
    /// The container that the verdict is about.
    pub container: Option<String>,
    /// Exit code of the death that it is about.
    pub exit_code: Option<i64>,
    /// Signal of that death.
    pub signal: Option<String>,
    /// Reason of that death.
    pub reason: Option<String>,
    /// Time of that death.
    pub died_at: Option<Stamp>,
    /// Phase Running, and dead all the same. Null: no longer knowable (only for a gone pod).
    pub silent: Option<bool>,
    /// Containers that keep the phase at Running.
    pub held_up_by: Vec<String>,
    /// Who took the pod away.
    pub removal: Option<String>,
    /// One line that a person can paste into a ticket.
    pub headline: String,
    /// Title of the cause.
    pub title: Option<String>,
}

/// A cause with what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Cause id.
    pub cause: String,
    /// Of this id being the verdict's cause.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// How sure.
    #[schemars(extend("enum" = ["confirmed", "probable", "possible", "none"]))]
    pub confidence: String,
    /// Evidence for it.
    pub r#for: Vec<String>,
    /// Evidence against it.
    pub against: Vec<String>,
    /// The cheap read-only command that would settle it.
    pub would_confirm: Vec<String>,
    /// Advice, by priority.
    pub remedy: Vec<Remedy>,
    /// One-line title.
    pub title: String,
    /// Sentences for it, strongest first.
    pub signs: Vec<Sign>,
    /// Sentences against it, strongest first.
    pub signs_against: Vec<Sign>,
    /// What stood in the way of judging it.
    pub unseen: Vec<GapRow>,
    /// Part of the winning path.
    pub on_path: bool,
    /// Carried over from pods that run the same thing.
    pub from_siblings: bool,
}

/// What one sign says.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sign {
    /// The sentence.
    pub says: String,
    /// Log-odds that it adds.
    pub weight: f64,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    /// What to do.
    pub r#do: String,
    /// How urgent.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    pub priority: String,
    /// `inspect` only reads, `low` is easily undone, `change` changes what runs.
    #[schemars(extend("enum" = ["inspect", "low", "change"]))]
    pub risk: String,
    /// Preview of the change as a strategic merge patch; empty when there is none.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub patch: Value,
}

/// Where one of the usual suspects stands.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suspect {
    /// The family of causes.
    #[schemars(extend("enum" = ["oom", "panic", "timeout", "dependency", "error"]))]
    pub family: String,
    /// Where it stands.
    #[schemars(extend("enum" = ["supported", "contradicted", "no-evidence", "not-knowable"]))]
    pub standing: String,
    /// What shows it.
    pub evidence: Vec<String>,
    /// In one line.
    pub note: String,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// `e1`, `e2`, …
    pub id: String,
    /// Kind of source.
    #[schemars(extend("enum" = ["pod", "event", "log", "node", "owner", "sibling", "workflow", "archive", "metrics"]))]
    pub source: String,
    /// `Pod/namespace/name`.
    pub object: String,
    /// Path of the field, or which log.
    pub field: String,
    /// When it happened or was written.
    pub time: Option<Stamp>,
    /// What it says.
    pub text: String,
    /// Who vouches for it.
    #[schemars(extend("enum" = ["kubelet", "controller", "kernel", "runtime", "workload"]))]
    pub authority: String,
}

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

/// How one source answered.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceRow {
    /// The source.
    pub name: String,
    /// How it answered.
    #[schemars(extend("enum" = ["ok", "empty", "forbidden", "expired", "not-found", "timed-out", "malformed", "not-asked"]))]
    pub status: String,
    /// More about it.
    pub detail: String,
}

/// Something that could not be learned.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GapRow {
    /// Why, in one word.
    #[schemars(extend("enum" = ["forbidden", "expired", "not-found", "timed-out", "malformed", "not-asked"]))]
    pub kind: String,
    /// The API verb; empty when no request stands behind it.
    pub verb: String,
    /// The API resource.
    pub resource: String,
    /// What is missing.
    pub what: String,
    /// Why it is missing.
    pub why: String,
    /// The command that would capture it next time.
    pub capture: Option<String>,
}

/// One thing to do next.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NextStep {
    /// What to do.
    pub r#do: String,
    /// A command that can be copied.
    pub command: Option<String>,
    /// How urgent.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    pub priority: String,
}

/// One box of the definition of done.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoneBox {
    /// `Code fix`, `Deployment` or `Verification`.
    pub group: String,
    /// What must hold.
    pub item: String,
    /// Whether it holds.
    #[schemars(extend("enum" = ["done", "open", "not-checkable"]))]
    pub state: String,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// What the answer cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Bytes received.
    pub bytes: u64,
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
    #[schemars(extend("enum" = ["state", "last-state", "events", "workflow", "job", "taskrun"]))]
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

/// What is printed instead of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Error"))]
    pub kind: &'static str,
    /// The exit code.
    pub code: u8,
    /// What went wrong.
    pub message: String,
    /// The next thing to type.
    pub hint: Option<String>,
    /// What could not be learned on the way.
    pub gaps: Vec<GapRow>,
}
