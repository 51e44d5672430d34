//! The pod as data: all that `kubectl describe pod` says, and what it leaves out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Provenance, Rung, Stamp, Unknowable};

/// Quantities by resource name.
pub type Quantities = BTreeMap<String, String>;

/// The pod.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodStatus {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its UID.
    pub uid: Option<String>,
    /// The node.
    pub node: Option<String>,
    /// Address of the node.
    pub host_ip: Option<String>,
    /// When the API accepted it.
    pub created_at: Option<Stamp>,
    /// When the kubelet accepted it.
    pub started_at: Option<Stamp>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// The owner: `ReplicaSet/name`.
    pub owner: Option<String>,
    /// Quality of service.
    pub qos: Option<String>,
    /// Restart policy.
    pub restart_policy: Option<String>,
    /// Time by which the pod is to be gone, once its deletion was asked for.
    pub deletion_timestamp: Option<Stamp>,
    /// When the deletion was asked for.
    pub deletion_requested_at: Option<Stamp>,
    /// Grace of that deletion in seconds.
    pub deletion_grace_seconds: Option<i64>,
    /// Grace that the spec asks for in seconds.
    pub grace_seconds: Option<i64>,
    /// The pod's deadline in seconds.
    pub active_deadline_seconds: Option<i64>,
    /// Conditions.
    pub conditions: Vec<ConditionStatus>,
    /// Volumes.
    pub volumes: Vec<VolumeStatus>,
    /// Where all this is from.
    #[schemars(extend("enum" = ["api", "owner-template", "events"]))]
    pub from: String,
    /// Phase.
    pub phase: Option<String>,
    /// Reason of the pod's status.
    pub reason: Option<String>,
    /// Message of the pod's status.
    pub message: Option<String>,
    /// Address.
    pub ip: Option<String>,
    /// Addresses.
    pub ips: Vec<String>,
    /// Node on which the scheduler is making room for it.
    pub nominated_node: Option<String>,
    /// Priority.
    pub priority: Option<i64>,
    /// Priority class.
    pub priority_class: Option<String>,
    /// Runtime class.
    pub runtime_class: Option<String>,
    /// ServiceAccount.
    pub service_account: Option<String>,
    /// Seccomp profile.
    pub seccomp_profile: Option<String>,
    /// Limits of the whole pod.
    pub limits: Quantities,
    /// Requests of the whole pod.
    pub requests: Quantities,
    /// Labels that its node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Tolerations, in kubectl's notation.
    pub tolerations: Vec<String>,
    /// Topology spread constraints, in kubectl's notation.
    pub topology_spread: Vec<String>,
    /// Readiness gates with their status.
    pub readiness_gates: Vec<Detail>,
    /// Scheduling group.
    pub scheduling_group: Option<String>,
    /// What cannot be rebuilt of a pod that is gone, and why.
    pub unknowable: Vec<Unknowable>,
    /// Where the values of a rebuilt pod are from, and how sure they are; empty when the API has the pod.
    pub provenance: Vec<Provenance>,
    /// How far the pod came, by its events: in the order of the way.
    pub ladder: Vec<Rung>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionStatus {
    /// Its type.
    pub r#type: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Reason.
    pub reason: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// When the status last changed.
    pub since: Option<Stamp>,
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeStatus {
    /// Its name.
    pub name: String,
    /// The key of the spec that says what it is: `configMap`, `emptyDir`, …
    pub kind: String,
    /// What it refers to.
    pub refers_to: Option<String>,
    /// Its details, with kubectl's keys, in kubectl's order.
    pub details: Vec<Detail>,
}

/// One container.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerStatus {
    /// Its name.
    pub name: String,
    /// Its kind.
    #[schemars(extend("enum" = ["init", "sidecar", "main", "ephemeral"]))]
    pub kind: String,
    /// Whether it is the primary one.
    pub primary: bool,
    /// Image of the spec; null for a rebuilt container whose image nothing tells.
    pub image: Option<String>,
    /// Present state: `running`, `waiting` or `terminated`; empty when there is no status.
    pub state: StateStatus,
    /// State before the last restart.
    pub last_state: StateStatus,
    /// Exit code of its present end, or else of its last one.
    pub exit_code: Option<i64>,
    /// What that code means.
    pub exit_meaning: Option<String>,
    /// Restart count; null without a status.
    pub restarts: Option<i64>,
    /// Limits.
    pub limits: Quantities,
    /// Requests.
    pub requests: Quantities,
    /// Probes, by `liveness`, `readiness` and `startup`.
    pub probes: BTreeMap<String, ProbeStatus>,
    /// What its log says of its end.
    pub logs: LastLine,
    /// ID of the image that runs.
    pub image_id: Option<String>,
    /// ID that the runtime gave it.
    pub container_id: Option<String>,
    /// Whether it is ready; null without a status.
    pub ready: Option<bool>,
    /// Restart policy that holds for it.
    pub restart_policy: Option<String>,
    /// Ports.
    pub ports: Vec<PortStatus>,
    /// Seccomp profile.
    pub seccomp_profile: Option<String>,
    /// Command.
    pub command: Vec<String>,
    /// Arguments.
    pub args: Vec<String>,
    /// Variables.
    pub env: Vec<EnvVar>,
    /// Objects that variables are taken from.
    pub env_from: Vec<EnvFrom>,
    /// Mounts, by path.
    pub mounts: Vec<Mount>,
    /// Raw block devices, by path.
    pub devices: Vec<Device>,
}

