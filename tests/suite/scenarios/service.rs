//! A web service behind probes: what kills it, and what only looks like it.

use serde_json::{Value, json};

use super::scene::*;
use crate::bundles::Bundle;

const POD: &str = "gateway-0";

fn gateway(state: Value, last: Value, restarts: i64) -> Value {
    let probe = json!({ "httpGet": { "path": "/health", "port": 8080 }, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3 });
    pod_of(POD, "Running", "Always", &[part("gateway", state).memory("512Mi").spec("livenessProbe", probe).last(last, restarts)])
}

fn probed(failure: &str, code: i64) -> Value {
    let mut unhealthy = told_of("02:59:50", POD, "gateway", "Unhealthy", failure);
    unhealthy["count"] = json!(3);
    unhealthy["firstTimestamp"] = json!(at("02:59:40"));
    let mut events = life(POD, &["gateway"]);
    events.push(unhealthy);
    events.push(told_of("02:59:50", POD, "gateway", "Killing", "Container gateway failed liveness probe, will be restarted"));
    let pod = gateway(runs("03:00:21"), ended(code, "Error", "02:40:02", "03:00:20"), 1);
    let bundle = Bundle::new().list(PODS, vec![pod]).list(EVENTS, events);
    ask(bundle.file(&format!("{}/{POD}/log/gateway.previous.log", &PODS[1..]), lines(&["INFO serving"]).as_bytes()), POD)
}

fn dead(code: i64, reason: &str, log: &str) -> Value {
    let pod = gateway(json!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended(code, reason, "02:59:00", "03:00:20"), 4);
    let bundle = Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(POD, &["gateway"]));
    ask(bundle.file(&format!("{}/{POD}/log/gateway.previous.log", &PODS[1..]), log.as_bytes()), POD)
}

fn lines(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{} {text}\n", at("03:00:19"))).collect()
}

#[test]
fn a_liveness_probe_that_fails_kills_and_it_is_not_memory() {
    let answer = probed("Liveness probe failed: HTTP probe failed with statuscode: 503", 137);
    expect(&answer, "probe.liveness", "confirmed", "stopped");
    assert_eq!(suspect(&answer, "oom"), "contradicted");
}

#[test]
fn a_liveness_probe_that_times_out_kills_too() {
    let failure = "Liveness probe failed: Get \"http://10.0.1.7:8080/health\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
    for code in [137, 143] {
        expect(&probed(failure, code), "probe.liveness", "confirmed", "stopped");
    }
}

#[test]
fn a_probe_that_fails_without_a_kill_has_killed_nobody() {
    let mut events = life(POD, &["gateway"]);
    events.push(told_of("02:59:50", POD, "gateway", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503"));
    let pod = gateway(json!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended(137, "Error", "02:40:02", "03:00:20"), 4);
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, events), POD);
    assert_ne!(answer["verdict"]["confidence"], "confirmed", "{}", answer["verdict"]);
    assert_ne!(verdict(&answer).0, "oom.container-limit");
}

#[test]
fn a_worker_that_died_is_named() {
    let log = lines(&["INFO:     Waiting for child process [31]", "INFO:     Child process [31] died"]);
    let pod = gateway(runs("02:40:02"), json!({}), 0);
    let bundle = Bundle::new().list(PODS, vec![pod]).list(EVENTS, life(POD, &["gateway"]));
    let answer = ask(bundle.file(&format!("{}/{POD}/log/gateway.log", &PODS[1..]), log.as_bytes()), POD);
    expect(&answer, "process.worker-crash", "possible|probable", "running");
}

#[test]
fn a_lifespan_that_fails_names_the_peer_that_refused() {
    let log = lines(&[
        "INFO:     Waiting for application startup.",
        "ERROR:    Traceback (most recent call last):",
        "  File \"/app/main.py\", line 12, in lifespan",
        "    await redis.ping()",
        "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
        "ERROR:    Application startup failed. Exiting.",
    ]);
    let answer = dead(3, "Error", &log);
    expect(&answer, "dependency.unreachable", "probable|possible|confirmed", "exited");
    assert!(says(&answer, "redis:6379"));
}

#[test]
fn an_exception_in_the_handler_of_an_exception_is_the_programs_own() {
    let log = lines(&[
        "Traceback (most recent call last):",
        "  File \"/app/orders.py\", line 40, in place",
        "    total = basket[\"total\"]",
        "KeyError: 'total'",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        "  File \"/app/errors.py\", line 7, in handle",
        "    return error.code",
        "AttributeError: 'KeyError' object has no attribute 'code'",
    ]);
    expect(&dead(1, "Error", &log), "error.unhandled", "probable|possible", "exited");
}

