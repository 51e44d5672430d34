//! A pod, read leniently from its object.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;

use super::container::{Container, ContainerKind};
use super::object::{Object, OwnerRef};
use super::time::{Time, parse_time};

/// One entry of `status.conditions` of any object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// For instance `Ready`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Machine-readable reason, may be empty.
    pub reason: String,
    /// Message, may be empty.
    pub message: String,
    /// When the status last changed.
    pub since: Option<Time>,
    /// Index in the list, for citations.
    pub index: usize,
}

impl Condition {
    /// Reads `status.conditions`.
    pub fn read_list(object: &Object) -> Vec<Self> {
        let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
        object
            .list("/status/conditions")
            .iter()
            .enumerate()
            .map(|(index, v)| Self {
                kind: text(v, "type"),
                status: text(v, "status"),
                reason: text(v, "reason"),
                message: text(v, "message"),
                since: v.get("lastTransitionTime").and_then(Value::as_str).and_then(parse_time),
                index,
            })
            .collect()
    }
}

/// What is known of a deletion in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// `metadata.deletionTimestamp`: request time plus grace (KV/apiserver/pkg/registry/rest/delete.go).
    pub deadline: Time,
    /// `metadata.deletionGracePeriodSeconds`.
    pub grace_seconds: i64,
    /// When the deletion was asked for: deadline minus grace.
    pub requested: Time,
}

/// One entry of `spec.volumes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The key that says what it is: `emptyDir`, `configMap`, `persistentVolumeClaim`, …
    pub kind: String,
    /// What it refers to (claim, ConfigMap, Secret or host path), where it refers to something.
    pub refers_to: Option<String>,
}

/// A pod. Everything the judge needs is typed; the rest stays reachable in `object`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pod {
    /// The object as sent.
    pub object: Object,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.creationTimestamp`.
    pub created: Option<Time>,
    /// Set while the pod is being deleted.
    pub deletion: Option<Deletion>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Owners, the controller first.
    pub owners: Vec<OwnerRef>,
    /// `spec.nodeName`.
    pub node: Option<String>,
    /// `status.phase`; empty when absent.
    pub phase: String,
    /// `status.reason`: `Evicted`, `DeadlineExceeded`, `OutOfmemory`, …
    pub reason: Option<String>,
    /// `status.message`.
    pub message: Option<String>,
    /// `status.qosClass`.
    pub qos: Option<String>,
    /// `spec.restartPolicy`; `Always` when absent, as the API defaults it.
    pub restart_policy: String,
    /// `spec.activeDeadlineSeconds`.
    pub active_deadline_seconds: Option<i64>,
    /// `spec.terminationGracePeriodSeconds`; 30 when absent, as the API defaults it.
    pub grace_seconds: i64,
    /// `status.startTime`: when the kubelet accepted it.
    pub started: Option<Time>,
    /// `status.podIP`.
    pub ip: Option<String>,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// All containers in spec order: init, main, ephemeral.
    pub containers: Vec<Container>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// `spec.resources.limits.memory` (pod-level limit).
    pub memory_limit: Option<String>,
}

impl Pod {
    /// Reads a pod object. Never fails: what cannot be read is absent.
    pub fn from_object(object: Object) -> Self {
        let deletion = object.time("/metadata/deletionTimestamp").map(|deadline| {
            let grace_seconds = object.int("/metadata/deletionGracePeriodSeconds").unwrap_or(0).clamp(0, 1 << 31);
            Deletion { deadline, grace_seconds, requested: deadline - TimeDelta::seconds(grace_seconds) }
        });
        let owned = |p: &str| object.text(p).filter(|t| !t.is_empty()).map(str::to_owned);
        Self {
            name: object.name().to_owned(),
            namespace: object.namespace().to_owned(),
            uid: object.uid().to_owned(),
            created: object.time("/metadata/creationTimestamp"),
            deletion,
            labels: object.labels(),
            annotations: object.annotations(),
            owners: object.owners(),
            node: owned("/spec/nodeName"),
            phase: owned("/status/phase").unwrap_or_default(),
            reason: owned("/status/reason"),
            message: owned("/status/message"),
            qos: owned("/status/qosClass"),
            restart_policy: owned("/spec/restartPolicy").unwrap_or_else(|| "Always".to_owned()),
            active_deadline_seconds: object.int("/spec/activeDeadlineSeconds"),
            grace_seconds: object.int("/spec/terminationGracePeriodSeconds").unwrap_or(30),
            started: object.time("/status/startTime"),
            ip: owned("/status/podIP"),
            conditions: Condition::read_list(&object),
            containers: Container::read_all(&object),
            volumes: read_volumes(&object),
            memory_limit: owned("/spec/resources/limits/memory"),
            object,
        }
    }

    /// The container of this name, of any kind.
    pub fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|c| c.name == name)
    }

    /// Containers of one kind.
    pub fn of_kind(&self, kind: ContainerKind) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(move |c| c.kind == kind)
    }

    /// Nothing of how the pod stands is known: only its log, or a line of its node, was handed over. Every server writes a phase.
    pub fn knows_no_status(&self) -> bool {
        self.phase.is_empty() && self.containers.iter().all(|c| c.status_index.is_none())
    }

    /// The condition of this type.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|c| c.kind == kind)
    }

    /// Readiness gates of the spec (`spec.readinessGates`) whose conditions do not hold.
    pub fn unmet_gates(&self) -> impl Iterator<Item = &str> {
        let gates = self.object.list("/spec/readinessGates").iter().filter_map(|g| g.get("conditionType").and_then(Value::as_str));
        gates.filter(|gate| self.condition(gate).is_none_or(|c| c.status != "True"))
    }

    /// `Pod/ns/name`, for citations.
    pub fn path(&self) -> String {
        format!("Pod/{}/{}", self.namespace, self.name)
    }
}

fn read_volumes(object: &Object) -> Vec<Volume> {
    object
        .list("/spec/volumes")
        .iter()
        .filter_map(|v| {
            let map = v.as_object()?;
            let name = map.get("name").and_then(Value::as_str)?.to_owned();
            let (kind, body) = map.iter().find(|(k, _)| *k != "name")?;
            let refers_to = ["claimName", "name", "secretName", "path"].iter().find_map(|k| body.get(k).and_then(Value::as_str)).map(str::to_owned);
            Some(Volume { name, kind: kind.clone(), refers_to })
        })
        .collect()
}
