//! Facts: what `reconstruct` computes in Rust so that rules stay data.
//!
//! The list in [`REGISTRY`] is closed: a rule that names anything else is refused. A fact has any number of values
//! (a log may name two causes), each with the citations that show it, and says whether its source was read to the end:
//! a fact without a matching value is *absent* when it was, and *unseen* when a gap stands in the way.

use std::collections::BTreeMap;

use super::citations::CitationId;
use crate::evidence::Gap;

/// One value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number; the unit is in the fact's name (`_seconds`) or its description.
    Int(i64),
    /// A word or text.
    Text(String),
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Text(v) => write!(f, "{v}"),
        }
    }
}

/// The type of a fact's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// One of a closed list of words.
    Word(&'static [&'static str]),
    /// Free text: names, reasons, quantities.
    Text,
    /// A cause id of the taxonomy.
    Cause,
    /// The id of a log signature.
    Signature,
}

/// The description of one fact.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// `death.exit_code`.
    pub name: &'static str,
    /// Type of its values.
    pub kind: Kind,
    /// What it says, and in which unit.
    pub doc: &'static str,
}

/// One fact of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fact {
    /// Its values with their citations; empty when nothing was found.
    pub values: Vec<(Value, Vec<CitationId>)>,
    /// What stood in the way of computing it completely.
    pub gap: Option<Gap>,
    /// Citations that show its absence (the status that was read and has no such field), where there are any.
    pub shown_absent_by: Vec<CitationId>,
}

/// All facts of a case.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    map: BTreeMap<&'static str, Fact>,
}

impl Facts {
    /// Adds a value. Names outside the registry are a mistake in a2 itself and are left out (a test walks them all).
    pub fn hold(&mut self, name: &'static str, value: impl Into<Value>, citations: impl IntoIterator<Item = CitationId>) {
        debug_assert!(spec(name).is_some(), "fact {name} is not registered");
        let value = value.into();
        let fact = self.map.entry(name).or_default();
        match fact.values.iter_mut().find(|(v, _)| *v == value) {
            Some((_, cited)) => {
                for c in citations {
                    if !cited.contains(&c) {
                        cited.push(c);
                    }
                }
            }
            None => fact.values.push((value, citations.into_iter().collect())),
        }
    }

    /// Says that a fact could not be computed completely.
    pub fn unseen(&mut self, name: &'static str, gap: Gap) {
        debug_assert!(spec(name).is_some(), "fact {name} is not registered");
        let fact = self.map.entry(name).or_default();
        if fact.gap.is_none() {
            fact.gap = Some(gap);
        }
    }

    /// Cites what shows that the fact is absent.
    pub fn absent(&mut self, name: &'static str, citations: impl IntoIterator<Item = CitationId>) {
        debug_assert!(spec(name).is_some(), "fact {name} is not registered");
        self.map.entry(name).or_default().shown_absent_by.extend(citations);
    }

    /// The fact, when anything is known of it.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.map.get(name)
    }

    /// The first value of a fact.
    pub fn first(&self, name: &str) -> Option<&Value> {
        self.map.get(name).and_then(|f| f.values.first()).map(|(v, _)| v)
    }

    /// The first value, when it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(Value::Text(t)) = self.first(name) { Some(t) } else { None }
    }

    /// The first value, when it is a number.
    pub fn int(&self, name: &str) -> Option<i64> {
        if let Some(Value::Int(i)) = self.first(name) { Some(*i) } else { None }
    }

    /// Whether the fact holds the value `true`.
    pub fn is(&self, name: &str) -> bool {
        self.has(name, &Value::Bool(true))
    }

    /// Whether the fact holds this value.
    pub fn has(&self, name: &str, value: &Value) -> bool {
        self.map.get(name).is_some_and(|f| f.values.iter().any(|(v, _)| v == value))
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Fact)> {
        self.map.iter().map(|(k, v)| (*k, v))
    }
}

/// The description of a fact, by name.
pub fn spec(name: &str) -> Option<&'static Spec> {
    REGISTRY.iter().find(|s| s.name == name)
}

