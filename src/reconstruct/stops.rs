//! Who stopped the container, whose deadline fired, and what the node and the owners say: facts beside the death itself.

use chrono::TimeDelta;

use super::CitationId;
use super::argo;
use super::history::{Death, Mechanism, Removal, Subject, SubjectKind};
use super::kills::KillEvent;
use super::remembered;
use super::scene::Scene;
use super::subject::{job_stopped_it, node_not_ready};
use crate::evidence::{Authority, Citation, Condition, ContainerKind, Event, Reporter, Source, Time};

/// Lays down `death.stopped_by`, `death.deadline`, `pod.eviction`, `pod.rejected` and `hook.failed`.
pub(super) fn facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death], removal: Option<&Removal>, kills: &[KillEvent<'_>]) {
    eviction(scene);
    hooks(scene, subject);
    let deadline = deadline(scene);
    if let Some((whose, cited)) = &deadline {
        scene.facts.hold("death.deadline", *whose, cited.clone());
    }
    let death = subject.death.and_then(|i| deaths.get(i)).cloned();
    let deleting = scene.live.is_some_and(|p| p.deletion.is_some());
    let stopped = subject.mechanism == Mechanism::Stopped || (subject.kind == SubjectKind::Running && deleting) || subject.kind == SubjectKind::Gone;
    if !stopped {
        return;
    }
    let why = death.as_ref().and_then(|d| d.killed.clone());
    let by_kill = why.as_ref().and_then(|k| match k.why {
        "liveness-probe" => Some("liveness-probe"),
        "startup-probe" => Some("startup-probe"),
        "hook" => Some("hook"),
        "definition" | "unknown-state" => Some("definition"),
        _ => None,
    });
    if let (Some(by), Some(kill)) = (by_kill, &why) {
        scene.facts.hold("death.stopped_by", by, [kill.cited]);
        return;
    }
    if let Some((_, cited)) = deadline {
        scene.facts.hold("death.stopped_by", "deadline", cited);
        return;
    }
    if let Some(fact) = scene.facts.get("pod.eviction").and_then(|f| f.values.first()).cloned() {
        scene.facts.hold("death.stopped_by", "eviction", fact.1);
        return;
    }
    // A native sidecar is stopped when the work of its pod is done: no hand from outside.
    let native = death.as_ref().is_some_and(|d| d.kind == ContainerKind::Sidecar);
    if native && removal.is_none() {
        let cited: Vec<CitationId> = why.iter().map(|k| k.cited).collect();
        scene.facts.hold("death.stopped_by", "completion", cited);
        return;
    }
    let reason = scene.live.and_then(|p| p.reason.clone());
    let by_reason = match reason.as_deref() {
        Some("Preempting") => Some("preempted"),
        Some("Terminated" | "NodeShutdown" | "Shutdown") => Some("node-shutdown"),
        _ => None,
    };
    let by_removal = removal.and_then(|r| match r.kind {
        "preemption" => Some("preempted"),
        // Only the condition states it; a cordon at the same moment makes it likely.
        "drain" if scene.facts.has("pod.disruption", &"EvictionByEvictionAPI".into()) => Some("drained"),
        "drain" => Some("deleted"),
        "taint" => Some("tainted"),
        "node-shutdown" => Some("node-shutdown"),
        "rollout" | "scale-down" | "suspend" | "namespace" => Some("deleted"),
        // Deletion stops what still ran; that it ran is shown by a Killing event for it.
        "deleted-by-request" if deleting || kills.iter().any(|k| Some(&k.container) == subject.container.as_ref() && k.why == "stopping") => Some("deleted"),
        _ => None,
    });
    let Some(by) = by_reason.or(by_removal) else {
        if subject.mechanism == Mechanism::Stopped {
            let cited: Vec<CitationId> = why.iter().map(|k| k.cited).collect();
            scene.facts.hold("death.stopped_by", "unknown", cited);
        }
        return;
    };
    let mut cited: Vec<CitationId> = removal.map(|r| r.cited.clone()).unwrap_or_default();
    cited.extend(why.iter().map(|k| k.cited));
    if let (Some(pod), Some(reason)) = (scene.live, reason) {
        let text = format!("{reason}: {}", pod.message.clone().unwrap_or_default());
        cited.push(scene.cite_pod("status.reason", text, None, Authority::Kubelet));
    }
    cited.sort_unstable();
    cited.dedup();
    scene.facts.hold("death.stopped_by", by, cited);
}

