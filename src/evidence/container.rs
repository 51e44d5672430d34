//! Containers: spec and status of all four kinds, joined by name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Object, int, string_map};
use super::probe::{Probe, ProbeKind};
use super::time::{Time, parse_time};

/// What kind of container it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerKind {
    /// Runs to its end before the others start.
    Init,
    /// Native sidecar: an init container with `restartPolicy: Always` (KEP-753).
    Sidecar,
    /// An entry of `spec.containers`.
    Main,
    /// Added by `kubectl debug`; never consulted for the phase (K/pkg/kubelet/kubelet_pods.go `getPhase`).
    Ephemeral,
}

impl ContainerKind {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Sidecar => "sidecar",
            Self::Main => "main",
            Self::Ephemeral => "ephemeral",
        }
    }

    /// The status list that holds it, in kubectl's spelling.
    pub fn status_field(self) -> &'static str {
        match self {
            Self::Init | Self::Sidecar => "initContainerStatuses",
            Self::Main => "containerStatuses",
            Self::Ephemeral => "ephemeralContainerStatuses",
        }
    }

    /// The spec list that holds it.
    pub fn spec_field(self) -> &'static str {
        match self {
            Self::Init | Self::Sidecar => "initContainers",
            Self::Main => "containers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

/// Names a container of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerRef {
    /// The pod's name.
    pub pod: String,
    /// The container's name.
    pub container: String,
}

/// `state.terminated` or `lastState.terminated`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminated {
    /// Exit code as the API states it; 137 here may be fabricated (`ContainerStatusUnknown`).
    pub exit_code: i64,
    /// `Error`, `Completed`, `OOMKilled`, `StartError`, …; empty when absent.
    pub reason: String,
    /// Runtime's message, then the termination message (workload text).
    pub message: Option<String>,
    /// Absent, or the epoch, when it never ran.
    pub started: Option<Time>,
    /// When it ended.
    pub finished: Option<Time>,
    /// `containerd://…`.
    pub container_id: Option<String>,
}

impl Terminated {
    /// The runtime writes 1970 for a container that never ran (`StartError`).
    pub fn never_started(&self) -> bool {
        self.started.is_some_and(|t| t.timestamp() <= 0)
    }
}

/// One of the states a container can be in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// The API says nothing.
    #[default]
    Absent,
    /// Not running yet, or between restarts.
    Waiting {
        /// `CrashLoopBackOff`, `ImagePullBackOff`, …; empty when absent.
        reason: String,
        /// The kubelet's message.
        message: Option<String>,
    },
    /// It runs.
    Running {
        /// Since when.
        started: Option<Time>,
    },
    /// It ended.
    Terminated(Terminated),
}

impl State {
    /// The end, if this state is one.
    pub fn terminated(&self) -> Option<&Terminated> {
        if let Self::Terminated(t) = self { Some(t) } else { None }
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
}

/// A lifecycle hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `postStart` or `preStop`.
    pub kind: String,
    /// The raw handler.
    pub handler: Value,
}

/// One container port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Name, may be empty.
    pub name: String,
    /// Number.
    pub port: i64,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

/// One volume mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The volume's name.
    pub volume: String,
    /// Where.
    pub path: String,
    /// Read-only.
    pub read_only: bool,
}

/// One of `restartPolicyRules` (KEP-5307).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartRule {
    /// `Restart` or `RestartAllContainers`.
    pub action: String,
    /// `In` or `NotIn`.
    pub operator: String,
    /// The codes.
    pub values: Vec<i64>,
}

/// A container: spec and status joined by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: ContainerKind,
    /// Index in its spec list.
    pub index: usize,
    /// Index in its status list (the kubelet sorts that by name); `None` without a status.
    pub status_index: Option<usize>,
    /// Image of the spec.
    pub image: String,
    /// `imageID` of the status.
    pub image_id: Option<String>,
    /// `containerID` of the status.
    pub container_id: Option<String>,
    /// Command and arguments of the spec, joined.
    pub command: Vec<String>,
    /// Ports.
    pub ports: Vec<Port>,
    /// Limits.
    pub limits: BTreeMap<String, String>,
    /// Requests.
    pub requests: BTreeMap<String, String>,
    /// Probes.
    pub probes: Vec<(ProbeKind, Probe)>,
    /// Hooks.
    pub hooks: Vec<Hook>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// The container's own restart policy, where set.
    pub restart_policy: Option<String>,
    /// Its restart rules.
    pub restart_rules: Vec<RestartRule>,
    /// `File` or `FallbackToLogsOnError`.
    pub termination_message_policy: String,
    /// Present state.
    pub state: State,
    /// State before the last restart.
    pub last_state: State,
    /// `ready`.
    pub ready: bool,
    /// `started`, where the kubelet says it.
    pub started: Option<bool>,
    /// `restartCount`.
    pub restarts: i64,
}

impl Container {
    /// Reads the containers of all kinds out of a pod (or out of a pod template put under `/spec`).
    pub fn read_all(object: &Object) -> Vec<Self> {
        let mut all = Vec::new();
        for (spec_list, kind) in
            [("initContainers", ContainerKind::Init), ("containers", ContainerKind::Main), ("ephemeralContainers", ContainerKind::Ephemeral)]
        {
            let statuses = object.list(&format!("/status/{}", kind.status_field()));
            let mut told: BTreeMap<&str, usize> = BTreeMap::new();
            for (at, status) in statuses.iter().enumerate() {
                if let Some(name) = status.get("name").and_then(Value::as_str) {
                    told.entry(name).or_insert(at);
                }
            }
            let specs = object.list(&format!("/spec/{spec_list}"));
            for (index, spec) in specs.iter().enumerate() {
                let Some(name) = spec.get("name").and_then(Value::as_str) else { continue };
                let native = kind == ContainerKind::Init && spec.get("restartPolicy").and_then(Value::as_str) == Some("Always");
                let kind = if native { ContainerKind::Sidecar } else { kind };
                let status_index = told.get(name).copied();
                all.push(Self::read(name, kind, index, status_index, spec, status_index.and_then(|i| statuses.get(i))));
            }
        }
        all
    }

