//! Siblings, counted anew from the objects themselves by the definition in docs/output.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::{document, investigate, of};
use crate::bundles::{Bundle, cases, event, exited, pod, running};

const TASK_LABELS: [&str; 5] = ["app.kubernetes.io/name", "app", "k8s-app", "agent", "agent-name"];

fn items(stage: &Path, path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(stage.join(path)).unwrap_or_default();
    serde_json::from_str::<Value>(&text).ok().and_then(|v| v["items"].as_array().cloned()).unwrap_or_default()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn owner(pod: &Value) -> (String, String) {
    (text(pod, "/metadata/ownerReferences/0/kind").to_owned(), text(pod, "/metadata/ownerReferences/0/name").to_owned())
}

/// Code and reason of an end.
type End = (Option<i64>, String);

/// The end that counts: of the first init container that failed, else of the main container that ended badly, else of the first
/// one; where nothing ended, why it waits, or what the pod's own status says.
fn end(pod: &Value) -> Option<End> {
    let ends = |list: &str| -> Vec<End> {
        let statuses = pod.pointer(&format!("/status/{list}")).and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |s: &Value| {
            let end = s.pointer("/state/terminated").or_else(|| s.pointer("/lastState/terminated"))?;
            Some((end["exitCode"].as_i64(), text(end, "/reason").to_owned()))
        };
        statuses.iter().filter_map(of).collect()
    };
    let (init, main) = (ends("initContainerStatuses"), ends("containerStatuses"));
    let waits = || {
        let statuses = pod.pointer("/status/containerStatuses").and_then(Value::as_array)?;
        let reason = statuses.iter().map(|s| text(s, "/state/waiting/reason")).find(|r| !matches!(*r, "" | "ContainerCreating" | "PodInitializing"))?;
        Some((None, reason.to_owned()))
    };
    let told = || Some(text(pod, "/status/reason")).filter(|r| !r.is_empty()).map(|r| (None, r.to_owned()));
    init.iter().find(|e| failed(e)).or_else(|| main.iter().find(|e| failed(e))).or_else(|| main.first()).cloned().or_else(waits).or_else(told)
}

fn failed(end: &End) -> bool {
    end.0.is_none_or(|code| code != 0) || end.1 == "OOMKilled"
}

fn cron_of(job: &str) -> Option<&str> {
    let (front, last) = job.rsplit_once('-')?;
    (last.len() >= 8 && last.bytes().all(|b| b.is_ascii_digit())).then_some(front)
}

/// Names of all siblings by the definition, with the end of those that have one.
fn expected(stage: &Path, namespace: &str, target: &str, troubled: bool) -> BTreeMap<String, Option<End>> {
    let base = format!("api/v1/namespaces/{namespace}");
    let pods = items(stage, &format!("{base}/pods.json"));
    let events = items(stage, &format!("{base}/events.json"));
    let mine = pods.iter().find(|p| text(p, "/metadata/name") == target);
    let others: Vec<&Value> = pods.iter().filter(|p| text(p, "/metadata/name") != target).collect();
    let mut found: BTreeMap<String, Option<End>> = BTreeMap::new();
    let mut add = |p: &Value| {
        found.insert(text(p, "/metadata/name").to_owned(), end(p));
    };
    // The owner: by reference, or by the make of the name.
    let made_by = |name: &str| {
        target.strip_prefix(name).and_then(|r| r.strip_prefix('-')).is_some_and(|s| s.len() == 5 || (s.len() < 5 && s.bytes().all(|b| b.is_ascii_digit())))
    };
    let mut owners: BTreeSet<(String, String)> = BTreeSet::new();
    let mut labels = Value::Null;
    match mine {
        Some(pod) => {
            owners.insert(owner(pod));
            labels = pod["metadata"]["labels"].clone();
        }
        None => {
            for (kind, path) in [
                ("ReplicaSet", "apps/v1/namespaces/{}/replicasets"),
                ("StatefulSet", "apps/v1/namespaces/{}/statefulsets"),
                ("DaemonSet", "apps/v1/namespaces/{}/daemonsets"),
                ("Job", "batch/v1/namespaces/{}/jobs"),
            ] {
                for object in items(stage, &format!("apis/{}.json", path.replace("{}", namespace))) {
                    if made_by(text(&object, "/metadata/name")) {
                        owners.insert((kind.to_owned(), text(&object, "/metadata/name").to_owned()));
                        labels = object["spec"]["template"]["metadata"]["labels"].clone();
                    }
                }
            }
            owners.extend(others.iter().map(|p| owner(p)).filter(|(_, name)| made_by(name)));
        }
    }
    owners.retain(|(kind, _)| !kind.is_empty());
    others.iter().filter(|p| owners.contains(&owner(p))).for_each(|p| add(p));
    // One-shot work is compared by the label that names its kind.
    let one_shot = owners.iter().all(|(kind, name)| kind == "Job" && cron_of(name).is_none()) && (mine.is_some() || !owners.is_empty());
    let label = TASK_LABELS.iter().find(|l| labels[**l].is_string());
    if let (true, true, Some(label)) = (one_shot, troubled, label) {
        others.iter().filter(|p| p["metadata"]["labels"][*label] == labels[*label]).for_each(|p| add(p));
    }
    // Runs of one CronJob.
    let job = owners.iter().find(|(kind, _)| kind == "Job").map(|(_, name)| name.as_str()).or_else(|| target.rsplit_once('-').map(|(front, _)| front));
    if let Some(cron) = job.and_then(cron_of).filter(|_| troubled) {
        others.iter().filter(|p| cron_of(&owner(p).1) == Some(cron)).for_each(|p| add(p));
        for other in items(stage, &format!("apis/batch/v1/namespaces/{namespace}/jobs.json")) {
            let name = text(&other, "/metadata/name");
            let over = other["status"]["conditions"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|c| matches!(text(c, "/type"), "Complete" | "Failed") && c["status"] == "True");
            if let (Some(over), true, false) = (over, cron_of(name) == Some(cron), made_by(name))
                && !pods.iter().any(|p| owner(p).1 == name)
            {
                found.insert(name.to_owned(), (text(over, "/type") == "Complete").then(|| (Some(0), String::new())));
            }
        }
    }
    // Pods without an owner that were made from one generateName.
    let generate = mine.filter(|_| owners.is_empty() && troubled).map(|p| text(p, "/metadata/generateName")).unwrap_or_default();
    if generate.len() > 3 {
        others.iter().filter(|p| text(p, "/metadata/name").starts_with(generate)).for_each(|p| add_end(&mut found, p));
    }
    // Steps of the same Argo template: live by name, remembered by the nodes of workflows.
    if let Some((front, _)) = a2::reconstruct::argo::split_pod_name(target).filter(|(_, h)| *h > 99_999) {
        for workflow in items(stage, &format!("apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows.json")) {
            let name = text(&workflow, "/metadata/name").to_owned();
            for node in workflow["status"]["nodes"].as_object().into_iter().flatten().map(|(_, n)| n) {
                let template = text(node, "/templateName");
                if text(node, "/type") == "Pod" && !template.is_empty() && front.ends_with(&format!("-{template}")) {
                    let pod = a2::reconstruct::argo::pod_name(&name, template, text(node, "/name"));
                    let message = a2::reconstruct::argo::read_message(text(node, "/message"));
                    if pod != target {
                        found.entry(pod).or_insert_with(|| message.and_then(|m| Some((m.exit_code, m.reason?))));
                    }
                }
            }
        }
        let words: Vec<&str> = front.rsplit('-').take(2).collect();
        for p in &others {
            let name = text(p, "/metadata/name");
            let alike = a2::reconstruct::argo::split_pod_name(name).is_some_and(|(f, h)| h > 99_999 && f.rsplit('-').take(2).eq(words.iter().copied()));
            if alike {
                add_end(&mut found, p);
            }
        }
    }
    // Pods that the owner's events name and that are gone.
    for event in events.iter().filter(|e| text(e, "/reason") == "SuccessfulCreate") {
        let about = (text(event, "/involvedObject/kind").to_owned(), text(event, "/involvedObject/name").to_owned());
        let message = text(event, "/message");
        let named =
            message.strip_prefix("Created pod: ").or_else(|| message.to_lowercase().starts_with("create pod ").then(|| message.split(' ').nth(2)).flatten());
        if let (Some(name), true) = (named.filter(|n| *n != target), owners.contains(&about) && (troubled || mine.is_none())) {
            found.entry(name.to_owned()).or_insert(None);
        }
    }
    found
}

fn add_end(found: &mut BTreeMap<String, Option<End>>, pod: &Value) {
    found.insert(text(pod, "/metadata/name").to_owned(), end(pod));
}

#[tokio::test]
async fn totals_and_failures_are_those_of_the_objects() {
    let Some(root) = cases() else { return };
    let (mut wrong, mut checked, mut alike_checked) = (Vec::new(), 0, 0);
    for case in crate::support::cases(&root) {
        let Some(target) = case.target() else { continue };
        for stage in case.stages() {
            let path = case.path.join(&stage);
            let investigation = investigate(&path, case.namespace(), target, None).await;
            let found = document(&investigation);
            let at = format!("{}/{stage}", case.id());
            let troubled = a2::diagnosis::is_troubled(&investigation.case);
            let expected = expected(&path, case.namespace(), target, troubled);
            let names: BTreeSet<&str> = found.siblings.pods.iter().map(|p| p.name.as_str()).collect();
            if expected.is_empty() && names.is_empty() {
                continue;
            }
            checked += 1;
            assert_eq!(found.siblings.total, found.siblings.pods.len(), "{at}");
            let true_names: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
            if names != true_names {
                wrong.push(format!("{at}: total: {:?} too many, {:?} missing", names.difference(&true_names), true_names.difference(&names)));
                continue;
            }
            // Alike: the end of the target, or, where that is lost, of the largest group that failed.
            let own = found.verdict.exit_code.map(|c| (Some(c), found.verdict.reason.clone()));
            let mut groups: BTreeMap<(Option<i64>, Option<String>), usize> = BTreeMap::new();
            expected.values().flatten().filter(|e| failed(e)).for_each(|(c, r)| *groups.entry((*c, Some(r.clone()))).or_default() += 1);
            let largest = groups.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(k, _)| k.clone());
            let Some((code, reason)) = own.or(largest) else { continue };
            let alike = expected.values().flatten().filter(|e| failed(e) && e.0 == code && reason.as_ref().is_none_or(|r| *r == e.1)).count();
            alike_checked += 1;
            if alike != found.siblings.failed_alike {
                wrong.push(format!("{at}: {alike} failed alike by the objects ({code:?} {reason:?}), {} said; {expected:?}", found.siblings.failed_alike));
            }
        }
    }
    println!("{checked} stages with siblings, {alike_checked} with ends, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 60 && alike_checked >= 40, "{checked} {alike_checked}");
}

#[tokio::test]
async fn a_task_type_alone_decides_nothing() {
    let Some(root) = cases() else { return };
    // Two of three runs of one template in different workflows were OOM-killed; the third fared well.
    let case = crate::support::Case::read(&root.join("wf-resume-siblings-only")).expect("the case");
    let target = case.target().expect("a target");
    let found = document(&investigate(&case.path.join("expired"), case.namespace(), target, None).await);
    assert_eq!((found.siblings.total, found.siblings.failed_alike), (3, 2));
    assert!(found.siblings.pods.iter().filter(|p| p.alike).all(|p| p.reason.as_deref() == Some("OOMKilled") && p.exit_code == Some(137) && !p.same_owner));
    assert_eq!((found.verdict.cause.as_str(), found.verdict.confidence.as_str(), found.verdict.removal), ("unknown", "none", None));
    let listed = found.causes.iter().find(|c| c.cause == "oom.container-limit").expect("it is listed");
    assert!(listed.confidence == "possible" && listed.from_siblings);
}

fn owned_job(name: &str, condition: &str, start: &str) -> Value {
    json!({
        "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "ownerReferences": [{ "apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "uid": "uid-nightly", "controller": true }] },
        "spec": { "template": { "spec": { "containers": [{ "name": "main", "image": "shop/main:1" }] } } },
        "status": { "startTime": start, "conditions": [{ "type": condition, "status": "True", "lastTransitionTime": "2030-01-02T02:30:00Z" }] }
    })
}

