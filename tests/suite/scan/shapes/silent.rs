//! Dead while the phase says Running; and what looks like it and is not.

use a2::scan::ScanOptions;
use serde_json::json;

use super::expect::{expect, expect_with, options};
use super::world::*;

#[test]
fn a_dead_main_is_silent_whoever_holds_the_pod_up() {
    for (main, other) in [("runner", "zeta-thing"), ("worker", "aaa-relay"), ("main", "wait"), ("app", "istio-proxy")] {
        let scan = expect(
            world(vec![pod("job", "Running", "Never", &[part(main, ended(1, 600)), part(other, runs(3600))])]),
            &[&format!("job error.unhandled silent critical {main}")],
        );
        assert_eq!((scan.findings[0].held_up_by.as_slice(), scan.counts.silent), ([other.to_owned()].as_slice(), 1));
        assert_eq!(scan.findings[0].since, a2::evidence::parse_time(&ago(600)));
    }
}

#[test]
fn it_is_silent_at_once_and_after_hours() {
    for end in [1, 7200, 300_000] {
        let pod = pod(
            "job",
            "Running",
            "OnFailure",
            &[part("app", ended_as(137, "OOMKilled", end)).memory("64Mi").spec("restartPolicy", json!("Never")), part("envoy", runs(end + 9))],
        );
        expect(world(vec![pod.made(end + 700)]), &["job oom.container-limit silent critical app"]);
    }
}

#[test]
fn several_containers_alive_are_all_named() {
    let pod =
        pod("job", "Running", "Never", &[part("a-helper", ended(0, 900)), part("main", ended(1, 600)), part("envoy", runs(3600)), part("z-log", runs(3600))]);
    let scan = expect(world(vec![pod]), &["job error.unhandled silent critical main"]);
    assert_eq!(scan.findings[0].held_up_by, ["envoy", "z-log"]);
}

#[test]
fn a_container_policy_of_its_own_decides() {
    let rule = |operator: &str, values: &[i64]| json!([{ "action": "Restart", "exitCodes": { "operator": operator, "values": values } }]);
    let dead = |code: i64| part("web", ended(code, 900)).spec("restartPolicy", json!("Never"));
    let pod_of = |web: Part| pod("web-5d9c7b6f4-x2x4z", "Running", "Always", &[web, part("helper", runs(3600))]).of_web();
    let silent = "web-5d9c7b6f4-x2x4z error.unhandled silent critical web";
    expect(world(vec![pod_of(dead(1))]), &[silent]);
    expect(world(vec![pod_of(dead(1).spec("restartPolicyRules", rule("In", &[42])))]), &[silent]);
    expect(world(vec![pod_of(dead(7).spec("restartPolicyRules", rule("NotIn", &[7, 8])))]), &[silent]);
    // Listed: it will be started again, so it is a crash loop and no silence.
    let between = part("web", ended(42, 5)).last(ended(42, 90), 6).spec("restartPolicy", json!("Never")).spec("restartPolicyRules", rule("In", &[42]));
    expect(world(vec![pod_of(between)]), &["web-5d9c7b6f4-x2x4z error.unhandled error web"]);
}

