//! Containers as data.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{env, exit::exit_meaning, pod::seccomp};
use crate::evidence::{Container, ContainerKind, Pod, Probe, ProbeHandler, State};
use crate::reconstruct::History;
use crate::report::clean::Cleaner;
use crate::report::json::v1::{ContainerStatus, Device, LastLine, Mount, PortStatus, ProbeStatus, Running, Stamp, StateStatus, Terminated, Waiting};

/// Reads the containers of a pod, in the order of the spec.
pub fn containers(pod: &Pod, history: &History, clean: &Cleaner<'_>) -> Vec<ContainerStatus> {
    pod.containers.iter().map(|c| container(pod, c, history, clean)).collect()
}

fn container(pod: &Pod, container: &Container, history: &History, clean: &Cleaner<'_>) -> ContainerStatus {
    let null = Value::Null;
    let spec = container.spec(&pod.object).unwrap_or(&null);
    let status = container.status_index.and_then(|i| pod.object.list(&format!("/status/{}", container.kind.status_field())).get(i));
    let strings = |key: &str| spec.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(|s| clean.line(s)).collect();
    let end = container.state.terminated().or_else(|| container.last_state.terminated());
    // A pod that is gone has no status; what events, workflow or Job told of its end stands in the deaths.
    let death = history.deaths.iter().rev().find(|d| d.container == container.name);
    let exit_code = end.map(|t| t.exit_code).or_else(|| death.and_then(|d| d.exit_code));
    let reason = end.map(|t| t.reason.as_str()).or_else(|| death.and_then(|d| d.reason.as_deref())).unwrap_or_default();
    ContainerStatus {
        name: clean.line(&container.name),
        kind: container.kind.word().to_owned(),
        primary: history.primary.as_ref().is_some_and(|p| p.container == container.name),
        image: clean.some(Some(&container.image)),
        state: state(&container.state, status.and_then(|s| s.get("state")), clean),
        last_state: state(&container.last_state, status.and_then(|s| s.get("lastState")), clean),
        exit_code,
        exit_meaning: exit_code.map(|code| exit_meaning(code, reason)),
        restarts: status.map(|_| container.restarts),
        limits: quantities(&container.limits, clean),
        requests: quantities(&container.requests, clean),
        probes: container.probes.iter().map(|(kind, p)| (kind.word().to_owned(), probe(p, spec.get(format!("{}Probe", kind.word())), clean))).collect(),
        logs: last_line(&container.name, history),
        image_id: clean.some(container.image_id.as_deref()),
        container_id: clean.some(container.container_id.as_deref()),
        ready: status.map(|_| container.ready),
        restart_policy: restart_policy(pod, container, history.pod_from == "api", clean),
        ports: ports(spec, clean),
        seccomp_profile: seccomp(spec.get("securityContext"), clean),
        command: strings("command"),
        args: strings("args"),
        env: env::variables(spec, &pod.object, clean),
        env_from: env::sources(spec, clean),
        mounts: mounts(spec, clean),
        devices: devices(spec, clean),
    }
}

/// The policy that holds; for a rebuilt pod only where it is stated.
fn restart_policy(pod: &Pod, container: &Container, from_api: bool, clean: &Cleaner<'_>) -> Option<String> {
    match container.kind {
        _ if !from_api && container.restart_policy.is_none() && pod.object.at("/spec/restartPolicy").is_none() => None,
        // Ephemeral containers are never restarted.
        ContainerKind::Ephemeral => Some("Never".to_owned()),
        _ => Some(clean.line(container.restart_policy.as_deref().unwrap_or(&pod.restart_policy))),
    }
}

fn state(state: &State, raw: Option<&Value>, clean: &Cleaner<'_>) -> StateStatus {
    let mut out = StateStatus::default();
    match state {
        State::Absent => {}
        State::Running { started } => out.running = Some(Running { started_at: started.map(Stamp) }),
        State::Waiting { reason, message } => {
            out.waiting = Some(Waiting { reason: clean.some(Some(reason)), message: clean.some(message.as_deref()) });
        }
        State::Terminated(t) => {
            out.terminated = Some(Terminated {
                exit_code: t.exit_code,
                exit_meaning: exit_meaning(t.exit_code, &t.reason),
                // The kubelet never sets it today; other implementations of the API may.
                signal: raw.and_then(|r| r.pointer("/terminated/signal")).and_then(Value::as_i64).filter(|s| *s > 0),
                reason: clean.some(Some(&t.reason)),
                message: clean.some(t.message.as_deref()),
                started_at: t.started.map(Stamp),
                finished_at: t.finished.map(Stamp),
            });
        }
    }
    out
}

