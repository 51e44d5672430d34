//! What is lost already, and what will be lost when.

use serde_json::json;

use super::{document, of};
use crate::bundles::{Bundle, crashed, event};

#[tokio::test]
async fn events_and_earlier_ends_of_a_live_pod() {
    let found = document(&of(&crashed().done(), "web-5d9c7b6f4-x7k2p").await);
    let events = found.horizon.iter().find(|r| r.what.starts_with("events of pod")).expect("events");
    assert!(!events.lost);
    // The last event is from 03:03, and an hour is what servers keep unless told otherwise.
    assert_eq!(events.at.map(|t| t.0.to_rfc3339()).as_deref(), Some("2030-01-02T04:03:00+00:00"));
    assert_eq!(events.capture.as_deref(), Some("a2 investigate shop/web-5d9c7b6f4-x7k2p --save web-5d9c7b6f4-x7k2p.tar.gz"));
    let ends = found.horizon.iter().find(|r| r.what.contains("earlier ends of container main")).expect("three restarts, one end kept");
    assert!(ends.lost && ends.what.starts_with('2') && ends.capture.is_none(), "{ends:?}");
}

#[tokio::test]
async fn a_server_that_keeps_events_longer_is_believed() {
    let mut old = event("e0", "ReplicaSet", "web-5d9c7b6f4", "SuccessfulCreate", "Created pod: web-5d9c7b6f4-9zq4w");
    old["lastTimestamp"] = json!("2030-01-01T21:04:05Z");
    let recent = event("e1", "Pod", "web-5d9c7b6f4-x7k2p", "BackOff", "Back-off restarting failed container");
    let found = document(&of(&crashed().list("/api/v1/namespaces/shop/events", vec![old, recent]).done(), "web-5d9c7b6f4-x7k2p").await);
    let events = found.horizon.iter().find(|r| r.what.starts_with("events of pod")).expect("events");
    assert_eq!(events.at.map(|t| t.0.to_rfc3339()[..16].to_owned()).as_deref(), Some("2030-01-02T09:03"), "six hours are known to be kept");
}

#[tokio::test]
async fn a_gone_pod_of_a_job_that_will_go() {
    let job = json!({
        "metadata": { "name": "load", "namespace": "shop", "uid": "uid-load" },
        "spec": { "ttlSecondsAfterFinished": 3600, "template": { "spec": { "containers": [{ "name": "main", "image": "shop/load:1" }] } } },
        "status": { "failed": 1, "conditions": [{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": "2030-01-02T02:30:00Z" }] }
    });
    let found = document(&of(&Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", vec![job]).usual().done(), "load-x7k2p").await);
    let row = |start: &str| found.horizon.iter().find(|r| r.what.starts_with(start)).unwrap_or_else(|| panic!("{start}: {:?}", found.horizon));
    assert_eq!(row("Job load").at.map(|t| t.0.to_rfc3339()).as_deref(), Some("2030-01-02T03:30:00+00:00"));
    assert!(row("events of pod").lost && row("logs of pod").lost);
    assert!(found.horizon.iter().take_while(|r| r.lost).count() >= 2, "what is lost stands first");
}
