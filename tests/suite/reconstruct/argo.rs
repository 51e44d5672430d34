//! Argo Workflows: names split by hash, compressed and offloaded node status.

use std::io::Write;

use a2::evidence::Object;
use a2::reconstruct::argo;
use base64::Engine;
use serde_json::{Value, json};

use super::{document, of};
use crate::bundles::{Bundle, event};

#[test]
fn golden_vectors_of_the_hash() {
    for (node, hash) in [("my-wf", 169_523_555), ("coinflip-x[0].flip", 1_305_580_589), ("retry-wf(0)", 4_265_465_332), ("wf-dag.a", 291_404_824)] {
        assert_eq!(argo::node_hash(node), hash, "{node}");
    }
    assert_eq!(argo::pod_name("my-wf", "any", "my-wf"), "my-wf", "the only pod of a workflow has its name");
}

/// Workflow, template, node and pod, computed by Argo's own rule.
const PODS: [(&str, &str, &str, &str); 10] = [
    ("play-task-1-44cpd", "determine-resume-point", "play-task-1-44cpd.check-main-resume", "play-task-1-44cpd-determine-resume-point-2420829733"),
    ("play-task-1-44cpd", "determine-resume-point", "play-task-1-44cpd.check-main-resume(0)", "play-task-1-44cpd-determine-resume-point-3063815812"),
    ("play-task-1-44cpd", "determine-resume-point", "play-task-1-44cpd.check-main-resume(1)", "play-task-1-44cpd-determine-resume-point-1385906817"),
    ("play-task-1-44cpd", "update-workflow-stage", "play-task-1-44cpd.initialize-stage", "play-task-1-44cpd-update-workflow-stage-1130621384"),
    ("play-task-1-44cpd", "cleanup-handler", "play-task-1-44cpd.onExit", "play-task-1-44cpd-cleanup-handler-916275228"),
    ("play-task-1-phvx5", "determine-resume-point", "play-task-1-phvx5.check-main-resume", "play-task-1-phvx5-determine-resume-point-4030511353"),
    ("play-task-1-jqc6d", "determine-resume-point", "play-task-1-jqc6d.check-main-resume", "play-task-1-jqc6d-determine-resume-point-1534969124"),
    ("play-task-4-jw7lc", "determine-resume-point", "play-task-4-jw7lc.check-main-resume", "play-task-4-jw7lc-determine-resume-point-3472031238"),
    ("play-task-3-5kwx9", "determine-resume-point", "play-task-3-5kwx9.check-main-resume", "play-task-3-5kwx9-determine-resume-point-1054449668"),
    ("play-task-6-z88f9", "determine-resume-point", "play-task-6-z88f9.check-main-resume", "play-task-6-z88f9-determine-resume-point-2587372782"),
];

#[test]
fn golden_vectors_of_pod_names() {
    for (workflow, template, node, pod) in PODS {
        assert_eq!(argo::pod_name(workflow, template, node), pod);
        let hash = argo::node_hash(node);
        let id = format!("{workflow}-{hash}");
        assert_eq!(argo::split_pod_name(pod), Some((format!("{workflow}-{template}").as_str(), hash)));
        let of = |name: &str| Object::new(json!({ "metadata": { "name": workflow }, "status": { "nodes": { &id: { "type": "Pod", "name": name } } } }));
        let found = |workflow_object: &Object| {
            let argo::Nodes::Read(nodes) = argo::nodes(workflow_object) else { panic!("unread") };
            argo::node_of(workflow, &nodes, pod).map(|n| n.id.clone())
        };
        assert_eq!(found(&of(node)), Some(id.clone()));
        assert_eq!(found(&of("another.node")), None, "a node whose name has another hash is another node");
    }
}

const RUN: &str = "run-7";
const NODE: &str = "run-7.load";

fn pod() -> String {
    argo::pod_name(RUN, "load-data", NODE)
}

fn node_id() -> String {
    format!("{RUN}-{}", argo::node_hash(NODE))
}

fn nodes() -> Value {
    json!({
        node_id(): {
            "id": node_id(), "name": NODE, "displayName": "load", "type": "Pod", "templateName": "load-data", "phase": "Failed",
            "message": "main: OOMKilled (exit code 137)", "startedAt": "2030-01-02T02:00:00Z", "finishedAt": "2030-01-02T02:05:00Z",
            "hostNodeName": "n1", "outputs": { "exitCode": "137" }, "children": ["run-7-1"]
        },
        "run-7-1": { "id": "run-7-1", "name": "run-7.after", "displayName": "after", "type": "Pod", "templateName": "after", "phase": "Omitted" }
    })
}

