//! What a2 says of a cluster is what it says of the recording of that cluster; and it only ever looks.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::audit::Request;
use crate::cases::{fixture_stages, stages, verdict};
use crate::rbac::Manifest;
use crate::server::Server;

/// Every stage, asked by a user who may do no more than docs/rbac grants.
#[test]
fn same_verdict_from_the_server_as_from_the_bundle() {
    let mut server = Server::shared();
    let (mut wrong, mut loading) = (Vec::new(), Vec::new());
    let mark = server.audit_mark();
    let stages = stages();
    for stage in &stages {
        let start = Instant::now();
        server.load(&stage.path);
        loading.push(start.elapsed());
        server.grant(&Manifest::documented(&stage.namespace));
        let live = stage.investigate(server.a2(), ["--context", "a2"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a2 starts");
        let bundle = said(&stage.bundle_says());
        let live = said(&live.wait_with_output().expect("a2 ends"));
        if live != bundle {
            wrong.push(format!("{}: from the server {live}, from the bundle {bundle}", stage.name));
        }
    }
    loading.sort();
    println!(
        "{} stages against the server, {} like the bundle; loaded in {:?} (median), {:?} (at most)",
        stages.len(),
        stages.len() - wrong.len(),
        loading[loading.len() / 2],
        loading[loading.len() - 1]
    );
    let asked = server.asked_since(mark);
    let mut counts = BTreeMap::new();
    for request in &asked {
        *counts.entry(format!("{} {} {}", request.code, request.verb, request.resource)).or_insert(0) += 1;
    }
    println!("{} requests by a2: {counts:#?}", asked.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), stages.len(), wrong.join("\n"));
    only_looked(&asked);
}

/// Exit code and verdict; what a2 printed instead, where that is no report.
fn said(output: &Output) -> String {
    match serde_json::from_slice(&output.stdout) {
        Ok(report) => format!("{:?} {:?}", output.status.code(), verdict(&report).map(|value| value.to_string())),
        Err(_) => format!("{output:?}"),
    }
}

/// The same as an administrator, who is shown more than a recording of one namespace holds.
#[test]
fn an_administrator_is_told_the_same() {
    let mut server = Server::shared();
    for stage in fixture_stages() {
        server.load(&stage.path);
        let live = stage.investigate(server.a2(), []).output().expect("a2 runs");
        assert_eq!(said(&live), said(&stage.bundle_says()), "{}", stage.name);
    }
}

/// Only get, list and watch, and nothing that is secret, runs something, or asks what one may do.
pub fn only_looked(asked: &[Request]) {
    assert!(!asked.is_empty(), "the audit log shows no request by a2's user");
    for request in asked {
        assert!(matches!(request.verb.as_str(), "get" | "list" | "watch"), "{request:?}");
        let (resource, part) = request.resource.split_once('/').unwrap_or((&request.resource, ""));
        assert!(resource != "secrets" && !resource.ends_with("authorization.k8s.io"), "{request:?}");
        assert!(!matches!(part, "exec" | "attach" | "portforward" | "proxy" | "ephemeralcontainers"), "{request:?}");
    }
}

/// Figures for the documents, not a gate: seconds on a shared machine say little.
#[test]
#[ignore = "a measurement: cargo test --release --features apiserver --test apiserver beside_kubectl -- --ignored --nocapture"]
fn beside_kubectl_describe() {
    let mut server = Server::shared();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for stage in stages().iter().filter(|stage| stage.name.ends_with("/live")) {
        server.load(&stage.path);
        // The first round only warms the server's caches, which have just been written behind its back.
        for counts in [false, true] {
            let start = Instant::now();
            let answer = stage.investigate(server.a2(), []).output().expect("a2 runs");
            let ours_took = start.elapsed();
            assert!(answer.status.success(), "{}: {answer:?}", stage.name);
            let mut kubectl = Command::new("kubectl");
            let start = Instant::now();
            let described = stage.describe(kubectl.env("KUBECONFIG", &server.kubeconfig)).output().expect("kubectl on PATH");
            if counts && described.status.success() {
                ours.push(ours_took);
                theirs.push(start.elapsed());
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    println!("a2 investigate {:?}, kubectl describe pod {:?} (medians over {} pods)", median(&mut ours), median(&mut theirs), theirs.len());
}
