//! The rows that a server prints of pods, as K/pkg/printers/internalversion/printers.go `printPod` does.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::world::now;

/// The table of a namespace.
pub fn table(pods: &[Value]) -> Value {
    let columns =
        ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates"].map(|name| json!({ "name": name, "type": "string" }));
    let rows: Vec<Value> = pods.iter().map(row).collect();
    json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": { "resourceVersion": "1" }, "columnDefinitions": columns, "rows": rows })
}

fn seconds_since(time: &Value) -> Option<i64> {
    Some((now() - time.as_str()?.parse::<DateTime<Utc>>().ok()?).num_seconds())
}

/// Go's `duration.HumanDuration`.
fn human(s: i64) -> String {
    let two = |big: i64, b: &str, small: i64, t: &str| if small == 0 { format!("{big}{b}") } else { format!("{big}{b}{small}{t}") };
    match s {
        i64::MIN..120 => format!("{}s", s.max(0)),
        120..600 => two(s / 60, "m", s % 60, "s"),
        600..10_800 => format!("{}m", s / 60),
        10_800..28_800 => two(s / 3600, "h", s % 3600 / 60, "m"),
        28_800..172_800 => format!("{}h", s / 3600),
        172_800..691_200 => two(s / 86_400, "d", s % 86_400 / 3600, "h"),
        _ => format!("{}d", s / 86_400),
    }
}

fn list<'a>(pod: &'a Value, path: &str) -> Vec<&'a Value> {
    pod.pointer(path).and_then(Value::as_array).into_iter().flatten().collect()
}

fn row(pod: &Value) -> Value {
    let text = |path: &str| pod.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let inits = list(pod, "/spec/initContainers");
    let is_native = |name: &Value| inits.iter().any(|c| c["name"] == *name && c["restartPolicy"] == "Always");
    let mut reason = text("/status/phase").to_owned();
    if !text("/status/reason").is_empty() {
        reason = text("/status/reason").to_owned();
    }
    if list(pod, "/status/conditions").iter().any(|c| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated") {
        reason = "SchedulingGated".to_owned();
    }
    let total = list(pod, "/spec/containers").len() + inits.iter().filter(|c| c["restartPolicy"] == "Always").count();
    let (mut ready, mut restarts, mut native_restarts) = (0, 0, 0);
    let (mut latest, mut native_latest): (Option<i64>, Option<i64>) = (None, None);
    let sooner = |a: Option<i64>, status: &Value| [a, seconds_since(&status["lastState"]["terminated"]["finishedAt"])].into_iter().flatten().min();
    let mut initializing = false;
    for (at, status) in list(pod, "/status/initContainerStatuses").into_iter().enumerate() {
        let (count, native) = (status["restartCount"].as_i64().unwrap(), is_native(&status["name"]));
        restarts += count;
        latest = sooner(latest, status);
        if native {
            native_restarts += count;
            native_latest = sooner(native_latest, status);
        }
        let state = &status["state"];
        if state["terminated"]["exitCode"] == 0 {
            continue;
        }
        if native && status["started"] == true {
            ready += usize::from(status["ready"] == true);
            continue;
        }
        initializing = true;
        reason = match (state["terminated"]["reason"].as_str(), state["waiting"]["reason"].as_str()) {
            (Some(ended), _) => format!("Init:{ended}"),
            (_, Some(waits)) if waits != "PodInitializing" => format!("Init:{waits}"),
            _ => format!("Init:{at}/{}", inits.len()),
        };
        break;
    }
    let conditions = list(pod, "/status/conditions");
    let holds = |kind: &str| conditions.iter().any(|c| c["type"] == kind && c["status"] == "True");
    if !initializing || holds("Initialized") {
        (restarts, latest) = (native_restarts, native_latest);
        let (mut runs, mut error) = (false, String::new());
        for status in list(pod, "/status/containerStatuses").into_iter().rev() {
            restarts += status["restartCount"].as_i64().unwrap();
            latest = sooner(latest, status);
            let state = &status["state"];
            if let Some(waits) = state["waiting"]["reason"].as_str() {
                reason = waits.to_owned();
            } else if let Some(ended) = state["terminated"]["reason"].as_str() {
                reason = ended.to_owned();
                if state["terminated"]["exitCode"] != 0 {
                    error = ended.to_owned();
                }
            } else if status["ready"] == true && state.get("running").is_some() {
                runs = true;
                ready += 1;
            }
        }
        if reason == "Completed" && runs {
            reason = if holds("Ready") {
                "Running".to_owned()
            } else if error.is_empty() {
                "NotReady".to_owned()
            } else {
                error
            };
        }
    }
    if pod["metadata"].get("deletionTimestamp").is_some() {
        match (text("/status/reason"), text("/status/phase")) {
            ("NodeLost", _) => reason = "Unknown".to_owned(),
            (_, "Succeeded" | "Failed") => {}
            _ => reason = "Terminating".to_owned(),
        }
    }
    let restarted = latest.filter(|_| restarts > 0).map_or_else(|| restarts.to_string(), |ago| format!("{restarts} ({} ago)", human(ago)));
    let age = seconds_since(&pod["metadata"]["creationTimestamp"]).map_or("<unknown>".to_owned(), human);
    json!({ "object": null, "cells": [text("/metadata/name"), format!("{ready}/{total}"), reason, restarted, age, "10.0.0.7", "n1", "<none>", gates(pod)] })
}

/// Gates that hold, of those that the spec asks for.
fn gates(pod: &Value) -> String {
    let (asked, conditions) = (list(pod, "/spec/readinessGates"), list(pod, "/status/conditions"));
    let hold = asked.iter().filter(|g| conditions.iter().any(|c| c["type"] == g["conditionType"] && c["status"] == "True")).count();
    if asked.is_empty() { "<none>".to_owned() } else { format!("{hold}/{}", asked.len()) }
}
