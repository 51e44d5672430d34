//! A bundle of a case: objects, events and logs as a recording would hold them.

use chrono::Duration;
use serde_json::{Map, Value, json};

use super::shape::{Case, Container, Pod};
use super::state::{State, ago, now};
use crate::bundles::Bundle;

const CRASH: &str = "back-off 2m40s restarting failed container={c} pod={pod}_shop({uid})";

/// Where the objects of a case go.
#[derive(Default)]
struct World {
    lists: std::collections::BTreeMap<String, Vec<Value>>,
    logs: Vec<(String, String)>,
}

/// What a pod is called.
pub fn name_of(pod: &Pod) -> String {
    pod.name.clone().unwrap_or_else(|| match pod.owner.as_deref().unwrap_or("ReplicaSet") {
        "ReplicaSet" => format!("{}-7d9f8c6b5d-x2v9q", pod.app),
        "Job" | "DaemonSet" => format!("{}-x7k2p", pod.app),
        "CronJob" => format!("{}-29012345-x7k2p", pod.app),
        "StatefulSet" => format!("{}-0", pod.app),
        _ => pod.app.clone(),
    })
}

/// The bundle of a case.
pub fn bundle(case: &Case) -> Bundle {
    let mut world = World::default();
    for (i, pod) in std::iter::once(&case.pod).chain(&case.others).enumerate() {
        world.pod(pod, i == 0 && case.gone);
    }
    let name = name_of(&case.pod);
    for (i, text) in case.events.iter().enumerate() {
        world.event(text, &name, i);
    }
    for text in &case.services {
        let (name, rest) = text.split_once('=').expect("name=app:port");
        let (app, port) = rest.split_once(':').expect("app:port");
        let port: i64 = port.parse().expect("a port");
        world.put(
            "/api/v1/namespaces/shop/services",
            json!({ "kind": "Service", "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-svc-{name}") }, "spec": { "clusterIP": "10.96.12.7", "selector": { "app": app }, "ports": [{ "port": port, "targetPort": port }] } }),
        );
    }
    for (path, items) in &case.objects {
        items.iter().for_each(|item| world.put(path, item.clone()));
    }
    let mut bundle = Bundle::new().set("capturedAt", json!(now().format("%Y-%m-%dT%H:%M:%S.250Z").to_string()));
    bundle = bundle.set("serverVersion", json!(case.version.as_deref().unwrap_or("v1.31.4-eks-2d5f260")));
    for (path, items) in world.lists {
        bundle = bundle.list(&path, items);
    }
    for (path, text) in world.logs {
        bundle = bundle.file(&path, text.as_bytes());
    }
    bundle.usual().done()
}

impl World {
    fn put(&mut self, path: &str, item: Value) {
        self.lists.entry(path.to_owned()).or_default().push(item);
    }

