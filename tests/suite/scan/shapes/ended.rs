//! Pods that are over: failed, evicted, refused; and those whose work went on or ended well without them.

use serde_json::{Value, json};

use super::expect::expect;
use super::world::*;

const JOBS: &str = "/apis/batch/v1/namespaces/shop/jobs";
const NODE_LOW: &str = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 84Mi. ";

fn job(name: &str, owner: Option<&str>, status: Value) -> Value {
    let job = json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}") },
        "spec": { "backoffLimit": 6 }, "status": status });
    owner.map_or(job.clone(), |owner| job.owned("CronJob", owner))
}

fn holds(kind: &str, end: i64) -> Value {
    json!([{ "type": kind, "status": "True", "reason": if kind == "Failed" { "BackoffLimitExceeded" } else { "" }, "lastTransitionTime": ago(end) }])
}

fn failed(name: &str, job: &str, end: i64) -> Value {
    pod(name, "Failed", "Never", &[part("main", ended(1, end))]).owned("Job", job).made(end + 610).set("/metadata/labels", json!({ "job-name": job }))
}

fn done(name: &str, job: &str, end: i64) -> Value {
    pod(name, "Succeeded", "Never", &[part("main", ended(0, end))]).owned("Job", job).made(end + 610).set("/metadata/labels", json!({ "job-name": job }))
}

#[test]
fn what_failed_is_found() {
    expect(world(vec![pod("alone", "Failed", "Never", &[part("main", ended(1, 600))])]), &["alone error.unhandled error main"]);
    let late = pod("late", "Failed", "Never", &[part("main", ended(137, 600))])
        .set("/status/reason", json!("DeadlineExceeded"))
        .set("/status/message", json!("Pod was active on the node longer than the specified deadline"));
    expect(world(vec![late]), &["late timeout.deadline error main"]);
    let refused = pod("refused", "Failed", "Always", &[unseen("main")])
        .set("/status/reason", json!("OutOfmemory"))
        .set("/status/message", json!("Pod was rejected: Node didn't have enough resource: memory, requested: 1, used: 2, capacity: 2"));
    expect(world(vec![refused.of_web().made(300)]), &["refused scheduling.rejected error"]);
    let step = pod("init", "Failed", "Never", &[init("prepare", ended(1, 600)), part("main", waits("PodInitializing", ""))])
        .set("/status/conditions/1/status", json!("False"));
    expect(world(vec![step]), &["init error.unhandled error prepare"]);
    // A plain companion that fails takes the pod with it, and the Job's try.
    let companion = pod("both", "Failed", "Never", &[part("main", ended(0, 600)), part("pusher", ended(1, 590))]).owned("Job", "both");
    expect(world(vec![companion]), &["both error.unhandled error pusher"]);
    for name in ["istio-proxy", "fluent-bit"] {
        let companion = pod("both", "Failed", "Never", &[part("main", ended(0, 600)), part(name, ended(1, 590))]).owned("Job", "both");
        expect(world(vec![companion]), &[&format!("both error.unhandled error {name}")]);
    }
}

#[test]
fn what_ended_as_intended_is_none() {
    expect(world(vec![pod("done", "Succeeded", "Never", &[part("main", ended(0, 600)), part("other", ended(0, 590))])]), &[]);
    // Their containers' states are gone, or were never written.
    expect(world(vec![pod("bare", "Succeeded", "Never", &[unseen("main")])]), &[]);
    // Native sidecars are stopped when the work is done, with whatever code.
    for code in [0, 137, 143, 255, 1] {
        let pod = pod("done", "Succeeded", "OnFailure", &[native("log", ended(code, 590)), part("main", ended(0, 600))]).owned("Job", "done");
        expect(world(vec![pod]).events(vec![told("done", "log", "Killing", "Stopping container log", 599, 1)]), &[]);
    }
}

#[test]
fn evictions_are_found_in_every_form_and_dated() {
    let name = "web-5d9c7b6f4-x2x4z";
    let without_states = pod(name, "Failed", "Always", &[unseen("web")]).of_web().evicted(NODE_LOW).turned(600);
    let scan = expect(world(vec![without_states]), &[&format!("{name} eviction.node-pressure error")]);
    assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(600)));
    // It prints `Completed`.
    let ended_well = pod(name, "Failed", "Always", &[part("web", ended(0, 600))])
        .of_web()
        .evicted("Pod ephemeral local storage usage exceeds the total limit of containers 12Mi. ");
    expect(world(vec![ended_well]), &[&format!("{name} eviction.storage-limit error web")]);
    let mut by_event =
        pod("agent-x2x4z", "Failed", "Always", &[unseen("agent")]).owned("DaemonSet", "agent").evicted("The node was low on resource: ephemeral-storage. ");
    by_event["status"]["conditions"] = json!([]);
    let scan = expect(
        world(vec![by_event]).events(vec![event("Pod", "agent-x2x4z", "Evicted", "The node was low on resource: ephemeral-storage. ", 700)]),
        &["agent-x2x4z eviction.node-pressure error"],
    );
    assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(700)));
}

