//! What runs and is not well: out of service, or for too long.

use a2::scan::ScanOptions;
use serde_json::{Value, json};

use super::expect::{expect, expect_with, options};
use super::world::*;

const WEB: &str = "web-5d9c7b6f4-x2x4z";

fn unready(since: i64, age: i64) -> Value {
    pod(WEB, "Running", "Always", &[part("web", runs(age)).unready().probed("readinessProbe")]).of_web().made(age + 5).turned(since)
}

#[test]
fn not_ready_counts_after_the_grace_and_is_dated() {
    let refusals = |last: i64, count: i64| vec![told(WEB, "web", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", last, count)];
    let scan = expect(world(vec![unready(3000, 3000)]).events(refusals(5, 100)), &[&format!("{WEB} probe.readiness warning web")]);
    assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(3000)));
    expect(world(vec![unready(3000, 3000)]), &[&format!("{WEB} unknown warning web")]);
    let hangs = vec![told(WEB, "web", "Unhealthy", "Readiness probe failed: Get \"http://10.0.0.7:8080/health\": context deadline exceeded", 5, 4)];
    expect(world(vec![unready(10, 90_000)]).events(hangs), &[]);
    expect(world(vec![unready(20, 20)]), &[]);
    expect_with(world(vec![unready(20, 20)]), &ScanOptions { grace_seconds: 5, ..options() }, &[&format!("{WEB} unknown warning web")]);
}

#[test]
fn a_companion_that_is_not_ready_takes_the_pod_out_of_service() {
    let of = |since: i64| {
        let companion = part("istio-proxy", runs(9000)).unready().probed("readinessProbe");
        pod(WEB, "Running", "Always", &[part("web", runs(9000)), companion]).of_web().made(9100).turned(since)
    };
    let event = vec![told(WEB, "istio-proxy", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 5, 60)];
    expect(world(vec![of(600)]).events(event), &[&format!("{WEB} probe.readiness warning istio-proxy")]);
    expect(world(vec![of(600)]), &[&format!("{WEB} unknown warning istio-proxy")]);
    expect(world(vec![of(10)]), &[]);
}

#[test]
fn a_readiness_gate_that_nobody_sets_is_found_after_the_grace() {
    let gated = |since: i64, met: &str| {
        let mut pod = pod(WEB, "Running", "Always", &[part("web", runs(9000))]).of_web().made(9100).turned(since);
        pod["spec"]["readinessGates"] = json!([{ "conditionType": "example.com/target-health" }]);
        pod["status"]["conditions"][2]["status"] = json!(met);
        pod["status"]["conditions"].as_array_mut().unwrap().push(json!({ "type": "example.com/target-health", "status": met }));
        pod
    };
    let scan = expect(world(vec![gated(600, "False")]), &[&format!("{WEB} probe.readiness warning web")]);
    assert!(scan.findings[0].headline.contains("readiness gate example.com/target-health is not met"), "{}", scan.findings[0].headline);
    assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(600)));
    expect(world(vec![gated(30, "False")]), &[]);
    expect(world(vec![gated(600, "True")]), &[]);
}

#[test]
fn a_slow_start_has_the_time_that_its_probes_give_it() {
    let slow = |age: i64| {
        let mut web = part("web", runs(age - 5)).unready();
        web = web.spec("startupProbe", json!({ "httpGet": { "path": "/health", "port": 8080 }, "failureThreshold": 30, "periodSeconds": 10 }));
        let mut pod = pod(WEB, "Running", "Always", &[web]).of_web().made(age);
        pod["status"]["containerStatuses"][0]["started"] = json!(false);
        pod
    };
    let refused = |age: i64| told(WEB, "web", "Unhealthy", "Startup probe failed: dial tcp 10.0.0.7:8080: connect: connection refused", 5, age / 10);
    expect(world(vec![slow(200)]).events(vec![refused(200)]), &[]);
    let found = super::expect::scanned(&world(vec![slow(400)]).events(vec![refused(400)]), &options());
    assert_eq!(found.findings.len(), 1);
    let delayed = |age: i64| {
        let web = part("web", runs(age - 5)).unready();
        let web = web.spec("readinessProbe", json!({ "httpGet": { "path": "/health", "port": 8080 }, "initialDelaySeconds": 180 }));
        pod(WEB, "Running", "Always", &[web]).of_web().made(age)
    };
    expect(world(vec![delayed(150)]), &[]);
    expect(world(vec![delayed(400)]), &[&format!("{WEB} unknown warning web")]);
}

#[test]
fn debug_containers_are_nobodys_failure() {
    for state in [ended(1, 60), waits("ImagePullBackOff", "Back-off pulling image \"debug\"")] {
        let mut pod = pod(WEB, "Running", "Always", &[part("web", runs(9000))]).of_web().made(9100);
        pod["spec"]["ephemeralContainers"] = json!([{ "name": "debugger", "image": "debug" }]);
        pod["status"]["ephemeralContainerStatuses"] = json!([{ "name": "debugger", "ready": false, "restartCount": 0, "state": state, "lastState": {} }]);
        expect(world(vec![pod]), &[]);
    }
}

#[test]
fn only_steps_have_an_age() {
    let step = |name: &str, policy: &str, age: i64| pod(name, "Running", policy, &[part("main", runs(age - 5))]).made(age);
    let pods = || vec![step("slow", "Never", 3060), step("fast", "Never", 400), step("server", "Always", 90_000)];
    expect(world(pods()), &[]);
    let limit = ScanOptions { max_age_seconds: Some(45 * 60), ..options() };
    let scan = expect_with(world(pods()), &limit, &["slow healthy.running warning"]);
    assert!(scan.findings[0].headline.contains("it has run for 51 min, its limit is 45 min"), "{}", scan.findings[0].headline);
    // Waiting for a node is no running.
    let late = step("late", "Never", 9000).set("/status/startTime", json!(ago(100)));
    expect_with(world(vec![late]), &limit, &[]);
    let going = step("going", "Never", 9000).deleted(20, 30);
    expect_with(world(vec![going]), &limit, &["going disruption.deleted info"]);
}
