//! What a scan says of a pod is what an investigation of that pod says, on every recorded stage, whatever of it was lost.

use std::path::Path;
use std::time::Duration;

use a2::collect::{Extras, Resolved, collect, resolve};
use a2::diagnosis::{Investigation, diagnose, peers_named};
use a2::evidence::{Budget, Options, Target};
use a2::rules::{Confidence, RuleSet};
use a2::scan::{Finding, ScanOptions, scan};
use a2::source::{Connection, bundle};

use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pod, running, stages};
use crate::support::{corpus, root};

/// What a stage lost on the way: events expire after an hour, logs go with their node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    Nothing,
    Events,
    Logs,
    Both,
    /// Two hours went by, and nothing changed: ends are outside the scan's window, and inside the investigation's.
    Hours,
}

impl Lost {
    fn takes(self, file: &str) -> bool {
        (matches!(self, Self::Events | Self::Both) && file == "events.json") || (matches!(self, Self::Logs | Self::Both) && file.ends_with(".log"))
            // Printed ages belong to another moment.
            || (self == Self::Hours && file.ends_with(".table.json"))
    }
}

/// Copies everything that is left of a stage.
fn copy(from: &Path, to: &Path, lost: Lost) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a stage") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            copy(&path, &to.join(&name), lost);
        } else if !lost.takes(&name) {
            std::fs::copy(&path, to.join(&name)).expect("a copy");
        }
        if lost == Lost::Hours && name == "bundle.json" {
            let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).expect("a manifest")).expect("JSON");
            let captured = manifest["capturedAt"].as_str().and_then(a2::evidence::parse_time).expect("a time");
            manifest["capturedAt"] = json!(a2::evidence::format_time(captured + chrono::TimeDelta::hours(2)));
            std::fs::write(to.join(&name), manifest.to_string()).expect("a manifest");
        }
    }
}

async fn findings(conn: &Connection, namespace: &str, logs: bool) -> Vec<Finding> {
    let options = ScanOptions { namespaces: vec![namespace.to_owned()], options: Options { logs, ..Options::default() }, ..ScanOptions::default() };
    scan(conn, RuleSet::builtin(), &options).await.expect("a scan").findings
}

/// What `a2 investigate POD -n NAMESPACE` says, with its own, longer window.
async fn investigated(conn: &Connection, namespace: &str, name: &str, logs: bool) -> Investigation {
    let target = Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None };
    let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
    let case = collect(conn, target, Options { logs, ..Options::default() }, Budget::default(), extras).await.expect("a case");
    diagnose(case, RuleSet::builtin())
}

/// The pod, or the one that an owner without pods stands for.
async fn typed(conn: &Connection, namespace: &str, finding: &Finding) -> Option<String> {
    if finding.pod.is_some() {
        return finding.pod.clone();
    }
    let (kind, name) = finding.owner.as_deref()?.split_once('/')?;
    match resolve(conn, namespace, Some(kind), name, Duration::from_secs(10)).await.0 {
        Resolved::Pod { name, .. } => Some(name),
        Resolved::Several(_) | Resolved::Nothing => None,
    }
}

fn of_finding(f: &Finding) -> String {
    format!("{} ({}), {}, container {:?}, exit {:?}, silent {}", f.cause, f.confidence.word(), f.mechanism, f.container, f.exit_code, f.silent)
}

fn of_investigation(i: &Investigation) -> String {
    let (verdict, mechanism) = (&i.verdict, i.history.subject.mechanism.word());
    let silent = i.history.silence.silent == Some(true);
    let (cause, word) = (&verdict.cause, verdict.confidence.word());
    format!("{cause} ({word}), {mechanism}, container {:?}, exit {:?}, silent {silent}", verdict.container, verdict.exit_code)
}

/// What a look without logs may say of what a look with logs says: the same; less, so that `unknown` or `possible` claims
/// nothing against it; or a link of the same chain, nearer to the end than its root. How a container ended no log tells.
fn foreshadows(finding: &Finding, investigation: &Investigation) -> bool {
    let how = |c: &Option<String>, code, silent| (c.clone(), code, silent);
    let silent = investigation.history.silence.silent == Some(true);
    let verdict = &investigation.verdict;
    let same_end = how(&finding.container, finding.exit_code, finding.silent) == how(&verdict.container, verdict.exit_code, silent)
        && finding.mechanism == investigation.history.subject.mechanism.word();
    let modest = finding.confidence <= Confidence::Possible;
    same_end && (modest || investigation.causes.iter().take_while(|c| c.on_path).any(|c| c.cause == finding.cause))
}