#[test]
fn what_is_left_of_a_replaced_pod_wakes_nobody() {
    let remnant =
        |end: i64| pod("web-5d9c7b6f4-x2x4z", "Failed", "Always", &[part("web", ended(137, end))]).of_web().evicted(NODE_LOW).made(end + 700).turned(end);
    let fresh = |age: i64| pod("web-5d9c7b6f4-7b9kd", "Running", "Always", &[part("web", runs(age - 5))]).of_web().made(age);
    expect(world(vec![remnant(600), fresh(590)]), &["web-5d9c7b6f4-x2x4z eviction.node-pressure warning"]);
    // The other one was there before: it replaces nothing.
    expect(world(vec![remnant(600), fresh(9000)]), &["web-5d9c7b6f4-x2x4z eviction.node-pressure error"]);
    // A pod of another owner, or one that is not ready, replaces nothing either.
    let mut other = fresh(590);
    other["metadata"]["name"] = json!("api-5d9c7b6f4-7b9kd");
    expect(world(vec![remnant(600), other]), &["web-5d9c7b6f4-x2x4z eviction.node-pressure error"]);
    expect(world(vec![remnant(259_200)]), &["web-5d9c7b6f4-x2x4z eviction.node-pressure info"]);
    let mut alone = remnant(259_200);
    alone["metadata"]["ownerReferences"] = json!([]);
    expect(world(vec![alone]), &["web-5d9c7b6f4-x2x4z eviction.node-pressure error"]);
}

#[test]
fn a_try_that_failed_counts_less_once_its_job_completed() {
    let retried = |end: i64, status: Value| {
        world(vec![failed("tally-x2x4z", "tally", end), done("tally-7b9kd", "tally", end - 500)]).with(JOBS, vec![job("tally", None, status)])
    };
    let complete = json!({ "succeeded": 1, "failed": 1, "startTime": ago(9000), "completionTime": ago(500), "conditions": holds("Complete", 500) });
    let scan = expect(retried(1000, complete.clone()), &["tally-x2x4z error.unhandled warning main"]);
    assert!(scan.findings[0].headline.contains("its Job completed all the same"), "{}", scan.findings[0].headline);
    expect(retried(7000, complete), &["tally-x2x4z error.unhandled info main"]);
    let at_work = json!({ "active": 1, "failed": 1, "startTime": ago(9000) });
    expect(world(vec![failed("tally-x2x4z", "tally", 1000)]).with(JOBS, vec![job("tally", None, at_work)]), &["tally-x2x4z error.unhandled warning main"]);
    for end in [1000, 90_000] {
        let over = json!({ "failed": 1, "startTime": ago(end + 700), "conditions": holds("Failed", end) });
        expect(world(vec![failed("tally-x2x4z", "tally", end)]).with(JOBS, vec![job("tally", None, over)]), &["tally-x2x4z error.unhandled error main"]);
    }
}

#[test]
fn a_failed_run_counts_less_once_a_later_one_ended_well() {
    let runs = |last: Value| {
        vec![
            job("nightly-29401000", Some("nightly"), json!({ "failed": 1, "startTime": ago(80_000), "conditions": holds("Failed", 79_000) })),
            job("nightly-29402440", Some("nightly"), last),
        ]
    };
    let well = json!({ "succeeded": 1, "startTime": ago(9000), "completionTime": ago(8000), "conditions": holds("Complete", 8000) });
    let pods = || vec![failed("nightly-29401000-x2x4z", "nightly-29401000", 79_000)];
    let scan = expect(world(pods()).with(JOBS, runs(well)), &["nightly-29401000-x2x4z error.unhandled info main"]);
    assert_eq!(scan.findings[0].owner.as_deref(), Some("CronJob/nightly"));
    let ill = json!({ "failed": 1, "startTime": ago(9000), "conditions": holds("Failed", 8000) });
    expect(world(pods()).with(JOBS, runs(ill)), &["nightly-29401000-x2x4z error.unhandled error main"]);
    // A success before the failure says nothing.
    let before = json!({ "succeeded": 1, "startTime": ago(99_000), "completionTime": ago(98_000), "conditions": holds("Complete", 98_000) });
    expect(world(pods()).with(JOBS, runs(before)), &["nightly-29401000-x2x4z error.unhandled error main"]);
}
