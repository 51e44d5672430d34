//! The same facts as other releases, runtimes and event APIs write them.

use a2::evidence::{CaseFile, Event, Object, Pod};
use serde_json::{Value, json};

use super::corpus::{Stage, over, stages};
use super::said::{judge, moved};

/// The case with every event, its pods and its logs rewritten.
fn rewritten(stage: &Stage, event: impl Fn(&Event) -> Value, pod: impl Fn(&Value) -> Value) -> CaseFile {
    let mut case = stage.case.clone();
    for e in case.events.iter_mut().chain(&mut case.node_events) {
        *e = Event::from_object(Object::new(event(e))).expect("an event");
    }
    let of = |p: &Pod| Pod::from_object(Object::new(pod(p.object.raw())));
    case.pod = case.pod.as_ref().map(of);
    case.siblings = case.siblings.iter().map(of).collect();
    for peer in &mut case.peers {
        peer.pod = peer.pod.as_ref().map(of);
    }
    case
}

fn same(raw: &Value) -> Value {
    raw.clone()
}

#[test]
fn events_of_the_newer_api_say_the_same() {
    over("events.k8s.io", stages(), |stage| moved(&stage.base, &judge(&rewritten(stage, newer, same))));
}

/// `events.k8s.io/v1` as its own recorder writes it: `eventTime` and `series`, null in place of the old time stamps.
fn newer(event: &Event) -> Value {
    let raw = event.object.raw();
    let about = raw.get("involvedObject").or_else(|| raw.get("regarding")).cloned();
    let micro = |t: Option<a2::evidence::Time>| t.map(|t| t.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
    let mut new = json!({
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": raw["metadata"], "regarding": about, "note": event.message, "reason": event.reason,
        "type": event.kind, "action": "Doing", "eventTime": micro(event.first.or(event.last)), "reportingController": event.component, "reportingInstance": event.host,
        "deprecatedFirstTimestamp": null, "deprecatedLastTimestamp": null, "deprecatedSource": {}
    });
    if let Some(related) = raw.get("related") {
        new["related"] = related.clone();
    }
    if event.count > 1 || event.last != event.first {
        new["series"] = json!({ "count": event.count, "lastObservedTime": micro(event.last) });
    }
    new
}

#[test]
fn event_texts_of_older_releases_say_the_same() {
    over("older event texts", stages(), |stage| moved(&stage.base, &judge(&rewritten(stage, |e| older(stage, e, true), same))));
}

#[test]
fn container_events_without_a_field_path_say_the_same() {
    over("no field path", stages(), |stage| moved(&stage.base, &judge(&rewritten(stage, |e| older(stage, e, false), same))));
}

#[test]
fn longer_texts_of_newer_releases_say_no_more_than_the_older() {
    over("shorter texts", stages(), |stage| {
        let event = |e: &Event| {
            let mut raw = e.object.raw().clone();
            let text = if raw.get("note").is_some() { "note" } else { "message" };
            raw[text] = json!(shorter(&e.reason, &e.message));
            raw
        };
        let pod = |raw: &Value| {
            let mut raw = raw.clone();
            if let Some(message) = raw["status"]["message"].as_str().map(|m| shorter("Evicted", m)) {
                raw["status"]["message"] = json!(message);
            }
            for condition in raw["status"].get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(message) = condition["message"].as_str().map(|m| shorter("FailedScheduling", m)) {
                    condition["message"] = json!(message);
                }
            }
            raw
        };
        moved(&stage.base, &judge(&rewritten(stage, event, pod)))
    });
}

/// What releases before 1.2x wrote: no container in a back-off, no talk of preemption and claims, no threshold, other verbs.
fn shorter(reason: &str, message: &str) -> String {
    let until = |m: &str, marks: &[&str]| marks.iter().filter_map(|t| m.find(t)).min().map_or_else(|| m.to_owned(), |i| m[..i].trim_end().to_owned());
    match reason {
        "BackOff" if message.starts_with("Back-off restarting failed container") => "Back-off restarting failed container".to_owned(),
        "FailedScheduling" => until(message, &[" no new claims to deallocate", " preemption: "]),
        "Evicted" => message
            .split_once(" Threshold quantity")
            .map_or_else(|| message.to_owned(), |(front, rest)| format!("{front} {}", rest.split_once(". ").map_or("", |(_, tail)| tail))),
        "SuccessfulCreate" | "SuccessfulDelete" => match message.split_once(" Pod ") {
            Some((verb, rest)) => format!("{} Pod {rest}", verb.to_ascii_lowercase()),
            None => message.to_owned(),
        },
        "Preempted" => "Preempted by default/other on node k".to_owned(),
        _ => message.to_owned(),
    }
}