#[tokio::test]
async fn jobs_of_a_cronjob_remember_how_their_pods_fared() {
    let cron = json!({
        "metadata": { "name": "nightly", "namespace": "shop", "uid": "uid-nightly" },
        "spec": { "jobTemplate": { "spec": { "template": { "spec": { "containers": [{ "name": "main", "image": "shop/main:1" }] } } } } }
    });
    let jobs = vec![owned_job("nightly-29000001", "Failed", "2030-01-01T02:00:00Z"), owned_job("nightly-29000002", "Complete", "2030-01-01T03:00:00Z")];
    let bundle = Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", jobs).list("/apis/batch/v1/namespaces/shop/cronjobs", vec![cron]).usual().done();
    let investigation = of(&bundle, "nightly-29000003-x7k2p").await;
    assert_eq!(investigation.history.facts.int("siblings.fared_otherwise"), Some(1), "a failure without a code is neither alike nor otherwise");
    let found = document(&investigation);
    let rows: Vec<_> = found.siblings.pods.iter().map(|p| (p.name.as_str(), p.source.as_str(), p.failed, p.exit_code)).collect();
    assert_eq!(rows, [("nightly-29000001", "job", true, None), ("nightly-29000002", "job", false, Some(0))]);
    assert_eq!(found.verdict.cause, "unknown");
}

