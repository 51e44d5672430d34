//! The first version of the JSON documents. Keys are only ever added.
//!
//! Absent knowledge is `null` or an empty list; times are RFC 3339 in UTC; every text has been redacted and holds no
//! control characters (a line end inside a text is written as `⏎`).

mod evaluation;
mod ghost;
mod judged;
mod knowledge;
mod ledger;
mod pod;
mod scan;
mod story;

pub use evaluation::{BinRow, ConfusionRow, Evaluation, Figures, Group, LeftOutRow, OutcomeRow, Share, WordRow};
pub use ghost::{Provenance, Rung, Unknowable};
pub use judged::{Cause, Remedy, Sign, Suspect};
pub use knowledge::{ExampleRow, Explanation, RuleCheck, RuleProblem, RuleRow, Rules, Topic, TopicList};
pub use ledger::{Cost, DoneBox, Error, Evidence, GapRow, HorizonRow, NextStep, SourceRow};
pub use pod::{
    ConditionStatus, ContainerStatus, Detail, Device, EnvFrom, EnvVar, LastLine, Mount, PodEvent, PodStatus, PortStatus, ProbeStatus, Quantities, Running,
    StateStatus, Terminated, VolumeStatus, Waiting,
};
pub use scan::{Change, Counts, Finding, Runs, Scan, Scope};
pub use story::{Context, Death, Excerpt, Impact, Link, Primary, Removal, RetryLoop, Sibling, Siblings, Silence, TimelineRow};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

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
    /// Which evidence is lost, which will be, and when; what is lost first.
    pub horizon: Vec<HorizonRow>,
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
    /// Whether the API still has the pod. Null: it could not be asked, or did not say.
    pub exists: Option<bool>,
    /// Phase as the API states it.
    pub phase: Option<String>,
    /// What the containers say. Null: the pod could not be seen, which is not the same as gone.
    #[schemars(extend("enum" = ["running", "stopped", "stopping", "created", "gone", null]))]
    pub effective_status: Option<String>,
    /// Whether anything remembers the pod itself, and not merely an owner that its name points at.
    pub traced: bool,
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