/// Whose deadline fired: the pod's (kubelet), the Job's (controller), the workflow's or task's. Every place that states it is cited.
fn deadline(scene: &mut Scene<'_>) -> Option<(&'static str, Vec<CitationId>)> {
    let mut cited = Vec::new();
    if let Some(pod) = scene.live.filter(|p| p.reason.as_deref() == Some("DeadlineExceeded")) {
        let text = format!("DeadlineExceeded: {}", pod.message.clone().unwrap_or_default());
        cited.push(scene.cite_pod("status.reason", text, None, Authority::Kubelet));
    }
    for event in scene.events_of("DeadlineExceeded").into_iter().filter(|e| e.reporter() == Reporter::Kubelet) {
        cited.push(scene.cite_event(event));
    }
    if !cited.is_empty() {
        return Some(("pod", cited));
    }
    if let Some((index, node)) = remembered::workflow_node(scene)
        && let Some(whose) = node.message.as_deref().and_then(argo::deadline_in)
    {
        let owner = scene.case.owners.get(index)?.clone();
        let cited = scene.cite_owner(&owner, format!("status.nodes[{}].message", node.id), node.message.clone().unwrap_or_default(), node.finished);
        return Some((whose, vec![cited]));
    }
    let owners = scene.case.owners.clone();
    let mut whose = None;
    for owner in &owners {
        let kind = owner.object.kind().to_owned();
        if let Some(run) = super::tekton::read(&owner.object, &scene.case.target.name).filter(|_| kind == "TaskRun") {
            let Some(word) = super::tekton::deadline(&run) else { continue };
            let text = run.succeeded.as_ref().map(|c| format!("{}: {}", c.reason, c.message)).unwrap_or_default();
            cited.push(scene.cite_owner(owner, "status.conditions[Succeeded]", text, run.finished));
            whose = whose.or(Some(word));
            continue;
        }
        for c in Condition::read_list(&owner.object).into_iter().filter(|c| c.status == "True") {
            let word = match (kind.as_str(), c.reason.as_str()) {
                ("Job", "DeadlineExceeded") => "job",
                _ => continue,
            };
            cited.push(scene.cite_owner(owner, format!("status.conditions[{}]", c.index), format!("{}: {}", c.reason, c.message), c.since));
            whose = whose.or(Some(word));
        }
    }
    for owner in owners.iter().filter(|o| o.object.kind() == "Job") {
        for event in scene.owner_events(owner).into_iter().filter(|e| e.reason == "DeadlineExceeded") {
            cited.push(scene.cite_event(event));
            whose = whose.or(Some("job"));
        }
    }
    whose.map(|whose| (whose, cited))
}

/// Why the kubelet evicted or refused the pod (K/pkg/kubelet/eviction/helpers.go message formats).
fn eviction(scene: &mut Scene<'_>) {
    let status = scene.live.filter(|p| p.reason.as_deref() == Some("Evicted")).map(|p| p.message.clone().unwrap_or_default());
    let event = scene.events_of("Evicted").into_iter().rev().find(|e| e.reporter() == Reporter::Kubelet);
    let mut cited = Vec::new();
    if let Some(message) = &status {
        cited.push(scene.cite_pod("status.message", format!("Evicted: {message}"), None, Authority::Kubelet));
    }
    cited.extend(event.map(|e| scene.cite_event(e)));
    let Some(message) = status.or_else(|| event.map(|e| e.message.clone())) else { return };
    let m = message.as_str();
    let why = if m.contains("node had condition") {
        "node-condition"
    } else if m.contains("EmptyDir volume") {
        "emptydir-limit"
    } else if m.contains("local ephemeral storage limit") || m.contains("ephemeral local storage usage exceeds") {
        "storage-limit"
    } else if m.contains("resource: memory") {
        "memory"
    } else if m.contains("inodes") {
        "inodes"
    } else if m.contains("resource: pids") {
        "pids"
    } else if m.contains("resource: ephemeral-storage") || m.contains("fs") {
        "disk"
    } else {
        "unknown"
    };
    scene.facts.hold("pod.eviction", why, cited);
}

