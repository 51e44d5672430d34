//! Remarks on the spec: facts beside a verdict, never causes.

use a2::diagnosis::{Investigation, diagnose};
use a2::evidence::{CaseFile, Gap, GapKind, Object, Options, Pod, Target, parse_time};
use a2::reconstruct::Value;
use a2::rules::RuleSet;
use serde_json::{Value as Json, json};

fn pod() -> Json {
    json!({
        "metadata": { "name": "web", "namespace": "shop", "uid": "u1", "labels": { "app": "web", "tier": "front" }, "creationTimestamp": "2030-01-02T03:00:00Z" },
        "spec": {
            "nodeName": "n1", "restartPolicy": "Always",
            "containers": [{ "name": "main", "image": "shop/main:1" }],
            "volumes": [{ "name": "cache", "emptyDir": { "medium": "Memory" } }, { "name": "data", "persistentVolumeClaim": { "claimName": "orders" } }]
        },
        "status": { "phase": "Running", "containerStatuses": [{
            "name": "main", "ready": false, "restartCount": 1, "state": { "waiting": { "reason": "CrashLoopBackOff" } },
            "lastState": { "terminated": { "exitCode": 1, "reason": "Error", "startedAt": "2030-01-02T03:00:01Z", "finishedAt": "2030-01-02T03:02:00Z", "containerID": "containerd://x" } }
        }] }
    })
}

fn case(pod: Json) -> CaseFile {
    let target = Target { namespace: "shop".to_owned(), name: "web".to_owned(), uid: None };
    let mut case = CaseFile::new(target, Options::default(), parse_time("2030-01-02T03:04:05Z").unwrap());
    case.pod = Some(Pod::from_object(Object::new(pod)));
    case
}

fn judged(case: &CaseFile) -> Investigation {
    diagnose(case.clone(), RuleSet::builtin())
}

fn holds(found: &Investigation, fact: &str, value: impl Into<Value>) -> bool {
    found.history.facts.has(fact, &value.into())
}

fn object(kind: &str, value: Json) -> (String, Object) {
    let name = value["metadata"]["name"].as_str().unwrap().to_owned();
    let mut value = value;
    value["kind"] = json!(kind);
    (format!("{kind}/{name}"), Object::new(value))
}

#[test]
fn a_bare_spec_is_remarked_on_and_is_no_cause() {
    let found = judged(&case(pod()));
    assert!(holds(&found, "spec.no_memory_limit", true) && holds(&found, "spec.no_probes", true) && holds(&found, "spec.message_lost", true));
    let hints = found.hints.join("\n");
    for words in ["no memory limit", "no probes", "FallbackToLogsOnError"] {
        assert!(hints.contains(words), "{words}: {hints}");
    }
    assert!(found.causes.iter().all(|c| c.cause != "oom.container-limit"), "what has no limit did not reach it");
}

#[test]
fn a_careful_spec_is_not() {
    let mut pod = pod();
    pod["spec"]["containers"][0] = json!({
        "name": "main", "image": "shop/main:1", "resources": { "limits": { "memory": "1Gi" } }, "terminationMessagePolicy": "FallbackToLogsOnError",
        "livenessProbe": { "httpGet": { "port": 80, "path": "/" }, "periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": 3 }
    });
    let found = judged(&case(pod));
    for fact in ["spec.no_memory_limit", "spec.no_probes", "spec.message_lost", "spec.probe_timeout", "spec.no_startup_probe", "spec.memory_backed"] {
        assert!(found.history.facts.get(fact).is_none(), "{fact}");
    }
}

#[test]
fn work_that_ends_by_itself_needs_no_probe() {
    let mut pod = pod();
    pod["spec"]["restartPolicy"] = json!("Never");
    assert!(!holds(&judged(&case(pod)), "spec.no_probes", true));
}

#[test]
fn probes_that_do_not_fit() {
    let mut pod = pod();
    pod["spec"]["containers"][0]["livenessProbe"] =
        json!({ "httpGet": { "port": 80, "path": "/" }, "initialDelaySeconds": 60, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3 });
    let found = judged(&case(pod.clone()));
    assert!(holds(&found, "spec.probe_timeout", "liveness") && holds(&found, "spec.no_startup_probe", true));
    pod["spec"]["containers"][0]["startupProbe"] = json!({ "httpGet": { "port": 80, "path": "/" }, "periodSeconds": 5, "failureThreshold": 30 });
    assert!(!holds(&judged(&case(pod)), "spec.no_startup_probe", true));
}

#[test]
fn volumes_in_memory_and_claims_that_are_not_bound() {
    let mut pod = pod();
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{ "name": "cache", "mountPath": "/cache" }]);
    let mut case = case(pod);
    assert!(holds(&judged(&case), "spec.memory_backed", "cache"));
    let claim = |phase: &str| object("PersistentVolumeClaim", json!({ "metadata": { "name": "orders", "namespace": "shop" }, "status": { "phase": phase } }));
    case.objects.extend([claim("Pending")]);
    assert!(holds(&judged(&case), "spec.unbound_claim", "orders"));
    case.objects.extend([claim("Bound")]);
    assert!(!holds(&judged(&case), "spec.unbound_claim", "orders"));
}

