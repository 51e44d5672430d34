//! What a2 finds in a cluster is what it finds in the recording of that cluster, asked in the cheap form.

use std::process::Output;

use serde_json::{Value, json as value};

use crate::agree::only_looked;
use crate::cases::{Stage, json, recorded_stages};
use crate::rbac::Manifest;
use crate::recording::time;
use crate::server::{Server, a2};

/// Whole findings, in their order, but for what the clock adds: times and spans in a headline are only told to be there, and when each
/// began is told in seconds before now.
fn found(output: &Output) -> Vec<(Value, Option<i64>)> {
    let report = json(output);
    let now = report["observedAt"].as_str().and_then(time).expect("a time");
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    let timeless = |finding: &Value| {
        let mut finding = finding.clone();
        let began = finding["since"].take().as_str().and_then(time).map(|since| (now - since).num_seconds());
        finding["headline"] = value!(without_spans(finding["headline"].as_str().unwrap_or_default()));
        (finding, began)
    };
    findings.iter().map(timeless).collect()
}

/// The same, and begun at the same moment: loading and asking take some seconds.
fn alike(a: &(Value, Option<i64>), b: &(Value, Option<i64>)) -> bool {
    a.0 == b.0 && a.1.is_some() == b.1.is_some() && a.1.zip(b.1).is_none_or(|(a, b)| (a - b).abs() < 20)
}

/// `for 5m26s` and `14 min` are spans; `exit code 137` and `64Mi` are none.
fn without_spans(headline: &str) -> String {
    let span = |word: &str| {
        let plain = word.trim_end_matches([',', ';', ':', ')', '.']);
        !plain.is_empty()
            && plain.starts_with(|c: char| c.is_ascii_digit())
            && plain.ends_with(['s', 'm', 'h', 'd'])
            && plain.chars().all(|c| c.is_ascii_digit() || "smhd".contains(c))
    };
    let unit = |word: &str| matches!(word.trim_end_matches([',', ';', ':', ')', '.']), "s" | "min" | "h" | "d" | "seconds" | "minutes" | "hours" | "days");
    let words: Vec<&str> = headline.split(' ').collect();
    let mut told: Vec<&str> = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let counts = word.chars().all(|c| c.is_ascii_digit()) && words.get(i + 1).is_some_and(|next| unit(next));
        let moment = word.len() >= 8 && word.chars().all(|c| c.is_ascii_digit() || "-:".contains(c));
        told.push(if counts || moment || span(word) || unit(word) { "N" } else { word });
    }
    told.join(" ")
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
    for stage in &recorded_stages() {
        server.load(&stage.path);
        server.grant(&Manifest::documented(&stage.namespace));
        let live = server.a2().args(["scan", "--context", "a2", "-n", &stage.namespace, "-o", "json"]).output().expect("a2 runs");
        let (live, bundle) = (found(&live), found(&of_the_recording(stage)));
        count += bundle.len();
        if live.len() != bundle.len() || !live.iter().zip(&bundle).all(|(a, b)| alike(a, b)) {
            let other = live.iter().zip(&bundle).find(|(a, b)| !alike(a, b));
            wrong.push(format!("{}: {} from the server, {} from the bundle; {other:#?}", stage.name, live.len(), bundle.len()));
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
