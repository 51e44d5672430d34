//! A healthy pod with something in its past, or with somebody else's: nothing is found.

use serde_json::json;

use super::expect::expect;
use super::world::*;

const WEB: &str = "web-5d9c7b6f4-x2x4z";

fn healthy() -> serde_json::Value {
    pod(WEB, "Running", "Always", &[part("web", runs(86_000)).probed("livenessProbe").probed("readinessProbe")]).of_web().made(86_100)
}

#[test]
fn warnings_that_came_to_nothing() {
    let warnings = [
        ("DNSConfigForming", "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.0.0.2"),
        ("MissingClusterDNS", "kubelet does not have ClusterDNS IP configured"),
        ("PolicyViolation", "policy require-labels/check fail: validation error"),
        ("FailedMount", "MountVolume.SetUp failed for volume \"kube-api-access-x\" : failed to sync configmap cache: timed out waiting for the condition"),
        ("FailedMount", "MountVolume.SetUp failed for volume \"cfg\" : configmap \"web-cfg\" not found"),
        ("FailedScheduling", "0/3 nodes are available: 3 Insufficient memory."),
        ("FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to reserve sandbox name"),
        ("BackOff", "Back-off pulling image \"web:1\""),
        ("Failed", "Failed to pull image \"web:1\": rpc error: code = Unknown desc = context canceled"),
        ("Failed", "Error: ImagePullBackOff"),
        ("Unhealthy", "Liveness probe failed: Get \"http://10.0.0.7:8080/health\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
        ("Unhealthy", "Startup probe failed: dial tcp 10.0.0.7:8080: connect: connection refused"),
        ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
        ("NodeNotReady", "Node is not ready"),
        ("FailedPreStopHook", "PreStopHook failed"),
        ("FailedKillPod", "error killing pod: failed to \"KillPodSandbox\""),
        ("FailedSync", "error determining status: rpc error: code = Unknown"),
        ("ProbeWarning", "Readiness probe warning: Probe terminated redirects"),
        ("ResizeInfeasible", "Node didn't have enough capacity"),
        ("InspectFailed", "Failed to inspect image"),
    ];
    for (reason, message) in warnings {
        for last in [5, 900] {
            expect(world(vec![healthy()]).events(vec![told(WEB, "web", reason, message, last, 2)]), &[]);
            expect(world(vec![healthy()]).events(vec![event("Pod", WEB, reason, message, last)]), &[]);
        }
    }
}

#[test]
fn another_incarnations_events() {
    let fresh = pod("db-0", "Running", "Always", &[part("db", runs(300))]).owned("StatefulSet", "db").made(310).set("/metadata/uid", json!("uid-new"));
    let of_old = |reason: &str, message: &str, last: i64| told("db-0", "db", reason, message, last, 9);
    let events = || {
        vec![
            of_old("BackOff", "Back-off restarting failed container db in pod db-0_shop(uid-db-0)", 400),
            of_old("Unhealthy", "Liveness probe failed: dial tcp 10.0.0.7:5432: i/o timeout", 500),
            of_old("Killing", "Container db failed liveness probe, will be restarted", 500),
        ]
    };
    expect(world(vec![fresh.clone()]).events(events()), &[]);
    // Whoever wrote them left the UID out: they are older than the pod.
    let bare = events().into_iter().map(|e| e.set("/involvedObject/uid", json!(""))).collect();
    expect(world(vec![fresh.clone()]).events(bare), &[]);
    // Its own end is its own, and not the old one's probe.
    let mut restarted = fresh;
    restarted["status"]["containerStatuses"][0]["lastState"] = ended(1, 305);
    restarted["status"]["containerStatuses"][0]["lastState"]["terminated"]["startedAt"] = json!(ago(308));
    restarted["status"]["containerStatuses"][0]["restartCount"] = json!(1);
    expect(world(vec![restarted]).events(events()), &["db-0 error.unhandled warning db"]);
}

#[test]
fn objects_of_other_kinds_with_the_same_name() {
    let web = pod("web", "Running", "Always", &[part("web", runs(86_000))]).made(86_100);
    let events = vec![
        event("HorizontalPodAutoscaler", "web", "FailedGetResourceMetric", "failed to get cpu utilization", 30),
        event("Endpoints", "web", "FailedToUpdateEndpoint", "Operation cannot be fulfilled", 30),
        event("PersistentVolumeClaim", "web", "ProvisioningFailed", "no volume plugin matched", 30),
    ];
    expect(world(vec![web]).events(events), &[]);
}

#[test]
fn clocks_that_disagree() {
    let web = |parts: &[Part]| pod(WEB, "Running", "Always", parts).of_web();
    expect(world(vec![web(&[part("web", runs(-30))]).made(-20)]), &[]);
    expect(world(vec![web(&[part("web", backs_off()).last(ended(1, -45), 4)])]), &[&format!("{WEB} error.unhandled error web")]);
    expect(world(vec![web(&[part("web", runs(-60)).last(ended(1, -50), 1)]).made(90_000)]), &[&format!("{WEB} error.unhandled warning web")]);
    expect(
        world(vec![pod("job", "Running", "Never", &[part("main", ended(1, -120)), part("envoy", runs(900))])]),
        &["job error.unhandled silent critical main"],
    );
}

#[test]
fn static_pods_are_pods() {
    let of = |parts: &[Part]| {
        let mirror = json!({ "kubernetes.io/config.mirror": "abc", "kubernetes.io/config.source": "file" });
        pod("kube-apiserver-n1", "Running", "Always", parts).owned("Node", "n1").made(90_000).set("/metadata/annotations", mirror)
    };
    expect(world(vec![of(&[part("kube-apiserver", runs(80_000))])]), &[]);
    let scan =
        expect(world(vec![of(&[part("kube-apiserver", backs_off()).last(ended(1, 60), 12)])]), &["kube-apiserver-n1 error.unhandled error kube-apiserver"]);
    assert_eq!(scan.findings[0].family, "Pod/kube-apiserver");
}

#[test]
fn a_log_with_errors_in_it_is_no_failure() {
    let log = format!("{} ERROR request failed: connection refused to 10.0.0.9:5432\n{} INFO GET /health 200\n", ago(100), ago(50));
    let warned = told(WEB, "web", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", 60, 1);
    expect(world(vec![healthy()]).events(vec![warned]).log(WEB, "web.log", &log), &[]);
}