    fn pod(&mut self, pod: &Pod, gone: bool) {
        let name = name_of(pod);
        let uid = format!("6f1c2d3e-0000-4000-8000-{:0>12}", name.bytes().map(u64::from).fold(7, |a, b| (a * 31 + b) % 1_000_000_007));
        let owner = pod.owner.as_deref().unwrap_or("ReplicaSet");
        let age = pod.age.unwrap_or(600);
        let policy = pod.policy.as_deref().unwrap_or(if matches!(owner, "Job" | "CronJob") { "Never" } else { "Always" });
        let mut spec = json!({ "restartPolicy": policy, "terminationGracePeriodSeconds": pod.grace.unwrap_or(30), "serviceAccountName": "default",
            "containers": pod.c.iter().map(spec_of).collect::<Vec<_>>() });
        if !pod.init.is_empty() {
            spec["initContainers"] = json!(pod.init.iter().map(spec_of).collect::<Vec<_>>());
        }
        merge(&mut spec, pod.spec.as_ref());
        let template = spec.clone();
        let node = pod.node.as_deref().unwrap_or("ip-10-0-3-17.ec2.internal");
        if !pod.no_start || node != "ip-10-0-3-17.ec2.internal" {
            spec["nodeName"] = json!(node);
        }
        let (kind, owner_name) = self.owner(pod, owner, &name, &template);
        let mut labels: Map<String, Value> = pod.labels.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        labels.insert("app".to_owned(), json!(pod.app));
        match kind {
            "ReplicaSet" => drop(labels.insert("pod-template-hash".to_owned(), json!("7d9f8c6b5d"))),
            "Job" => {
                labels.insert("batch.kubernetes.io/job-name".to_owned(), json!(owner_name));
                labels.insert("job-name".to_owned(), json!(owner_name));
            }
            _ => {}
        }
        if !gone {
            let mut meta =
                json!({ "name": name, "namespace": "shop", "uid": uid, "labels": labels, "annotations": pod.annotations, "creationTimestamp": ago(age) });
            if kind != "none" {
                let version = if kind == "Job" { "batch/v1" } else { "apps/v1" };
                meta["ownerReferences"] =
                    json!([{ "apiVersion": version, "kind": kind, "name": owner_name, "uid": format!("uid-{owner_name}"), "controller": true }]);
            }
            if let Some(since) = pod.deleting {
                meta["deletionTimestamp"] = json!(ago(since - pod.grace.unwrap_or(30)));
                meta["deletionGracePeriodSeconds"] = json!(pod.grace.unwrap_or(30));
            }
            let status = status_of(pod, &name, &uid, policy, age);
            self.put("/api/v1/namespaces/shop/pods", json!({ "kind": "Pod", "apiVersion": "v1", "metadata": meta, "spec": spec, "status": status }));
            for c in pod.init.iter().chain(&pod.c) {
                self.log(&name, c);
            }
        }
        if !pod.no_start && age < 3600 {
            self.starts(pod, &name, &uid, node, age);
        }
    }

