//! The causes a2 can name. Ids are stable: never renamed, never reused.

/// The id of "the evidence is not enough". It has no rule: it is what is left.
pub const UNKNOWN: &str = "unknown";

/// Every cause id with its meaning in one line.
pub const CAUSES: &[(&str, &str)] = &[
    ("oom.container-limit", "the container or its pod hit its memory limit, and the main process died of it"),
    ("oom.child-process", "a child or probe process was killed for memory; the main process went on or ended by its own hand"),
    ("oom.node", "the whole node ran out of memory"),
    ("oom.runtime-heap", "the language runtime's own heap, an allocator or an rlimit gave out, below the container's limit"),
    ("crash.panic", "a Rust or Go panic, or a fatal error of their runtimes"),
    ("crash.native", "a native crash: segmentation fault, abort, illegal instruction, interpreter crash"),
    ("error.unhandled", "the application's own failure: uncaught exception, error from main, deliberate non-zero exit"),
    ("error.startup", "the application failed while starting, and neither config nor a dependency explains it"),
    ("timeout.deadline", "a deadline of the orchestrator ran out: Pod, Job, workflow or task"),
    ("timeout.application", "the application's own time limit or watchdog ended it"),
    ("dependency.unreachable", "a peer refuses, resets, or cannot be reached"),
    ("dependency.dns", "the name of a peer does not resolve"),
    ("dependency.tls", "the TLS handshake with a peer fails, or its certificate does"),
    ("dependency.timeout", "a peer is reached but answers too slowly"),
    ("dependency.unavailable", "a peer answers, but with errors: 5xx, 429, starting up, read-only"),
    ("dependency.auth", "a peer rejects the credentials"),
    ("dependency.pool-exhausted", "a connection pool or a limit on connections or clients is used up"),
    ("dependency.companion", "another container or pod that serves this one failed"),
    ("probe.liveness", "killed because its liveness probe failed"),
    ("probe.startup", "killed because its startup probe failed"),
    ("probe.readiness", "runs, but stays out of service because readiness fails"),
    ("eviction.node-pressure", "evicted because the node ran low on memory, disk, inodes or pids"),
    ("eviction.storage-limit", "evicted for its own ephemeral-storage or emptyDir limit"),
    ("disruption.deleted", "stopped because its pod was deleted: by hand, scale-down, rollout or suspend"),
    ("disruption.preempted", "stopped to make room for a pod of higher priority"),
    ("disruption.drained", "evicted through the eviction API: drain, autoscaler, descheduler"),
    ("disruption.tainted", "deleted for a NoExecute taint on its node"),
    ("disruption.node-shutdown", "stopped by a graceful shutdown of its node"),
    ("node.lost", "the node rebooted, stopped reporting, or its runtime lost the container"),
    ("config.missing-reference", "a ConfigMap, Secret, key or ServiceAccount that the pod names does not exist"),
    ("config.command", "the command cannot be run: not found, not executable, wrong working directory"),
    ("config.invalid", "a required variable or file is missing, a flag or config is wrong, or the port is taken"),
    ("config.permission", "permission denied, read-only filesystem, runAsNonRoot, seccomp or RBAC"),
    ("image.not-found", "the image or its tag does not exist"),
    ("image.auth", "the registry refuses the credentials"),
    ("image.registry", "the registry cannot be reached, is failing, or throttles"),
    ("image.invalid", "the image's name is invalid, it may not be pulled, or it is for another architecture"),
    ("scheduling.resources", "no node has the cpu, memory, pod slots or devices asked for"),
    ("scheduling.placement", "selectors, affinity, spread, taints or cordons leave no node"),
    ("scheduling.volume", "a PersistentVolumeClaim is absent, unbound, or bound elsewhere"),
    ("scheduling.quota", "quota, limit range, admission or a missing ServiceAccount kept the pod from being created"),
    ("scheduling.rejected", "the kubelet refused the pod at admission"),
    ("storage.mount", "a volume cannot be attached or mounted"),
    ("storage.full", "no space left on a volume, tmpfs or filesystem"),
    ("lifecycle.hook", "a postStart or preStop hook failed"),
    ("process.worker-crash", "a worker process died inside a container that goes on"),
    ("process.background-task", "a background task or thread died inside a process that goes on"),
    ("process.logging", "logging itself fails, so that what happens is not written down"),
    ("process.stalled", "alive and green, but without progress"),
    ("healthy.running", "nothing is wrong"),
    ("healthy.completed", "finished as intended"),
    ("healthy.lingering", "the main container finished with 0, and others keep the pod Running"),
    (UNKNOWN, "the evidence is not enough; what is missing is named"),
];

/// The meaning of a cause id; `None` for an id that does not exist.
pub fn meaning(id: &str) -> Option<&'static str> {
    CAUSES.iter().find(|(known, _)| *known == id).map(|(_, meaning)| *meaning)
}
