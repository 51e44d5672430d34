//! How a container stopped, row by row: what the API states, and what it must be told apart from.

use a2::reconstruct::Mechanism::{self, Exited, Lost, NotStarted, OomKilled, Running, Signaled, Stopped, Unknown};
use serde_json::json;

use super::hand::{Hand, UID, at, ended, running, waiting};

const LIVENESS: &str = "Container main failed liveness probe, will be restarted";

/// What was seen, and what it means.
fn rows() -> Vec<(&'static str, Hand, Mechanism)> {
    let error = |code| Hand::new(ended(code, "Error"));
    let epoch = |code: i64, reason: &str| {
        let mut state = ended(code, reason);
        state["terminated"]["startedAt"] = json!("1970-01-01T00:00:00Z");
        state
    };
    let bare = |reason: &str| Hand::restarted(json!({ "terminated": { "exitCode": 137, "reason": reason } }));
    let memcg = "Memory cgroup out of memory: Killed process 7 (work) total-vm:1448016kB, anon-rss:350452kB, file-rss:0kB";
    let in_pod = format!("oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/kubepods.slice/kubepods-pod{}.slice,task=work,pid=7", UID.replace('-', "_"));
    vec![
        // The kernel's OOM killer.
        ("OOM of the main process", Hand::new(ended(137, "OOMKilled")), OomKilled),
        ("OOM of a restarted container", Hand::restarted(ended(137, "OOMKilled")), OomKilled),
        ("OOM of a child, main went on and finished", Hand::new(ended(0, "OOMKilled")), Exited),
        ("OOM of a child, main failed of it", Hand::new(ended(1, "OOMKilled")), Exited),
        ("OOM, reason lost in the race, kernel line names the pod", error(137).node_event("kernel-monitor", "OOMKilling", &in_pod, 100), OomKilled),
        ("OOM line of the same second that names nobody", error(137).node_event("kernel-monitor", "OOMKilling", memcg, 100), Unknown),
        ("OOM line of another hour", error(137).node_event("kernel-monitor", "OOMKilling", &in_pod, -4000), Unknown),
        ("OOM line by a stranger", error(137).node_event("my-operator", "OOMKilling", &in_pod, 100), Unknown),
        (
            "OOM of the node under cgroup v1",
            error(137).node_event("kubelet", "SystemOOM", "System OOM encountered, victim process: work, pid: 7", 100),
            Unknown,
        ),
        ("OOM in the second of the kill", Hand::restarted(ended(137, "OOMKilled")).event("Killing", LIVENESS, 100), OomKilled),
        ("a child's OOM is sticky; killed for its probe much later", Hand::restarted(ended(137, "OOMKilled")).event("Killing", LIVENESS, 70), Stopped),
        ("OOM while the node was evicting", Hand::new(ended(137, "OOMKilled")).pod_reason("Evicted", "The node was low on resource: memory. "), OomKilled),
        // Probes.
        ("liveness kill, TERM ignored", Hand::restarted(ended(137, "Error")).event("Killing", LIVENESS, 70), Stopped),
        ("liveness kill, TERM by default", Hand::restarted(ended(143, "Error")).event("Killing", LIVENESS, 99), Stopped),
        ("liveness kill, clean shutdown", Hand::restarted(ended(0, "Completed")).event("Killing", LIVENESS, 98), Stopped),
        ("liveness kill without restart", error(137).event("Killing", "Container main failed liveness probe", 70), Stopped),
        ("startup kill", Hand::restarted(ended(137, "Error")).event("Killing", "Container main failed startup probe, will be restarted", 70), Stopped),
        ("kills of many instances in one event", Hand::restarted(ended(137, "Error")).event_of("kubelet", Some("main"), "Killing", LIVENESS, 105, 9), Stopped),
        ("a probe kill of the instance before", Hand::restarted(ended(1, "Error")).event("Killing", LIVENESS, 2), Exited),
        ("a kill claimed by a stranger", error(137).event_of("my-operator", Some("main"), "Killing", LIVENESS, 70, 1), Unknown),
        ("a kill claimed by a controller", error(137).event_of("work-controller", Some("main"), "Killing", LIVENESS, 70, 1), Unknown),
        (
            "a kill of another container",
            error(137).beside("other", running(10)).event_of("kubelet", Some("other"), "Killing", "Stopping container other", 70, 1),
            Unknown,
        ),
        // Deletion.
        ("deleted, TERM ignored", error(137).deleting(70).event("Killing", "Stopping container main", 70), Stopped),
        ("deleted, TERM by default", error(143).deleting(98).event("Killing", "Stopping container main", 98), Stopped),
        ("deleted, clean shutdown", Hand::new(ended(0, "Completed")).deleting(98).event("Killing", "Stopping container main", 98), Stopped),
        ("deleted, events gone", error(137).deleting(70), Stopped),
        ("failed, then the pod was deleted", error(1).deleting(115), Exited),
        ("failed while it was being deleted, long before the deadline", error(2).deleting(95), Exited),
        (
            "dead before the rest was stopped",
            error(3).beside("other", running(10)).event_of("kubelet", Some("other"), "Killing", "Stopping container other", 120, 1),
            Exited,
        ),
        ("still runs while its pod is being deleted", Hand::new(running(10)).deleting(125), Running),
        // Evicted, preempted, shut down, out of time.
        (
            "hard eviction",
            error(137).pod_reason("Evicted", "The node was low on resource: memory. ").event_of(
                "kubelet",
                None,
                "Evicted",
                "The node was low on resource: memory. ",
                98,
                1,
            ),
            Stopped,
        ),
        ("soft eviction", error(143).pod_reason("Evicted", "Usage of EmptyDir volume \"v\" exceeds the limit \"5Mi\". "), Stopped),
        ("eviction, handled TERM", Hand::new(ended(0, "Completed")).pod_reason("Evicted", "x").event_of("kubelet", None, "Evicted", "x", 98, 1), Stopped),
        ("failed before its pod was evicted", error(1).pod_reason("Evicted", "x").event_of("kubelet", None, "Evicted", "x", 120, 1), Exited),
        ("room for a critical pod", error(137).pod_reason("Preempting", "Preempted in order to admit critical pod"), Stopped),
        (
            "preempted by the scheduler",
            error(143).deleting(95).condition("DisruptionTarget", "True", "PreemptionByScheduler", 95).event("Killing", "Stopping container main", 96),
            Stopped,
        ),
        ("node shutdown", error(137).pod_reason("Terminated", "Pod was terminated in response to imminent node shutdown."), Stopped),
        (
            "deadline of the pod",
            error(137)
                .pod_reason("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
                .set("/spec/activeDeadlineSeconds", json!(70)),
            Stopped,
        ),
        ("failed before the deadline", error(1).pod_reason("DeadlineExceeded", "x").set("/spec/activeDeadlineSeconds", json!(115)), Exited),
        // Hooks and changes.
        (
            "postStart hook",
            Hand::restarted(ended(137, "Error")).event("FailedPostStartHook", "PostStartHook failed", 69).event("Killing", "FailedPostStartHook", 70),
            Stopped,
        ),
        ("postStart hook, TERM handled", Hand::restarted(ended(0, "Completed")).event("Killing", "FailedPostStartHook", 99), Stopped),
        ("changed spec", Hand::restarted(ended(137, "Error")).event("Killing", "Container main definition changed, will be restarted", 70), Stopped),
        ("restart of all containers", bare("RestartingAllContainers"), Stopped),
        // Lost.
        ("status unknown", bare("ContainerStatusUnknown"), Lost),
        (
            "status unknown at the end",
            Hand::new(json!({ "terminated": { "exitCode": 137, "reason": "ContainerStatusUnknown" } })).set("/status/phase", json!("Failed")),
            Lost,
        ),
        ("runtime lost it", Hand::restarted(ended(255, "Unknown")), Lost),
        ("255 of its own", error(255), Exited),
        (
            "node stopped reporting",
            Hand::new(running(10))
                .set("/status/containerStatuses/0/ready", json!(true))
                .condition("Ready", "False", "NodeNotReady", 60)
                .node("Unknown")
                .event_of("node-controller", None, "NodeNotReady", "Node is not ready", 60, 1),
            Lost,
        ),
        // Never ran.
        ("start error", Hand::new(epoch(128, "StartError")), NotStarted),
        ("cannot run", Hand::new(epoch(127, "ContainerCannotRun")), NotStarted),
        ("image", Hand::new(waiting("ImagePullBackOff", "Back-off pulling image \"x\"")).set("/status/phase", json!("Pending")), NotStarted),
        ("config", Hand::new(waiting("CreateContainerConfigError", "secret \"s\" not found")).set("/status/phase", json!("Pending")), NotStarted),
        (
            "refused by the kubelet",
            Hand::new(json!({})).set("/status/containerStatuses", json!([])).pod_reason("OutOfmemory", "Node didn't have enough resource: memory"),
            NotStarted,
        ),
        (
            "not scheduled",
            Hand::new(json!({})).set("/status/containerStatuses", json!([])).set("/status/phase", json!("Pending")).condition(
                "PodScheduled",
                "False",
                "Unschedulable",
                1,
            ),
            NotStarted,
        ),
        // By its own hand.
        ("137 and nothing else", error(137), Unknown),
        ("143 and nothing else", error(143), Unknown),
        ("130 and nothing else", error(130), Unknown),
        ("137 by the container's own command", error(137).spec("command", json!(["timeout", "-s", "KILL", "90", "work"])), Exited),
        ("timeout(1)", error(124).spec("command", json!(["timeout", "90", "work"])), Exited),
        ("usage error", error(2), Exited),
        ("command not found", error(127), Exited),
        ("Rust panic", error(101), Exited),
        ("done", Hand::new(ended(0, "Completed")), Exited),
        ("ILL", error(132), Signaled),
        ("TRAP", error(133), Signaled),
        ("ABRT", error(134), Signaled),
        ("BUS", error(135), Signaled),
        ("FPE", error(136), Signaled),
        ("SEGV", error(139), Signaled),
        ("SYS", error(159), Signaled),
        ("PIPE", error(141), Exited),
        ("runs", Hand::new(running(10)).set("/status/containerStatuses/0/ready", json!(true)), Running),
    ]
}

#[test]
fn every_row_of_the_table() {
    let mut wrong = Vec::new();
    for (what, hand, want) in rows() {
        let report = hand.report();
        let is = report.history.subject.mechanism;
        if is != want {
            wrong.push(format!("{what}: {} instead of {} ({})", is.word(), want.word(), report.verdict.headline));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_program_writes_never_decides_how_it_stopped() {
    let claims = "Killed process 7 (work)\nOOMKilled\nContainer main failed liveness probe\nSegmentation fault (core dumped)\nreceived SIGTERM, shutting down";
    for (what, hand, want) in rows() {
        let mut hand = hand.log(false, 99, claims).log(true, 99, claims);
        for state in ["state", "lastState"].iter().filter(|_| want != NotStarted) {
            if let Some(end) = hand.status().pointer_mut(&format!("/{state}/terminated")).filter(|e| e["reason"] != "StartError") {
                end["message"] = json!(claims);
            }
        }
        assert_eq!(hand.report().history.subject.mechanism, want, "{what}");
    }
}

#[test]
fn a_fabricated_137_is_no_memory_evidence() {
    let lost = json!({ "terminated": { "exitCode": 137, "reason": "ContainerStatusUnknown", "message": "The container could not be located when the pod was deleted.  The container used to be Running" } });
    let report = Hand::restarted(lost).spec("resources", json!({ "limits": { "memory": "64Mi" } })).report();
    let oom = report.causes.iter().find(|c| c.cause.starts_with("oom."));
    assert!(oom.is_none_or(|c| c.confidence <= a2::rules::Confidence::Possible), "{:?}", report.explanation);
    assert!(!report.verdict.cause.starts_with("oom."), "{}", report.verdict.headline);
}

#[test]
fn a_limit_that_does_not_exist_was_not_reached() {
    let report = Hand::new(ended(137, "OOMKilled")).report();
    assert!(report.causes.iter().all(|c| c.cause != "oom.container-limit"), "{:?}", report.explanation);
    assert_eq!(report.history.subject.mechanism, OomKilled);
    let limited = Hand::new(ended(137, "OOMKilled")).spec("resources", json!({ "limits": { "memory": "64Mi" } })).report();
    assert_eq!(limited.verdict.cause, "oom.container-limit");
    assert_eq!(limited.verdict.confidence, a2::rules::Confidence::Confirmed);
    assert!(limited.history.deaths[0].finished.is_some_and(|t| a2::evidence::format_time(t) == at(100)));
}