fn hooks(scene: &mut Scene<'_>, subject: &Subject) {
    for (reason, kind) in [("FailedPostStartHook", "postStart"), ("FailedPreStopHook", "preStop")] {
        for event in scene.events_of(reason) {
            if event.container.is_none() || event.container == subject.container {
                let cited = scene.cite_event(event);
                scene.facts.hold("hook.failed", kind, [cited]);
            }
        }
    }
}

/// Facts about the node: readiness, reboot, pressure, kernel lines, shutdown.
pub(super) fn node_facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death]) {
    let death = subject.death.and_then(|i| deaths.get(i)).cloned();
    let end = death.as_ref().and_then(|d| d.finished);
    let near = |t: Option<Time>, seconds: i64| match (t, end) {
        (Some(t), Some(e)) => (t - e).abs() <= TimeDelta::seconds(seconds),
        // Nothing to compare with: what was pasted of a node's log may tell no time, and a pod of which nothing else is known no end.
        (_, None) => true,
        (None, Some(_)) => false,
    };
    if node_not_ready(scene) {
        let mut cited: Vec<CitationId> = scene.events_of("NodeNotReady").into_iter().map(|e| scene.cite_event(e)).collect();
        if let Some(c) = scene.case.node.as_ref().and_then(|n| n.condition("Ready")).cloned() {
            let text = format!("Ready={} {}: {}", c.status, c.reason, c.message);
            cited.push(cite_node(scene, format!("status.conditions[{}]", c.index), text, c.since));
        }
        scene.facts.hold("node.not_ready", true, cited);
    }
    for event in scene.events_of("SandboxChanged") {
        let cited = scene.cite_event(event);
        scene.facts.hold("node.sandbox_changed", true, [cited]);
    }
    let events: Vec<&Event> = scene.case.node_events.iter().collect();
    for event in events {
        let at = event.time();
        let fact: Option<(&'static str, super::Value)> = match event.reason.as_str() {
            "Rebooted" if near(at, 600) => Some(("node.rebooted", true.into())),
            "SystemOOM" if near(at, 10) => Some(("node.system_oom", true.into())),
            "Shutdown" | "NodeShutdown" if near(at, 600) => Some(("node.shutdown", true.into())),
            "NodeNotReady" if end.is_some() && near(at, 120) && subject.mechanism == Mechanism::Lost => Some(("node.not_ready", true.into())),
            "NodeHasInsufficientMemory" if near(at, 120) => Some(("node.pressure", "memory".into())),
            "NodeHasDiskPressure" if near(at, 120) => Some(("node.pressure", "disk".into())),
            "NodeHasInsufficientPID" if near(at, 120) => Some(("node.pressure", "pid".into())),
            "ProcessFault" if near(at, 3) && death.as_ref().is_none_or(|d| d.mechanism == Mechanism::Signaled) => Some(("node.kernel_fault", true.into())),
            "OOMKilling" if near(at, 10) => {
                super::kernel::kernel_line(scene, subject.container.as_deref(), &event.message, at, end).map(|w| ("node.kernel_oom", w.into()))
            }
            _ => None,
        };
        if let Some((name, value)) = fact {
            let cited = scene.cite_event(event);
            scene.facts.hold(name, value, [cited]);
            if name == "node.system_oom" && super::kernel::is_victim(scene, &event.message) {
                scene.facts.hold("node.kernel_victim", true, [cited]);
            }
        }
    }
    let pressures = [("MemoryPressure", "memory"), ("DiskPressure", "disk"), ("PIDPressure", "pid")];
    for (kind, word) in pressures {
        if let Some(c) = scene.case.node.as_ref().and_then(|n| n.condition(kind)).filter(|c| c.status == "True").cloned() {
            let cited = cite_node(scene, format!("status.conditions[{}]", c.index), format!("{kind}=True {}", c.message), c.since);
            scene.facts.hold("node.pressure", word, [cited]);
        }
    }
    if scene.case.node.is_none()
        && let Some(gap) = scene.case.gaps.iter().find(|g| g.resource == "nodes").cloned()
    {
        for name in ["node.not_ready", "node.pressure"] {
            scene.facts.unseen(name, gap.clone());
        }
    }
}

