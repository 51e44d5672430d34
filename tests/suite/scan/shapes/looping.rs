//! Crash loops at every moment of them, flapping, OOM, and restarts that are history.

use a2::scan::ScanOptions;

use super::expect::{expect, expect_with, options};
use super::world::*;

const WEB: &str = "web-5d9c7b6f4-x2x4z";

fn web(parts: &[Part]) -> serde_json::Value {
    pod(WEB, "Running", "Always", parts).of_web()
}

#[test]
fn a_crash_loop_is_found_at_every_moment_of_it() {
    let moments = [
        part("web", backs_off()).last(ended(1, 30), 7),
        part("web", ended(1, 3)).last(ended(1, 300), 7),
        part("web", runs(3)).last(ended(1, 30), 7).unready(),
        part("web", runs(3)).last(ended(1, 30), 7),
    ];
    for moment in moments {
        expect(world(vec![web(std::slice::from_ref(&moment))]), &[&format!("{WEB} error.unhandled error web")]);
        // A companion holds the phase, but the kubelet will start it again: loud, not silent.
        expect(world(vec![web(&[moment, part("istio-proxy", runs(3600))])]), &[&format!("{WEB} error.unhandled error web")]);
    }
}

#[test]
fn a_server_that_ends_well_again_and_again_loops() {
    let again = vec![told(WEB, "web", "BackOff", "Back-off restarting failed container web in pod web_shop(uid)", 5, 30)];
    for moment in [part("web", backs_off()), part("web", ended(0, 3)), part("web", runs(3))] {
        let looping = web(&[moment.last(ended(0, 90), 7)]);
        for events in [Vec::new(), again.clone()] {
            let scan = super::expect::scanned(&world(vec![looping.clone()]).events(events), &options());
            let finding = scan.findings.first().unwrap_or_else(|| panic!("not found: {looping:#}"));
            assert!(finding.severity > a2::scan::Severity::Info && !finding.silent, "{finding:#?}");
        }
    }
    // A Job's pod that was restarted on its way and is done prints the same row.
    expect(world(vec![pod("job", "Succeeded", "OnFailure", &[part("main", ended(0, 60)).last(ended(1, 900), 2)])]), &[]);
}

#[test]
fn init_containers_loop_too() {
    for moment in [init("migrate", backs_off()), init("migrate", ended(1, 2)), init("migrate", runs(2)).unready()] {
        let pod = pod(WEB, "Pending", "Always", &[moment.last(ended(1, 40), 8), part("web", waits("PodInitializing", ""))]).of_web();
        expect(world(vec![pod.set("/status/conditions/1/status", "False".into())]), &[&format!("{WEB} error.unhandled error migrate")]);
    }
    let blocked = pod(WEB, "Pending", "Always", &[native("proxy", backs_off()).last(ended(1, 40), 8), part("web", waits("PodInitializing", ""))]).of_web();
    expect(world(vec![blocked.set("/status/conditions/1/status", "False".into())]), &[&format!("{WEB} error.unhandled error proxy")]);
    // What was retried until its peer was there is done.
    for end in [3000, 200] {
        let done = web(&[init("wait-for-db", ended(0, end)).last(ended(1, end + 700), 3), part("web", runs(end - 10))]);
        expect(world(vec![done]), &[]);
    }
}

#[test]
fn native_sidecars_that_fail_beside_a_healthy_main_are_warnings() {
    let sidecar = native("cache", backs_off()).last(ended(1, 60), 9);
    let mut pod = web(&[sidecar, part("web", runs(3000))]);
    pod["status"]["initContainerStatuses"][0]["started"] = true.into();
    expect(world(vec![pod]), &[&format!("{WEB} error.unhandled warning cache")]);
    let scan = expect(
        world(vec![web(&[native("cache", runs(100)).last(ended(1, 110), 5), part("web", runs(3000))]).made(3000)]),
        &[&format!("{WEB} error.unhandled warning cache")],
    );
    assert!(scan.findings[0].headline.contains("it flaps: 5 ends"), "{}", scan.findings[0].headline);
}