#[tokio::test]
async fn what_changed_is_context() {
    let labels = json!({ "app": "web", "pod-template-hash": "5d9c7b6f4" });
    let owner = Some(("ReplicaSet", "web-5d9c7b6f4"));
    let mut bad = pod("web-5d9c7b6f4-x7k2p", labels.clone(), owner, "Running", json!({ "waiting": { "reason": "CrashLoopBackOff" } }));
    bad["status"]["containerStatuses"][0]["lastState"] = exited(1);
    bad["status"]["containerStatuses"][0]["imageID"] = json!("shop/main@sha256:bbb");
    bad["spec"]["containers"][0]["env"] = json!([{ "name": "NEW_FLAG", "value": "hunter2" }]);
    bad["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "64Mi" } });
    let mut good = pod("web-5d9c7b6f4-9zq4w", labels, owner, "Running", running());
    good["status"]["containerStatuses"][0]["imageID"] = json!("shop/main@sha256:aaa");
    good["spec"]["containers"][0]["env"] = json!([{ "name": "OLD_FLAG", "value": "hunter2" }]);
    good["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "256Mi" } });
    let mut scaled = event("e1", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-5d9c7b6f4 from 1 to 2");
    scaled["lastTimestamp"] = json!("2030-01-02T03:01:30Z");
    let mut reboot = event("e2", "Node", "n1", "Rebooted", "Node n1 has been rebooted");
    reboot["metadata"]["namespace"] = json!("default");
    reboot["lastTimestamp"] = json!("2030-01-02T01:00:00Z");
    let set = json!({
        "metadata": { "name": "web-5d9c7b6f4", "namespace": "shop", "uid": "uid-web-5d9c7b6f4", "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": true }] }
    });
    let bundle = Bundle::new()
        .list("/api/v1/namespaces/shop/pods", vec![bad, good])
        .list("/api/v1/namespaces/shop/events", vec![scaled])
        .list("/api/v1/namespaces/default/events", vec![reboot])
        .list("/apis/apps/v1/namespaces/shop/replicasets", vec![set])
        .list("/apis/apps/v1/namespaces/shop/deployments", vec![json!({ "metadata": { "name": "web", "namespace": "shop", "uid": "uid-web" } })])
        .usual()
        .done();
    let changes = document(&of(&bundle, "web-5d9c7b6f4-x7k2p").await).siblings.changes;
    let says = |words: &[&str]| changes.iter().any(|c| words.iter().all(|w| c.contains(w)));
    assert!(says(&["memory limit", "256Mi", "64Mi"]), "{changes:#?}");
    assert!(says(&["digest", "sha256:aaa", "sha256:bbb"]), "{changes:#?}");
    assert!(says(&["variables", "OLD_FLAG", "NEW_FLAG"]) && !says(&["hunter2"]), "names, never values: {changes:#?}");
    assert!(says(&["Scaled up", "30 s before the end"]), "{changes:#?}");
    assert!(!says(&["rebooted"]), "an hour before is not just before: {changes:#?}");
}
