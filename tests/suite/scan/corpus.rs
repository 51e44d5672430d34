//! Every recorded namespace: found with an accepted cause, never contradicted by an investigation, whatever the server prints.

use std::collections::BTreeMap;

use a2::collect::{Extras, collect};
use a2::diagnosis::{diagnose, peers_named};
use a2::evidence::{Budget, Options, Target};
use a2::rules::RuleSet;
use a2::scan::{Finding, ScanOptions, Severity, scan};
use a2::source::{Connection, bundle};

use super::service;
use crate::support::{Case, cases, corpus};

fn options(namespace: &str) -> ScanOptions {
    ScanOptions { namespaces: vec![namespace.to_owned()], ..ScanOptions::default() }
}

async fn findings(conn: &Connection, namespace: &str) -> Vec<Finding> {
    scan(conn, RuleSet::builtin(), &options(namespace)).await.expect("a scan").findings
}

/// All recorded stages of a case, labelled or not.
fn stages(case: &Case) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(&case.path).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("bundle.json").is_file()).collect();
    found.sort();
    found
}

#[tokio::test]
async fn an_investigation_never_contradicts_a_finding() {
    let Some(root) = corpus() else { return };
    let (mut count, mut wrong) = (0, Vec::new());
    for case in cases(&root) {
        for stage in stages(&case) {
            let conn = bundle::open(&stage).expect("a bundle");
            for finding in findings(&conn, case.namespace()).await {
                let Some(name) = finding.pod.clone() else { continue };
                count += 1;
                let target = Target { namespace: case.namespace().to_owned(), name, uid: None };
                let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
                let asked = Options { since_seconds: options("x").since_seconds, ..Options::default() };
                let whole = collect(&conn, target, asked, Budget::default(), extras).await.expect("a case");
                let said = diagnose(&whole, RuleSet::builtin());
                let silent = said.history.silence.silent == Some(true);
                if (said.verdict.cause.as_str(), silent) != (finding.cause.as_str(), finding.silent) {
                    wrong.push(format!("{}: {finding:#?} but {} (silent {silent})", stage.display(), said.verdict.cause));
                }
            }
        }
    }
    println!("{count} findings, {} contradicted", wrong.len());
    assert!(count > 200 && wrong.is_empty(), "{count} findings; {}", wrong.join("\n"));
}

#[tokio::test]
async fn rows_and_the_full_list_give_the_same_findings() {
    let Some(root) = corpus() else { return };
    for case in cases(&root) {
        let stage = case.path.join("live");
        if !stage.is_dir() {
            continue;
        }
        let (rows, _) = service::connect(&stage, true, service::plain());
        let (list, _) = service::connect(&stage, false, service::plain());
        assert_eq!(findings(&rows, case.namespace()).await, findings(&list, case.namespace()).await, "{}", case.id());
    }
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