/// Compares every finding of every stage; tells how many there were, and what was contradicted.
async fn compared(lost: Lost, scan_reads: bool, investigation_reads: bool) -> (usize, Vec<String>) {
    let root = corpus().unwrap_or_else(|| root().join("fixtures"));
    let (mut count, mut wrong) = (0, Vec::new());
    for (stage, namespace, _) in stages(&root) {
        let left = tempfile::tempdir().expect("a directory");
        let stage = if lost == Lost::Nothing {
            stage
        } else {
            copy(&stage, left.path(), lost);
            left.path().to_owned()
        };
        let conn = bundle::open(&stage).expect("a bundle");
        for finding in findings(&conn, &namespace, scan_reads).await {
            let Some(name) = typed(&conn, &namespace, &finding).await else {
                wrong.push(format!("{namespace}: nothing can be typed for {finding:#?}"));
                continue;
            };
            count += 1;
            let said = investigated(&conn, &namespace, &name, investigation_reads).await;
            let agrees = match scan_reads == investigation_reads {
                true => of_finding(&finding) == of_investigation(&said),
                false => foreshadows(&finding, &said),
            };
            if !agrees {
                wrong.push(format!("{namespace}/{name}: {} but {}", of_finding(&finding), of_investigation(&said)));
            }
        }
    }
    println!("{lost:?} lost, logs read {scan_reads}/{investigation_reads}: {count} findings, {} contradicted", wrong.len());
    (count, wrong)
}