fn last_line(container: &str, history: &History) -> LastLine {
    history.last_signs.iter().rev().find(|s| s.container == container).map_or_else(LastLine::default, |s| LastLine {
        last_line_at: s.at.map(Stamp),
        seconds_before_death: s.seconds_before_death,
        empty: s.empty,
    })
}

fn quantities(values: &BTreeMap<String, String>, clean: &Cleaner<'_>) -> BTreeMap<String, String> {
    values.iter().map(|(k, v)| (clean.line(k), clean.line(v))).collect()
}

/// kubectl's notation (kubectl/pkg/describe/describe.go `DescribeProbe`).
fn probe(probe: &Probe, raw: Option<&Value>, clean: &Cleaner<'_>) -> ProbeStatus {
    let host = raw.and_then(|r| r.pointer("/httpGet/host").or_else(|| r.pointer("/tcpSocket/host"))).and_then(Value::as_str).unwrap_or_default();
    let action = match &probe.handler {
        ProbeHandler::Http { port, path, scheme } => {
            let slash = if path.starts_with('/') { "" } else { "/" };
            format!("http-get {}://{host}:{port}{slash}{path}", scheme.to_lowercase())
        }
        ProbeHandler::Tcp { port } => format!("tcp-socket {host}:{port}"),
        ProbeHandler::Grpc { port } => {
            let service = raw.and_then(|r| r.pointer("/grpc/service")).and_then(Value::as_str).unwrap_or_default();
            format!("grpc <pod>:{port} {service}")
        }
        ProbeHandler::Exec { command } => format!("exec [{}]", command.join(" ")),
    };
    ProbeStatus {
        action: clean.line(&action),
        delay_seconds: probe.initial_delay,
        timeout_seconds: probe.timeout,
        period_seconds: probe.period,
        success_threshold: probe.success_threshold,
        failure_threshold: probe.failure_threshold,
        grace_seconds: probe.grace,
    }
}

fn ports(spec: &Value, clean: &Cleaner<'_>) -> Vec<PortStatus> {
    let list = spec.get("ports").and_then(Value::as_array).into_iter().flatten();
    list.map(|p| PortStatus {
        name: clean.some(p.get("name").and_then(Value::as_str)),
        port: p.get("containerPort").and_then(Value::as_i64).unwrap_or(0),
        host_port: p.get("hostPort").and_then(Value::as_i64).unwrap_or(0),
        protocol: clean.line(p.get("protocol").and_then(Value::as_str).unwrap_or("TCP")),
    })
    .collect()
}

fn mounts(spec: &Value, clean: &Cleaner<'_>) -> Vec<Mount> {
    let text = |m: &Value, k: &str| m.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = spec.get("volumeMounts").and_then(Value::as_array).into_iter().flatten();
    let mut all: Vec<Mount> = list
        .map(|m| Mount {
            path: clean.line(&text(m, "mountPath")),
            volume: clean.line(&text(m, "name")),
            read_only: m.get("readOnly").and_then(Value::as_bool).unwrap_or(false),
            sub_path: clean.some(m.get("subPath").or_else(|| m.get("subPathExpr")).and_then(Value::as_str)),
        })
        .collect();
    all.sort_by(|a, b| (&a.path, &a.volume).cmp(&(&b.path, &b.volume)));
    all
}

fn devices(spec: &Value, clean: &Cleaner<'_>) -> Vec<Device> {
    let text = |m: &Value, k: &str| clean.line(m.get(k).and_then(Value::as_str).unwrap_or_default());
    let list = spec.get("volumeDevices").and_then(Value::as_array).into_iter().flatten();
    let mut all: Vec<Device> = list.map(|d| Device { path: text(d, "devicePath"), volume: text(d, "name") }).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}
