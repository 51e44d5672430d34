//! One line per owner and cause: families, fingerprints, order, and what is asked for it.

use std::collections::BTreeSet;

use a2::report::{Cleaner, RenderOptions, json, scan as report};
use a2::rules::RuleSet;
use a2::scan::{Scan, ScanOptions, scan};
use serde_json::{Value, json};

use super::expect::{expect, options, scanned};
use super::world::*;
use crate::scan::service;

const SUFFIXES: [&str; 7] = ["x2x4z", "7b9kd", "bcdfg", "hjklm", "npqrs", "tvwxz", "24567"];

fn looping(name: &str, kind: &str, owner: &str, hash: &str) -> Value {
    pod(name, "Running", "Always", &[part("app", backs_off()).last(ended(1, 60), 4)])
        .owned(kind, owner)
        .set("/metadata/labels", json!({ "pod-template-hash": hash }))
}

fn checkout(hash: &str) -> Vec<Value> {
    SUFFIXES.iter().map(|s| looping(&format!("checkout-{hash}-{s}"), "ReplicaSet", &format!("checkout-{hash}"), hash)).collect()
}

fn table(scan: &Scan, width: usize, all: bool) -> String {
    let redactor = a2::redact::Redactor::new();
    report::table(&json::scan(scan, &Cleaner::new(&redactor)), &RenderOptions { width, ..RenderOptions::default() }, all, None)
}

fn groups(scan: &Scan) -> BTreeSet<(String, String)> {
    scan.findings.iter().map(|f| (f.group.clone(), f.fingerprint.clone())).collect()
}

#[test]
fn seven_pods_of_one_deployment_are_one_line() {
    let scan = scanned(&world(checkout("5d9c7b6f4")), &options());
    assert_eq!((scan.findings.len(), groups(&scan).len()), (7, 1));
    let shown = table(&scan, 100, false);
    assert!(shown.contains("Deployment/checkout ×7") && shown.contains("since 03:03 UTC"), "{shown}");
    assert_eq!(shown.matches("checkout-5d9c7b6f4-").count(), 1, "one pod to look at is named: {shown}");
    let all = table(&scan, 100, true);
    assert!(SUFFIXES.iter().all(|s| all.contains(&format!("checkout-5d9c7b6f4-{s}"))), "{all}");
}

#[test]
fn a_new_rollout_and_a_new_name_are_the_same_group_another_owner_or_cause_is_not() {
    let print = |pods: Vec<Value>| groups(&scanned(&world(pods), &options()));
    let first = print(checkout("5d9c7b6f4"));
    assert_eq!(first, print(checkout("77bbcddff")), "the template's hash says nothing of the failure");
    assert_eq!(print(checkout("5d9c7b6f4").into_iter().chain(checkout("77bbcddff")).collect()), first);
    let other_owner = print(vec![looping("cart-5d9c7b6f4-x2x4z", "ReplicaSet", "cart-5d9c7b6f4", "5d9c7b6f4")]);
    let other_cause = print(vec![
        pod("checkout-5d9c7b6f4-x2x4z", "Running", "Always", &[part("app", backs_off()).last(ended_as(137, "OOMKilled", 60), 4).memory("64Mi")])
            .owned("ReplicaSet", "checkout-5d9c7b6f4")
            .set("/metadata/labels", json!({ "pod-template-hash": "5d9c7b6f4" })),
    ]);
    let other_kind = print(vec![looping("checkout-x2x4z", "DaemonSet", "checkout", "")]);
    let fingerprints: BTreeSet<&String> = [&first, &other_owner, &other_cause, &other_kind].into_iter().flatten().map(|(_, f)| f).collect();
    assert_eq!(fingerprints.len(), 4);
}

#[test]
fn generated_owners_share_a_family() {
    let job = |name: &str| pod(&format!("{name}-7b9kd"), "Failed", "Never", &[part("main", ended(1, 600))]).owned("Job", name);
    assert_eq!(
        groups(&scanned(&world(vec![job("load-x2x4z"), job("load-hjklm"), job("load-29401020"), job("load-29402040")]), &options())).len(),
        2,
        "load and the CronJob load"
    );
    let bare = |s: &str| pod(&format!("runner-{s}"), "Failed", "Never", &[part("main", ended(1, 600))]).set("/metadata/generateName", json!("runner-"));
    let scan = scanned(&world(vec![bare("x2x4z"), bare("7b9kd")]), &options());
    assert_eq!(groups(&scan).len(), 1);
    assert!(table(&scan, 100, false).contains("Pod/runner-* ×2"));
    let node = |n: &str| pod(&format!("etcd-{n}"), "Running", "Always", &[part("etcd", backs_off()).last(ended(1, 60), 4)]).owned("Node", n);
    assert_eq!(groups(&scanned(&world(vec![node("n1"), node("n2")]), &options())).len(), 1);
}

