//! Every recorded namespace: found with an accepted cause, whatever the server prints.

use std::collections::BTreeMap;

use a2::redact::Redactor;
use a2::report::{Cleaner, json};
use a2::rules::RuleSet;
use a2::scan::{Finding, ScanOptions, Severity, scan};
use a2::source::{Connection, bundle};

use serde_json::Value;

use super::service;
use crate::bundles::stages;
use crate::support::{cases, corpus};

fn options(namespace: &str) -> ScanOptions {
    ScanOptions { namespaces: vec![namespace.to_owned()], ..ScanOptions::default() }
}

async fn findings(conn: &Connection, namespace: &str) -> Vec<Finding> {
    scan(conn, RuleSet::builtin(), &options(namespace)).await.expect("a scan").findings
}

/// The whole answer as a user gets it, but for what it cost.
async fn answer(conn: &Connection, namespace: &str) -> Value {
    let scan = scan(conn, RuleSet::builtin(), &options(namespace)).await.expect("a scan");
    let redactor = Redactor::new();
    let mut document: Value = serde_json::from_str(&json::render(&json::scan(&scan, &Cleaner::new(&redactor)))).expect("JSON");
    document.as_object_mut().expect("an object").remove("cost").expect("a cost");
    document
}

#[tokio::test]
async fn rows_and_the_full_list_give_the_same_answer() {
    let Some(root) = corpus() else { return };
    let (mut tables, mut found) = (0, 0);
    for (stage, namespace, _) in stages(&root) {
        if !stage.join("api/v1/namespaces").join(&namespace).join("pods.table.json").is_file() {
            continue;
        }
        let (rows, _) = service::connect(&stage, true, service::plain());
        let (list, asked) = service::connect(&stage, false, service::plain());
        let (rows, list) = (answer(&rows, &namespace).await, answer(&list, &namespace).await);
        assert_eq!(rows, list, "{}", stage.display());
        // Whoever sent the pods whole is not asked for them again.
        let pod = format!("/api/v1/namespaces/{namespace}/pods/");
        let again: Vec<String> = asked.lock().expect("a lock").iter().filter(|a| a.starts_with(&pod) && !a.contains("/log?")).cloned().collect();
        let count = rows["findings"].as_array().map_or(0, Vec::len);
        assert!(again.len() <= 1, "{}: {again:?}", stage.display());
        tables += 1;
        found += count;
    }
    println!("{tables} tables, {found} findings");
    assert!(tables > 100 && found > 150, "{tables} tables, {found} findings");
}

#[tokio::test]
async fn what_the_labels_expect_is_found() {
    let Some(root) = corpus() else { return };
    let (mut expected, mut right, mut missed, mut alarms) = (0, 0, Vec::new(), Vec::new());
    for case in cases(&root) {
        let Some(pods) = case.truth["pods"].as_object() else { continue };
        let stage = case.path.join(case.truth["stage"].as_str().unwrap_or("live"));
        let conn = bundle::open(&stage).expect("a bundle");
        let found: BTreeMap<String, Finding> = findings(&conn, case.namespace()).await.into_iter().filter_map(|f| Some((f.pod.clone()?, f))).collect();
        for (name, want) in pods {
            let optional = want["optional"] == true;
            let Some(finding) = found.get(name) else {
                if !optional {
                    missed.push(name.clone());
                }
                continue;
            };
            let accepted = want["acceptable"].as_array().into_iter().flatten().chain([&want["cause"]]).any(|c| c == finding.cause.as_str());
            expected += 1;
            right += usize::from(accepted && (finding.silent == (want["silent"] == true)));
        }
        alarms.extend(found.into_values().filter(|f| f.severity > Severity::Info).filter_map(|f| f.pod).filter(|name| !pods.contains_key(name)));
    }
    println!("{right} of {expected} right");
    assert!(missed.is_empty() && alarms.is_empty(), "missed {missed:?}, false alarms {alarms:?}");
    assert!(right * 100 >= expected * 95, "{right} of {expected}");
}
