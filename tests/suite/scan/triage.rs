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

/// Failures that nothing but a log shows: a thread, a worker or a log handler died, or all of it hangs, in a container that is ready,
/// was never restarted, and about which no Warning was written. Whoever joins or leaves fails the test.
const ONLY_A_LOG_TELLS: [&str; 13] = [
    "bg-java-scheduled/live/label-service-7674c9867c-v5lgw",
    "bg-java-thread/live/tariff-service-54dd8fb899-ps8nf",
    "bg-python-thread/live/outbox-778c85cbc5-9bx55",
    "gw-logging-full/live/euglena-6dbf7d56c4-6wtmp",
    "gw-worker-crash/live/euglena-77c7fcd6bc-hthtf",
    "logging-format-error/live/bounce-handler-664985499c-brjcn",
    "oom-gunicorn-child/live/reports-api-94d9c88fd-8fj8g",
    "process-stalled/live/batch-folder-78ccf676dd-qfstb",
    "scan-mixed/live/event-consumer-584f5d6d49-vhvbf",
    "stalled-java-deadlock/live/manifest-sender-77c4954fd-qwj2l",
    "timeout-gunicorn-perhaps-oom/live/stats-api-7b5b45479f-6vnq7",
    "trap-panic-text-worker/live/event-consumer-765f47bdfc-n8nmg",
    "worker-processpool/live/ranker-76bcb99b76-8wbk5",
];

/// What became of the failing pods of one folder of cases.
#[derive(Default)]
struct Triaged {
    tables: usize,
    suspects: usize,
    unmarked: Vec<String>,
    absent: Vec<String>,
}

impl Triaged {
    fn take(&mut self, case: &Case, stage: &std::path::Path) {
        let namespace = case.namespace();
        let Some(rows) = read(&stage.join("api/v1/namespaces").join(namespace).join("pods.table.json")).and_then(|t| read_rows(&t)) else { return };
        self.tables += 1;
        let place = format!("{}/{}", case.id(), stage.file_name().unwrap_or_default().display());
        let pods: BTreeMap<String, Pod> = items(stage, namespace, "pods.json").into_iter().map(Pod::from_object).map(|p| (p.name.clone(), p)).collect();
        assert_eq!(rows.len(), pods.len(), "{place}: rows and pods");
        let events: Vec<Event> = items(stage, namespace, "events.json").into_iter().filter_map(Event::from_object).collect();
        let from_rows = suspects_of(&rows, stage, namespace);
        for name in failing(case, stage) {
            match pods.get(&name) {
                _ if from_rows.contains_key(&name) => self.suspects += 1,
                Some(pod) => {
                    let seen = if only_a_log_tells(pod, &events) { "" } else { ", which the API shows" };
                    self.unmarked.push(format!("{place}/{name}{seen}"));
                }
                None => self.absent.push(format!("{place}/{name}")),
            }
        }
        // The list of pods itself, from a server that prints no tables, names the same suspects.
        let now = read(&stage.join("bundle.json")).and_then(|b| a2::evidence::parse_time(b["capturedAt"].as_str()?));
        let whole: Vec<PodRow> = pods.values().map(|p| PodRow::from_pod(p, now)).collect();
        let from_list = suspects_of(&whole, stage, namespace);
        assert_eq!(from_list.keys().collect::<Vec<_>>(), from_rows.keys().collect::<Vec<_>>(), "{place}");
    }
}

fn triaged(folder: &std::path::Path) -> Triaged {
    let mut all = Triaged::default();
    for case in cases(folder) {
        let mut stages: Vec<_> = std::fs::read_dir(&case.path).expect("a case").map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
        stages.sort();
        stages.iter().for_each(|stage| all.take(&case, stage));
    }
    println!(
        "{} tables, {} failing pods are suspects, {} show only in their logs, {} are not there: {}",
        all.tables,
        all.suspects,
        all.unmarked.len(),
        all.absent.len(),
        all.absent.join(", ")
    );
    all
}

#[test]
fn every_failure_that_the_api_shows_is_a_suspect() {
    let own = crate::support::root().join("fixtures");
    let fixtures = triaged(&own);
    let of_fixtures: Vec<&str> = ONLY_A_LOG_TELLS.into_iter().filter(|name| own.join(name.split('/').next().unwrap_or_default()).is_dir()).collect();
    assert_eq!(fixtures.unmarked, of_fixtures, "those that no row and no warning shows");
    assert!(fixtures.tables >= 12 && fixtures.suspects >= 28, "{} tables, {} suspects", fixtures.tables, fixtures.suspects);
    let Some(root) = corpus() else { return };
    let all = triaged(&root);
    assert_eq!(all.unmarked, ONLY_A_LOG_TELLS, "those that no row and no warning shows");
    assert!(all.tables >= 162 && all.suspects >= 150, "{} tables, {} suspects", all.tables, all.suspects);
}

/// The pods of a case that its label does not call well.
fn failing(case: &Case, stage: &std::path::Path) -> Vec<String> {
    let well = |cause: &str| cause.starts_with("healthy.");
    if let Some(pods) = case.truth["pods"].as_object() {
        return pods.iter().filter(|(_, want)| !well(want["cause"].as_str().unwrap_or_default())).map(|(name, _)| name.clone()).collect();
    }
    let stage = stage.file_name().unwrap_or_default().to_string_lossy();
    let cause = case.truth["truth"][stage.as_ref()]["cause"].as_str().unwrap_or("healthy.running");
    case.target().filter(|_| !well(cause)).map(str::to_owned).into_iter().collect()
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