#[test]
fn flapping_is_counted_by_events_where_the_pod_is_old() {
    let flapping = web(&[part("web", runs(300)).last(after(ended(137, 310), 9000), 30).probed("livenessProbe")]).made(900_000);
    let kills = |count: i64| {
        vec![
            told(WEB, "web", "Killing", "Container web failed liveness probe, will be restarted", 341, count),
            told(WEB, "web", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", 342, 3 * count),
        ]
    };
    let scan = expect(world(vec![flapping.clone()]).events(kills(4)), &[&format!("{WEB} probe.liveness error web")]);
    assert!(scan.findings[0].headline.contains("it flaps: 4 ends within 60 min"), "{}", scan.findings[0].headline);
    let scan = expect(world(vec![flapping]).events(kills(1)), &[&format!("{WEB} probe.liveness warning web")]);
    assert!(!scan.findings[0].headline.contains("flaps"), "{}", scan.findings[0].headline);
    // One restart of each container is no flapping, and what another incarnation's events count is not counted.
    let three = ["a", "b", "c"].map(|n| part(n, runs(300)).last(after(ended(255, 310), 900), 1));
    let scan = super::expect::scanned(&world(vec![web(&three).made(3000)]), &options());
    assert!(!scan.findings[0].headline.contains("flaps"), "{}", scan.findings[0].headline);
    let strangers = kills(9).into_iter().map(|e| e.set("/involvedObject/uid", "another".into())).collect();
    let alone = web(&[part("web", runs(300)).last(after(ended(1, 310), 9000), 30)]).made(900_000);
    expect(world(vec![alone]).events(strangers), &[&format!("{WEB} error.unhandled warning web")]);
    // Killed for its probe, and its handler of SIGTERM ends with 0.
    let clean = web(&[part("web", runs(100)).last(ended(0, 110), 5).probed("livenessProbe")]).made(3000);
    let kill = vec![told(WEB, "web", "Killing", "Container web failed liveness probe, will be restarted", 112, 5)];
    expect(world(vec![clean]).events(kill), &[&format!("{WEB} probe.liveness error web")]);
}

#[test]
fn out_of_memory_is_found_where_only_the_last_state_shows_it() {
    let oom = |end: i64| web(&[part("web", runs(end - 5)).last(ended_as(137, "OOMKilled", end), 1).memory("64Mi")]).made(90_000);
    expect(world(vec![oom(1000)]), &[&format!("{WEB} oom.container-limit warning web")]);
    expect(world(vec![oom(10_000)]), &[]);
    expect_with(world(vec![oom(10_000)]), &ScanOptions { since_seconds: 4 * 3600, ..options() }, &[&format!("{WEB} oom.container-limit warning web")]);
    for helper in ["fluent-bit", "cachex"] {
        let beside = web(&[
            part("web", runs(5000)),
            part(if helper == "cachex" { "cachex" } else { "fluent-bit" }, runs(300)).last(ended_as(137, "OOMKilled", 310), 2).memory("64Mi"),
        ]);
        expect(world(vec![beside.made(5100)]), &[&format!("{WEB} oom.container-limit warning {helper}")]);
    }
}

#[test]
fn a_child_that_was_killed_for_memory_is_found() {
    expect(world(vec![pod("job", "Failed", "Never", &[part("app", ended_as(3, "OOMKilled", 600)).memory("64Mi")])]), &["job oom.child-process error app"]);
    expect(world(vec![pod("job", "Succeeded", "Never", &[part("app", ended_as(0, "OOMKilled", 600)).memory("64Mi")])]), &["job oom.child-process warning app"]);
    expect(world(vec![pod("job", "Succeeded", "Never", &[part("app", ended_as(0, "OOMKilled", 9000)).memory("64Mi")]).made(9900)]), &[]);
    // Only the log knows of it, and a restart made it worth reading.
    let log = format!("{} [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n{} giving up\n", ago(1020), ago(1012));
    let told = world(vec![web(&[part("web", runs(1000)).last(ended(3, 1010), 1).memory("64Mi")]).made(90_000)]).log(WEB, "web.previous.log", &log);
    expect(told, &[&format!("{WEB} oom.child-process warning web")]);
}

#[test]
fn only_the_kernel_tells_of_a_child_that_its_main_process_outlived() {
    const UID: &str = "0a1b2c3d-0000-4000-8000-0123456789ab";
    let group = format!("/kubepods.slice/kubepods-burstable-pod{}.slice/cri-containerd-0.scope", UID.replace('-', "_"));
    let line = |at: i64, group: &str| {
        let message = format!("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg={group},task_memcg={group},task=python3,pid=4711,uid=0");
        event("Node", "n1", "OOMKilling", &message, at).set("/metadata/namespace", "default".into()).set("/source/component", "kernel-monitor".into())
    };
    let of = |pod: serde_json::Value, lines: Vec<serde_json::Value>| {
        world(vec![pod.set("/metadata/uid", UID.into())]).with("/api/v1/namespaces/default/events", lines)
    };
    for code in [1, 3] {
        let failed = pod("job", "Failed", "Never", &[part("app", ended(code, 600)).memory("64Mi")]);
        expect(of(failed, vec![line(601, &group)]), &["job oom.child-process error app"]);
    }
    let looping = web(&[part("web", backs_off()).last(ended(0, 30), 5).memory("64Mi")]);
    expect(of(looping, vec![line(31, &group)]), &[&format!("{WEB} oom.child-process error web")]);
    // Another pod's, or long before.
    let failed = || pod("job", "Failed", "Never", &[part("app", ended(1, 600)).memory("64Mi")]);
    expect(
        of(failed(), vec![line(601, "/kubepods.slice/kubepods-burstable-podffffffff_0000_4000_8000_0123456789ab.slice/cri-containerd-0.scope")]),
        &["job error.unhandled error app"],
    );
    expect(of(failed(), vec![line(900, &group)]), &["job error.unhandled error app"]);
    // The companion's group is not the main's.
    let mut both = pod("job", "Failed", "Never", &[part("app", ended(1, 600)).memory("64Mi"), part("cachex", ended(143, 590)).memory("64Mi")]);
    let id = "c".repeat(64);
    both["status"]["containerStatuses"][1]["containerID"] = format!("containerd://{id}").into();
    let of_companion = format!("/kubepods.slice/kubepods-burstable-pod{}.slice/cri-containerd-{id}.scope", UID.replace('-', "_"));
    expect(of(both, vec![line(601, &of_companion)]), &["job error.unhandled error app"]);
    // It runs on: nothing in the API made it a suspect.
    expect(of(web(&[part("web", runs(9000)).memory("64Mi")]), vec![line(100, &group)]), &[]);
}

#[test]
fn restarts_before_the_window_are_history() {
    let old = web(&[part("web", runs(7000)).last(ended(1, 7010), 12)]).made(900_000);
    let event = vec![told(WEB, "web", "BackOff", "Back-off restarting failed container web in pod", 7100, 5)];
    expect(world(vec![old]).events(event), &[]);
    let once = |lived: i64| world(vec![web(&[part("web", runs(300)).last(after(ended(1, 310), lived), 30)]).made(900_000)]);
    expect(once(70_000), &[&format!("{WEB} error.unhandled warning web")]);
    // It lives longer now than the last time.
    expect(once(200), &[&format!("{WEB} error.unhandled warning web")]);
    // Nothing counts them, but the last life was short, one of thirty, and this one is shorter still.
    let scan = expect(once(600), &[&format!("{WEB} error.unhandled error web")]);
    assert!(scan.findings[0].headline.contains("it flaps: 30 restarts so far, the last after 10 min"), "{}", scan.findings[0].headline);
    let rebooted = web(&[part("web", runs(1200)).last(ended_as(255, "Unknown", 1210), 1)]).made(900_000);
    expect(world(vec![rebooted]), &[&format!("{WEB} node.lost warning web")]);
}

#[test]
fn the_one_that_made_all_restart_is_named() {
    let rule = serde_json::json!([{ "action": "RestartAllContainers", "exitCodes": { "operator": "In", "values": [42] } }]);
    let worker = part("worker", runs(100)).last(ended(42, 112), 1).spec("restartPolicy", "Never".into()).spec("restartPolicyRules", rule);
    let victim = part("app", runs(100)).last(ended_as(137, "RestartingAllContainers", 110), 1);
    expect(world(vec![web(&[victim, worker])]), &[&format!("{WEB} error.unhandled warning worker")]);
}

#[test]
fn a_crash_loop_without_a_last_state_is_found() {
    expect(world(vec![web(&[part("web", backs_off()).last(serde_json::json!({}), 9)])]), &[&format!("{WEB} unknown warning web")]);
    let mut timeless = ended(1, 3);
    timeless["terminated"] = serde_json::json!({ "exitCode": 1, "reason": "Error" });
    let scan = expect(world(vec![web(&[part("web", timeless).last(serde_json::json!({}), 3)])]), &[&format!("{WEB} error.unhandled error web")]);
    assert!(scan.findings[0].since.is_some());
}
