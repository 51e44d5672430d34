//! The pod as data.

use std::collections::BTreeMap;

use serde_json::Value;

use super::volume;
use crate::evidence::{Object, Pod};
use crate::reconstruct::History;
use crate::report::clean::Cleaner;
use crate::report::json::v1::{ConditionStatus, Detail, PodStatus, Provenance, Rung, Stamp, Unknowable};

/// Reads a pod. The history says where it is known from: `api`, `owner-template` or `events`; what only the API could have
/// said is listed as unknowable for the other two.
pub fn pod(pod: &Pod, history: &History, clean: &Cleaner<'_>) -> PodStatus {
    let from = history.pod_from;
    let object = &pod.object;
    let text = |pointer: &str| clean.some(object.text(pointer));
    let rebuilt = from != "api";
    let owner = pod.owners.first().map(|o| clean.line(&format!("{}/{}", o.kind, o.name)));
    PodStatus {
        name: clean.line(&pod.name),
        namespace: clean.line(&pod.namespace),
        uid: clean.some(Some(&pod.uid)),
        node: clean.some(pod.node.as_deref()),
        host_ip: text("/status/hostIP"),
        created_at: pod.created.map(Stamp),
        started_at: pod.started.map(Stamp),
        labels: map(&pod.labels, clean),
        annotations: pod
            .annotations
            .iter()
            // kubectl leaves it out, too: it repeats the whole object, Secrets of careless authors included.
            .filter(|(k, _)| *k != "kubectl.kubernetes.io/last-applied-configuration")
            .map(|(k, v)| (clean.line(k), clean.value(k, v)))
            .collect(),
        owner,
        qos: clean.some(pod.qos.as_deref()),
        restart_policy: (!rebuilt || object.at("/spec/restartPolicy").is_some()).then(|| clean.line(&pod.restart_policy)),
        deletion_timestamp: pod.deletion.as_ref().map(|d| Stamp(d.deadline)),
        deletion_requested_at: pod.deletion.as_ref().map(|d| Stamp(d.requested)),
        deletion_grace_seconds: pod.deletion.as_ref().map(|d| d.grace_seconds),
        grace_seconds: (!rebuilt || object.at("/spec/terminationGracePeriodSeconds").is_some()).then_some(pod.grace_seconds),
        active_deadline_seconds: pod.active_deadline_seconds,
        conditions: pod
            .conditions
            .iter()
            .map(|c| ConditionStatus {
                r#type: clean.line(&c.kind),
                status: clean.line(&c.status),
                reason: clean.some(Some(&c.reason)),
                message: clean.some(Some(&c.message)),
                since: c.since.map(Stamp),
            })
            .collect(),
        volumes: volume::volumes(object.list("/spec/volumes"), clean),
        from: from.to_owned(),
        phase: clean.some(Some(&pod.phase)),
        reason: clean.some(pod.reason.as_deref()),
        message: clean.some(pod.message.as_deref()),
        ip: clean.some(pod.ip.as_deref()),
        ips: object.list("/status/podIPs").iter().filter_map(|v| v.get("ip").and_then(Value::as_str)).map(|ip| clean.line(ip)).collect(),
        nominated_node: text("/status/nominatedNodeName"),
        priority: object.int("/spec/priority"),
        priority_class: text("/spec/priorityClassName"),
        runtime_class: text("/spec/runtimeClassName"),
        service_account: text("/spec/serviceAccountName"),
        seccomp_profile: seccomp(object.at("/spec/securityContext"), clean),
        limits: map(&object.map("/spec/resources/limits"), clean),
        requests: map(&object.map("/spec/resources/requests"), clean),
        node_selector: map(&object.map("/spec/nodeSelector"), clean),
        tolerations: tolerations(object).iter().map(|t| clean.line(t)).collect(),
        topology_spread: topology_spread(object).iter().map(|t| clean.line(t)).collect(),
        readiness_gates: readiness_gates(pod, clean),
        scheduling_group: text("/spec/schedulingGroup/podGroupName"),
        unknowable: if rebuilt { unknowable(pod, from) } else { Vec::new() },
        provenance: history
            .provenance
            .iter()
            .map(|p| Provenance { what: clean.line(&p.what), from: clean.line(&p.from), sure: p.sure.to_owned(), why: clean.line(&p.why) })
            .collect(),
        ladder: history
            .ladder
            .iter()
            .map(|r| Rung {
                rung: r.rung.to_owned(),
                container: clean.some(r.container.as_deref()),
                first: r.first.map(Stamp),
                last: r.last.map(Stamp),
                count: r.count,
            })
            .collect(),
    }
}

