//! Owners whose pods were never created: there is no row and no object of them.

use a2::scan::ScanOptions;
use serde_json::{Value, json};

use super::expect::{expect, expect_with, options};
use super::world::*;

const SETS: &str = "/apis/apps/v1/namespaces/shop/replicasets";
const JOBS: &str = "/apis/batch/v1/namespaces/shop/jobs";
const QUOTA: &str = "Error creating: pods \"web-5d9c7b6f4-x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4";

fn object(kind: &str, name: &str, spec: Value, status: Value) -> Value {
    let mut object = json!({ "apiVersion": "apps/v1", "kind": kind, "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}") }, "spec": spec, "status": status });
    if object["spec"].get("template").is_none() {
        object["spec"]["template"] = json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": "web:1" }] } });
    }
    object
}

fn set(wanted: i64, there: i64) -> Value {
    object("ReplicaSet", "web-5d9c7b6f4", json!({ "replicas": wanted }), json!({ "replicas": there })).owned("Deployment", "web")
}

fn refused(kind: &str, name: &str) -> Vec<Value> {
    vec![event(kind, name, "FailedCreate", QUOTA, 30).set("/count", json!(9)).set("/firstTimestamp", json!(ago(900)))]
}

#[test]
fn a_deployment_that_may_create_none_or_too_few_is_found() {
    let scan = expect(world(vec![]).events(refused("ReplicaSet", "web-5d9c7b6f4")).with(SETS, vec![set(1, 0)]), &["Deployment/web scheduling.quota error"]);
    assert_eq!((scan.findings[0].pod.as_ref(), scan.counts.pods), (None, 0));
    assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(900)));
    let one = pod("web-5d9c7b6f4-x2x4z", "Running", "Always", &[part("web", runs(3000))]).of_web();
    expect(world(vec![one.clone()]).events(refused("ReplicaSet", "web-5d9c7b6f4")).with(SETS, vec![set(3, 1)]), &["Deployment/web scheduling.quota error"]);
    // They came in the end, or are not wanted any more, or the set is gone.
    expect(world(vec![one]).events(refused("ReplicaSet", "web-5d9c7b6f4")).with(SETS, vec![set(1, 1)]), &[]);
    expect(world(vec![]).events(refused("ReplicaSet", "web-5d9c7b6f4")).with(SETS, vec![set(0, 0)]), &[]);
    expect(world(vec![]).events(refused("ReplicaSet", "web-5d9c7b6f4")).with(SETS, vec![]), &[]);
}

#[test]
fn whoever_creates_pods_can_be_refused() {
    let sts = object("StatefulSet", "db", json!({ "replicas": 3 }), json!({ "replicas": 2 }));
    expect(
        world(vec![]).events(refused("StatefulSet", "db")).with("/apis/apps/v1/namespaces/shop/statefulsets", vec![sts]),
        &["StatefulSet/db scheduling.quota error"],
    );
    let ds = object("DaemonSet", "agent", json!({}), json!({ "desiredNumberScheduled": 3, "currentNumberScheduled": 0 }));
    expect(
        world(vec![]).events(refused("DaemonSet", "agent")).with("/apis/apps/v1/namespaces/shop/daemonsets", vec![ds]),
        &["DaemonSet/agent scheduling.quota error"],
    );
    let job = object("Job", "tally", json!({}), json!({ "startTime": ago(900) }));
    expect(world(vec![]).events(refused("Job", "tally")).with(JOBS, vec![job]), &["Job/tally scheduling.quota error"]);
    let of_cron = object("Job", "nightly-29401000", json!({}), json!({})).owned("CronJob", "nightly");
    expect(world(vec![]).events(refused("Job", "nightly-29401000")).with(JOBS, vec![of_cron]), &["CronJob/nightly scheduling.quota error"]);
    let cron = |made: Value| {
        let cron = object("CronJob", "nightly", json!({ "schedule": "* * * * *" }), json!({ "lastScheduleTime": made }));
        world(vec![]).events(refused("CronJob", "nightly")).with("/apis/batch/v1/namespaces/shop/cronjobs", vec![cron])
    };
    expect(cron(json!(ago(4000))), &["CronJob/nightly scheduling.quota error"]);
    expect(cron(json!(ago(10))), &[]);
}

#[test]
fn a_job_that_got_its_pods_or_wants_none_is_none() {
    let of = |spec: Value, status: Value| world(vec![]).events(refused("Job", "tally")).with(JOBS, vec![object("Job", "tally", spec, status)]);
    let over = |kind: &str| json!({ "succeeded": 1, "conditions": [{ "type": kind, "status": "True" }] });
    expect(of(json!({}), over("Complete")), &[]);
    expect(of(json!({}), over("Failed")), &[]);
    expect(of(json!({ "suspend": true }), json!({})), &[]);
    expect(of(json!({}), json!({ "active": 1 })), &[]);
    expect(of(json!({ "parallelism": 4, "completions": 8 }), json!({ "active": 1, "succeeded": 2 })), &["Job/tally scheduling.quota error"]);
    expect(of(json!({ "parallelism": 4, "completions": 8 }), json!({ "active": 1, "succeeded": 7 })), &[]);
}

#[test]
fn selectors_choose_among_pods_that_would_be() {
    let world = || world(vec![]).events(refused("ReplicaSet", "web-5d9c7b6f4")).with(SETS, vec![set(1, 0)]);
    let by = |selector: &str| ScanOptions { selector: Some(selector.to_owned()), ..options() };
    expect_with(world(), &by("app=web"), &["Deployment/web scheduling.quota error"]);
    expect_with(world(), &by("app in (web, api)"), &["Deployment/web scheduling.quota error"]);
    expect_with(world(), &by("app=other"), &[]);
    expect_with(world(), &ScanOptions { exclude: vec!["app=web".to_owned()], ..options() }, &[]);
    expect_with(world(), &ScanOptions { field_selector: Some("spec.nodeName=n1".to_owned()), ..options() }, &[]);
}
