//! Pods on their way out: within their time they are no alarm, whatever ailed them; after it they are stuck.

use serde_json::{Value, json};

use super::expect::expect;
use super::world::*;

const WEB: &str = "web-5d9c7b6f4-x2x4z";

fn going(parts: &[Part], left: i64) -> Value {
    pod(WEB, "Running", "Always", parts).of_web().deleted(left, 30)
}

fn stopping(containers: &[&str]) -> Vec<Value> {
    containers.iter().map(|c| told(WEB, c, "Killing", &format!("Stopping container {c}"), 10, 1)).collect()
}

#[test]
fn a_pod_within_its_grace_is_at_most_info() {
    let worlds = [
        world(vec![going(&[part("web", runs(9000))], 20)]).events(stopping(&["web"])),
        world(vec![going(&[part("web", runs(9000)).unready()], 20)]).events(stopping(&["web"])),
        world(vec![going(&[part("web", ended(137, 1)), part("istio-proxy", runs(9000))], 1)]).events(stopping(&["web", "istio-proxy"])),
        world(vec![going(&[part("web", ended(143, 8)), part("istio-proxy", runs(9000))], 20)]),
        world(vec![going(&[part("web", ended(1, 8)), part("istio-proxy", runs(9000))], 20)]).events(stopping(&["web"])),
        world(vec![going(&[part("web", backs_off()).last(ended(1, 70), 5)], 20)]),
        world(vec![going(&[part("web", runs(100)).last(ended(1, 110), 6)], 20)]),
        world(vec![going(&[part("web", ended(1, 900)).spec("restartPolicy", json!("Never")), part("envoy", runs(9000))], 20)]),
        world(vec![
            going(&[part("web", waits("ImagePullBackOff", "Back-off pulling image \"x:9\": ErrImagePull: x:9: not found"))], 25)
                .set("/status/phase", json!("Pending")),
        ]),
        // Late, but not by the scan's own grace.
        world(vec![going(&[part("web", runs(9000))], -5)]),
        // Its clock runs ahead, or its grace is long.
        world(vec![going(&[part("web", runs(9000))], 3600)]),
    ];
    for world in worlds {
        let scan = expect(world, &[&format!("{WEB} * info")]);
        assert!(!scan.findings[0].silent && scan.findings[0].since.is_some(), "{:#?}", scan.findings);
    }
}

#[test]
fn a_rollout_is_quiet() {
    let old = ["x2x4z", "7b9kd"].map(|s| pod(&format!("web-5d9c7b6f4-{s}"), "Running", "Always", &[part("web", runs(9000))]).of_web().deleted(25, 30));
    let new = |suffix: &str, web: Part| {
        pod(&format!("web-77bbcddff-{suffix}"), "Running", "Always", &[web.probed("readinessProbe")])
            .owned("ReplicaSet", "web-77bbcddff")
            .made(17)
            .set("/metadata/labels", json!({ "pod-template-hash": "77bbcddff" }))
    };
    let mut pods = old.to_vec();
    pods.extend([new("x2x4z", part("web", runs(15))), new("7b9kd", part("web", runs(15)).unready())]);
    let refusal = told("web-77bbcddff-7b9kd", "web", "Unhealthy", "Readiness probe failed: dial tcp 10.0.0.9:80: connect: connection refused", 3, 2);
    let scan = expect(world(pods).events(vec![refusal]), &["web-5d9c7b6f4-x2x4z disruption.deleted info", "web-5d9c7b6f4-7b9kd disruption.deleted info"]);
    assert_eq!((scan.counts.pods, scan.counts.healthy), (4, 2));
    // Those that were stopped and are not deleted yet: final states, phase Failed.
    for code in [143, 137, 0, 1] {
        let over = going(&[part("web", ended(code, 3))], 5).set("/status/phase", json!(if code == 0 { "Succeeded" } else { "Failed" }));
        let scan = super::expect::scanned(&world(vec![over]).events(stopping(&["web"])), &super::expect::options());
        assert!(scan.findings.iter().all(|f| f.severity == a2::scan::Severity::Info), "{:#?}", scan.findings);
    }
}

#[test]
fn a_deletion_that_does_not_end_is_stuck() {
    for late in [600, 7200, 30_000_000] {
        let scan = expect(world(vec![going(&[part("web", runs(late + 900))], -late).made(late + 1000)]), &[&format!("{WEB} disruption.deleted warning")]);
        assert!(scan.findings[0].headline.contains("stuck in its deletion for"), "{}", scan.findings[0].headline);
    }
    let held = pod("job", "Failed", "Never", &[part("main", ended(1, 7300))]).deleted(-7200, 0).set("/metadata/finalizers", json!(["example.com/backup"]));
    let scan = expect(world(vec![held]), &["job error.unhandled error main"]);
    assert!(scan.findings[0].headline.contains("stuck in its deletion for 2 h, finalizers example.com/backup"), "{}", scan.findings[0].headline);
    let silent = pod("job", "Running", "Never", &[part("main", ended(1, 9000)), part("envoy", runs(9000))]).deleted(-7200, 30);
    let scan = expect(world(vec![silent]), &["job error.unhandled error main"]);
    assert!(scan.findings[0].headline.contains("stuck"), "{}", scan.findings[0].headline);
}

#[test]
fn a_node_that_is_lost_keeps_its_pods() {
    let lost = pod(WEB, "Running", "Always", &[part("web", runs(9000))]).of_web().made(10_000);
    let said = |pod: Value| pod.set("/status/reason", json!("NodeLost")).set("/status/message", json!("Node n1 which was running pod web is unresponsive"));
    expect(world(vec![said(lost.clone()).deleted(-2000, 30)]), &[&format!("{WEB} node.lost error web")]);
    expect(world(vec![said(lost).set("/status/phase", json!("Unknown"))]), &[&format!("{WEB} node.lost error web")]);
}
