//! What does not start, and what only has not started yet.

use a2::scan::ScanOptions;
use serde_json::{Value, json};

use super::expect::{expect, expect_with, options};
use super::world::*;

const WEB: &str = "web-5d9c7b6f4-x2x4z";
const NO_NODE: &str = "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";

fn starting(parts: &[Part], age: i64) -> Value {
    pod(WEB, "Pending", "Always", parts).of_web().made(age)
}

fn unplaced(reason: &str, message: &str, age: i64) -> Value {
    let mut pod = starting(&[unseen("web")], age);
    pod["status"] = json!({ "phase": "Pending", "conditions": [{ "type": "PodScheduled", "status": "False", "reason": reason, "message": message, "lastTransitionTime": ago(age) }] });
    pod["spec"]["nodeName"] = Value::Null;
    pod
}

/// Waiting reason, message, cause.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "ImagePullBackOff",
        "Back-off pulling image \"reg.example/web:9\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image \"reg.example/web:9\": failed to resolve reference \"reg.example/web:9\": reg.example/web:9: not found",
        "image.not-found",
    ),
    (
        "ErrImagePull",
        "failed to pull and unpack image \"reg.example/web:9\": failed to resolve reference \"reg.example/web:9\": failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
        "image.auth",
    ),
    ("ErrImageNeverPull", "Container image \"web:1\" is not present with pull policy of Never", "image.invalid"),
    ("InvalidImageName", "Failed to apply default image tag \"Bad:::\": couldn't parse image name \"Bad:::\": invalid reference format", "image.invalid"),
    ("CreateContainerConfigError", "secret \"db\" not found", "config.missing-reference"),
    (
        "RunContainerError",
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"x\": executable file not found in $PATH",
        "config.command",
    ),
];

#[test]
fn what_will_not_start_is_found_in_any_of_the_containers() {
    for (reason, message, cause) in REFUSED {
        expect(world(vec![starting(&[part("web", waits(reason, message))], 600)]), &[&format!("{WEB} {cause} error web")]);
        let step = starting(&[init("fetch", waits(reason, message)), part("web", waits("PodInitializing", ""))], 600)
            .set("/status/conditions/1/status", json!("False"));
        expect(world(vec![step]), &[&format!("{WEB} {cause} error fetch")]);
        let second = starting(&[part("web", runs(590)), part("metrics-exporter", waits(reason, message))], 600);
        expect(world(vec![second]), &[&format!("{WEB} {cause} warning metrics-exporter")]);
    }
}

#[test]
fn what_cannot_start_again_is_dated_by_its_last_end() {
    let again = part("web", waits("CreateContainerConfigError", "secret \"db\" not found")).last(ended(1, 300), 1);
    let scan = expect(world(vec![pod(WEB, "Running", "Always", &[again]).of_web().made(90_000)]), &[&format!("{WEB} config.missing-reference error web")]);
    assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(300)));
}

#[test]
fn only_events_tell_of_mounts_and_sandboxes() {
    let stands = || starting(&[part("web", waits("ContainerCreating", ""))], 3900);
    let mounts = "MountVolume.SetUp failed for volume \"tls\" : secret \"web-tls\" not found";
    let plain = event("Pod", WEB, "FailedMount", mounts, 20).set("/count", json!(32)).set("/firstTimestamp", json!(ago(3890)));
    let similar = plain.clone().set("/message", json!(format!("(combined from similar events): {mounts}")));
    let series = json!({ "metadata": { "name": "a", "namespace": "shop", "uid": "a" }, "involvedObject": plain["involvedObject"], "type": "Warning", "reason": "FailedMount", "message": mounts,
        "eventTime": ago(3890), "firstTimestamp": null, "lastTimestamp": null, "series": { "count": 32, "lastObservedTime": ago(20) }, "reportingComponent": "kubelet", "reportingInstance": "n1", "source": {} });
    let newer = json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "a", "namespace": "shop", "uid": "a" }, "regarding": plain["involvedObject"], "type": "Warning",
        "reason": "FailedMount", "note": mounts, "eventTime": ago(3890), "series": { "count": 32, "lastObservedTime": ago(20) }, "reportingController": "kubelet", "reportingInstance": "n1" });
    for told in [plain, similar, series, newer] {
        expect(world(vec![stands()]).events(vec![told]), &[&format!("{WEB} config.missing-reference error web")]);
    }
    let attach = event(
        "Pod",
        WEB,
        "FailedAttachVolume",
        "Multi-Attach error for volume \"pvc-1\" Volume is already exclusively attached to one node and can't be attached to another",
        30,
    )
    .set("/source/component", json!("attachdetach-controller"));
    expect(world(vec![stands()]).events(vec![attach]), &[&format!("{WEB} storage.mount error web")]);
    // Nothing says why; that it does not start is plain.
    expect(world(vec![stands()]), &[&format!("{WEB} unknown warning web")]);
    expect(world(vec![starting(&[part("web", waits("ContainerCreating", ""))], 10)]), &[]);
    expect_with(
        world(vec![starting(&[part("web", waits("ContainerCreating", ""))], 10)]),
        &ScanOptions { grace_seconds: 5, ..options() },
        &[&format!("{WEB} unknown warning web")],
    );
}