    fn owner<'a>(&mut self, pod: &Pod, owner: &'a str, name: &str, template: &Value) -> (&'a str, String) {
        let base = name.rsplit_once('-').map_or(name, |(b, _)| b).to_owned();
        let mut object = json!({ "metadata": { "name": base, "namespace": "shop", "uid": format!("uid-{base}"), "labels": { "app": pod.app } },
            "spec": { "selector": { "matchLabels": { "app": pod.app } }, "template": { "metadata": { "labels": { "app": pod.app } }, "spec": template } } });
        merge(&mut object["spec"], pod.owner_spec.as_ref());
        if let Some(status) = &pod.owner_status {
            object["status"] = status.clone();
        }
        let path = match owner {
            "ReplicaSet" => {
                object["metadata"]["labels"]["pod-template-hash"] = json!("7d9f8c6b5d");
                object["metadata"]["ownerReferences"] =
                    json!([{ "apiVersion": "apps/v1", "kind": "Deployment", "name": pod.app, "uid": format!("uid-{}", pod.app), "controller": true }]);
                let deployment = json!({ "metadata": { "name": pod.app, "namespace": "shop", "uid": format!("uid-{}", pod.app) }, "spec": { "template": { "spec": template } } });
                self.put_once("/apis/apps/v1/namespaces/shop/deployments", deployment);
                "/apis/apps/v1/namespaces/shop/replicasets"
            }
            "Job" | "CronJob" => {
                object["spec"]["selector"] = json!({ "matchLabels": { "batch.kubernetes.io/job-name": base } });
                if owner == "CronJob" {
                    object["metadata"]["ownerReferences"] =
                        json!([{ "apiVersion": "batch/v1", "kind": "CronJob", "name": pod.app, "uid": format!("uid-{}", pod.app), "controller": true }]);
                    self.put_once(
                        "/apis/batch/v1/namespaces/shop/cronjobs",
                        json!({ "metadata": { "name": pod.app, "namespace": "shop", "uid": format!("uid-{}", pod.app) }, "spec": { "schedule": "*/5 * * * *" } }),
                    );
                }
                "/apis/batch/v1/namespaces/shop/jobs"
            }
            "StatefulSet" => "/apis/apps/v1/namespaces/shop/statefulsets",
            "DaemonSet" => "/apis/apps/v1/namespaces/shop/daemonsets",
            _ => return ("none", String::new()),
        };
        self.put_once(path, object);
        (if owner == "CronJob" { "Job" } else { owner }, base)
    }

    fn put_once(&mut self, path: &str, item: Value) {
        let list = self.lists.entry(path.to_owned()).or_default();
        if !list.iter().any(|o| o["metadata"]["name"] == item["metadata"]["name"]) {
            list.push(item);
        }
    }

    /// Each line a millisecond after the one before, the last at the end; `@30 ` puts a line and what follows it so many
    /// seconds before the end. `␛` stands for the escape character.
    fn log(&mut self, pod: &str, c: &Container) {
        let (state, last) = (State::parse(&c.s), c.last.as_deref().map(State::parse));
        let waiting = matches!(state, State::Waiting(_));
        let end = if waiting { last.as_ref().map_or(0, State::log_end) } else { state.log_end() };
        let path = |kind: &str| format!("api/v1/namespaces/shop/pods/{pod}/log/{}{kind}.log", c.name);
        if let Some(text) = &c.log {
            self.logs.push((path(""), stamped(text, end)));
            if waiting && c.prev.is_none() {
                self.logs.push((path(".previous"), stamped(text, end)));
            }
        }
        if let Some(text) = &c.prev {
            self.logs.push((path(".previous"), stamped(text, last.as_ref().map_or(end, State::log_end))));
        }
    }

    fn starts(&mut self, pod: &Pod, name: &str, uid: &str, node: &str, age: i64) {
        let mut made = |i: usize, text: String| self.event_of(&text, name, uid, i);
        made(1000, format!("{age} N Scheduled by=default-scheduler: Successfully assigned shop/{name} to {node}"));
        for (i, c) in pod.init.iter().chain(&pod.c).enumerate() {
            let (state, last) = (State::parse(&c.s), c.last.as_deref().map(State::parse));
            let start = match (&state, &last) {
                (State::Running { since, .. }, _) => *since,
                (State::Exited { ago, lived, never: false, .. }, _) | (_, Some(State::Exited { ago, lived, never: false, .. })) => ago + lived,
                _ => continue,
            };
            let (start, times) = (start.min(age - 1), c.r + 1);
            let field = if i < pod.init.len() { "init:" } else { "" };
            let image = c.image.as_deref().unwrap_or("registry.example.com/shop/app:1.4.2");
            made(1001 + 4 * i, format!("{start} x{times} N Pulled{{{field}{}}}: Container image \"{image}\" already present on machine", c.name));
            made(1002 + 4 * i, format!("{start} x{times} N Created{{{field}{}}}: Created container: {}", c.name, c.name));
            made(1003 + 4 * i, format!("{start} x{times} N Started{{{field}{}}}: Started container {}", c.name, c.name));
            if c.s.starts_with("crash") {
                let since = last.as_ref().map_or(5, State::log_end).min(10);
                made(
                    1004 + 4 * i,
                    format!("{since} x{} W BackOff{{{field}{}}}: Back-off restarting failed container {} in pod {name}_shop({uid})", times * 3, c.name, c.name),
                );
            }
        }
    }

    fn event(&mut self, text: &str, pod: &str, index: usize) {
        let uid = format!("6f1c2d3e-0000-4000-8000-{:0>12}", pod.bytes().map(u64::from).fold(7, |a, b| (a * 31 + b) % 1_000_000_007));
        self.event_of(text, pod, &uid, index);
    }

    fn event_of(&mut self, text: &str, pod: &str, uid: &str, index: usize) {
        let (head, message) = text.split_once(": ").unwrap_or_else(|| panic!("no message: {text}"));
        let mut words = head.split_whitespace();
        let at: i64 = words.next().expect("seconds").parse().unwrap_or_else(|_| panic!("no seconds: {text}"));
        let (mut count, mut kind, mut reason, mut about, mut by, mut first) = (1i64, "Normal", "", ("Pod", pod.to_owned()), "kubelet", None);
        for word in words {
            match word {
                "N" => kind = "Normal",
                "W" => kind = "Warning",
                w if w.starts_with('x') && w[1..].chars().next().is_some_and(|c| c.is_ascii_digit()) => {
                    let (n, f) = w[1..].split_once('/').map_or((&w[1..], None), |(n, f)| (n, Some(f)));
                    (count, first) = (n.parse().expect("a count"), f.map(|f| f.parse::<i64>().expect("seconds")));
                }
                w if w.starts_with("on=") => about = w[3..].split_once('/').map(|(k, n)| (k, n.to_owned())).expect("Kind/name"),
                w if w.starts_with("by=") => by = &w[3..],
                w => reason = w,
            }
        }
        let (reason, container) = reason.split_once('{').map_or((reason, None), |(r, c)| (r, Some(c.trim_end_matches('}'))));
        let own = about.0 == "Pod" && about.1 == pod;
        let mut object = json!({ "kind": about.0, "name": about.1, "namespace": "shop" });
        object["uid"] = json!(if own { uid.to_owned() } else { format!("uid-{}", about.1) });
        if let Some(container) = container {
            let path = match container.strip_prefix("init:") {
                Some(name) => format!("spec.initContainers{{{name}}}"),
                None => format!("spec.containers{{{container}}}"),
            };
            object["fieldPath"] = json!(path);
        }
        let space = if about.0 == "Node" { "default" } else { "shop" };
        let message = message.replace("{pod}", pod).replace("{uid}", uid);
        self.put(
            &format!("/api/v1/namespaces/{space}/events"),
            json!({ "metadata": { "name": format!("{}.{index:x}", about.1), "namespace": space, "uid": format!("ev-{pod}-{index}") }, "involvedObject": object,
                "type": kind, "reason": reason, "message": message, "count": count, "firstTimestamp": ago(first.unwrap_or(at)), "lastTimestamp": ago(at),
                "source": { "component": by, "host": if by == "kubelet" { "ip-10-0-3-17.ec2.internal" } else { "" } }, "reportingComponent": by }),
        );
    }
}

