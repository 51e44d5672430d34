//! When something remembers the pod itself.

use a2::evidence::{Event, Object};
use serde_json::{Value, json};

use super::hand::{Hand, at};
use super::of;
use crate::bundles::{Bundle, crashed, event};

fn job(status: Value) -> Value {
    json!({
        "metadata": { "name": "load", "namespace": "shop", "uid": "uid-load" },
        "spec": { "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "main", "image": "shop/load:1" }] } } },
        "status": status
    })
}

fn with_job(status: Value) -> Bundle {
    Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", vec![job(status)]).usual().done()
}

#[tokio::test]
async fn an_owner_that_the_name_points_at_is_no_trace_of_the_pod() {
    let found = of(&crashed().done(), "web-5d9c7b6f4-22222").await;
    assert!(!found.case.owners.is_empty() && !found.history.traced);
    assert!(found.case.near_names.iter().any(|n| n == "web-5d9c7b6f4-x7k2p"), "the nearest names are offered: {:?}", found.case.near_names);
    // Its controller's word is one.
    let named = crashed()
        .list("/api/v1/namespaces/shop/events", vec![event("e9", "ReplicaSet", "web-5d9c7b6f4", "SuccessfulDelete", "Deleted pod: web-5d9c7b6f4-22222")]);
    assert!(of(&named.done(), "web-5d9c7b6f4-22222").await.history.traced);
    let other = crashed()
        .list("/api/v1/namespaces/shop/events", vec![event("e9", "ReplicaSet", "web-5d9c7b6f4", "SuccessfulDelete", "Deleted pod: web-5d9c7b6f4-222229")]);
    assert!(!of(&other.done(), "web-5d9c7b6f4-22222").await.history.traced);
}

#[tokio::test]
async fn a_job_remembers_its_only_pod_and_the_one_it_names() {
    assert!(of(&with_job(json!({ "failed": 1 })), "load-x7k2p").await.history.traced);
    assert!(!of(&with_job(json!({ "failed": 2 })), "load-x7k2p").await.history.traced, "one of two, perhaps");
    assert!(!of(&with_job(json!({ "active": 1 })), "load-x7k2p").await.history.traced);
    let made = |kind: &str| {
        let told = event("e1", kind, "load", "SuccessfulCreate", "Created pod: load-zzzzz");
        with_job(json!({ "failed": 1 })).list("/api/v1/namespaces/shop/events", vec![told])
    };
    assert!(!of(&made("Job"), "load-x7k2p").await.history.traced, "its only pod had another name");
    assert!(of(&made("CronJob"), "load-x7k2p").await.history.traced, "that is another object of the same name");
    let conditions = |pod: &str| {
        let message = format!("Container main for pod shop/{pod} failed with exit code 42 matching FailJob rule at index 0");
        json!({ "failed": 2, "conditions": [{ "type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": message }] })
    };
    let named = of(&with_job(conditions("load-x7k2p")), "load-x7k2p").await;
    assert!(named.history.traced);
    assert_eq!(named.verdict.exit_code, Some(42));
    assert!(!of(&with_job(conditions("load-x7k2q")), "load-x7k2p").await.history.traced);
}

#[tokio::test]
async fn nothing_at_all() {
    let found = of(&Bundle::new().usual().done(), "load-x7k2p").await;
    assert!(!found.history.traced && found.history.removal.is_none() && found.history.pod.is_none());
    assert_eq!((found.verdict.cause.as_str(), found.verdict.confidence.word()), ("unknown", "none"));
    assert!(!found.case.sources.is_empty(), "what was asked is told");
}

#[tokio::test]
async fn a_workflow_that_was_refused_never_made_a_pod() {
    let workflow = json!({
        "metadata": { "name": "run", "namespace": "shop", "uid": "uid-run" },
        "status": { "phase": "Failed", "message": "invalid spec: templates.main cannot use both 'depends' and 'dependencies'" }
    });
    let found = of(&Bundle::new().list("/apis/argoproj.io/v1alpha1/namespaces/shop/workflows", vec![workflow]).usual().done(), "run").await;
    assert!(found.history.traced);
    assert!(found.gaps.iter().all(|g| g.resource != "workflows.argoproj.io"));
}

#[test]
fn what_a_stranger_says_of_the_pod_is_a_trace_of_it_and_of_no_other() {
    let traced = |kind: &str, namespace: &str, name: &str| {
        let mut hand = Hand::new(json!({}));
        let raw = json!({ "metadata": { "name": "x", "namespace": namespace }, "reason": "Noticed", "message": "seen", "lastTimestamp": at(90),
            "involvedObject": { "kind": kind, "namespace": namespace, "name": name }, "source": { "component": "my-operator" } });
        hand.case.events.push(Event::from_object(Object::new(raw)).unwrap());
        a2::diagnosis::diagnose(hand.case, a2::rules::RuleSet::builtin()).history.traced
    };
    assert!(traced("Pod", "n", "work-0"));
    assert!(!traced("Pod", "n", "work-1"));
    assert!(!traced("Pod", "elsewhere", "work-0"));
    assert!(!traced("Job", "n", "work-0"));
}

#[test]
fn a_controller_that_names_the_pod_remembers_it() {
    let traced = |message: &str| {
        let mut hand = Hand::new(json!({}));
        let raw = json!({ "metadata": { "name": "x", "namespace": "n" }, "reason": "SuccessfulDelete", "message": message, "lastTimestamp": at(90),
            "involvedObject": { "kind": "ReplicaSet", "namespace": "n", "name": "work" }, "source": { "component": "replicaset-controller" } });
        hand.case.events.push(Event::from_object(Object::new(raw)).unwrap());
        a2::diagnosis::diagnose(hand.case, a2::rules::RuleSet::builtin()).history.traced
    };
    assert!(traced("Deleted pod: work-0"));
    assert!(!traced("Deleted pod: work-00"));
}
