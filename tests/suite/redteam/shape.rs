//! What a case says, in a few lines.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// One case with its label.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    pub id: String,
    /// The labelled cause.
    pub want: String,
    /// Other causes that count.
    #[serde(default)]
    pub ok: Vec<String>,
    pub mechanism: Option<String>,
    pub container: Option<String>,
    pub silent: Option<bool>,
    pub removal: Option<String>,
    /// Why it is missed today, where it is.
    pub known_miss: Option<String>,
    /// The pod is gone: only its events, owners and kin are left.
    #[serde(default)]
    pub gone: bool,
    pub version: Option<String>,
    pub pod: Pod,
    /// Siblings and peers.
    #[serde(default)]
    pub others: Vec<Pod>,
    /// `name=app:port`.
    #[serde(default)]
    pub services: Vec<String>,
    /// `30 x12 W BackOff{web}: message`; `on=Job/name` and `by=component` before the colon.
    #[serde(default)]
    pub events: Vec<String>,
    /// More objects, by the path of their list.
    #[serde(default)]
    pub objects: BTreeMap<String, Vec<Value>>,
}

/// A pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pod {
    /// The base of its name and its `app` label.
    pub app: String,
    /// By default what its owner would call it.
    pub name: Option<String>,
    /// `ReplicaSet` (by default), `Job`, `StatefulSet`, `DaemonSet`, `CronJob`, `none`.
    pub owner: Option<String>,
    pub policy: Option<String>,
    pub phase: Option<String>,
    pub reason: Option<String>,
    pub message: Option<String>,
    /// Seconds since it was made; 600 by default.
    pub age: Option<i64>,
    /// Its deletion was asked so many seconds ago, with 30 s of grace.
    pub deleting: Option<i64>,
    pub grace: Option<i64>,
    pub node: Option<String>,
    /// `Ready=False ContainersNotReady: message`.
    #[serde(default)]
    pub conditions: Vec<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    #[serde(default)]
    pub init: Vec<Container>,
    #[serde(default)]
    pub c: Vec<Container>,
    /// Merged into the spec.
    pub spec: Option<Value>,
    /// The owner's status.
    pub owner_status: Option<Value>,
    /// Merged into the owner's spec.
    pub owner_spec: Option<Value>,
    /// No events of its start.
    #[serde(default)]
    pub no_start: bool,
}

/// A container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Container {
    pub name: String,
    pub image: Option<String>,
    /// See [`super::state::State`].
    pub s: String,
    pub last: Option<String>,
    #[serde(default)]
    pub r: i64,
    pub msg: Option<String>,
    pub last_msg: Option<String>,
    pub mem: Option<String>,
    pub cpu: Option<String>,
    #[serde(default)]
    pub command: Vec<String>,
    #[serde(default)]
    pub args: Vec<String>,
    /// `http 8080 /healthz 1 3` (kind, port, path or command, timeout, threshold).
    pub live: Option<String>,
    pub ready: Option<String>,
    pub startup: Option<String>,
    /// `Always` on an init container makes it a native sidecar.
    pub restart: Option<String>,
    pub log: Option<String>,
    pub prev: Option<String>,
    /// Merged into the spec.
    pub spec: Option<Value>,
}