use Kind::{Bool, Cause, Int, Signature, Text, Word};

const fn fact(name: &'static str, kind: Kind, doc: &'static str) -> Spec {
    Spec { name, kind, doc }
}

const MECHANISMS: &[&str] = &["running", "exited", "signaled", "oom-killed", "stopped", "lost", "not-started", "unknown"];
const STOPPERS: &[&str] = &[
    "liveness-probe",
    "startup-probe",
    "deadline",
    "eviction",
    "deleted",
    "preempted",
    "drained",
    "tainted",
    "node-shutdown",
    "hook",
    "definition",
    "completion",
    "unknown",
];

/// Every fact that a rule may name.
pub const REGISTRY: &[Spec] = &[
    // The subject: what the verdict is about.
    fact(
        "subject.kind",
        Word(&["death", "waiting", "running", "completed", "rejected", "never-created", "gone"]),
        "What the verdict is about: an ended instance, one that cannot start, one that runs, work that is done, a pod the kubelet refused, one that was never created, or a pod that is gone without a known end.",
    ),
    fact("subject.role", Word(&["primary", "init", "companion"]), "Which container the verdict is about."),
    fact("subject.container", Text, "Name of that container."),
    fact("subject.pod", Text, "Name of the pod."),
    fact("subject.namespace", Text, "Namespace of the pod."),
    fact("subject.node", Text, "Node that the pod runs or ran on."),
    fact("subject.exists", Bool, "The pod object is still in the API."),
    fact("subject.recovered", Bool, "The container died inside the window, and runs and is ready again."),
    fact("subject.silent", Bool, "Phase Running, primary failed for good, other containers keep the pod up."),
    // The death that the verdict is about.
    fact("death.mechanism", Word(MECHANISMS), "How the instance stopped, from API facts alone."),
    fact("death.exit_code", Int, "Exit code as stated by the API, a workflow node or a Job condition."),
    fact("death.signal", Text, "Signal name derived from 128+n (SIGKILL, SIGSEGV …)."),
    fact("death.reason", Text, "terminated.reason as stated: Error, Completed, OOMKilled, StartError, ContainerStatusUnknown …"),
    fact("death.from", Word(&["state", "last-state", "events", "workflow", "job", "taskrun"]), "Where the death is known from."),
    fact("death.lived_seconds", Int, "Seconds from start to end."),
    fact("death.age_seconds", Int, "Seconds from the end to now."),
    fact("death.count", Int, "How many deaths of this container are known or counted inside the window (restart count included)."),
    fact("death.code_tag", Text, "Published readings of the exit code: timeout-utility, command-not-found, not-executable, usage-error, sysexits …"),
    fact("death.kill_before_end", Bool, "A Killing event for this container came at or before its end: it was stopped from outside."),
    fact("death.stopped_by", Word(STOPPERS), "Who stopped it, where it was stopped: probe, deadline, eviction, deletion and so on."),
    fact("death.grace_ran_out", Bool, "It ended about one grace period after it was asked to stop: SIGTERM was not handled in time."),
    fact("death.deadline", Word(&["pod", "job", "workflow", "step", "task"]), "Whose deadline fired."),
    fact("death.memory_limit", Text, "Memory limit of the container, or of the pod around it (also from the owner's template)."),
    fact("death.fabricated", Bool, "The exit code was made up by the kubelet (ContainerStatusUnknown, RestartingAllContainers)."),
    fact("death.never_started", Bool, "The runtime failed to start it: the start time is 1970."),
    fact(
        "death.command_shows_timeout",
        Bool,
        "The container's own command runs it under timeout(1), and it lived about that long or ended with that tool's code.",
    ),
    fact("death.quick", Bool, "It lived at most a few seconds, on this and every known earlier run: it fails while starting."),
    fact("death.was_ready", Bool, "The container was ready, or had run far longer than its start takes, before it died."),
    fact("death.tmpfs", Bool, "The container mounts a memory-backed emptyDir, which counts against its memory limit."),
    fact("any_death.reason", Text, "terminated.reason of any death of the subject's container inside the window."),
    fact("any_death.exit_code", Int, "Exit code of any death of the subject's container inside the window."),
    // The pod.
    fact("pod.phase", Text, "status.phase."),
    fact("pod.reason", Text, "status.reason: Evicted, DeadlineExceeded, Preempting, Terminated, NodeLost …"),
    fact("pod.deleting", Bool, "It has a deletionTimestamp."),
    fact("pod.disruption", Text, "Reason of the DisruptionTarget condition."),
    fact(
        "pod.eviction",
        Word(&["memory", "disk", "inodes", "pids", "storage-limit", "emptydir-limit", "node-condition", "unknown"]),
        "Why the kubelet evicted or refused it.",
    ),
    fact("pod.rejected", Text, "The kubelet refused the pod: OutOfmemory, OutOfcpu, NodeAffinity, NodePorts, UnexpectedAdmissionError …"),
    fact("pod.restart_policy", Text, "Effective restart policy of the subject's container."),
    // A container that cannot start, a pod that cannot be placed.
    fact("start.reason", Text, "waiting.reason: ImagePullBackOff, CreateContainerConfigError, ContainerCreating, PodInitializing …"),
    fact("start.cause", Cause, "What the kubelet, runtime, scheduler or a controller says stands in the way, read from its message."),
    fact("start.signature", Signature, "The signature that read that message."),
    fact("start.unscheduled", Bool, "No node yet."),
    fact("start.waited_seconds", Int, "Seconds since the pod was created."),
    fact("start.init_pending", Bool, "An init container still runs, and the primary waits for it."),
    fact("start.waits_for", Text, "What that init container's own command tries again and again: host:port or host."),
    fact("start.waits_how", Word(&["connect", "lookup"]), "Whether it tries to connect there, or only to resolve the name."),
    // What the log of the subject's instance says.
    fact("log.withheld", Bool, "The log may be there and was not to be had: forbidden, timed out, not asked."),
    fact("log.status", Word(&["read", "empty", "absent", "unseen"]), "What came of reading the log."),
    fact("log.cause", Cause, "Causes named by the lines that end the instance, deepest first."),
    fact("log.root_cause", Cause, "The deepest cause named by the lines that end the instance."),
    fact("log.signature", Signature, "Signatures in the lines that end the instance."),
    fact("log.earlier_cause", Cause, "Causes named earlier, after which the program went on."),
    fact("log.live_cause", Cause, "What the log of a running container says of its inside: dead worker, thread or task, logging, no progress."),
    fact("log.live_signature", Signature, "Signatures behind log.live_cause."),
    fact("log.repeated_cause", Cause, "Causes repeated at least three times up to the end: a retry loop that gave up."),
    fact("log.ends_the_instance", Bool, "A stack trace or error line ends the log right before the instance's end."),
    fact("log.ending_kind", Text, "Kind of the block that ends the log: panic, exception, fatal, abort, error-line."),
    fact("log.language", Text, "Language of the block that ends the log: rust, go, python, java, node …"),
    fact("log.mentions_oom", Bool, "The log speaks of an out-of-memory kill of a child."),
    fact("log.silent_seconds", Int, "Seconds between the last log line and the end."),
    fact("log.peer", Text, "Peers named in the lines that end the instance: host:port, address, service."),
    fact("log.variable", Text, "Environment variable or key named there."),
    fact("log.path", Text, "File path named there."),
    fact("log.handled_error", Bool, "The log shows an error block after which the program went on for a while."),
    fact("message.cause", Cause, "Causes named by the termination message (workload text)."),
    // Probes.
    fact("probe.killed_by", Word(&["liveness", "startup"]), "Which probe the kubelet killed it for."),
    fact("probe.failing", Word(&["liveness", "readiness", "startup"]), "Probes with failures on record."),
    fact(
        "probe.failure",
        Word(&["wrong-port", "wrong-scheme", "wrong-path", "too-tight", "hang", "refused", "unhealthy", "command"]),
        "How the probe fails, from its spec, the ports and the messages.",
    ),
    fact("probe.count", Int, "Failures on record."),
    fact("probe.streak", Int, "Failures in a row at the end, at least."),
    fact("probe.status_code", Int, "HTTP status the probe got."),
    fact("probe.starved", Bool, "A low cpu limit makes slow answers likely."),
    fact("probe.not_ready_seconds", Int, "How long the container has been out of service because of readiness."),
    fact("probe.kills", Int, "Probe kills inside the window."),
    fact("probe.output_cause", Cause, "What the probe's own output names (an exec probe or HTTP body is workload text)."),
    fact("probe.masked", Bool, "The probe passes while its output says unhealthy."),
    // A running container.
    fact("run.ready", Bool, "The container is ready."),
    fact("run.seconds", Int, "How long it has been running."),
    fact("run.restarts", Int, "Restart count."),
    fact("run.quiet_seconds", Int, "Seconds since its last log line."),
    fact("run.cadence_seconds", Int, "The usual gap between its log lines, where it had a regular one."),
    fact("run.stalled", Bool, "It used to log regularly and has been quiet for many times its usual gap, or repeats that it makes no progress."),
    fact("run.completed", Bool, "The primary ended with 0 and was not stopped from outside."),
    fact("run.lingering", Bool, "The primary ended with 0 and other containers keep the pod up."),
    fact("run.gate_unmet", Text, "The readiness gate that keeps the pod out of service while its containers are ready."),
    fact("run.healthy", Bool, "Positive proof: the primary runs, is ready, and nothing failed inside the window."),
    // Hooks.
    fact("hook.failed", Word(&["postStart", "preStop"]), "A lifecycle hook failed (kubelet event)."),
    // Companions: other containers of the same pod.
    fact("companion.failed", Bool, "Another container of the pod failed or was killed before or while the subject failed."),
    fact("companion.died_before_seconds", Int, "How many seconds before the subject's end it died."),
    fact("companion.cause", Cause, "What ended it."),
    fact("companion.named", Bool, "The subject's log names localhost, or a port of that container, as the peer that failed."),
    // Peers: other pods.
    fact("peer.relation", Word(&["named", "label"]), "Why a pod counts as a peer."),
    fact("peer.state", Word(&["dead", "crashing", "not-ready", "absent", "running", "no-endpoints", "pending"]), "How a peer stood when the subject failed."),
    fact(
        "peer.died_before_seconds",
        Int,
        "Seconds between a peer's last end and the subject's; negative values are left out: what died later did not cause it.",
    ),
    fact("peer.cause", Cause, "What ended the peer."),
    fact("peer.said", Cause, "What the peer's own log says of the moment: starting up, too many connections, refused login."),
    fact("peer.died_first", Bool, "A peer died, or was already down, before the subject gave up."),
    // Siblings.
    fact("siblings.total", Int, "Pods that run the same thing and are known."),
    fact("siblings.failed_alike", Int, "Siblings that failed the same way (for a gone pod: the largest group that failed alike)."),
    fact("siblings.fared_otherwise", Int, "Siblings that ended in another way."),
    fact("siblings.same_owner", Bool, "They share the owner, not only the kind of task."),
    fact("siblings.pattern", Word(&["isolated", "recurring", "all", "node-bound", "image-bound", "unknown"]), "What they have in common."),
    fact("siblings.cause", Cause, "The cause that the siblings that failed alike share."),
    fact("siblings.evicted", Text, "Why a sibling was evicted before this one was refused."),
    // Owners.
    fact("owner.kind", Text, "Kind of the direct owner."),
    fact("owner.job_complete", Bool, "The Job is Complete, and this was its only pod or the one that succeeded."),
    fact("owner.job_failed", Text, "Reason of the Job's Failed condition: BackoffLimitExceeded, DeadlineExceeded, PodFailurePolicy."),
    fact("owner.job_names_pod", Bool, "The Job's condition names this pod."),
    fact("owner.job_only_pod", Bool, "The Job had only this pod."),
    fact("owner.create_cause", Cause, "Why the controller could not create the pod (quota, ServiceAccount, admission)."),
    fact("owner.deleted_pod", Text, "A controller's event says that it deleted this pod: job-controller, replicaset-controller …"),
    fact("owner.scaled_down", Bool, "The owner was scaled down around that time."),
    fact("owner.rolled_out", Bool, "A newer revision replaced this pod's."),
    fact("owner.suspended", Bool, "The Job was suspended."),
    // Workflows.
    fact("workflow.phase", Text, "Phase of the workflow node: Failed, Error, Succeeded, Running …"),
    fact("workflow.reason", Text, "Reason in the node's message: OOMKilled, Error, …"),
    fact("workflow.cause", Cause, "What the node's message says, read by signature."),
    fact("workflow.pod_deleted", Bool, "The node's message says that the pod was deleted under it."),
    fact("workflow.spec_error", Bool, "The workflow was refused for its spec: no pod ever ran."),
    // The node.
    fact("node.not_ready", Bool, "The node was not ready around the death."),
    fact("node.rebooted", Bool, "The node rebooted around the death."),
    fact("node.sandbox_changed", Bool, "The pod's sandbox was lost and made again."),
    fact("node.pressure", Word(&["memory", "disk", "pid"]), "Pressure conditions or events around the death."),
    fact("node.system_oom", Bool, "The node ran out of memory (SystemOOM, or a kernel line of a global kill) within seconds of the death."),
    fact(
        "node.kernel_oom",
        Word(&["this-container", "this-process", "same-second", "other"]),
        "A kernel out-of-memory line, and how surely it is about this container.",
    ),
    fact("node.kernel_victim", Bool, "A kernel line says that the node had no memory left and that it took a process of this pod."),
    fact("node.kernel_fault", Bool, "A kernel line of a fault (segfault, trap) within seconds of a death by signal."),
    fact("node.shutdown", Bool, "The node was shutting down."),
    fact("node.others_fell", Int, "Other pods of the node that died in the same way within seconds."),
    // Stops and removal.
    fact("removal.kind", Text, "Who took the pod away, as the taxonomy names it."),
    // The spec: remarks beside a verdict, never causes.
    fact("spec.no_memory_limit", Bool, "Neither the container nor its pod has a memory limit."),
    fact("spec.no_probes", Bool, "A container that is to run for good has no probe of any kind."),
    fact("spec.probe_timeout", Word(&["liveness", "readiness", "startup"]), "A probe whose timeoutSeconds is not below its periodSeconds."),
    fact("spec.no_startup_probe", Bool, "It starts slowly, and has a liveness probe but no startup probe."),
    fact("spec.memory_backed", Text, "A mounted emptyDir of medium Memory: what is written there counts against the memory limit."),
    fact("spec.unbound_claim", Text, "A PersistentVolumeClaim of the pod that is not bound."),
    fact("spec.message_lost", Bool, "terminationMessagePolicy is File, and the container failed without leaving a message."),
    fact("spec.network_policy", Text, "A NetworkPolicy that selects the pod for outgoing traffic, or a peer that the log names for incoming."),
    fact("spec.network_policies_unseen", Bool, "NetworkPolicies were asked for and refused."),
    // How far the evidence reaches.
    fact("events.complete", Bool, "Events of the pod were read, and its life is covered by them."),
    fact("events.started", Bool, "An event shows that the container started."),
    fact("events.backoff", Bool, "An event shows that the container was restarted with back-off."),
    fact(
        "events.restarted_seconds_before",
        Int,
        "Events show that the container started more than once; seconds between its last start and its stop, or now when nothing stopped it.",
    ),
    fact("events.missing_from_killing", Bool, "The pod's containers were stopped, and this one is not among them: it was dead before."),
    fact("events.image_failed", Bool, "Events show that the image could not be pulled."),
    fact("horizon.events_expired", Bool, "The pod's life lies before the oldest event on record."),
];