#[test]
fn network_policies_that_select_the_pod_and_refusals_to_list_them() {
    let policy = |selector: Json, types: Json| {
        object("NetworkPolicy", json!({ "metadata": { "name": "deny", "namespace": "shop" }, "spec": { "podSelector": selector, "policyTypes": types } }))
    };
    for (selector, types, selects) in [
        (json!({}), json!(["Egress"]), true),
        (json!({ "matchLabels": { "app": "web" } }), json!(["Ingress", "Egress"]), true),
        (json!({ "matchExpressions": [{ "key": "tier", "operator": "In", "values": ["front", "edge"] }] }), json!(["Egress"]), true),
        (json!({ "matchExpressions": [{ "key": "tier", "operator": "NotIn", "values": ["front"] }] }), json!(["Egress"]), false),
        (json!({ "matchExpressions": [{ "key": "tier", "operator": "DoesNotExist" }] }), json!(["Egress"]), false),
        (json!({ "matchExpressions": [{ "key": "zone", "operator": "DoesNotExist" }, { "key": "app", "operator": "Exists" }] }), json!(["Egress"]), true),
        (json!({ "matchExpressions": [{ "key": "zone", "operator": "Exists" }] }), json!(["Egress"]), false),
        (json!({ "matchLabels": { "app": "other" } }), json!(["Egress"]), false),
        (json!({}), json!(["Ingress"]), false),
    ] {
        let mut case = case(pod());
        case.objects.extend([policy(selector.clone(), types)]);
        assert_eq!(holds(&judged(&case), "spec.network_policy", "deny"), selects, "{selector}");
    }
    let mut case = case(pod());
    case.gaps.push(Gap::new(GapKind::Forbidden, "list", "networkpolicies.networking.k8s.io", "all objects of kind NetworkPolicy", "forbidden"));
    let found = judged(&case);
    assert!(holds(&found, "spec.network_policies_unseen", true));
    assert!(found.gaps.iter().any(|g| g.resource == "networkpolicies.networking.k8s.io" && g.kind == GapKind::Forbidden));
}

#[test]
fn probe_failures_are_counted_with_their_streak() {
    let mut pod = pod();
    pod["spec"]["containers"][0]["livenessProbe"] =
        json!({ "httpGet": { "port": 80, "path": "/" }, "periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": 3 });
    pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] = json!(137);
    let event = |reason: &str, message: &str, count: i64, first: &str, last: &str| {
        a2::evidence::Event::from_object(Object::new(json!({
            "metadata": { "name": reason, "namespace": "shop", "uid": reason },
            "involvedObject": { "kind": "Pod", "name": "web", "namespace": "shop", "uid": "u1", "fieldPath": "spec.containers{main}" },
            "reason": reason, "message": message, "count": count, "firstTimestamp": first, "lastTimestamp": last, "type": "Warning", "source": { "component": "kubelet" }
        })))
        .unwrap()
    };
    let at = |first: &str, count: i64| {
        let mut case = case(pod.clone());
        let timeout = "Liveness probe failed: Get \"http://10.0.0.7:80/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        case.events.push(event("Unhealthy", timeout, count, first, "2030-01-02T03:01:55Z"));
        case.events.push(event("Killing", "Container main failed liveness probe, will be restarted", 1, "2030-01-02T03:01:56Z", "2030-01-02T03:01:56Z"));
        judged(&case)
    };
    let close = at("2030-01-02T03:01:15Z", 5);
    assert_eq!(
        (close.verdict.cause.as_str(), close.history.facts.int("probe.count"), close.history.facts.int("probe.streak")),
        ("probe.liveness", Some(5), Some(5))
    );
    assert!(close.hints.iter().any(|h| h.contains("at least 5 of them in a row")), "{:?}", close.hints);
    // Five failures over an hour are not five in a row; the kubelet needed three to kill.
    let far = at("2030-01-02T02:01:15Z", 5);
    assert_eq!(far.history.facts.int("probe.streak"), Some(3));
}

#[test]
fn next_steps_come_by_priority() {
    let found = judged(&case(pod()));
    let order: Vec<_> = found.next_steps.iter().map(|s| s.priority).collect();
    assert!(order.len() > 3 && order.is_sorted(), "{:?}", found.next_steps);
}

#[test]
fn without_its_log_well_is_only_possible() {
    let mut pod = pod();
    pod["status"]["containerStatuses"][0] =
        json!({ "name": "main", "ready": true, "restartCount": 0, "state": { "running": { "startedAt": "2030-01-02T03:00:01Z" } }, "lastState": {} });
    let mut case = case(pod);
    case.gaps.push(Gap::new(GapKind::Forbidden, "get", "pods/log", "log of container main of pod web", "forbidden"));
    let blind = judged(&case);
    assert_eq!((blind.verdict.cause.as_str(), blind.verdict.confidence.word()), ("healthy.running", "possible"));
    assert!(blind.hints.is_empty(), "a healthy pod gets no remarks: {:?}", blind.hints);
}
