//! Why a probe failed: from its spec, the ports, the kubelet's words and the times.

use serde_json::{Value, json};

use super::hand::{Hand, ended, running};
use super::of;
use crate::bundles::{Bundle, event};

/// A container that was killed for its liveness probe, which failed like this.
fn killed(probe: Value, output: &str) -> Hand {
    Hand::restarted(ended(137, "Error"))
        .spec("ports", json!([{ "name": "http", "containerPort": 8080 }]))
        .spec("livenessProbe", probe)
        .event_of("kubelet", Some("main"), "Unhealthy", &format!("Liveness probe failed: {output}"), 68, 3)
        .event("Killing", "Container main failed liveness probe, will be restarted", 69)
}

fn http(port: Value) -> Value {
    json!({ "httpGet": { "path": "/healthz", "port": port }, "timeoutSeconds": 1, "periodSeconds": 10, "failureThreshold": 3, "initialDelaySeconds": 20 })
}

fn failures(hand: &Hand) -> Vec<String> {
    let report = hand.report();
    assert!(
        report.verdict.cause.starts_with("probe.") || report.verdict.cause.starts_with("dependency."),
        "{}: {:?}",
        report.verdict.headline,
        report.explanation
    );
    report.history.facts.get("probe.failure").into_iter().flat_map(|f| &f.values).map(|(v, _)| v.to_string()).collect()
}

#[test]
fn how_a_liveness_probe_failed() {
    let url = "Get \"http://10.0.0.7:8080/healthz\": ";
    let rows = [
        ("wrong-port", http(json!(8181)), "Get \"http://10.0.0.7:8181/healthz\": dial tcp 10.0.0.7:8181: connect: connection refused".to_owned()),
        ("wrong-port", json!({ "tcpSocket": { "port": 9000 }, "initialDelaySeconds": 30 }), "dial tcp 10.0.0.7:9000: connect: connection refused".to_owned()),
        ("wrong-scheme", http(json!("http")), format!("{url}net/http: HTTP/1.x transport connection broken: malformed HTTP response \"\\x15\\x03\\x01\"")),
        ("wrong-scheme", http(json!(8080)), "Get \"https://10.0.0.7:8080/healthz\": http: server gave HTTP response to HTTPS client".to_owned()),
        (
            "wrong-scheme",
            json!({ "grpc": { "port": 8080 }, "initialDelaySeconds": 30 }),
            "error: rpc error: code = Unavailable desc = connection error: desc = \"error reading server preface: http2: frame too large\"".to_owned(),
        ),
        ("wrong-path", http(json!(8080)), "HTTP probe failed with statuscode: 404".to_owned()),
        (
            "wrong-path",
            json!({ "grpc": { "port": 8080 }, "initialDelaySeconds": 30 }),
            "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service".to_owned(),
        ),
        ("hang", http(json!(8080)), format!("{url}context deadline exceeded (Client.Timeout exceeded while awaiting headers)")),
        ("hang", json!({ "exec": { "command": ["check"] } }), "command timed out: \"check\" timed out after 1s".to_owned()),
        ("unhealthy", http(json!(8080)), "HTTP probe failed with statuscode: 500".to_owned()),
        ("unhealthy", json!({ "grpc": { "port": 8080 } }), "service unhealthy (responded with \"NOT_SERVING\")".to_owned()),
        ("refused", http(json!("http")), format!("{url}dial tcp 10.0.0.7:8080: connect: connection refused")),
        ("command", json!({ "exec": { "command": ["check"] } }), "cat: /tmp/healthy: No such file or directory".to_owned()),
    ];
    for (want, probe, output) in rows {
        let is = failures(&killed(probe, &output));
        assert!(is.iter().any(|f| f == want), "{output}: {is:?} instead of {want}");
    }
}

#[test]
fn an_http_probe_of_a_tls_port_gets_a_bad_request() {
    let hand = killed(json!({ "httpGet": { "path": "/healthz", "port": "https" } }), "HTTP probe failed with statuscode: 400")
        .spec("ports", json!([{ "name": "https", "containerPort": 8443 }]));
    assert_eq!(failures(&hand), ["wrong-scheme"]);
}