async fn agree(lost: Lost, scan_reads: bool, investigation_reads: bool, least: usize) {
    let (count, wrong) = compared(lost, scan_reads, investigation_reads).await;
    let least = if corpus().is_some() { least } else { 20 };
    assert!(count >= least && wrong.is_empty(), "{count} findings, of which these contradict:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn with_logs_both_say_the_same() {
    agree(Lost::Nothing, true, true, 250).await;
}

#[tokio::test]
async fn without_logs_both_say_the_same() {
    agree(Lost::Nothing, false, false, 250).await;
}

#[tokio::test]
async fn a_scan_without_logs_says_less_and_nothing_else() {
    agree(Lost::Nothing, false, true, 250).await;
}

#[tokio::test]
async fn what_was_lost_does_not_divide_them() {
    for lost in [Lost::Events, Lost::Logs, Lost::Both, Lost::Hours] {
        agree(lost, true, true, 200).await;
    }
}

fn container(pod: &mut Value) -> &mut Value {
    &mut pod["status"]["containerStatuses"][0]
}

fn node_event(reason: &str, message: &str, at: &str) -> Value {
    json!({ "metadata": { "name": format!("n1.{reason}"), "namespace": "default" }, "involvedObject": { "kind": "Node", "name": "n1", "uid": "n1" }, "type": "Warning",
        "reason": reason, "message": message, "firstTimestamp": at, "lastTimestamp": at, "count": 1, "source": { "component": "kubelet", "host": "n1" } })
}

fn ready(pod: &mut Value, status: &str, at: &str) {
    pod["status"]["conditions"] = json!([{ "type": "Ready", "status": status, "lastTransitionTime": at }]);
}

/// Failures of which the pod's own status and events do not tell all: what is around the pod does.
fn around() -> Vec<(&'static str, Bundle)> {
    let plain = |state: Value| pod("web", json!({ "app": "web" }), Some(("ReplicaSet", "web-1")), "Running", state);
    let node = |ready: &str| json!({ "metadata": { "name": "n1" }, "status": { "conditions": [{ "type": "Ready", "status": ready, "lastTransitionTime": "2030-01-02T02:00:00Z" }] } });
    let of = |pod: Value| Bundle::new().list("/api/v1/namespaces/shop/pods", vec![pod]);
    let mut found = Vec::new();
    // On a node that stopped reporting long ago, so that the events are gone.
    let mut lost = plain(running());
    ready(&mut lost, "False", "2030-01-02T02:00:40Z");
    lost["metadata"]["creationTimestamp"] = json!("2030-01-01T00:00:00Z");
    container(&mut lost)["ready"] = json!(true);
    container(&mut lost)["restartCount"] = json!(1); // Its row shows nothing else.
    found.push(("a lost node", of(lost).list("/api/v1/nodes", vec![node("Unknown")])));
    // Killed when all memory of the node was used up, its own limit far away.
    let mut killed = plain(exited(137));
    killed["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "2Gi" } });
    container(&mut killed)["state"]["terminated"]["reason"] = json!("OOMKilled");
    let oom = node_event("SystemOOM", "System OOM encountered, victim process: java, pid: 4711", "2030-01-02T03:01:59Z");
    found.push(("a node without memory", of(killed.clone()).list("/api/v1/namespaces/default/events", vec![oom.clone()])));
    container(&mut killed)["state"]["terminated"]["reason"] = json!("Error");
    found.push(("a victim without a word", of(killed.clone()).list("/api/v1/namespaces/default/events", vec![oom])));
    let rebooted = node_event("Rebooted", "Node n1 has been rebooted, boot id: 0a1b", "2030-01-02T03:02:20Z");
    let mut fell = plain(exited(255));
    container(&mut fell)["state"]["terminated"]["reason"] = json!("Unknown");
    found.push(("a reboot", of(fell).list("/api/v1/namespaces/default/events", vec![rebooted])));
    // A Job's deadline takes its pod away.
    let mut going = pod("tally-x2x4z", json!({ "job-name": "tally" }), Some(("Job", "tally")), "Running", running());
    going["metadata"]["deletionTimestamp"] = json!("2030-01-02T03:04:30Z");
    going["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    going["spec"]["restartPolicy"] = json!("Never");
    let late = json!({ "metadata": { "name": "tally", "namespace": "shop", "uid": "uid-tally" }, "spec": { "activeDeadlineSeconds": 240 }, "status": { "startTime": "2030-01-02T03:00:00Z",
        "conditions": [{ "type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "Job was active longer than specified deadline", "lastTransitionTime": "2030-01-02T03:04:00Z" }] } });
    found.push(("a Job's deadline", of(going.clone()).list("/apis/batch/v1/namespaces/shop/jobs", vec![late.clone()])));
    let mut ended = going;
    ended["metadata"]["deletionTimestamp"] = Value::Null;
    ended["status"]["phase"] = json!("Failed");
    container(&mut ended)["state"] = exited(143);
    found.push(("what a Job's deadline left", of(ended).list("/apis/batch/v1/namespaces/shop/jobs", vec![late])));
    // Not ready now; the instance before ended outside the scan's window, and inside the investigation's.
    let mut unready = plain(json!({ "running": { "startedAt": "2030-01-01T23:00:20Z" } }));
    unready["metadata"]["creationTimestamp"] = json!("2030-01-01T00:00:00Z");
    unready["spec"]["containers"][0]["readinessProbe"] = json!({ "httpGet": { "path": "/ready", "port": 8080 }, "periodSeconds": 2, "failureThreshold": 3 });
    unready["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "64Mi" } });
    ready(&mut unready, "False", "2030-01-02T03:00:00Z");
    container(&mut unready)["ready"] = json!(false);
    container(&mut unready)["restartCount"] = json!(1);
    container(&mut unready)["lastState"] = exited(137);
    container(&mut unready)["lastState"]["terminated"]["reason"] = json!("OOMKilled");
    container(&mut unready)["lastState"]["terminated"]["finishedAt"] = json!("2030-01-01T23:00:00Z");
    let mut unhealthy = event("e1", "Pod", "web", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503");
    unhealthy["type"] = json!("Warning");
    unhealthy["count"] = json!(90);
    unhealthy["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
    let mut beside = unready.clone();
    found.push(("an end long ago", of(unready).list("/api/v1/namespaces/shop/events", vec![unhealthy])));
    // The same, well again, beside a companion that is broken now.
    ready(&mut beside, "True", "2030-01-01T23:00:40Z");
    container(&mut beside)["ready"] = json!(true);
    beside["spec"]["containers"].as_array_mut().expect("containers").push(json!({ "name": "shipper", "image": "shop/shipper:1" }));
    let waiting = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
    let shipper = json!({ "name": "shipper", "ready": false, "restartCount": 9, "state": waiting, "lastState": exited(2) });
    beside["status"]["containerStatuses"].as_array_mut().expect("statuses").push(shipper);
    found.push(("a companion that fails now", of(beside)));
    // An init container that waits for something says in its log for what.
    let mut waits = plain(json!({ "waiting": { "reason": "PodInitializing" } }));
    waits["status"]["phase"] = json!("Pending");
    waits["metadata"]["creationTimestamp"] = json!("2030-01-02T02:30:00Z");
    waits["spec"]["initContainers"] = json!([{ "name": "wait-for-db", "image": "shop/wait:1" }]);
    let runs = json!({ "running": { "startedAt": "2030-01-02T02:30:05Z" } });
    waits["status"]["initContainerStatuses"] = json!([{ "name": "wait-for-db", "ready": false, "restartCount": 0, "state": runs, "lastState": {} }]);
    let line = |minute: u32| format!("2030-01-02T03:{minute:02}:00Z dial tcp 10.0.0.9:5432: connect: connection refused\n");
    let log = "api/v1/namespaces/shop/pods/web/log/wait-for-db.log";
    found.push(("an init container that waits", of(waits).file(log, [line(0), line(1), line(2), line(3)].concat().as_bytes())));
    found.into_iter().map(|(name, bundle)| (name, bundle.usual().done())).collect()
}

#[tokio::test]
async fn what_is_around_a_pod_does_not_divide_them() {
    let mut wrong = Vec::new();
    for (name, bundle) in around() {
        let conn = bundle::open(bundle.path()).expect("a bundle");
        let found = findings(&conn, "shop", true).await;
        let finding = found.first().unwrap_or_else(|| panic!("{name}: nothing found"));
        let said = investigated(&conn, "shop", finding.pod.as_deref().expect("a pod"), true).await;
        println!("{name}: {}", of_finding(finding));
        if of_finding(finding) != of_investigation(&said) {
            wrong.push(format!("{name}: {} but {}", of_finding(finding), of_investigation(&said)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