fn cite_node(scene: &mut Scene<'_>, field: String, text: String, time: Option<Time>) -> CitationId {
    let name = scene.case.node.as_ref().map(|n| n.name.clone()).unwrap_or_default();
    scene.cites.cite(Citation { source: Source::Node, object: format!("Node/{name}"), field, time, text, authority: Authority::Kubelet })
}

/// Facts that owners state: Job, workflow, ReplicaSet.
pub(super) fn owner_facts(scene: &mut Scene<'_>, removal: Option<&Removal>) {
    let Some(owner) = scene.case.owners.first().cloned() else { return };
    scene.facts.hold("owner.kind", owner.object.kind(), []);
    for owner in scene.case.owners.clone().iter().filter(|o| o.object.kind() == "Job") {
        let succeeded = owner.object.int("/status/succeeded").unwrap_or(0);
        let failed = owner.object.int("/status/failed").unwrap_or(0);
        let only = succeeded + failed + owner.object.int("/status/active").unwrap_or(0) <= 1;
        if only {
            let cited = scene.cite_owner(owner, "status", format!("succeeded {succeeded}, failed {failed}"), None);
            scene.facts.hold("owner.job_only_pod", true, [cited]);
        }
        for c in Condition::read_list(&owner.object).into_iter().filter(|c| c.status == "True") {
            let text = format!("{}: {} {}", c.kind, c.reason, c.message);
            let cited = scene.cite_owner(owner, format!("status.conditions[{}]", c.index), text, c.since);
            match c.kind.as_str() {
                // A replacement pod may have been the one that succeeded, so only a Job that had this pod alone speaks for it.
                "Complete" if only && !replaced(scene, owner) => scene.facts.hold("owner.job_complete", true, [cited]),
                "Failed" => {
                    scene.facts.hold("owner.job_failed", c.reason.clone(), [cited]);
                    if c.message.contains(&scene.case.target.name) {
                        scene.facts.hold("owner.job_names_pod", true, [cited]);
                    }
                }
                "Suspended" => scene.facts.hold("owner.suspended", true, [cited]),
                _ => {}
            }
        }
    }
    if scene.facts.get("owner.job_failed").is_none() {
        // The Job may be gone while its last event remains.
        let name = scene.case.target.name.clone();
        let mine = |e: &&Event| {
            e.about.kind == "Job"
                && name.starts_with(&format!("{}-", e.about.name))
                && matches!(e.reason.as_str(), "BackoffLimitExceeded" | "DeadlineExceeded" | "PodFailurePolicy")
        };
        if let Some(event) = scene.case.events.iter().find(mine) {
            let cited = scene.cite_event(event);
            scene.facts.hold("owner.job_failed", event.reason.clone(), [cited]);
        }
    }
    if let Some(removal) = removal {
        let cited = removal.cited.clone();
        match removal.kind {
            "scale-down" => scene.facts.hold("owner.scaled_down", true, cited),
            "rollout" => scene.facts.hold("owner.rolled_out", true, cited),
            "suspend" => scene.facts.hold("owner.suspended", true, cited),
            _ => {}
        }
    }
    workflow_facts(scene);
    let target = scene.case.target.name.clone();
    let deleted =
        scene.case.events.iter().find(|e| e.reason == "SuccessfulDelete" && e.about.kind != "Pod" && e.message.split([' ', ':']).any(|w| w == target));
    if let Some(event) = deleted {
        let cited = scene.cite_event(event);
        scene.facts.hold("owner.deleted_pod", event.component.clone(), [cited]);
    }
}

