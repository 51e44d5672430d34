//! Events, in both of their shapes (`v1` and `events.k8s.io/v1`).

use super::citation::Authority;
use super::object::{Object, ObjectRef};
use super::time::Time;

/// Who wrote an event, by component name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// The kubelet of the pod's node.
    Kubelet,
    /// The default scheduler or another component of the control plane.
    Controller,
    /// node-problem-detector's kernel monitor.
    Kernel,
    /// The container runtime, in its own log.
    Runtime,
    /// A workflow engine (Argo, Tekton, Kubeflow).
    Workflow,
    /// Anyone else: treated as workload text.
    Other,
}

/// One event, with all of its repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The object as sent.
    pub object: Object,
    /// What it is about (`involvedObject` or `regarding`).
    pub about: ObjectRef,
    /// The container, from the field path (`spec.containers{main}`); text forms are never used.
    pub container: Option<String>,
    /// `Normal` or `Warning`.
    pub kind: String,
    /// For instance `Killing`.
    pub reason: String,
    /// The message (`message` or `note`).
    pub message: String,
    /// How often it was seen; at least 1.
    pub count: i64,
    /// First seen; of an aggregated event this may belong to a former container instance.
    pub first: Option<Time>,
    /// Last seen: series.lastObservedTime, lastTimestamp, eventTime, firstTimestamp, creationTimestamp, in that order.
    pub last: Option<Time>,
    /// Reporting component, for instance `kubelet`, `default-scheduler`.
    pub component: String,
    /// Reporting host (the node, for a kubelet).
    pub host: String,
}

impl Event {
    /// Reads either shape; `None` when it is about nothing (no kind and name of its object).
    pub fn from_object(object: Object) -> Option<Self> {
        let about = ["/involvedObject", "/regarding"].into_iter().find(|p| object.at(p).is_some())?;
        let field = |name: &str| object.text(&format!("{about}/{name}")).unwrap_or_default().to_owned();
        let reference = ObjectRef { kind: field("kind"), namespace: field("namespace"), name: field("name"), uid: field("uid") };
        if reference.kind.is_empty() || reference.name.is_empty() {
            return None;
        }
        let field_path = field("fieldPath");
        let container = field_path.split_once('{').and_then(|(_, rest)| rest.strip_suffix('}')).filter(|c| !c.is_empty()).map(str::to_owned);
        let count = ["/series/count", "/count", "/deprecatedCount"].iter().filter_map(|p| object.int(p)).max().unwrap_or(1).max(1);
        let first_of = |paths: &[&str]| paths.iter().find_map(|p| object.time(p));
        let first = first_of(&["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime", "/metadata/creationTimestamp"]);
        let last = first_of(&[
            "/series/lastObservedTime",
            "/lastTimestamp",
            "/deprecatedLastTimestamp",
            "/eventTime",
            "/firstTimestamp",
            "/metadata/creationTimestamp",
        ]);
        let text_of = |paths: &[&str]| paths.iter().filter_map(|p| object.text(p)).find(|t| !t.is_empty()).unwrap_or_default().to_owned();
        Some(Self {
            container,
            kind: text_of(&["/type"]),
            reason: text_of(&["/reason"]),
            message: text_of(&["/message", "/note"]),
            count,
            first,
            last,
            component: text_of(&["/source/component", "/reportingComponent", "/reportingController", "/deprecatedSource/component"]),
            host: text_of(&["/source/host", "/reportingInstance", "/deprecatedSource/host"]),
            about: reference,
            object,
        })
    }

    /// Who wrote it, by the component's published name.
    pub fn reporter(&self) -> Reporter {
        match self.component.as_str() {
            "kubelet" => Reporter::Kubelet,
            "kernel-monitor" | "abrt-adaptor" | "system-stats-monitor" => Reporter::Kernel,
            "containerd" => Reporter::Runtime,
            "workflow-controller" => Reporter::Workflow,
            c if c.starts_with("tekton") || c == "taskrun-controller" => Reporter::Workflow,
            c if c.ends_with("-controller")
                || c.ends_with("-scheduler")
                || c == "horizontal-pod-autoscaler"
                || c == "attachdetach"
                || c == "controllermanager"
                || c == "persistentvolume" =>
            {
                Reporter::Controller
            }
            c if c.starts_with("node-controller") || c.starts_with("attachdetach") || c.starts_with("cluster-autoscaler") || c == "descheduler" => {
                Reporter::Controller
            }
            _ => Reporter::Other,
        }
    }

    /// Who vouches for it.
    pub fn authority(&self) -> Authority {
        match self.reporter() {
            Reporter::Kubelet => Authority::Kubelet,
            Reporter::Controller | Reporter::Workflow => Authority::Controller,
            Reporter::Kernel => Authority::Kernel,
            Reporter::Runtime => Authority::Runtime,
            Reporter::Other => Authority::Workload,
        }
    }

    /// The best time to order it by.
    pub fn time(&self) -> Option<Time> {
        self.last.or(self.first)
    }
}
