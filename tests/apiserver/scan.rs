//! What a2 finds in a cluster is what it finds in the recording of that cluster, asked in the cheap form.

use std::process::Output;

use serde_json::Value;

use crate::agree::only_looked;
use crate::cases::{Stage, json, recorded_stages};
use crate::rbac::Manifest;
use crate::server::{Server, a2};

/// What must be the same wherever the evidence came from, for each finding.
fn found(output: &Output) -> Vec<String> {
    let report = json(output);
    let says = |f: &Value| ["pod", "owner", "cause", "severity", "silent", "container", "exitCode", "heldUpBy"].map(|k| f[k].to_string()).join(" ");
    let mut all: Vec<String> = report["findings"].as_array().into_iter().flatten().map(says).collect();
    all.sort();
    all
}

fn of_the_recording(stage: &Stage) -> Output {
    let path = stage.path.to_str().expect("a path in UTF-8");
    a2().args(["scan", "-n", &stage.namespace, "-o", "json", "--from", path]).output().expect("a2 runs")
}

#[test]
fn same_findings_from_the_server_as_from_the_bundle() {
    let mut server = Server::shared();
    let mark = server.audit_mark();
    let (mut count, mut wrong) = (0, Vec::new());
    for stage in recorded_stages().iter().filter(|s| s.name.ends_with("/live")) {
        server.load(&stage.path);
        server.grant(&Manifest::documented(&stage.namespace));
        let live = server.a2().args(["scan", "--context", "a2", "-n", &stage.namespace, "-o", "json"]).output().expect("a2 runs");
        let (live, bundle) = (found(&live), found(&of_the_recording(stage)));
        count += bundle.len();
        if live != bundle {
            wrong.push(format!("{}:\n  from the server {live:#?}\n  from the bundle {bundle:#?}", stage.name));
        }
    }
    println!("{count} findings");
    let asked = server.asked_since(mark);
    only_looked(&asked);
    assert!(count > 10 && wrong.is_empty(), "{count} findings\n{}", wrong.join("\n"));
}

#[test]
fn without_rights_on_the_cluster_a_scan_of_everything_falls_back() {
    let mut server = Server::shared();
    let stages = recorded_stages();
    let stage = stages.iter().find(|s| s.name.starts_with("scan-mixed/")).expect("the scan case");
    server.load(&stage.path);
    let mut manifest = Manifest::documented(&stage.namespace);
    manifest.0.retain(|key, _| !key.contains("clusterrolebindings"));
    server.grant(&manifest);
    // The only namespace that the kubeconfig knows is `default`, where nothing may be listed: no answer, and why.
    let all = server.a2().args(["scan", "--context", "a2", "-A", "-o", "json"]).output().expect("a2 runs");
    assert_eq!(all.status.code(), Some(4), "{all:?}");
    let report = json(&all);
    assert!(report["gaps"].as_array().is_some_and(|g| g.iter().any(|g| g["resource"] == "namespaces" && g["kind"] == "forbidden")), "{report}");
    // Beside one that may be read, a forbidden one is a gap.
    let both = server.a2().args(["scan", "--context", "a2", "-n", &stage.namespace, "-n", "kube-system", "-o", "json"]).output().expect("a2 runs");
    let report = json(&both);
    assert!(both.status.success() && report["counts"]["findings"].as_u64() > Some(10), "{report}");
    let what = "pods of namespace kube-system";
    assert!(report["gaps"].as_array().is_some_and(|g| g.iter().any(|g| g["what"] == what && g["kind"] == "forbidden")), "{report}");
}