#[test]
fn a_probe_that_leaves_no_time_to_start() {
    // Alive 59 s is what this instance got: nothing listened yet when the third failure came.
    let probe = json!({ "httpGet": { "path": "/healthz", "port": "http" }, "periodSeconds": 15, "failureThreshold": 3 });
    let is = failures(&killed(probe, "Get \"http://10.0.0.7:8080/healthz\": dial tcp 10.0.0.7:8080: connect: connection refused"));
    assert!(is.iter().any(|f| f == "too-tight"), "{is:?}");
}

#[test]
fn a_starved_container_answers_late() {
    let hang = "Get \"http://10.0.0.7:8080/healthz\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
    let starved = killed(http(json!(8080)), hang).spec("resources", json!({ "limits": { "cpu": "50m" } }));
    assert!(starved.report().history.facts.is("probe.starved"));
    let fed = killed(http(json!(8080)), hang).spec("resources", json!({ "limits": { "cpu": "2" } }));
    assert!(!fed.report().history.facts.is("probe.starved"));
}

#[test]
fn a_health_check_that_waits_for_a_dependency() {
    let line = "redis.exceptions.ConnectionError: Error 111 connecting to session-cache:6379. Connection refused.";
    let log = format!("GET /ready 503\n{line}\nGET /ready 503\n{line}\nGET /ready 503\n{line}\nGET /ready 503\n{line}");
    let report = Hand::new(running(10))
        .set("/spec/restartPolicy", json!("Always"))
        .spec("ports", json!([{ "containerPort": 8080 }]))
        .spec("readinessProbe", json!({ "httpGet": { "path": "/ready", "port": 8080 } }))
        .condition("Ready", "False", "ContainersNotReady", 12)
        .event_of("kubelet", Some("main"), "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 128, 9)
        .log(false, 128, &log)
        .report();
    let facts = &report.history.facts;
    assert_eq!(facts.int("probe.status_code"), Some(503));
    assert_eq!(report.verdict.cause, "dependency.unreachable", "{:?}", report.explanation);
    assert!(report.causes.iter().any(|c| c.cause == "probe.readiness" && c.on_path), "{:?}", report.explanation);
    assert_eq!(report.history.subject.mechanism.word(), "running");
}

#[test]
fn ready_now_and_killed_again_and_again() {
    let hand = Hand::restarted(ended(0, "Completed"))
        .set("/status/containerStatuses/0/restartCount", json!(9))
        .spec("livenessProbe", http(json!(8080)))
        .event_of("kubelet", Some("main"), "Killing", "Container main failed liveness probe, will be restarted", 98, 9)
        .event_of("kubelet", Some("main"), "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", 97, 27);
    let report = hand.report();
    assert_eq!(report.verdict.cause, "probe.liveness", "{:?}", report.explanation);
    assert_eq!(report.history.facts.int("probe.kills"), Some(9));
    assert!(report.verdict.headline.contains("running and ready again"), "{}", report.verdict.headline);
}

#[tokio::test]
async fn a_probe_that_killed_for_good_leaves_silence_and_one_that_restarts_does_not() {
    let silent = async |policy: &str, companion: &str| {
        let job = json!({
            "metadata": { "name": "load", "namespace": "shop", "uid": "uid-load" },
            "spec": { "template": { "spec": { "restartPolicy": policy, "initContainers": [{ "name": "proxy", "image": "shop/proxy:1", "restartPolicy": "Always" }], "containers": [{ "name": "main", "image": "shop/load:1" }, { "name": "helper", "image": "shop/helper:1" }] } } },
            "status": { "failed": 1 }
        });
        let killed = |container: &str, message: &str| {
            let mut told = event(&format!("e-{container}"), "Pod", "load-x7k2p", "Killing", message);
            told["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
            told
        };
        let stopped = format!("Stopping container {companion}");
        let events = vec![killed("main", "Container main failed liveness probe, will be restarted"), killed(companion, &stopped)];
        let bundle = Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", vec![job]).list("/api/v1/namespaces/shop/events", events);
        of(&bundle.usual().done(), "load-x7k2p").await.history.silence.silent
    };
    assert_eq!(silent("Never", "helper").await, Some(true), "the message is the same under every policy");
    assert_ne!(silent("Never", "proxy").await, Some(true), "a sidecar goes when the work is done");
    assert_eq!(silent("OnFailure", "helper").await, Some(false));
}