#[test]
fn a_pod_without_a_node_is_found_with_and_without_events() {
    let failed = event("Pod", WEB, "FailedScheduling", NO_NODE, 300);
    expect(world(vec![unplaced("Unschedulable", NO_NODE, 600)]).events(vec![failed]), &[&format!("{WEB} scheduling.resources error")]);
    expect(world(vec![unplaced("Unschedulable", NO_NODE, 600)]), &[&format!("{WEB} scheduling.resources error")]);
    let mut nobody_looked = unplaced("", "", 600);
    nobody_looked["status"]["conditions"] = json!([]);
    expect(world(vec![nobody_looked]), &[&format!("{WEB} unknown warning")]);
}

#[test]
fn what_may_still_come_is_no_error_within_the_grace() {
    let claim = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
    expect(world(vec![unplaced("Unschedulable", claim, 5)]), &[&format!("{WEB} scheduling.volume warning")]);
    expect(world(vec![unplaced("Unschedulable", claim, 600)]), &[&format!("{WEB} scheduling.volume error")]);
    let secret = part("web", waits("CreateContainerConfigError", "secret \"db\" not found"));
    expect(world(vec![starting(&[secret], 8)]), &[&format!("{WEB} config.missing-reference warning web")]);
    // The tag does not come into being by waiting.
    let (reason, message, _) = REFUSED[0];
    expect(world(vec![starting(&[part("web", waits(reason, message))], 8)]), &[&format!("{WEB} image.not-found error web")]);
}

#[test]
fn a_node_that_was_ordered_is_waited_for() {
    let ordered = |last: i64| event("Pod", WEB, "TriggeredScaleUp", "pod triggered scale-up: [{pool 3->4 (max: 9)}]", last);
    let given_up = |last: i64| {
        event("Pod", WEB, "NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max node group size reached", last)
            .set("/source/component", json!("cluster-autoscaler"))
    };
    let pod = || unplaced("Unschedulable", NO_NODE, 200);
    expect(world(vec![pod()]).events(vec![ordered(180)]), &[&format!("{WEB} scheduling.resources info")]);
    expect(world(vec![pod()]).events(vec![ordered(180), given_up(100)]), &[&format!("{WEB} scheduling.resources error")]);
    expect(world(vec![unplaced("Unschedulable", NO_NODE, 3000)]).events(vec![ordered(2900)]), &[&format!("{WEB} scheduling.resources error")]);
}

#[test]
fn what_is_held_back_or_on_its_way_is_info() {
    let gate = "Scheduling is blocked due to non-empty scheduling gates";
    expect(world(vec![unplaced("SchedulingGated", gate, 9000)]), &[&format!("{WEB} unknown info")]);
    let large = |age: i64, then: Option<&str>| {
        let mut events = vec![told(WEB, "web", "Pulling", "Pulling image \"large:1\"", age - 5, 1).set("/type", json!("Normal"))];
        events.extend(then.map(|reason| told(WEB, "web", reason, "Successfully pulled image \"large:1\"", age - 10, 1)));
        world(vec![starting(&[part("web", waits("ContainerCreating", ""))], age)]).events(events)
    };
    expect(large(300, None), &[&format!("{WEB} unknown info web")]);
    expect(large(300, Some("Pulled")), &[&format!("{WEB} unknown warning web")]);
    expect(large(3000, None), &[&format!("{WEB} unknown warning web")]);
}

#[test]
fn an_init_container_that_goes_on_and_on_is_told_after_the_grace() {
    let of = |age: i64| {
        let parts = [init("migrate", runs(age - 5)), part("web", waits("PodInitializing", ""))];
        starting(&parts, age).set("/status/conditions/1/status", json!("False"))
    };
    expect(world(vec![of(3000)]), &[&format!("{WEB} unknown warning migrate")]);
    expect(world(vec![of(25)]), &[]);
}

#[test]
fn a_status_without_containers_is_read_too() {
    let young = starting(&[unseen("web")], 5);
    expect(world(vec![young]), &[]);
    expect(world(vec![starting(&[unseen("web")], 900)]), &[&format!("{WEB} unknown warning web")]);
}