/// `Created container x`, `Started container x`, and on request no field path where the text names the container.
fn older(stage: &Stage, event: &Event, with_path: bool) -> Value {
    let mut raw = event.object.raw().clone();
    let Some(container) = event.container.clone().filter(|_| event.component == "kubelet") else { return raw };
    let message = match event.reason.as_str() {
        "Created" => format!("Created container {container}"),
        "Started" => format!("Started container {container}"),
        _ => event.message.clone(),
    };
    let text = if raw.get("note").is_some() { "note" } else { "message" };
    raw[text] = json!(message);
    let about = if raw.get("regarding").is_some() { "regarding" } else { "involvedObject" };
    // Where neither text nor path names the container nobody could tell; with one container there is nothing to tell.
    let named = message.split([' ', '"', ',', ':']).any(|w| w == container);
    let only = stage.case.pod.as_ref().is_some_and(|p| p.containers.len() == 1);
    if !with_path && (named || only) {
        raw[about].as_object_mut().expect("an object").remove("fieldPath");
    }
    raw
}

#[test]
fn a_kubelet_that_does_not_tell_started_says_the_same() {
    over("no started", stages(), |stage| {
        let case = rewritten(
            stage,
            |e| e.object.raw().clone(),
            |raw| {
                let mut raw = raw.clone();
                for status in statuses(&mut raw) {
                    status.as_object_mut().expect("an object").remove("started");
                }
                raw
            },
        );
        moved(&stage.base, &judge(&case))
    });
}

#[test]
fn containers_of_another_runtime_say_the_same() {
    over("CRI-O", stages(), |stage| moved(&stage.base, &judge(&rewritten(stage, |e| e.object.raw().clone(), crio))));
}

/// CRI-O: its own ids, a failed start that surfaces as a failed creation, and the image library's words.
fn crio(raw: &Value) -> Value {
    let mut raw = raw.clone();
    for status in statuses(&mut raw) {
        for field in ["/containerID", "/state/terminated/containerID", "/lastState/terminated/containerID"] {
            if let Some(id) = status.pointer_mut(field) {
                *id = json!(id.as_str().unwrap_or_default().replace("containerd://", "cri-o://"));
            }
        }
        if let Some(waiting) = status.pointer_mut("/state/waiting").filter(|w| w["reason"] == "RunContainerError") {
            waiting["reason"] = json!("CreateContainerError");
            if let Some((_, tail)) = waiting["message"].as_str().and_then(|m| m.split_once("unable to start container process: ")) {
                waiting["message"] = json!(format!("container create failed: {}", tail.trim_start_matches("error during container init: ")));
            }
        }
    }
    raw
}

#[test]
fn a_kernel_that_kills_the_whole_group_says_the_same() {
    // cgroup v2 with memory.oom.group: one line for the group, then one for every process in it.
    let ends = |s: &&Stage| s.base.verdict.cause == "oom.container-limit" && s.case.node.is_some() && s.base.history.subject.death.is_some();
    over("group kill", stages().iter().filter(ends), |stage| {
        let mut case = stage.case.clone();
        let end = stage.base.history.subject.death.and_then(|i| stage.base.history.deaths.get(i)).and_then(|d| d.finished);
        let Some(at) = end.map(a2::evidence::format_time) else { return Vec::new() };
        let uid = stage.base.history.uid.clone().unwrap_or_default().replace('-', "_");
        let group = format!("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{uid}.slice/cri-containerd-0123456789ab.scope");
        let lines = [
            format!("Tasks in {group} are going to be killed due to memory.oom.group set"),
            "Memory cgroup out of memory: Killed process 101 (main) total-vm:1448016kB, anon-rss:350452kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1208kB oom_score_adj:921".to_owned(),
            "Memory cgroup out of memory: Killed process 102 (helper) total-vm:14480kB, anon-rss:3504kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:120kB oom_score_adj:921".to_owned(),
        ];
        let node = stage.case.node.as_ref().map(|n| n.name.clone()).unwrap_or_default();
        case.node_events.extend(lines.iter().enumerate().filter_map(|(i, line)| {
            Event::from_object(Object::new(json!({
                "metadata": { "name": format!("{node}.oom{i}"), "namespace": "default" }, "type": "Warning", "reason": "OOMKilling", "message": line, "count": 1,
                "involvedObject": { "kind": "Node", "name": node, "uid": node }, "firstTimestamp": at, "lastTimestamp": at, "source": { "component": "kernel-monitor", "host": node }
            })))
        }));
        moved(&stage.base, &judge(&case))
    });
}

fn statuses(raw: &mut Value) -> Vec<&mut Value> {
    let Some(status) = raw.get_mut("status").and_then(Value::as_object_mut) else { return Vec::new() };
    status.iter_mut().filter(|(k, _)| k.ends_with("ontainerStatuses")).filter_map(|(_, v)| v.as_array_mut()).flatten().collect()
}