/// The Job made more than one pod: events or siblings show another.
pub(super) fn replaced(scene: &Scene<'_>, owner: &crate::evidence::Owner) -> bool {
    let name = scene.case.target.name.clone();
    let created = scene.owner_events(owner).iter().filter(|e| e.reason == "SuccessfulCreate" && !e.message.contains(&name)).count();
    let others = scene.case.siblings.iter().any(|p| p.owners.iter().any(|o| o.uid == owner.object.uid()));
    // Disruption of this very pod makes the controller start another: its success then says nothing about this one.
    let disrupted = scene.events.iter().any(|e| matches!(e.reason.as_str(), "Preempted" | "TaintManagerEviction" | "Evicted"));
    created > 0 || others || disrupted || job_stopped_it(scene)
}

fn workflow_facts(scene: &mut Scene<'_>) {
    let workflow = scene.case.owners.iter().find(|o| o.object.kind() == "Workflow").cloned();
    if let Some(owner) = &workflow {
        match argo::nodes(&owner.object) {
            argo::Nodes::Offloaded => scene.gaps.push(offloaded("the controller keeps node status in its own database (offloadNodeStatusVersion is set)")),
            argo::Nodes::Malformed(why) => scene.gaps.push(offloaded(&format!("compressed node status cannot be unpacked: {why}"))),
            argo::Nodes::Read(nodes) => {
                let message = owner.object.text("/status/message").unwrap_or_default().to_owned();
                if nodes.is_empty() && message.contains("invalid spec") {
                    let cited = scene.cite_owner(owner, "status.message", message, owner.object.time("/status/finishedAt"));
                    scene.facts.hold("workflow.spec_error", true, [cited]);
                }
            }
        }
    }
    let Some((index, node)) = remembered::workflow_node(scene) else { return };
    let Some(owner) = scene.case.owners.get(index).cloned() else { return };
    let text = format!("{}{}", node.phase, node.message.as_deref().map(|m| format!(": {m}")).unwrap_or_default());
    let cited = scene.cite_owner(&owner, format!("status.nodes[{}]", node.id), text, node.finished);
    scene.facts.hold("workflow.phase", node.phase.clone(), [cited]);
    let Some(message) = node.message else { return };
    if message == "pod deleted" {
        scene.facts.hold("workflow.pod_deleted", true, [cited]);
    }
    match argo::read_message(&message) {
        Some(read) => {
            if let Some(reason) = read.reason {
                scene.facts.hold("workflow.reason", reason, [cited]);
            }
            // What follows the code is the program's own text.
            if let Some(rest) = read.rest {
                let workload = scene.cites.cite(Citation {
                    source: Source::Workflow,
                    object: owner.object.reference().path(),
                    field: format!("status.nodes[{}].message", node.id),
                    time: node.finished,
                    text: rest.clone(),
                    authority: Authority::Workload,
                });
                for f in crate::signatures::classify(&rest).into_iter().filter(|f| !f.generic) {
                    scene.facts.hold("message.cause", f.cause, [workload]);
                }
            }
        }
        None => {
            for f in crate::signatures::classify(&message).into_iter().filter(|f| !f.generic) {
                scene.facts.hold("workflow.cause", f.cause, [cited]);
            }
        }
    }
}

fn offloaded(why: &str) -> crate::evidence::Gap {
    crate::evidence::Gap::new(crate::evidence::GapKind::NotAsked, "get", "workflows.argoproj.io", "node status of the workflow", why)
        .capture("argo get WORKFLOW -o json")
}
