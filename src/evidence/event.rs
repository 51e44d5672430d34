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
    /// The container, from the field path (`spec.containers{main}`); without one, from the kubelet's own fixed sentences. What
    /// others write is never searched for a name.
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
        let container_in = |message: &str, component: &str| (component == "kubelet").then(|| named_in(message)).flatten();
        // An int32 of the API; what is larger is nobody's count, and sums of them must hold.
        let count = ["/series/count", "/count", "/deprecatedCount"].iter().filter_map(|p| object.int(p)).max().unwrap_or(1).clamp(1, i64::from(i32::MAX));
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
        let message = text_of(&["/message", "/note"]);
        let component = text_of(&["/source/component", "/reportingComponent", "/reportingController", "/deprecatedSource/component"]);
        Some(Self {
            container: container.or_else(|| container_in(&message, &component)),
            kind: text_of(&["/type"]),
            reason: text_of(&["/reason"]),
            message,
            count,
            first,
            last,
            component,
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

    /// Whether it may be used as evidence at all: its reporter is known, and is the one whose business such an event is. Anybody who
    /// may create events can claim that a pod was evicted or killed; only the kubelet's word counts for what the kubelet does, and
    /// only the kernel monitor's for what the kernel did. Claims of others are shown and prove nothing.
    pub fn is_credible(&self) -> bool {
        match self.reporter() {
            Reporter::Other => false,
            Reporter::Kubelet => self.reason != "OOMKilling",
            Reporter::Kernel | Reporter::Runtime => self.about.kind == "Node",
            Reporter::Controller | Reporter::Workflow => {
                let of_kubelet = self.about.kind == "Pod" && (KUBELET_REASONS.contains(&self.reason.as_str()) || self.reason.starts_with("OutOf"));
                let of_node = self.about.kind == "Node" && matches!(self.reason.as_str(), "OOMKilling" | "SystemOOM" | "Rebooted" | "Shutdown");
                !of_kubelet && !of_node
            }
        }
    }

    /// The best time to order it by.
    pub fn time(&self) -> Option<Time> {
        self.last.or(self.first)
    }
}

/// Reasons of events about pods that the kubelet alone writes (K/pkg/kubelet/events/event.go).
const KUBELET_REASONS: &[&str] = &[
    "Killing",
    "Evicted",
    "Unhealthy",
    "BackOff",
    "Failed",
    "Created",
    "Started",
    "Preempting",
    "DeadlineExceeded",
    "FailedPostStartHook",
    "FailedPreStopHook",
    "SandboxChanged",
    "FailedCreatePodSandBox",
    "FailedMount",
    "InspectFailed",
    "ErrImageNeverPull",
    "NodeShutdown",
    "NodeAffinity",
    "UnexpectedAdmissionError",
];

/// The container that a sentence of the kubelet names: `Started container x`, `Container x failed liveness probe, …`,
/// `Back-off restarting failed container x in pod …` (older: `container=x pod=…`).
fn named_in(message: &str) -> Option<String> {
    const BEFORE: &[&str] = &[
        "Created container: ",
        "Created container ",
        "Started container ",
        "Stopping container ",
        "Killing container ",
        "Back-off restarting failed container ",
        "Back-off restarting failed container=",
        "Init container ",
        "Container ",
    ];
    let rest = BEFORE.iter().find_map(|b| message.strip_prefix(b))?;
    let name = rest.split([' ', ',', ':']).next()?.trim_matches('"');
    // `Container image "x" already present on machine`, `Container created`, `Container is in "unknown" state`.
    let verb = matches!(name, "image" | "created" | "started" | "is" | "runtime" | "in");
    let dns_label = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let follows = message.starts_with("Container ") || message.starts_with("Init container ");
    let grammar = !follows
        || rest.get(name.len()..).is_some_and(|r| {
            r.trim_start_matches('"').starts_with(" failed ") || r.trim_start_matches('"').starts_with(" definition ") || r.contains("will be restarted")
        });
    (dns_label && !(verb && follows) && grammar).then(|| name.to_owned())
}