#[test]
fn worst_first_and_the_same_whatever_the_order_of_the_lists() {
    let mut pods = checkout("5d9c7b6f4");
    pods.push(pod("silent", "Running", "Never", &[part("main", ended(1, 600)), part("envoy", runs(3600))]));
    pods.push(pod("once", "Running", "Always", &[part("main", runs(60)).last(ended(1, 70), 1)]).made(90_000));
    pods.push(pod("lingers", "Running", "Never", &[part("main", ended(0, 600)), part("envoy", runs(3600))]));
    let events: Vec<Value> =
        SUFFIXES.iter().map(|s| told(&format!("checkout-5d9c7b6f4-{s}"), "app", "BackOff", "Back-off restarting failed container app in pod", 5, 9)).collect();
    let before = scanned(&world(pods.clone()).events(events.clone()), &options());
    let order: Vec<&str> = before.findings.iter().map(|f| f.severity.word()).collect();
    assert_eq!(order, [["critical"].as_slice(), &["error"; 7], &["warning", "info"]].concat());
    for turn in 1..pods.len() {
        pods.rotate_left(turn);
        let (mut shuffled, mut told) = (pods.clone(), events.clone());
        shuffled.reverse();
        told.rotate_left(turn % 7);
        let after = scanned(&world(shuffled).events(told), &options());
        assert_eq!((&before.findings, table(&before, 80, false)), (&after.findings, table(&after, 80, false)));
    }
}

#[tokio::test]
async fn selectors_of_labels_are_one_table_each() {
    let mut pods = checkout("5d9c7b6f4");
    pods[0]["metadata"]["labels"]["team"] = json!("other");
    let bundle = world(pods).bundle(true);
    let (conn, asked) = service::connect(bundle.path(), true, service::plain());
    let asking =
        ScanOptions { exclude: vec!["team=other".to_owned()], limits: vec![("agent=a".to_owned(), 60), ("agent in (b, c)".to_owned(), 120)], ..options() };
    let scan = scan(&conn, RuleSet::builtin(), &asking).await.expect("a scan");
    assert_eq!((scan.counts.excluded, scan.counts.pods, scan.findings.len()), (1, 6, 6));
    let asked = asked.lock().unwrap().clone();
    let tables: Vec<&String> = asked.iter().filter(|a| a.contains("/pods?") && a.contains("includeObject=None")).collect();
    let with = |words: &[&str]| tables.iter().filter(|t| words.iter().all(|w| t.contains(w))).count();
    assert_eq!((tables.len(), with(&["labelSelector=team%3Dother"])), (4, 1), "{tables:#?}");
    assert_eq!((with(&["agent%3Da", "status.phase%3DRunning"]), with(&["agent%20in%20", "status.phase%3DRunning"])), (1, 1), "{tables:#?}");
    assert!(asked.iter().all(|a| !a.contains(&format!("/pods/checkout-5d9c7b6f4-{}", SUFFIXES[0]))), "what is left out is not read: {asked:#?}");
}

#[test]
fn nothing_that_tells_is_cut_in_a_narrow_window() {
    let name = "recommendation-engine-gateway-5d9c7b6f4-x2x4z";
    let secret = "secret \"recommendation-engine-gateway-database-credentials\" not found";
    let pending = pod(name, "Pending", "Always", &[part("gateway", waits("CreateContainerConfigError", secret))])
        .owned("ReplicaSet", "recommendation-engine-gateway-5d9c7b6f4");
    let scan = expect(world(vec![pending]), &[&format!("{name} config.missing-reference error gateway")]);
    for width in [80, 100, 120, 200] {
        let shown = table(&scan, width, false);
        let column = |from: usize| shown.lines().filter_map(|l| l.split('┆').nth(from)).map(str::trim).collect::<String>().replace('│', "");
        assert!(column(1).replace(' ', "").contains(name), "{shown}");
        assert!(column(2).replace(' ', "").contains(&secret.replace(' ', "")), "{shown}");
    }
}

#[test]
fn gaps_of_many_pods_are_one_line() {
    let scan = scanned(&world(checkout("5d9c7b6f4")), &options());
    let shown = table(&scan, 80, false);
    assert!(shown.contains("log of container app (previous) of 7 pods (expired)"), "{shown}");
}