fn stamped(text: &str, end: i64) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut stamps = vec![0.0f64; lines.len()];
    // From the end backwards: each line a millisecond before the next, unless a mark says otherwise.
    let mut offset = 0.050;
    for (i, line) in lines.iter().enumerate().rev() {
        stamps[i] = offset;
        offset = match mark(line) {
            Some((seconds, _)) => {
                let run = lines[i..].iter().skip(1).take_while(|l| mark(l).is_none()).count();
                for (k, stamp) in stamps[i..=i + run].iter_mut().enumerate() {
                    *stamp = (seconds - k as f64 * 0.001).max(0.001);
                }
                seconds + 0.001
            }
            None => offset + 0.001,
        };
    }
    let mut out = String::new();
    for (line, before) in lines.iter().zip(stamps) {
        let text = mark(line).map_or(*line, |(_, rest)| rest).replace('␛', "\u{1b}");
        let time = now() - Duration::seconds(end) - Duration::microseconds((before * 1e6) as i64);
        out.push_str(&format!("{} {text}\n", time.format("%Y-%m-%dT%H:%M:%S%.9fZ")));
    }
    out
}

fn mark(line: &str) -> Option<(f64, &str)> {
    let (number, rest) = line.strip_prefix('@')?.split_once(' ')?;
    Some((number.parse().ok()?, rest))
}

fn spec_of(c: &Container) -> Value {
    let mut spec = json!({ "name": c.name, "image": c.image.as_deref().unwrap_or("registry.example.com/shop/app:1.4.2"), "resources": {} });
    for (key, value) in [("memory", &c.mem), ("cpu", &c.cpu)] {
        if let Some(value) = value {
            spec["resources"]["limits"][key] = json!(value);
            spec["resources"]["requests"][key] = json!(value);
        }
    }
    for (key, list) in [("command", &c.command), ("args", &c.args)] {
        if !list.is_empty() {
            spec[key] = json!(list);
        }
    }
    for (key, probe) in [("livenessProbe", &c.live), ("readinessProbe", &c.ready), ("startupProbe", &c.startup)] {
        if let Some(probe) = probe {
            spec[key] = probe_of(probe);
        }
    }
    if let Some(restart) = &c.restart {
        spec["restartPolicy"] = json!(restart);
    }
    merge(&mut spec, c.spec.as_ref());
    spec
}

