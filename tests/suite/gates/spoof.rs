//! What the workload writes, wherever it writes it, never makes anything certain; what a stranger reports changes nothing.

use a2::evidence::{CaseFile, Event, LogLine, LogStatus, Object, Pod};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::corpus::{over, stages};
use super::said::{confirmed, is_failure, judge, moved};

/// Confirmed failure causes that were not confirmed before.
fn newly(stage: &super::corpus::Stage, case: &CaseFile) -> Vec<String> {
    let before = confirmed(&stage.base);
    let after = judge(case);
    confirmed(&after).into_iter().filter(|c| is_failure(c) && !before.contains(c)).map(|c| format!("{c} is confirmed now")).collect()
}

/// Sentences that sound like those of a component with authority.
const CLAIMS: &[&str] = &[
    "OOMKilled",
    "Memory cgroup out of memory: Killed process 7 (main) total-vm:1448016kB, anon-rss:350452kB, file-rss:0kB",
    "Container main failed liveness probe, will be restarted",
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi.",
    "thread 'main' panicked at src/main.rs:4:5:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }",
    "Pod was active on the node longer than the specified deadline",
    "exec: \"serve\": executable file not found in $PATH",
    "failed to pull image: not found",
];

#[test]
fn a_log_confirms_nothing() {
    over("spoofed log", stages(), |stage| {
        let mut case = stage.case.clone();
        for log in case.logs.iter_mut().filter(|l| l.status == LogStatus::Read) {
            let time = log.last_time();
            for line in CLAIMS.iter().flat_map(|c| c.lines()) {
                log.lines.push(LogLine { time, text: line.to_owned() });
            }
        }
        newly(stage, &case)
    });
}

#[test]
fn a_termination_message_confirms_nothing() {
    for claims in [&CLAIMS[..4], &CLAIMS[4..]] {
        over("spoofed termination message", stages().iter().filter(|s| s.case.pod.is_some()), |stage| {
            let mut case = stage.case.clone();
            let mut raw = case.pod.as_ref().expect("a pod").object.raw().clone();
            for list in ["containerStatuses", "initContainerStatuses"] {
                for status in raw["status"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                    for state in ["/state/terminated", "/lastState/terminated"] {
                        // The message of a failed start is the runtime's own.
                        let own = |t: &Value| t["reason"] != "StartError" && t["reason"] != "ContainerStatusUnknown";
                        if let Some(end) = status.pointer_mut(state).filter(|t| t.is_object() && own(t)) {
                            end["message"] = json!(claims.join("\n"));
                        }
                    }
                }
            }
            case.pod = Some(Pod::from_object(Object::new(raw)));
            newly(stage, &case)
        });
    }
}

#[test]
fn the_output_of_a_probe_confirms_nothing_but_that_it_failed() {
    over("spoofed probe output", stages().iter().filter(|s| s.case.pod.is_some()), |stage| {
        let mut case = stage.case.clone();
        let containers: Vec<String> = case.pod.iter().flat_map(|p| &p.containers).map(|c| c.name.clone()).collect();
        for container in containers {
            for (i, claim) in CLAIMS.iter().enumerate() {
                let message = format!("Readiness probe failed: {claim}");
                case.events.push(event(stage, "kubelet", "Unhealthy", &message, Some(&container), &format!("{container}{i}")));
            }
        }
        newly(stage, &case).into_iter().filter(|w| !w.starts_with("probe.readiness")).collect()
    });
}

/// Events that a stranger might write about a pod, its node and its owners.
const STRANGERS: &[(&str, &str)] = &[
    ("Killing", "Stopping container {c}"),
    ("Killing", "Container {c} failed liveness probe, will be restarted"),
    ("Killing", "Container {c} failed startup probe"),
    ("Killing", "FailedPostStartHook"),
    ("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "),
    ("Evicted", "Usage of EmptyDir volume \"v\" exceeds the limit \"5Mi\". "),
    ("Evicted", "The node had condition: [MemoryPressure]. "),
    ("OOMKilling", "Memory cgroup out of memory: Killed process 7 (main) total-vm:1448016kB, anon-rss:350452kB, file-rss:0kB"),
    ("OOMKilled", "container {c} was OOMKilled, exit code 137"),
    ("SystemOOM", "System OOM encountered, victim process: main, pid: 7"),
    ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"),
    ("Preempted", "Preempted by pod 6f1c0d0e-1111-4222-8333-444455556666 on node k"),
    ("Preempting", "Preempted in order to admit critical pod"),
    ("TaintManagerEviction", "Marking for deletion Pod n/p"),
    ("NodeNotReady", "Node is not ready"),
    ("NodeShutdown", "Shutdown manager detected shutdown event"),
    ("SandboxChanged", "Pod sandbox changed, it will be killed and re-created."),
    ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
    ("Unhealthy", "Startup probe failed: dial tcp 10.0.0.7:80: connect: connection refused"),
    ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    ("BackOff", "Back-off restarting failed container {c} in pod p"),
    ("Failed", "Failed to pull image \"i\": not found"),
    ("Failed", "Error: secret \"s\" not found"),
    ("FailedMount", "MountVolume.SetUp failed for volume \"v\" : secret \"s\" not found"),
    ("FailedScheduling", "0/1 nodes are available: 1 Insufficient memory."),
    ("FailedPostStartHook", "PostStartHook failed"),
    ("FailedPreStopHook", "PreStopHook failed"),
    ("OutOfmemory", "Node didn't have enough resource: memory"),
    ("Started", "Started container {c}"),
    ("FailedCreatePodSandBox", "Failed to create pod sandbox: network is not ready"),
];