fn workflow(status: Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow",
        "metadata": { "name": RUN, "namespace": "shop", "uid": "uid-run-7" },
        "spec": {
            "podGC": { "strategy": "OnPodCompletion" },
            "templates": [{ "name": "load-data", "container": { "image": "shop/load:{{workflow.parameters.tag}}", "command": ["load"], "resources": { "limits": { "memory": "64Mi" } } } }]
        },
        "status": status
    })
}

fn pack(nodes: &Value) -> String {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(nodes.to_string().as_bytes()).expect("packed");
    base64::engine::general_purpose::STANDARD.encode(gzip.finish().expect("packed"))
}

fn bundle(workflows: Vec<Value>, events: Vec<Value>) -> Bundle {
    let bundle = Bundle::new().list("/apis/argoproj.io/v1alpha1/namespaces/shop/workflows", workflows);
    if events.is_empty() { bundle.usual().done() } else { bundle.list("/api/v1/namespaces/shop/events", events).usual().done() }
}

#[tokio::test]
async fn compressed_node_status_says_what_plain_status_says() {
    let plain = of(&bundle(vec![workflow(json!({ "phase": "Failed", "nodes": nodes() }))], vec![]), &pod()).await;
    let packed = of(&bundle(vec![workflow(json!({ "phase": "Failed", "compressedNodes": pack(&nodes()) }))], vec![]), &pod()).await;
    for found in [&plain, &packed] {
        let death = &found.history.deaths[0];
        assert_eq!((death.container.as_str(), death.exit_code, death.reason.as_deref()), ("main", Some(137), Some("OOMKilled")));
        assert_eq!(found.verdict.cause, "oom.container-limit");
        assert_eq!(found.history.subject.role, "primary");
        assert_eq!(found.history.removal.as_ref().map(|r| r.kind), Some("workflow-gc"));
        assert!(found.history.impact.iter().any(|i| i.what.contains("after") && i.what.contains("omitted")));
        let document = document(found);
        let rebuilt = document.pod.expect("a rebuilt pod");
        assert_eq!((rebuilt.from.as_str(), rebuilt.node.as_deref()), ("owner-template", Some("n1")));
        let main = document.containers.iter().find(|c| c.name == "main").expect("main");
        assert_eq!(main.image, None, "what a parameter made of the image is not known");
        assert_eq!((main.limits.get("memory").map(String::as_str), main.requests.get("memory").map(String::as_str)), (Some("64Mi"), Some("64Mi")));
    }
}

fn with_node(phase: &str, strategy: &str, change: impl Fn(&mut Value)) -> Value {
    let mut nodes = nodes();
    change(&mut nodes[node_id()]);
    let mut workflow = workflow(json!({ "phase": phase, "nodes": nodes }));
    workflow["spec"]["podGC"]["strategy"] = json!(strategy);
    workflow
}

#[tokio::test]
async fn pod_gc_takes_what_is_due_and_no_more() {
    let removed = async |phase: &str, node: &str, strategy: &str| {
        let workflow = with_node(phase, strategy, |n| n["phase"] = json!(node));
        of(&bundle(vec![workflow], vec![]), &pod()).await.history.removal.map(|r| r.kind) == Some("workflow-gc")
    };
    for (phase, node, strategy, due) in [
        ("Running", "Failed", "OnPodCompletion", true),
        ("Running", "Failed", "OnPodSuccess", false),
        ("Running", "Succeeded", "OnPodSuccess", true),
        ("Running", "Succeeded", "OnWorkflowCompletion", false),
        ("Failed", "Failed", "OnWorkflowCompletion", true),
        ("Failed", "Succeeded", "OnWorkflowSuccess", false),
        ("Succeeded", "Succeeded", "OnWorkflowSuccess", true),
        ("Succeeded", "Succeeded", "", false),
    ] {
        assert_eq!(removed(phase, node, strategy).await, due, "{phase} {node} {strategy}");
    }
}

#[tokio::test]
async fn a_node_whose_pod_was_deleted_says_so_and_blames_no_garbage_collection() {
    let deleted = with_node("Failed", "OnPodCompletion", |n| (n["phase"], n["message"]) = (json!("Error"), json!("pod deleted")));
    let found = of(&bundle(vec![deleted], vec![]), &pod()).await;
    assert!(found.history.facts.is("workflow.pod_deleted"));
    assert_ne!(found.history.removal.map(|r| r.kind), Some("workflow-gc"));
    let failed = of(&bundle(vec![with_node("Failed", "OnPodCompletion", |_| ())], vec![]), &pod()).await;
    assert!(!failed.history.facts.is("workflow.pod_deleted"));
}

