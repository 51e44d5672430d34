//! What happened, as data.

use std::collections::BTreeMap;

use super::citations::{CitationId, Citations};
use super::facts::Facts;
use super::reach::{Horizon, Provenance, Rung};
use crate::evidence::{ContainerKind, Gap, Pod, Time};

/// How a container stopped (taxonomy: mechanism). Decided from API facts alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// Still runs.
    Running,
    /// Ended itself with an exit code.
    Exited,
    /// Died of a signal of its own making.
    Signaled,
    /// The kernel's OOM killer took it.
    OomKilled,
    /// Kubelet or runtime stopped it.
    Stopped,
    /// Node or runtime lost track of it.
    Lost,
    /// Never ran.
    NotStarted,
    /// The evidence does not say.
    Unknown,
}

impl Mechanism {
    /// The taxonomy's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Exited => "exited",
            Self::Signaled => "signaled",
            Self::OomKilled => "oom-killed",
            Self::Stopped => "stopped",
            Self::Lost => "lost",
            Self::NotStarted => "not-started",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a death is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeathSource {
    /// `state.terminated`.
    State,
    /// `lastState.terminated`.
    LastState,
    /// Events only.
    Events,
    /// An Argo workflow node.
    Workflow,
    /// A Job condition.
    Job,
    /// A Tekton TaskRun.
    TaskRun,
    /// The journal of the node's container runtime.
    Runtime,
}

impl DeathSource {
    /// The word of `death.from`.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::LastState => "last-state",
            Self::Events => "events",
            Self::Workflow => "workflow",
            Self::Job => "job",
            Self::TaskRun => "taskrun",
            Self::Runtime => "runtime",
        }
    }
}

/// One end of one container instance.
#[derive(Clone, Debug)]
pub struct Death {
    /// The container.
    pub container: String,
    /// Kind of the container.
    pub kind: ContainerKind,
    /// Start of the instance; `None` when unknown or when it never ran.
    pub started: Option<Time>,
    /// End of the instance.
    pub finished: Option<Time>,
    /// Exit code, where stated.
    pub exit_code: Option<i64>,
    /// terminated.reason, where stated.
    pub reason: Option<String>,
    /// Runtime and termination message.
    pub message: Option<String>,
    /// How it stopped.
    pub mechanism: Mechanism,
    /// Where it is known from.
    pub from: DeathSource,
    /// A Killing event at or before the end.
    pub killed: Option<Kill>,
    /// Whether its log would be the "previous" one (`Some(true)`), the present one, or is not to be had.
    pub log_previous: Option<bool>,
    /// Citations that show it, the deciding one first.
    pub cited: Vec<CitationId>,
}

/// A Killing event, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// When.
    pub time: Option<Time>,
    /// `liveness-probe`, `startup-probe`, `stopping`, `hook`, `definition`, `unknown-state`.
    pub why: &'static str,
    /// The event.
    pub cited: CitationId,
}

/// What the verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// An ended instance.
    Death,
    /// A container that cannot start, or a pod that cannot be placed.
    Waiting,
    /// A container that runs.
    Running,
    /// Work that is done, or lingers.
    Completed,
    /// A pod that the kubelet refused.
    Rejected,
    /// A pod that was never created.
    NeverCreated,
    /// A pod that is gone without a known end.
    Gone,
}

impl SubjectKind {
    /// The word of `subject.kind`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Death => "death",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::NeverCreated => "never-created",
            Self::Gone => "gone",
        }
    }
}

/// The subject of the verdict.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The container, where there is one.
    pub container: Option<String>,
    /// `primary`, `init` or `companion`.
    pub role: &'static str,
    /// Index into [`History::deaths`].
    pub death: Option<usize>,
    /// Runs again and is ready since then.
    pub recovered_since: Option<Time>,
    /// How the container stands by mechanism.
    pub mechanism: Mechanism,
}

/// Which container is the primary, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primary {
    /// Its name.
    pub container: String,
    /// Lower-case fragment: "annotation kubectl.kubernetes.io/default-container".
    pub why: String,
}

/// Who took the pod away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The taxonomy's word: `rollout`, `drain`, `deleted-by-request`, …
    pub kind: &'static str,
    /// Lower-case fragment for people: "by whom only the audit log knows".
    pub note: String,
    /// Citations.
    pub cited: Vec<CitationId>,
}

/// One incarnation of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incarnation {
    /// Its UID.
    pub uid: String,
    /// First sign of it.
    pub first_seen: Option<Time>,
    /// Last sign of it.
    pub last_seen: Option<Time>,
}

/// Whether the pod is silently dead, who holds it up, and what will end it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Silence {
    /// `None`: no longer knowable (only for a gone pod).
    pub silent: Option<bool>,
    /// Containers that keep the phase at Running.
    pub held_up_by: Vec<String>,
    /// Dead since.
    pub dead_since: Option<Time>,
    /// What will end it, and when: "the Job's activeDeadlineSeconds, at …"; `None`: nothing will.
    pub ends: Option<(String, Time)>,
    /// Citations.
    pub cited: Vec<CitationId>,
}

/// One row of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimelineEntry {
    /// When.
    pub time: Time,
    /// `container`, `kubelet`, `node`, `owner`, `sibling` or `user`.
    pub actor: &'static str,
    /// What happened, raw text.
    pub what: String,
    /// What shows it.
    pub cited: CitationId,
}