    fn read(name: &str, kind: ContainerKind, index: usize, status_index: Option<usize>, spec: &Value, status: Option<&Value>) -> Self {
        let null = Value::Null;
        let status = status.unwrap_or(&null);
        let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        let strings = |k: &str| spec.get(k).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let list = |k: &str| spec.get(k).and_then(Value::as_array).into_iter().flatten();
        let probes = [("livenessProbe", ProbeKind::Liveness), ("readinessProbe", ProbeKind::Readiness), ("startupProbe", ProbeKind::Startup)];
        Self {
            name: name.to_owned(),
            kind,
            index,
            status_index,
            image: text(spec, "image").unwrap_or_default(),
            image_id: text(status, "imageID"),
            container_id: text(status, "containerID"),
            command: strings("command").chain(strings("args")).collect(),
            ports: list("ports")
                .map(|p| Port {
                    name: text(p, "name").unwrap_or_default(),
                    port: p.get("containerPort").and_then(int).unwrap_or(0),
                    protocol: text(p, "protocol").unwrap_or_else(|| "TCP".to_owned()),
                })
                .collect(),
            limits: string_map(spec.pointer("/resources/limits")),
            requests: string_map(spec.pointer("/resources/requests")),
            probes: probes.into_iter().filter_map(|(key, kind)| Some((kind, Probe::read(spec.get(key)?)?))).collect(),
            hooks: ["postStart", "preStop"]
                .into_iter()
                .filter_map(|k| Some(Hook { kind: k.to_owned(), handler: spec.get("lifecycle")?.get(k)?.clone() }))
                .collect(),
            mounts: list("volumeMounts")
                .map(|m| Mount {
                    volume: text(m, "name").unwrap_or_default(),
                    path: text(m, "mountPath").unwrap_or_default(),
                    read_only: m.get("readOnly").and_then(Value::as_bool).unwrap_or(false),
                })
                .collect(),
            restart_policy: text(spec, "restartPolicy"),
            restart_rules: list("restartPolicyRules")
                .map(|r| RestartRule {
                    action: text(r, "action").unwrap_or_default(),
                    operator: r.pointer("/exitCodes/operator").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    values: r.pointer("/exitCodes/values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect(),
                })
                .collect(),
            termination_message_policy: text(spec, "terminationMessagePolicy").unwrap_or_else(|| "File".to_owned()),
            state: read_state(status.get("state")),
            last_state: read_state(status.get("lastState")),
            ready: status.get("ready").and_then(Value::as_bool).unwrap_or(false),
            started: status.get("started").and_then(Value::as_bool),
            restarts: status.get("restartCount").and_then(int).unwrap_or(0).max(0),
        }
    }

    /// What its pod's spec says of it, for what is not read above.
    pub fn spec<'a>(&self, pod: &'a Object) -> Option<&'a Value> {
        pod.list(&format!("/spec/{}", self.kind.spec_field())).get(self.index)
    }

    /// The probe of this kind.
    pub fn probe(&self, kind: ProbeKind) -> Option<&Probe> {
        self.probes.iter().find(|(k, _)| *k == kind).map(|(_, p)| p)
    }

    /// `status.containerStatuses[0]` in kubectl's spelling, or the spec path when it has no status.
    pub fn path(&self) -> String {
        match self.status_index {
            Some(i) => format!("status.{}[{i}]", self.kind.status_field()),
            None => format!("spec.{}[{}]", self.kind.spec_field(), self.index),
        }
    }

    /// Whether the kubelet would start it again after this exit code (K/pkg/api/v1/pod/util.go `ContainerShouldRestart`):
    /// its own rules first, then its own policy, then the pod's.
    pub fn restarts_after(&self, exit_code: i64, pod_policy: &str) -> bool {
        if self.kind == ContainerKind::Ephemeral {
            return false;
        }
        if self.restart_policy.is_some() {
            for rule in &self.restart_rules {
                let listed = rule.values.contains(&exit_code);
                if (rule.operator == "In" && listed) || (rule.operator == "NotIn" && !listed) {
                    return rule.action.starts_with("Restart");
                }
            }
        }
        // A plain init container of an `Always` pod is retried on failure, and done on success.
        let policy = self.restart_policy.as_deref().unwrap_or(pod_policy);
        match (self.kind, policy) {
            (_, "Never") => false,
            (ContainerKind::Init, _) | (_, "OnFailure") => exit_code != 0,
            _ => true,
        }
    }
}

fn read_state(value: Option<&Value>) -> State {
    let Some(value) = value else { return State::Absent };
    let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let time = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).and_then(parse_time);
    if let Some(t) = value.get("terminated").filter(|t| t.is_object()) {
        return State::Terminated(Terminated {
            exit_code: t.get("exitCode").and_then(int).unwrap_or(0),
            reason: text(t, "reason").unwrap_or_default(),
            message: text(t, "message"),
            started: time(t, "startedAt"),
            finished: time(t, "finishedAt"),
            container_id: text(t, "containerID"),
        });
    }
    if let Some(r) = value.get("running").filter(|r| r.is_object()) {
        return State::Running { started: time(r, "startedAt") };
    }
    if let Some(w) = value.get("waiting").filter(|w| w.is_object()) {
        return State::Waiting { reason: text(w, "reason").unwrap_or_default(), message: text(w, "message") };
    }
    State::Absent
}