#[tokio::test]
async fn a_worker_that_failed_before_its_companions_were_stopped_was_silent() {
    let silent = async |killed: &[&str]| {
        let events = killed.iter().map(|container| {
            let mut told = event(&format!("e-{container}"), "Pod", &pod(), "Killing", &format!("Stopping container {container}"));
            told["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
            told
        });
        let workflow = with_node("Failed", "OnPodCompletion", |n| n["message"] = json!("main: Error (exit code 1)"));
        of(&bundle(vec![workflow], events.collect()), &pod()).await.history.silence.silent
    };
    assert_eq!(silent(&["helper"]).await, Some(true));
    assert_ne!(silent(&["helper", "main"]).await, Some(true), "it ran until all were stopped");
}

#[tokio::test]
async fn pods_of_one_template_are_siblings_and_its_retries_are_none() {
    let mut nodes = nodes();
    for (id, kind, template) in [("run-7-2", "Pod", "load-data"), ("run-7-3", "Retry", "load-data"), ("run-7-4", "Pod", "other")] {
        nodes[id] = json!({ "id": id, "name": format!("run-7.{id}"), "displayName": id, "type": kind, "templateName": template, "phase": "Failed", "message": "main: Error (exit code 3)" });
    }
    let found = of(&bundle(vec![workflow(json!({ "phase": "Failed", "nodes": nodes.clone() }))], vec![]), &pod()).await;
    assert!(!found.history.facts.has("siblings.cause", &"oom.container-limit".into()), "another code is another end");
    nodes["run-7-2"]["message"] = json!("main: OOMKilled (exit code 137)");
    let alike = of(&bundle(vec![workflow(json!({ "phase": "Failed", "nodes": nodes }))], vec![]), &pod()).await;
    assert!(alike.history.facts.has("siblings.cause", &"oom.container-limit".into()), "the workflow's books name it");
    let names: Vec<_> = found.history.siblings.rows.iter().map(|r| (r.name.clone(), r.exit_code)).collect();
    assert_eq!(names, [(argo::pod_name(RUN, "load-data", "run-7.run-7-2"), Some(3))]);
}

#[tokio::test]
async fn offloaded_and_broken_node_status_is_a_gap_that_says_so() {
    for (status, words) in [
        (json!({ "phase": "Failed", "offloadNodeStatusVersion": "fnv:123" }), "offloadNodeStatusVersion"),
        (json!({ "phase": "Failed", "compressedNodes": "bm90IGd6aXA=" }), "cannot be unpacked"),
    ] {
        let found = of(&bundle(vec![workflow(status)], vec![]), &pod()).await;
        assert_eq!(found.verdict.cause, "unknown");
        assert!(found.case.owners.iter().any(|o| o.object.name() == RUN), "the workflow is found by its name");
        let gap = found.gaps.iter().find(|g| g.resource == "workflows.argoproj.io").expect("a gap");
        assert!(gap.why.contains(words) && gap.capture.is_some(), "{gap:?}");
    }
}

#[tokio::test]
async fn an_event_of_the_controller_stands_in_for_offloaded_status() {
    let mut told = event("e1", "Workflow", RUN, "WorkflowNodeFailed", "Failed node run-7.load: main: Error (exit code 101)");
    told["source"] = json!({ "component": "workflow-controller" });
    told["metadata"]["annotations"] = json!({ "workflows.argoproj.io/node-id": node_id(), "workflows.argoproj.io/node-name": NODE });
    let mut other = told.clone();
    other["metadata"]["name"] = json!("e2");
    other["metadata"]["uid"] = json!("uid-e2");
    other["message"] = json!("Failed node run-7.after: main: OOMKilled (exit code 137)");
    other["metadata"]["annotations"] = json!({ "workflows.argoproj.io/node-id": "run-7-1", "workflows.argoproj.io/node-name": "run-7.after" });
    let found = of(&bundle(vec![workflow(json!({ "phase": "Failed", "offloadNodeStatusVersion": "fnv:123" }))], vec![other, told]), &pod()).await;
    assert_eq!(found.history.deaths.len(), 1, "the event of another node is no death of this pod");
    assert_eq!(found.history.deaths[0].exit_code, Some(101));
    assert!(found.history.traced);
}