/// The decisive part of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogExcerpt {
    /// The pod, when it is not the target.
    pub pod: Option<String>,
    /// The container.
    pub container: String,
    /// Of the previous instance.
    pub previous: bool,
    /// The lines, raw.
    pub lines: Vec<String>,
    /// Indexes into `lines` of those that carry the cause.
    pub decisive: Vec<usize>,
}

/// The last sign of life of one death.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSign {
    /// The container.
    pub container: String,
    /// Time of the last log line.
    pub at: Option<Time>,
    /// Seconds between it and the end.
    pub seconds_before_death: Option<i64>,
    /// The log was read and is empty.
    pub empty: bool,
}

/// One sibling, live or remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiblingRow {
    /// The pod.
    pub name: String,
    /// `live`, `event`, `job` or `workflow`.
    pub source: &'static str,
    /// Phase, where known.
    pub phase: Option<String>,
    /// Exit code of its primary container.
    pub exit_code: Option<i64>,
    /// Reason of its end.
    pub reason: Option<String>,
    /// Start.
    pub started: Option<Time>,
    /// End.
    pub ended: Option<Time>,
    /// Node.
    pub node: Option<String>,
    /// Image of its primary container.
    pub image: Option<String>,
    /// Restarts of its primary container.
    pub restarts: i64,
    /// Failed in the same way as the target (for a gone pod: as the largest group).
    pub alike: bool,
    /// Whether it failed at all.
    pub failed: bool,
    /// Shares the owner with the target.
    pub same_owner: bool,
}

/// All siblings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Siblings {
    /// Rows, by start time and name.
    pub rows: Vec<SiblingRow>,
    /// Those that failed alike.
    pub failed_alike: usize,
    /// `isolated`, `recurring`, `all`, `node-bound`, `image-bound` or `unknown`.
    pub pattern: &'static str,
    /// What changed just before, as context: "image differs: a → b".
    pub changes: Vec<String>,
}

/// Something that repeats at a regular interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryLoop {
    /// What repeats.
    pub what: String,
    /// Median gap.
    pub period_seconds: i64,
    /// How often.
    pub count: usize,
    /// First.
    pub first: Time,
    /// Last.
    pub last: Time,
    /// Where it is seen.
    pub cited: CitationId,
}

/// A consequence for others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Impact {
    /// Lower-case fragment: "workflow node deploy was omitted".
    pub what: String,
    /// `Workflow/cto/x`.
    pub object: String,
}

/// Names that tie the pod to work: task, workflow, node, template, agent, service.
pub type Context = BTreeMap<&'static str, String>;

/// What happened to one target.
#[derive(Clone, Debug)]
pub struct History {
    /// The pod as the API has it, or as its owner's template, events and workflow rebuild it.
    pub pod: Option<Pod>,
    /// Where `pod` is from: `api`, `owner-template`, `events`.
    pub pod_from: &'static str,
    /// The pod object is in the API.
    pub exists: bool,
    /// UID of the incarnation investigated.
    pub uid: Option<String>,
    /// All incarnations on record, oldest first.
    pub incarnations: Vec<Incarnation>,
    /// The primary container.
    pub primary: Option<Primary>,
    /// Deaths of all containers of this incarnation, by end.
    pub deaths: Vec<Death>,
    /// The subject.
    pub subject: Subject,
    /// `running`, `stopped`, `stopping`, `created` or `gone`.
    pub effective_status: &'static str,
    /// Silence.
    pub silence: Silence,
    /// Removal.
    pub removal: Option<Removal>,
    /// Siblings.
    pub siblings: Siblings,
    /// Timeline, by time.
    pub timeline: Vec<TimelineEntry>,
    /// Decisive log excerpts, the subject's first.
    pub excerpts: Vec<LogExcerpt>,
    /// Last signs of life.
    pub last_signs: Vec<LastSign>,
    /// Retry loops.
    pub loops: Vec<RetryLoop>,
    /// Consequences.
    pub impact: Vec<Impact>,
    /// Task, workflow, template and the like.
    pub context: Context,
    /// Facts for the rules.
    pub facts: Facts,
    /// What everything points into.
    pub citations: Citations,
    /// Gaps found while reading (on top of those of the case).
    pub gaps: Vec<Gap>,
    /// What is lost already, and what will be lost when.
    pub horizon: Vec<Horizon>,
    /// Where each value of a rebuilt pod is from; empty for a pod that the API has.
    pub provenance: Vec<Provenance>,
    /// The rungs that the pod reached, by events, in the order of the way.
    pub ladder: Vec<Rung>,
    /// Whether any trace of the target exists at all.
    pub traced: bool,
    /// Phrases of the chain behind the cause, outermost last: "ledger-db, which was OOM-killed 4 s before".
    pub links: Vec<Link>,
}

/// A link of the story that lies outside the subject's container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The object: `Pod/ns/name` or `container wait`.
    pub object: String,
    /// Lower-case fragment: "was OOM-killed 4 s before".
    pub what: String,
    /// What ended it, where judged.
    pub cause: Option<String>,
    /// Citations.
    pub cited: Vec<CitationId>,
}