/// One state of a container; at most one of them is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateStatus {
    /// It runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<Running>,
    /// It waits to start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// It ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminated: Option<Terminated>,
}

/// A container that runs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Running {
    /// Since when.
    pub started_at: Option<Stamp>,
}

/// A container that waits to start.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Reason.
    pub reason: Option<String>,
    /// Message; `kubectl describe` leaves it out.
    pub message: Option<String>,
}

/// A container that ended.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Terminated {
    /// Exit code.
    pub exit_code: i64,
    /// What that code means.
    pub exit_meaning: String,
    /// Number of the signal, where the runtime states it.
    pub signal: Option<i64>,
    /// Reason.
    pub reason: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Start; 1970 for a container that never ran.
    pub started_at: Option<Stamp>,
    /// End.
    pub finished_at: Option<Stamp>,
}

/// What a container's log says of its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastLine {
    /// Time of the last line.
    pub last_line_at: Option<Stamp>,
    /// Seconds between that line and the end.
    pub seconds_before_death: Option<i64>,
    /// The log was read and is empty.
    pub empty: bool,
}

/// One probe.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProbeStatus {
    /// What it does, in kubectl's notation: `http-get http://:8080/healthz`.
    pub action: String,
    /// Seconds before the first one.
    pub delay_seconds: i64,
    /// Seconds that it may take.
    pub timeout_seconds: i64,
    /// Seconds between two.
    pub period_seconds: i64,
    /// Successes in a row that count.
    pub success_threshold: i64,
    /// Failures in a row that count.
    pub failure_threshold: i64,
    /// Its own grace, where set.
    pub grace_seconds: Option<i64>,
}

/// One port.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortStatus {
    /// Name.
    pub name: Option<String>,
    /// Number in the container.
    pub port: i64,
    /// Number on the node; 0: none.
    pub host_port: i64,
    /// Protocol.
    pub protocol: String,
}

/// One variable.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    /// Name.
    pub name: String,
    /// Value; null when it comes from elsewhere and is not shown.
    pub value: Option<String>,
    /// Where it comes from, in kubectl's words.
    pub from: Option<String>,
    /// Whether its source may be missing.
    pub optional: Option<bool>,
}

/// An object that variables are taken from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvFrom {
    /// Name of the object.
    pub name: String,
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Prefix of the names.
    pub prefix: Option<String>,
    /// Whether it may be missing.
    pub optional: bool,
}

/// One mount.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    /// Where.
    pub path: String,
    /// Which volume.
    pub volume: String,
    /// Read-only.
    pub read_only: bool,
    /// Path within the volume.
    pub sub_path: Option<String>,
}

/// One raw block device.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Where.
    pub path: String,
    /// Which volume.
    pub volume: String,
}

/// One event with all of its repeats.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodEvent {
    /// Last seen.
    pub time: Option<Stamp>,
    /// First seen.
    pub first_time: Option<Stamp>,
    /// `Normal` or `Warning`.
    pub r#type: String,
    /// Reason.
    pub reason: String,
    /// How often.
    pub count: i64,
    /// What it is about: `Pod/namespace/name`.
    pub object: String,
    /// UID of that object, where stated.
    pub uid: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// Message.
    pub message: String,
    /// Who reported it.
    pub from: String,
    /// Path of the field that it is about.
    pub field_path: Option<String>,
}
