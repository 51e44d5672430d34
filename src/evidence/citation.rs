//! Pointers into the evidence: every claim carries one.

use super::time::Time;

/// Where a citation comes from, as json-v1 names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The pod object.
    Pod,
    /// An event.
    Event,
    /// A container log.
    Log,
    /// The node object.
    Node,
    /// A controller: ReplicaSet, Job, Deployment, quota and the like.
    Owner,
    /// Another pod: a sibling or a peer.
    Sibling,
    /// An Argo Workflow or Tekton TaskRun.
    Workflow,
}

impl Source {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Event => "event",
            Self::Log => "log",
            Self::Node => "node",
            Self::Owner => "owner",
            Self::Sibling => "sibling",
            Self::Workflow => "workflow",
        }
    }
}

/// Who vouches for a citation. What the workload wrote is `Workload` wherever it appears: logs, termination messages,
/// output of exec probes, workflow messages that quote them, events by its own reporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The kubelet: container status, its events.
    Kubelet,
    /// A control-plane controller or the scheduler: conditions, its events.
    Controller,
    /// The kernel, through the node's own reporters.
    Kernel,
    /// The container runtime.
    Runtime,
    /// The program itself.
    Workload,
}

impl Authority {
    /// Whether the component can state a fact about a container with authority (taxonomy: `confirmed`).
    pub fn is_authoritative(self) -> bool {
        self != Self::Workload
    }
}

/// A pointer into the evidence: object, field, time and the text found there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation {
    /// Kind of source.
    pub source: Source,
    /// `Pod/cto/name`.
    pub object: String,
    /// Field path in kubectl's spelling: `status.containerStatuses[0].state.terminated`; for a log `main (previous)`.
    pub field: String,
    /// When it happened or was written, where known.
    pub time: Option<Time>,
    /// What it says, raw; renderers redact and cut it.
    pub text: String,
    /// Who vouches for it.
    pub authority: Authority,
}