fn probe_of(text: &str) -> Value {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |i: usize, default: i64| words.get(i).map_or(default, |w| w.parse().expect("a number"));
    let port = number(1, 8080);
    let handler = match words[0] {
        "http" => json!({ "httpGet": { "path": words[2], "port": port, "scheme": "HTTP" } }),
        "tcp" => json!({ "tcpSocket": { "port": port } }),
        "grpc" => json!({ "grpc": { "port": port } }),
        _ => json!({ "exec": { "command": [words[2]] } }),
    };
    let mut probe = handler;
    probe["timeoutSeconds"] = json!(number(3, 1));
    probe["failureThreshold"] = json!(number(4, 3));
    probe["periodSeconds"] = json!(number(5, 10));
    probe["initialDelaySeconds"] = json!(number(6, 0));
    probe
}

fn merge(into: &mut Value, from: Option<&Value>) {
    let Some(Value::Object(from)) = from else { return };
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(old @ Value::Object(_)), Value::Object(_)) => merge(old, Some(value)),
            _ => into[key] = value.clone(),
        }
    }
}

fn status_of(pod: &Pod, name: &str, uid: &str, policy: &str, age: i64) -> Value {
    let one = |c: &Container| {
        let state = State::parse(&c.s);
        let crash = CRASH.replace("{c}", &c.name).replace("{pod}", name).replace("{uid}", uid);
        let message = c.msg.clone().or_else(|| c.s.starts_with("crash").then_some(crash));
        let ready = matches!(state, State::Running { ready: true, .. })
            || (matches!(state, State::Exited { code: 0, .. }) && pod.init.iter().any(|i| i.name == c.name));
        let last = c.last.as_deref().map_or(json!({}), |l| State::parse(l).json(c.last_msg.as_deref()));
        json!({ "name": c.name, "ready": ready, "started": matches!(state, State::Running { .. }), "restartCount": c.r, "image": c.image, "state": state.json(message.as_deref()), "lastState": last })
    };
    let known = |list: &[Container]| list.iter().filter(|c| c.s != "none").map(one).collect::<Vec<_>>();
    let (init, main) = (known(&pod.init), known(&pod.c));
    let all_ready = !main.is_empty() && main.iter().all(|s| s["ready"] == true);
    let ended = |s: &Value| s["state"].get("terminated").is_some();
    let phase = pod.phase.clone().unwrap_or_else(|| {
        let waiting_fresh = main.iter().any(|s| s["state"].get("waiting").is_some() && s["lastState"].get("terminated").is_none());
        match () {
            () if main.is_empty() || waiting_fresh => "Pending",
            () if main.iter().all(ended) && policy != "Always" => match main.iter().all(|s| s["state"]["terminated"]["exitCode"] == 0) {
                true => "Succeeded",
                false if policy == "Never" => "Failed",
                false => "Running",
            },
            () => "Running",
        }
        .to_owned()
    });
    let mut conditions = vec![json!({ "type": "PodScheduled", "status": "True", "lastTransitionTime": ago(age) })];
    let unready: Vec<&str> = main.iter().filter(|s| s["ready"] != true).filter_map(|s| s["name"].as_str()).collect();
    for kind in ["ContainersReady", "Ready"] {
        conditions.push(match all_ready {
            true => json!({ "type": kind, "status": "True", "lastTransitionTime": ago(age - 5) }),
            false if phase == "Succeeded" => json!({ "type": kind, "status": "False", "reason": "PodCompleted", "lastTransitionTime": ago(20) }),
            false => json!({ "type": kind, "status": "False", "reason": "ContainersNotReady", "message": format!("containers with unready status: [{}]", unready.join(" ")), "lastTransitionTime": ago(20) }),
        });
    }
    for text in &pod.conditions {
        let (head, message) = text.split_once(": ").map_or((text.as_str(), ""), |(h, m)| (h, m));
        let (key, reason) = head.split_once(' ').map_or((head, ""), |(k, r)| (k, r));
        let (kind, status) = key.split_once('=').expect("Type=Status");
        conditions.retain(|c| c["type"] != kind);
        conditions.push(json!({ "type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": ago(25) }));
    }
    let mut status = json!({ "phase": phase, "conditions": conditions, "containerStatuses": main, "podIP": "10.0.3.88", "hostIP": "10.0.3.17", "qosClass": "Burstable", "startTime": ago(age) });
    if !init.is_empty() {
        status["initContainerStatuses"] = json!(init);
    }
    for (key, value) in [("reason", &pod.reason), ("message", &pod.message)] {
        if let Some(value) = value {
            status[key] = json!(value);
        }
    }
    status
}
