//! Steps of workflows: silent ones, failed ones whose pods are gone, tries that another try made good, and whom nobody looks at.

use a2::evidence::GapKind;
use serde_json::{Value, json};

use super::expect::{expect, options, scanned};
use super::world::*;

const WORKFLOWS: &str = "/apis/argoproj.io/v1alpha1/namespaces/shop/workflows";

/// FNV-1a with 32 bits, as Argo makes the last part of a pod's name from the node's.
fn hash(node: &str) -> u32 {
    node.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn name_of(workflow: &str, step: &str) -> String {
    let template = step.split(['(', ':']).next().unwrap();
    format!("{workflow}-{template}-{}", hash(&format!("{workflow}.{step}")))
}

/// A node of a step that ended so many seconds ago.
fn node(workflow: &str, step: &str, kind: &str, phase: &str, message: &str, end: i64) -> Value {
    let name = format!("{workflow}.{step}");
    json!({ "id": format!("{workflow}-{}", hash(&name)), "name": name, "displayName": step, "type": kind, "templateName": step.split(['(', ':']).next().unwrap(), "phase": phase,
        "message": message, "startedAt": ago(end + 60), "finishedAt": ago(end), "boundaryID": workflow })
}

fn workflow(name: &str, phase: &str, made: i64, nodes: &[Value]) -> Value {
    let nodes: serde_json::Map<String, Value> = nodes.iter().map(|n| (n["id"].as_str().unwrap().to_owned(), n.clone())).collect();
    json!({ "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "spec": { "podGC": { "strategy": "OnPodCompletion" } },
        "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "creationTimestamp": ago(made), "labels": { "workflows.argoproj.io/phase": phase } },
        "status": { "phase": phase, "startedAt": ago(made), "nodes": nodes } })
}

fn step_pod(workflow: &str, step: &str, phase: &str, main: Value, wait: Value) -> Value {
    pod(&name_of(workflow, step), phase, "Never", &[part("main", main), part("wait", wait)])
        .owned("Workflow", workflow)
        .set("/metadata/labels", json!({ "workflows.argoproj.io/workflow": workflow }))
        .set(
            "/metadata/annotations",
            json!({ "kubectl.kubernetes.io/default-container": "main", "workflows.argoproj.io/node-name": format!("{workflow}.{step}") }),
        )
}

#[test]
fn a_step_that_its_wait_holds_up_is_silent_and_counted_with_its_family() {
    let names = ["train-x2x4z", "train-7b9kd", "atlas-x2x4z"];
    let pods: Vec<Value> = names.iter().map(|w| step_pod(w, "build", "Running", ended(1, 600), runs(900))).collect();
    let wanted: Vec<String> = names.iter().map(|w| format!("{} error.unhandled silent critical main", name_of(w, "build"))).collect();
    let scan = expect(world(pods), &wanted.iter().map(String::as_str).collect::<Vec<_>>());
    let families: std::collections::BTreeSet<&str> = scan.findings.iter().map(|f| f.family.as_str()).collect();
    assert_eq!(families.into_iter().collect::<Vec<_>>(), ["Workflow/atlas/build", "Workflow/train/build"]);
    // Its helper failed after the work was done: the step is well, and the pod is not.
    let helper = step_pod("train-x2x4z", "build", "Failed", ended(0, 600), ended_as(137, "OOMKilled", 590));
    let scan = expect(world(vec![helper]), &[&format!("{} healthy.completed warning main", name_of("train-x2x4z", "build"))]);
    assert!(scan.findings[0].headline.ends_with("the pod failed all the same: wait ended with exit code 137"), "{}", scan.findings[0].headline);
    // Its own work done, it is only waiting for its artifacts.
    expect(world(vec![step_pod("train-x2x4z", "build", "Running", ended(0, 10), runs(900))]), &[]);
}

#[test]
fn failed_steps_are_told_by_the_books_when_their_pods_are_gone() {
    let gone = |message: &str, end: i64| {
        let nodes = [node("train-x2x4z", "build", "Pod", "Failed", message, end)];
        world(vec![]).with(WORKFLOWS, vec![workflow("train-x2x4z", "Failed", end + 100, &nodes)])
    };
    let step = name_of("train-x2x4z", "build");
    let scan = expect(gone("main: Error (exit code 1)", 600), &[&format!("{step} error.unhandled error main")]);
    assert_eq!((scan.counts.pods, scan.counts.healthy), (0, 0), "it is no pod of the namespace any more");
    expect(gone("main: OOMKilled (exit code 137)", 600), &[&format!("{step} oom.container-limit error main")]);
    expect(gone("Pod was active on the node longer than the specified deadline", 600), &[&format!("{step} timeout.deadline error main")]);
    expect(gone("main: Error (exit code 1)", 9000), &[]);
    expect(gone("workflow shutdown with strategy:  Terminate", 600), &[]);
}

#[test]
fn a_try_that_a_later_one_made_good_counts_less() {
    let nodes = [
        node("train-x2x4z", "build(0)", "Pod", "Failed", "main: Error (exit code 1)", 600),
        node("train-x2x4z", "build(1)", "Pod", "Succeeded", "", 500),
        node("train-x2x4z", "build", "Retry", "Succeeded", "", 500),
    ];
    let failed = step_pod("train-x2x4z", "build(0)", "Failed", ended(1, 600), ended(0, 599));
    let first = name_of("train-x2x4z", "build(0)");
    let there = world(vec![failed.clone()]).with(WORKFLOWS, vec![workflow("train-x2x4z", "Running", 900, &nodes)]);
    let scan = expect(there, &[&format!("{first} error.unhandled warning main")]);
    assert!(scan.findings[0].headline.contains("a later try of the step ended well"), "{}", scan.findings[0].headline);
    // Its pod is gone, and the workflow failed for another step.
    let mut more = nodes.to_vec();
    more.push(node("train-x2x4z", "test", "Pod", "Failed", "main: Error (exit code 2)", 400));
    expect(
        world(vec![]).with(WORKFLOWS, vec![workflow("train-x2x4z", "Failed", 900, &more)]),
        &[&format!("{} error.unhandled error main", name_of("train-x2x4z", "test"))],
    );
    // Members of a loop are no tries of each other.
    let items =
        [node("train-x2x4z", "build(0:a)", "Pod", "Failed", "main: Error (exit code 1)", 600), node("train-x2x4z", "build(1:b)", "Pod", "Succeeded", "", 500)];
    let item = step_pod("train-x2x4z", "build(0:a)", "Failed", ended(1, 600), ended(0, 599));
    expect(
        world(vec![item]).with(WORKFLOWS, vec![workflow("train-x2x4z", "Running", 900, &items)]),
        &[&format!("{} error.unhandled error main", name_of("train-x2x4z", "build(0:a)"))],
    );
}

#[test]
fn of_too_many_failed_workflows_the_latest_are_looked_at_and_the_rest_is_told() {
    let name = |i: i64| format!("w{i:02}-x2x4z");
    let all = |count: i64, apart: i64| -> Vec<Value> {
        (0..count)
            .map(|i| workflow(&name(i), "Failed", 900 + apart * i, &[node(&name(i), "build", "Pod", "Failed", "main: Error (exit code 1)", 600 + i)]))
            .collect()
    };
    let scan = scanned(&world(vec![]).with(WORKFLOWS, all(14, 60)), &options());
    let mut found: Vec<&str> = scan.findings.iter().filter_map(|f| f.pod.as_deref()).collect();
    found.sort_unstable();
    assert_eq!(found, (0..5).map(|i| name_of(&name(i), "build")).collect::<Vec<_>>());
    let told: Vec<&str> = scan.gaps.iter().filter(|g| g.kind == GapKind::NotAsked && g.resource == "workflows.argoproj.io").map(|g| g.what.as_str()).collect();
    assert_eq!(told, ["3 more failed steps of workflows of namespace shop", "6 more failed workflows of namespace shop"]);
    // What failed weeks ago and was never cleaned up is no gap.
    let scan = scanned(&world(vec![]).with(WORKFLOWS, all(14, 600_000)), &options());
    assert!(scan.gaps.iter().all(|g| !g.what.contains("more failed workflows")), "{:#?}", scan.gaps);
}