/// `Localhost (path)` or the type alone.
pub(super) fn seccomp(context: Option<&Value>, clean: &Cleaner<'_>) -> Option<String> {
    let profile = context?.get("seccompProfile")?;
    let kind = profile.get("type").and_then(Value::as_str)?;
    match profile.get("localhostProfile").and_then(Value::as_str) {
        Some(path) => Some(clean.line(&format!("{kind} ({path})"))),
        None => Some(clean.line(kind)),
    }
}

fn map(values: &BTreeMap<String, String>, clean: &Cleaner<'_>) -> BTreeMap<String, String> {
    values.iter().map(|(k, v)| (clean.line(k), clean.value(k, v))).collect()
}

/// kubectl's notation: `key=value:Effect op=Exists for 300s`, by key.
fn tolerations(object: &Object) -> Vec<String> {
    let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all: Vec<(String, String)> = object
        .list("/spec/tolerations")
        .iter()
        .map(|t| {
            let (key, value, effect) = (text(t, "key"), text(t, "value"), text(t, "effect"));
            let mut line = key.clone();
            if !value.is_empty() {
                line.push_str(&format!("={value}"));
            }
            if !effect.is_empty() {
                line.push_str(&format!(":{effect}"));
            }
            if text(t, "operator") == "Exists" && value.is_empty() {
                line.push_str(if line.is_empty() { "op=Exists" } else { " op=Exists" });
            }
            if let Some(seconds) = t.get("tolerationSeconds").and_then(Value::as_i64) {
                line.push_str(&format!(" for {seconds}s"));
            }
            (key, line)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, line)| line).collect()
}

/// kubectl's notation: `key:DoNotSchedule when max skew 1 is exceeded for selector app=web`, by key.
fn topology_spread(object: &Object) -> Vec<String> {
    let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all: Vec<String> = object
        .list("/spec/topologySpreadConstraints")
        .iter()
        .map(|c| {
            let skew = c.get("maxSkew").and_then(Value::as_i64).unwrap_or(1);
            let mut line = format!("{}:{} when max skew {skew} is exceeded", text(c, "topologyKey"), text(c, "whenUnsatisfiable"));
            if let Some(selector) = c.get("labelSelector") {
                line.push_str(&format!(" for selector {}", label_selector(selector)));
            }
            line
        })
        .collect();
    all.sort();
    all
}

fn label_selector(selector: &Value) -> String {
    let mut parts: Vec<String> =
        selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect();
    parts.sort();
    for expression in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
        let text = |k: &str| expression.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
        let values: Vec<&str> = expression.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        parts.push(match text("operator").as_str() {
            "Exists" => text("key"),
            "DoesNotExist" => format!("!{}", text("key")),
            "NotIn" => format!("{} notin ({})", text("key"), values.join(",")),
            _ => format!("{} in ({})", text("key"), values.join(",")),
        });
    }
    if parts.is_empty() { "<none>".to_owned() } else { parts.join(",") }
}

fn readiness_gates(pod: &Pod, clean: &Cleaner<'_>) -> Vec<Detail> {
    pod.object
        .list("/spec/readinessGates")
        .iter()
        .filter_map(|g| g.get("conditionType").and_then(Value::as_str))
        .map(|kind| Detail { key: clean.line(kind), value: clean.line(pod.condition(kind).map_or("<none>", |c| &c.status)) })
        .collect()
}

/// What a rebuilt pod lacks.
fn unknowable(pod: &Pod, from: &str) -> Vec<Unknowable> {
    let gone = "the pod object is gone, and only its status had it";
    let mut all: Vec<(String, &str)> = Vec::new();
    let mut add = |what: &str, why: &'static str| all.push((what.to_owned(), why));
    if from == "events" {
        add("commands, resources, probes, variables, volumes, labels, tolerations", "no owner with a template was found, and events do not tell the spec");
    } else {
        let why =
            "the template is from before admission, which adds the token's volume and mounts, tolerations, the service account, and whatever webhooks inject";
        add("what admission added or changed", why);
    }
    add("container states, exit codes where no event, workflow or Job tells them, restart counts, container and image ids", gone);
    add("conditions, QoS class", gone);
    if pod.ip.is_none() {
        add("addresses of pod and node", gone);
    }
    if pod.node.is_none() {
        add("the node", "no event or workflow names it");
    }
    if pod.started.is_none() {
        add("the kubelet's start time of the pod", "only its status had it; events tell when it was scheduled and its containers started");
    }
    for c in pod.containers.iter().filter(|c| c.image.is_empty()) {
        add(&format!("image and spec of container {}", c.name), "neither a template nor an event tells them");
    }
    for c in pod.containers.iter().filter(|c| !c.image.is_empty() && c.command.is_empty()) {
        add(&format!("command of container {}", c.name), "what is rebuilt holds none: the image's own, or one that the controller or admission put there");
    }
    all.into_iter().map(|(what, why)| Unknowable { what, why: why.to_owned() }).collect()
}