#[test]
fn a_pool_that_ran_dry_is_named() {
    let log = lines(&[
        "ERROR redis.exceptions.ConnectionError: Too many connections",
        "Traceback (most recent call last):",
        "  File \"/app/pool.py\", line 9, in get",
        "redis.exceptions.ConnectionError: Too many connections",
    ]);
    expect(&dead(1, "Error", &log), "dependency.pool-exhausted", "probable|possible", "exited");
}

#[test]
fn a_segfault_is_a_native_crash() {
    expect(&dead(139, "Error", &lines(&["INFO ready", "Fatal Python error: Segmentation fault"])), "crash.native", "probable|confirmed", "signaled");
}

#[test]
fn success_after_a_request_to_stop_is_no_success() {
    let mut pod = gateway(ended(0, "Completed", "02:40:02", "03:04:00"), json!({}), 0);
    pod["metadata"]["deletionTimestamp"] = json!(at("03:04:30"));
    pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    let mut events = life(POD, &["gateway"]);
    events.push(told_of("03:04:00", POD, "gateway", "Killing", "Stopping container gateway"));
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, events), POD);
    expect(&answer, "disruption.deleted", "confirmed|probable", "stopped");
}

#[test]
fn a_bare_143_was_asked_to_stop_by_nobody_known() {
    let answer = dead(143, "Error", "");
    assert_eq!(verdict(&answer).2, "unknown");
    assert!(["none", "possible"].contains(&verdict(&answer).1), "{}", answer["verdict"]);
}

#[test]
fn two_deaths_are_two_and_the_verdict_is_about_the_last() {
    let mut events = life(POD, &["gateway"]);
    events.push(told_of("02:50:00", POD, "gateway", "Killing", "Container gateway failed liveness probe, will be restarted"));
    let pod = gateway(ended(1, "Error", "02:51:00", "03:03:00"), ended(137, "OOMKilled", "02:40:02", "02:45:00"), 2);
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, events), POD);
    assert_eq!((verdict(&answer).2, &answer["verdict"]["exitCode"]), ("exited", &json!(1)), "{}", answer["verdict"]);
    assert!(!verdict(&answer).0.starts_with("oom.") && !verdict(&answer).0.starts_with("probe."), "{}", answer["verdict"]);
}

#[test]
fn clocks_that_differ_by_seconds_change_nothing() {
    let mut events = life(POD, &["gateway"]);
    for event in &mut events {
        event["lastTimestamp"] = json!(at("02:39:58"));
        event["firstTimestamp"] = json!(at("02:39:58"));
    }
    let pod = gateway(runs("02:40:02"), json!({}), 0);
    let answer = ask(Bundle::new().list(PODS, vec![pod]).list(EVENTS, events), POD);
    expect(&answer, "healthy.running", "confirmed|probable", "running");
}

#[test]
fn a_peer_that_restarted_in_that_minute_is_proof() {
    let log = lines(&["Error: dial tcp 10.0.0.9:5432: connect: connection refused"]);
    let mut peer = pod_of(
        "postgres-0",
        "Running",
        "Always",
        &[part("postgres", runs("03:00:25")).last(ended(137, "OOMKilled", "02:00:00", "03:00:10"), 1).memory("64Mi")],
    );
    peer["status"]["podIP"] = json!("10.0.0.9");
    let pod = gateway(json!({ "waiting": { "reason": "CrashLoopBackOff" } }), ended(1, "Error", "02:59:00", "03:00:20"), 4);
    let bundle = Bundle::new().list(PODS, vec![pod, peer]).list(EVENTS, life(POD, &["gateway"]));
    let answer = ask(bundle.file(&format!("{}/{POD}/log/gateway.previous.log", &PODS[1..]), log.as_bytes()), POD);
    expect(&answer, "dependency.unreachable", "probable|confirmed", "exited");
    assert!(says(&answer, "postgres-0"), "{}", answer["verdict"]);
}

#[test]
fn a_name_that_does_not_resolve_is_dns() {
    let answer = dead(1, "Error", &lines(&["Error: lookup redis.shop.svc on 10.96.0.10:53: no such host"]));
    expect(&answer, "dependency.dns", "probable|possible", "exited");
}