#[test]
fn what_a_stranger_reports_about_the_pod_changes_nothing() {
    for component in ["my-operator", "", "kubelet-helper"] {
        over(&format!("events by {component:?}"), stages().iter().filter(|s| component == "my-operator" || sampled(&s.id)), |stage| {
            let mut case = stage.case.clone();
            let container = stage.base.verdict.container.clone().unwrap_or_else(|| "main".to_owned());
            for (i, (reason, message)) in STRANGERS.iter().enumerate() {
                case.events.push(event(stage, component, reason, &message.replace("{c}", &container), Some(&container), &i.to_string()));
            }
            let after = judge(&case);
            let mut wrong = moved(&stage.base, &after);
            wrong.extend(newly(stage, &case));
            wrong
        });
    }
}

#[test]
fn what_a_stranger_reports_about_node_and_owners_changes_nothing() {
    over("events about others by a stranger", stages(), |stage| {
        let mut case = stage.case.clone();
        let at = moment(stage);
        let about = |kind: &str, namespace: &str, name: &str, reason: &str, message: &str, i: usize| {
            Event::from_object(Object::new(json!({
                "metadata": { "name": format!("spoof.{name}.{i}"), "namespace": namespace }, "type": "Warning", "reason": reason, "message": message, "count": 1,
                "involvedObject": { "kind": kind, "namespace": namespace, "name": name }, "firstTimestamp": at, "lastTimestamp": at,
                "source": { "component": "my-operator" }
            })))
            .expect("an event")
        };
        if let Some(node) = stage.case.node.as_ref().map(|n| n.name.clone()) {
            let lines = [
                ("OOMKilling", "Memory cgroup out of memory: Killed process 7 (main) total-vm:1448016kB, anon-rss:350452kB, file-rss:0kB"),
                ("SystemOOM", "System OOM encountered, victim process: main, pid: 7"),
                ("Rebooted", "Node k has been rebooted, boot id: 1"),
                ("NodeNotReady", "Node k status is now: NodeNotReady"),
                ("Shutdown", "Shutdown manager detected shutdown event"),
                ("NodeHasDiskPressure", "Node k status is now: NodeHasDiskPressure"),
                ("NodeHasInsufficientMemory", "Node k status is now: NodeHasInsufficientMemory"),
            ];
            case.node_events.extend(lines.iter().enumerate().map(|(i, (reason, message))| about("Node", "default", &node, reason, message, i)));
        }
        let (namespace, name) = (&stage.target.namespace, &stage.target.name);
        for owner in &stage.case.owners {
            let (kind, of) = (owner.object.kind().to_owned(), owner.object.name().to_owned());
            let lines = [
                ("SuccessfulDelete", format!("Deleted pod: {name}")),
                ("BackoffLimitExceeded", "Job has reached the specified backoff limit".to_owned()),
                ("DeadlineExceeded", "Job was active longer than specified deadline".to_owned()),
                ("Suspended", "Job suspended".to_owned()),
                ("FailedCreate", "Error creating: pods \"p\" is forbidden: exceeded quota".to_owned()),
                ("ScalingReplicaSet", "Scaled up replica set other-66c8f7d5b from 0 to 1".to_owned()),
            ];
            case.events.extend(lines.iter().enumerate().map(|(i, (reason, message))| about(&kind, namespace, &of, reason, message, i)));
        }
        let after = judge(&case);
        let mut wrong = moved(&stage.base, &after);
        wrong.extend(newly(stage, &case));
        wrong
    });
}

/// One in four.
fn sampled(id: &str) -> bool {
    id.bytes().map(usize::from).sum::<usize>() % 4 == 0
}

/// When the subject ended, or now.
fn moment(stage: &super::corpus::Stage) -> String {
    let death = stage.base.history.subject.death.and_then(|i| stage.base.history.deaths.get(i)).and_then(|d| d.finished);
    a2::evidence::format_time(death.unwrap_or(stage.case.observed_at - TimeDelta::seconds(5)))
}

fn event(stage: &super::corpus::Stage, component: &str, reason: &str, message: &str, container: Option<&str>, id: &str) -> Event {
    let at = moment(stage);
    let mut raw = json!({
        "metadata": { "name": format!("spoof.{id}"), "namespace": stage.target.namespace }, "type": "Warning", "reason": reason, "message": message, "count": 1,
        "involvedObject": { "kind": "Pod", "namespace": stage.target.namespace, "name": stage.target.name, "uid": stage.base.history.uid },
        "firstTimestamp": at, "lastTimestamp": at, "source": { "component": component }, "reportingComponent": component
    });
    if let Some(c) = container {
        raw["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{c}}}"));
    }
    Event::from_object(Object::new(raw)).expect("an event")
}
