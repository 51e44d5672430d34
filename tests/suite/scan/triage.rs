//! Every recorded table: whatever the API shows of a failure makes its pod a suspect.

use std::collections::BTreeMap;

use a2::evidence::{Event, Object, Pod, PodRow, age_seconds, read_rows};
use a2::scan::{Lens, suspects};
use serde_json::Value;

use crate::support::{Case, cases, corpus};

fn read(path: &std::path::Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn items(stage: &std::path::Path, namespace: &str, file: &str) -> Vec<Object> {
    let path = stage.join("api/v1/namespaces").join(namespace).join(file);
    let list = read(&path).unwrap_or_default();
    list["items"].as_array().into_iter().flatten().cloned().map(Object::new).collect()
}

/// What a namespace looks like from afar, as the scan asks for it.
fn suspects_of(rows: &[PodRow], stage: &std::path::Path, namespace: &str) -> BTreeMap<String, String> {
    let warnings: Vec<Event> =
        items(stage, namespace, "events.json").into_iter().filter(|o| o.text("/type") != Some("Normal")).filter_map(Event::from_object).collect();
    let failed: Vec<String> =
        items(stage, namespace, "pods.json").iter().filter(|o| o.text("/status/phase") == Some("Failed")).map(|o| o.name().to_owned()).collect();
    suspects(rows, &warnings, &failed, &Lens { since_seconds: 3600, ..Lens::default() })
}

/// Only a log tells: green, never restarted, and no warning but that it was not ready while it started.
fn only_a_log_tells(pod: &Pod, events: &[Event]) -> bool {
    let green =
        pod.phase == "Running" && pod.deletion.is_none() && pod.containers.iter().filter(|c| c.status_index.is_some()).all(|c| c.ready && c.restarts == 0);
    let warned = events.iter().any(|e| e.kind != "Normal" && e.about.name == pod.name && !(e.reason == "Unhealthy" && e.message.starts_with("Readiness")));
    green && !warned
}

#[test]
fn every_failure_that_the_api_shows_is_a_suspect() {
    let Some(root) = corpus() else { return };
    let (mut tables, mut found, mut logs_only, mut missed) = (0, 0, Vec::new(), Vec::new());
    for case in cases(&root) {
        let (stage, namespace) = (case.path.join("live"), case.namespace().to_owned());
        let Some(rows) = read(&stage.join("api/v1/namespaces").join(&namespace).join("pods.table.json")).and_then(|t| read_rows(&t)) else { continue };
        tables += 1;
        let pods: BTreeMap<String, Pod> = items(&stage, &namespace, "pods.json").into_iter().map(Pod::from_object).map(|p| (p.name.clone(), p)).collect();
        assert_eq!(rows.len(), pods.len(), "{}: rows and pods", case.id());
        let events: Vec<Event> = items(&stage, &namespace, "events.json").into_iter().filter_map(Event::from_object).collect();
        let from_rows = suspects_of(&rows, &stage, &namespace);
        for name in failing(&case) {
            let Some(pod) = pods.get(&name) else { continue };
            match from_rows.contains_key(&name) {
                true => found += 1,
                false if only_a_log_tells(pod, &events) => logs_only.push(format!("{}/{name}", case.id())),
                false => missed.push(format!("{}/{name}", case.id())),
            }
        }
        // The list of pods itself, from a server that prints no tables, names at least the same suspects.
        let now = read(&stage.join("bundle.json")).and_then(|b| a2::evidence::parse_time(b["capturedAt"].as_str()?));
        let whole: Vec<PodRow> = pods.values().map(|p| PodRow::from_pod(p, now)).collect();
        let from_list = suspects_of(&whole, &stage, &namespace);
        assert_eq!(from_list.keys().collect::<Vec<_>>(), from_rows.keys().collect::<Vec<_>>(), "{}", case.id());
    }
    println!("{tables} tables, {found} failing pods are suspects, {} show only in their logs:\n  {}", logs_only.len(), logs_only.join("\n  "));
    assert_eq!(missed, Vec::<String>::new());
    assert!(tables > 100 && found > 100 && logs_only.len() < found / 8);
}

/// The pods of a case that its label calls failed.
fn failing(case: &Case) -> Vec<String> {
    let well = |cause: &str| cause.starts_with("healthy.") || cause == "disruption.deleted";
    if let Some(pods) = case.truth["pods"].as_object() {
        return pods.iter().filter(|(_, want)| !well(want["cause"].as_str().unwrap_or_default())).map(|(name, _)| name.clone()).collect();
    }
    let cause = case.truth["truth"]["live"]["cause"].as_str().unwrap_or("healthy.running");
    case.target().filter(|_| !well(cause) && cause != "unknown").map(str::to_owned).into_iter().collect()
}

fn row(status: &str, ready: u32, restarts: &str, age: &str) -> PodRow {
    let columns = ["Name", "Ready", "Status", "Restarts", "Age"].map(|name| serde_json::json!({ "name": name }));
    let cells = serde_json::json!(["web", format!("{ready}/2"), status, restarts, age]);
    let table = serde_json::json!({ "kind": "Table", "columnDefinitions": columns, "rows": [{ "cells": cells }] });
    read_rows(&table).expect("a table").remove(0)
}

#[test]
fn a_row_is_asked_about_for_a_reason() {
    let lens = Lens { since_seconds: 3600, ..Lens::default() };
    let why = |row: PodRow, lens: &Lens| suspects(&[row], &[], &[], lens).remove("web");
    assert_eq!(why(row("Running", 2, "0", "5m"), &lens), None);
    assert_eq!(why(row("Completed", 0, "0", "5m"), &lens), None);
    assert!(why(row("Running", 1, "0", "5m"), &lens).is_some());
    assert!(why(row("Error", 1, "0", "5m"), &lens).is_some());
    assert!(why(row("Terminating", 2, "0", "5m"), &lens).is_some());
    // Restarts are told with the time of the last one; without it they may be new.
    assert!(why(row("Running", 2, "4 (20m ago)", "3d"), &lens).is_some());
    assert_eq!(why(row("Running", 2, "4 (25h ago)", "3d"), &lens), None);
    assert!(why(row("Running", 1, "4 (25h ago)", "3d"), &lens).is_some());
    assert!(why(row("Running", 2, "4", "3d"), &lens).is_some());
    // Only those with a limit can be too old.
    assert!(why(row("Running", 2, "0", "51m"), &Lens { max_age_seconds: Some(45 * 60), ..lens.clone() }).is_some());
    let own = Lens { max_age_seconds: Some(60), limits: BTreeMap::from([("web".to_owned(), 7200)]), ..lens };
    assert_eq!(why(row("Running", 2, "0", "51m"), &own), None);
}

#[test]
fn printed_ages_are_read() {
    assert_eq!(
        ["65s", "3m15s", "25h", "6d", "2y", "3d4h"].map(age_seconds),
        [Some(65), Some(195), Some(90_000), Some(518_400), Some(63_072_000), Some(273_600)]
    );
    assert_eq!(["", "<invalid>", "<unknown>", "5", "m"].map(age_seconds), [None; 5]);
}
