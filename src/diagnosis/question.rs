//! What can be asked of a cluster.

use crate::evidence::{Related, Time};

/// One question; answering it may take more than one request. The order of questions is the order in which answers are
/// put into the case, so that the time of their arrival does not matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The target.
    Pod {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
    },
    /// Whether the namespace exists.
    Namespace {
        /// Its name.
        name: String,
    },
    /// A pod of exactly this name in any namespace.
    PodElsewhere {
        /// Name.
        name: String,
    },
    /// Events about exactly this name in any namespace.
    EventsElsewhere {
        /// Name.
        name: String,
    },
    /// An owner, or an object that may be one.
    Owner {
        /// For instance `apps/v1`.
        api_version: String,
        /// For instance `ReplicaSet`.
        kind: String,
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
        /// Steps above the target.
        depth: usize,
        /// What points there.
        found_by: Related,
        /// Only the shape of a name points there: that it does not exist is no gap.
        guess: bool,
    },
    /// Workflows of the namespace: those that ran the same template, and, for a gone pod, the one that ran the target.
    Workflows {
        /// Namespace.
        namespace: String,
    },
    /// TaskRuns of the namespace, of which one's status may name the target.
    TaskRuns {
        /// Namespace.
        namespace: String,
    },
    /// Another object that explains the target: a claim, a service account.
    Object {
        /// For instance `v1`.
        api_version: String,
        /// For instance `PersistentVolumeClaim`.
        kind: String,
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
    },
    /// All objects of a kind in the namespace (quotas, limit ranges).
    Objects {
        /// For instance `v1`.
        api_version: String,
        /// For instance `ResourceQuota`.
        kind: String,
        /// Namespace.
        namespace: String,
    },
    /// The EndpointSlices of Services: whether anybody answers behind them.
    Endpoints {
        /// Namespace.
        namespace: String,
        /// Names of the Services, sorted.
        services: Vec<String>,
    },
    /// Events about an object: by name, all incarnations. Without a kind: about anything of this name.
    Events {
        /// Namespace of the object.
        namespace: String,
        /// Kind, where it matters.
        kind: Option<String>,
        /// Name.
        name: String,
    },
    /// Events of controllers that name the pod in their message: who created it, who deleted it.
    EventsNaming {
        /// Namespace.
        namespace: String,
        /// The pod's name.
        name: String,
    },
    /// The node.
    Node {
        /// Its name.
        name: String,
    },
    /// Events about the node: by kind and name in namespace `default`; the UID there is not the node's.
    NodeEvents {
        /// Its name.
        name: String,
    },
    /// Pods that carry the same template labels.
    Siblings {
        /// Namespace.
        namespace: String,
        /// Label selector.
        selector: String,
        /// Kind and name of the owner that a sibling must have; without one, labels decide.
        owner: Option<(String, String)>,
    },
    /// Pods whose names have the same make: same generateName, or the same task of another run.
    Kin {
        /// Namespace.
        namespace: String,
        /// The target's name.
        like: String,
        /// Names that start with this are kin.
        prefix: Option<String>,
        /// Names of other runs of this task are kin (Argo: `<workflow>-<template>-<hash>`).
        template: Option<String>,
        /// Whether names like the target's are wanted as well (for a target that left no trace).
        near: bool,
    },
    /// A peer by host name or address, as the log wrote it.
    PeerNamed {
        /// Namespace of the target.
        namespace: String,
        /// Host name or IP address.
        host: String,
    },
    /// Pods that share an identity label.
    PeerLabelled {
        /// Namespace.
        namespace: String,
        /// Label key.
        key: String,
        /// Label value.
        value: String,
    },
    /// Log files of a pod on its node; only where the user allowed it.
    NodeFiles {
        /// The node.
        node: String,
        /// Namespace of the pod.
        namespace: String,
        /// The pod.
        pod: String,
        /// Its UID, which is part of the directory's name.
        uid: String,
    },
    /// The journal of a service of the node; only where the user allowed it.
    NodeJournal {
        /// The node.
        node: String,
        /// `containerd` or `kubelet`.
        service: String,
        /// From when on.
        since: Time,
        /// Only lines with this text.
        pattern: Option<String>,
    },
    /// A log tail.
    Log {
        /// Namespace.
        namespace: String,
        /// Pod.
        pod: String,
        /// Container.
        container: String,
        /// Of the instance before.
        previous: bool,
    },
}