#[test]
fn what_never_started_and_what_a_probe_killed_is_silent_too() {
    let text = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                process: error during container init: exec: \"appd\": executable file not found in $PATH";
    let mut never = ended_as(128, "StartError", 600);
    never["terminated"]["startedAt"] = json!("1970-01-01T00:00:00Z");
    never["terminated"]["message"] = json!(text);
    expect(world(vec![pod("job", "Running", "Never", &[part("app", never), part("envoy", runs(3600))])]), &["job config.command silent critical app"]);
    let killed = pod("job", "Running", "Never", &[part("app", ended(137, 600)).probed("livenessProbe"), part("envoy", runs(3600))]);
    let events = vec![
        told("job", "app", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", 632, 3),
        told("job", "app", "Killing", "Container app failed liveness probe", 630, 1),
    ];
    expect(world(vec![killed]).events(events), &["job probe.liveness silent critical app"]);
    let child = pod("job", "Running", "Never", &[part("app", ended_as(0, "OOMKilled", 600)).memory("64Mi"), part("envoy", runs(3600))]);
    expect(world(vec![child]), &["job oom.child-process silent critical app"]);
}

#[test]
fn all_dead_is_no_silence_whatever_the_phase_still_says() {
    expect(world(vec![pod("lag", "Running", "Never", &[part("main", ended(1, 1)), part("other", ended(143, 1))])]), &["lag error.unhandled error main"]);
    expect(world(vec![pod("lag", "Running", "Never", &[part("main", ended(0, 1))])]), &[]);
    // The kubelet is about to stop the native sidecar.
    expect(world(vec![pod("lag", "Running", "Never", &[native("log", runs(3600)), part("main", ended(1, 1))])]), &["lag error.unhandled error main"]);
    expect(world(vec![pod("lag", "Failed", "Never", &[part("main", ended(1, 600)), part("other", ended(0, 590))])]), &["lag error.unhandled error main"]);
}

#[test]
fn a_companion_that_died_is_a_warning() {
    for policy in ["Never", "OnFailure"] {
        let dead = part("envoy", ended(1, 600)).spec("restartPolicy", json!("Never"));
        expect(world(vec![pod("job", "Running", policy, &[part("main", runs(3600)), dead])]), &["job error.unhandled warning envoy"]);
    }
    expect(world(vec![pod("job", "Running", "Never", &[part("main", runs(3600)), part("git-sync", ended(0, 600))])]), &[]);
    let named = pod("job", "Running", "Never", &[part("web", ended(1, 600)), part("mesh", runs(3600))])
        .set("/metadata/annotations", json!({ "kubectl.kubernetes.io/default-container": "mesh" }));
    expect(world(vec![named]), &["job error.unhandled warning web"]);
}

#[test]
fn done_beside_a_companion_is_info_after_the_grace() {
    let of = |policy: &str, end: i64| pod("job-x2x4z", "Running", policy, &[part("main", ended(0, end)), part("weird", runs(3600))]).owned("Job", "job");
    for policy in ["Never", "OnFailure"] {
        let scan = expect(world(vec![of(policy, 600)]), &["job-x2x4z healthy.lingering info main"]);
        assert!(scan.findings[0].headline.contains("its Job cannot complete"), "{}", scan.findings[0].headline);
    }
    expect(world(vec![of("Never", 20)]), &[]);
    expect_with(world(vec![of("Never", 20)]), &ScanOptions { grace_seconds: 10, ..options() }, &["job-x2x4z healthy.lingering info main"]);
}

#[test]
fn a_container_that_its_policy_should_have_started_again_is_told() {
    for other in [part("helper", runs(3600)), native("log", runs(3600))] {
        let scan = expect(world(vec![pod("web", "Running", "Always", &[part("main", ended(1, 1500)), other])]), &["web error.unhandled error main"]);
        assert!(scan.findings[0].headline.contains("main was not started again for 25 min, although its policy says so"), "{}", scan.findings[0].headline);
    }
}

#[test]
fn a_back_off_that_does_not_end_is_told() {
    let of = |end: i64| world(vec![pod("web", "Running", "Always", &[part("main", backs_off()).last(ended(1, end), 9)]).made(end + 900)]);
    let told = |end: i64| expect(of(end), &["web error.unhandled error main"]).findings[0].headline.contains("was not started again");
    assert_eq!((told(200), told(9000)), (false, true));
}

#[test]
fn silent_only_leaves_the_rest_out_and_says_how_much() {
    let pods = vec![
        pod("job", "Running", "Never", &[part("main", ended(1, 600)), part("envoy", runs(3600))]),
        pod("loop", "Running", "Always", &[part("main", backs_off()).last(ended(1, 60), 4)]),
    ];
    let scan = expect_with(world(pods.clone()), &ScanOptions { silent_only: true, ..options() }, &["job error.unhandled silent critical"]);
    assert_eq!((scan.counts.hidden, scan.counts.healthy, scan.counts.pods), (1, 0, 2));
    let scan = expect_with(world(pods), &ScanOptions { severity: a2::scan::Severity::Critical, ..options() }, &["job error.unhandled silent critical"]);
    assert_eq!(scan.counts.hidden, 1);
}
