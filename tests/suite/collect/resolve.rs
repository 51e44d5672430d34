//! What a name stands for: workloads, the beginning of a name, nothing.

use a2::collect::{Resolved, resolve};
use a2::source::bundle;
use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pod, running};

async fn stands_for(bundle: &Bundle, kind: Option<&str>, name: &str) -> Resolved {
    let conn = bundle::open(bundle.path()).expect("a bundle");
    resolve(&conn, "shop", kind, name, std::time::Duration::from_secs(10)).await.0
}

fn chosen(resolved: &Resolved) -> &str {
    match resolved {
        Resolved::Pod { name, .. } => name,
        other => panic!("{other:?}"),
    }
}

fn object(name: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}") } })
}

/// A Deployment `web` with a healthy and a crashing pod, a Job `load` whose failed pod is gone, a StatefulSet without pods.
fn shop() -> Bundle {
    let owner = Some(("ReplicaSet", "web-5d9c7b6f4"));
    let mut bad = pod("web-5d9c7b6f4-x7k2p", json!({}), owner, "Running", json!({ "waiting": { "reason": "CrashLoopBackOff" } }));
    bad["status"]["containerStatuses"][0]["restartCount"] = json!(4);
    let mut set = object("web-5d9c7b6f4");
    set["metadata"]["ownerReferences"] = json!([{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web" }]);
    let mut job = object("load");
    job["status"] = json!({ "failed": 1, "conditions": [{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded" }] });
    let mut warning = event("e2", "Pod", "load-x7k2p", "BackOff", "Back-off restarting failed container");
    warning["type"] = json!("Warning");
    Bundle::new()
        .list(
            "/api/v1/namespaces/shop/pods",
            vec![
                pod("web-5d9c7b6f4-9zq4w", json!({}), owner, "Running", running()),
                bad,
                pod("web-extra-5d9c7b6f4-22222", json!({}), None, "Failed", exited(1)),
                pod("lonely", json!({}), None, "Running", running()),
            ],
        )
        .list("/api/v1/namespaces/shop/events", vec![event("e1", "Job", "load", "SuccessfulCreate", "Created pod: load-x7k2p"), warning])
        .list("/apis/apps/v1/namespaces/shop/deployments", vec![object("web")])
        .list("/apis/apps/v1/namespaces/shop/replicasets", vec![set])
        .list("/apis/apps/v1/namespaces/shop/statefulsets", vec![object("db")])
        .list("/apis/batch/v1/namespaces/shop/jobs", vec![job])
        .usual()
        .done()
}

#[tokio::test]
async fn a_workload_stands_for_its_worst_pod() {
    let shop = shop();
    let web = stands_for(&shop, Some("Deployment"), "web").await;
    assert_eq!(chosen(&web), "web-5d9c7b6f4-x7k2p");
    assert!(matches!(&web, Resolved::Pod { how, .. } if how == "the worst of 2 known pods of Deployment web"), "{web:?}");
    assert_eq!(chosen(&stands_for(&shop, Some("ReplicaSet"), "web-5d9c7b6f4").await), "web-5d9c7b6f4-x7k2p");
    let load = stands_for(&shop, Some("Job"), "load").await;
    assert_eq!(chosen(&load), "load-x7k2p");
    assert!(matches!(&load, Resolved::Pod { how, .. } if how.contains("gone by now")), "{load:?}");
    assert_eq!(chosen(&stands_for(&shop, Some("StatefulSet"), "db").await), "db-0", "a name that a pod of it would have");
    assert_eq!(stands_for(&shop, Some("DaemonSet"), "web").await, Resolved::Nothing);
}

#[tokio::test]
async fn a_bare_name_of_a_workload_and_the_beginning_of_a_name() {
    let shop = shop();
    assert_eq!(chosen(&stands_for(&shop, None, "web").await), "web-5d9c7b6f4-x7k2p", "the workload, not what its name begins");
    assert_eq!(chosen(&stands_for(&shop, None, "lone").await), "lonely");
    assert_eq!(chosen(&stands_for(&shop, None, "load-x").await), "load-x7k2p", "one that only events remember");
    let several = stands_for(&shop, None, "web-").await;
    assert_eq!(several, Resolved::Several(["web-5d9c7b6f4-9zq4w", "web-5d9c7b6f4-x7k2p", "web-extra-5d9c7b6f4-22222"].map(str::to_owned).to_vec()));
    assert_eq!(stands_for(&shop, None, "nothing").await, Resolved::Nothing);
}

#[tokio::test]
async fn a_workflow_stands_for_the_step_that_failed_first() {
    let node =
        |name: &str, phase: &str, at: &str| json!({ "name": format!("run.{name}"), "type": "Pod", "templateName": "work", "phase": phase, "finishedAt": at });
    let mut run = object("run");
    run["status"] = json!({ "nodes": {
        "run-1": node("a", "Succeeded", "2030-01-02T02:00:00Z"),
        "run-2": node("b", "Failed", "2030-01-02T02:20:00Z"),
        "run-3": node("c", "Error", "2030-01-02T02:10:00Z")
    } });
    let bundle = Bundle::new().list("/apis/argoproj.io/v1alpha1/namespaces/shop/workflows", vec![run]).usual().done();
    assert_eq!(chosen(&stands_for(&bundle, Some("Workflow"), "run").await), a2::reconstruct::argo::pod_name("run", "work", "run.c"));
}
