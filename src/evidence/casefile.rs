//! Everything known about one target at one moment.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::event::Event;
use super::gap::{Gap, GapKind, SourceStatus};
use super::log::LogTail;
use super::node::Node;
use super::object::Object;
use super::pod::Pod;
use super::row::PodRow;
use super::time::Time;

/// The journal of one service of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLog {
    /// The node.
    pub node: String,
    /// `containerd`, `kubelet`.
    pub service: String,
    /// Its lines, oldest first.
    pub lines: Vec<String>,
}

/// What the ledger calls the question who answers behind the Services that select the target.
pub const ENDPOINTS: &str = "endpoints";

/// Who is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The namespace.
    pub namespace: String,
    /// The pod's name.
    pub name: String,
    /// The incarnation the user asked for, where they did.
    pub uid: Option<String>,
}

/// What the user asked for beside the target; part of the case, so that the same case gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Deaths older than this are history, not the subject. Seconds; 24 h by default.
    pub since_seconds: i64,
    /// `--container`: overrides the choice of the primary.
    pub container: Option<String>,
    /// More container names that are sidecars, from the user's configuration.
    pub sidecars: Vec<String>,
    /// Labels that name a kind of work or an agent: pods that share the first of these which the target has are siblings of the
    /// same task type where no owner is shared.
    pub task_labels: Vec<String>,
    /// Whether logs are read at all.
    pub logs: bool,
    /// Whether the node's log files may be asked for (`nodes/log`, `nodes/proxy`).
    pub node_logs: bool,
    /// Labels and annotations that name a `task`, an `agent` or a `service`, before those a2 knows.
    pub labels: BTreeMap<String, Vec<String>>,
    /// How the project checks itself, for the definition of done.
    pub project: ProjectCommands,
}

/// Commands of the user's project, as they stand in the definition of done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectCommands {
    /// Checks the format.
    pub format: Option<String>,
    /// Lints.
    pub lint: Option<String>,
    /// Tests.
    pub test: Option<String>,
}

/// Labels by which charts and agents name what a pod does.
pub const TASK_LABELS: &[&str] = &["app.kubernetes.io/name", "app", "k8s-app", "agent", "agent-name"];

impl Default for Options {
    fn default() -> Self {
        Self {
            since_seconds: 24 * 3600,
            container: None,
            sidecars: Vec::new(),
            task_labels: TASK_LABELS.iter().map(|l| (*l).to_owned()).collect(),
            logs: true,
            node_logs: false,
            labels: BTreeMap::new(),
            project: ProjectCommands::default(),
        }
    }
}

/// What an answer may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Rounds of questions.
    pub rounds: usize,
    /// Requests in flight at once.
    pub concurrency: usize,
    /// Wall-clock limit for all of it, in milliseconds.
    pub milliseconds: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { rounds: 4, concurrency: 8, milliseconds: 10_000 }
    }
}

/// What an answer did cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Body bytes received.
    pub bytes: u64,
}

/// An owner in the chain above the target, nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    /// The object; its `kind` is always filled in, also where a List left it out.
    pub object: Object,
    /// Steps above the target: 1 is the direct owner.
    pub depth: usize,
    /// How it was found: by ownerReference, or (for a gone pod) by events, name or labels.
    pub found_by: Related,
}

/// How an object is related to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Related {
    /// `metadata.ownerReferences` says it.
    OwnerReference,
    /// An event on the owner names the pod.
    Event,
    /// The pod's name follows from the owner's (`<rs>-<5>`, `<job>-<5>`, `<sts>-<n>`, the Argo hash).
    Name,
    /// Labels match the owner's selector.
    Labels,
}

/// Why another pod counts as a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerRelation {
    /// The decisive log lines name its address, or a Service that selects it. With the text that names it.
    Named(String),
    /// It shares an identity label (other than the usual app labels) with the target.
    Label(String),
}

/// Another pod, or a Service without pods, that the target depended on.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// The pod; `None` for a Service that has none.
    pub pod: Option<Pod>,
    /// The Service through which it was found.
    pub service: Option<Object>,
    /// Why it counts as a peer.
    pub relation: PeerRelation,
}

/// Everything known about one target at one moment. Filled by `collect`, read by everything after it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// Who is asked about.
    pub target: Target,
    /// What the user asked for beside the target.
    pub options: Options,
    /// "Now": the server's `Date` header or the bundle's `capturedAt`, and nothing that the pod's status tells lies after it. The local
    /// clock only where a live server tells no time at all.
    pub observed_at: Time,
    /// The server's version (`v1.36.2`), where known.
    pub server_version: Option<String>,
    /// The target, when the API still has it. `None` with `pod_absent` false means that it could not be asked.
    pub pod: Option<Pod>,
    /// The API said 404 for the target.
    pub pod_absent: bool,
    /// The namespace does not exist (404 or absent from a list that was read).
    pub namespace_absent: bool,
    /// Events about the target, its owners, its siblings and peers, without duplicates; order carries no meaning.
    pub events: Vec<Event>,
    /// Events about the node (they live in namespace `default`).
    pub node_events: Vec<Event>,
    /// Node events before this moment were cut by the recorder: their absence is no evidence.
    pub node_events_since: Option<Time>,
    /// Owners, nearest first, and objects that stand for them (a CronJob above a Job, the Workflow).
    pub owners: Vec<Owner>,
    /// Pods of the same owner, template or task type, without the target.
    pub siblings: Vec<Pod>,
    /// The server's printed rows of the owner's pods (the target among them), where they were asked for: all of an owner
    /// that has more pods than are read whole.
    pub sibling_rows: Vec<PodRow>,
    /// Workflows other than the owner whose nodes run the same template, kept for their node history.
    pub related: Vec<Object>,
    /// Pods that the target depended on.
    pub peers: Vec<Peer>,
    /// The node that the target ran on.
    pub node: Option<Node>,
    /// PersistentVolumeClaims, Services, NetworkPolicies, quotas and the like that were asked for, by `kind/name`.
    pub objects: BTreeMap<String, Object>,
    /// Journals of the node, where they were asked for.
    pub node_logs: Vec<NodeLog>,
    /// Logs of the target, its siblings and its peers.
    pub logs: Vec<LogTail>,
    /// Names of existing pods that look like the target's, for a target that left no trace.
    pub near_names: Vec<String>,
    /// Other namespaces that hold a pod or events of exactly this name.
    pub other_namespaces: Vec<String>,
    /// What could not be learned.
    pub gaps: Vec<Gap>,
    /// How each source answered.
    pub sources: Vec<SourceStatus>,
    /// What it cost.
    pub cost: Cost,
}

impl CaseFile {
    /// An empty case: nothing asked yet.
    pub fn new(target: Target, options: Options, observed_at: Time) -> Self {
        Self {
            target,
            options,
            observed_at,
            server_version: None,
            pod: None,
            pod_absent: false,
            namespace_absent: false,
            events: Vec::new(),
            node_events: Vec::new(),
            node_events_since: None,
            owners: Vec::new(),
            siblings: Vec::new(),
            sibling_rows: Vec::new(),
            related: Vec::new(),
            peers: Vec::new(),
            node: None,
            objects: BTreeMap::new(),
            node_logs: Vec::new(),
            logs: Vec::new(),
            near_names: Vec::new(),
            other_namespaces: Vec::new(),
            gaps: Vec::new(),
            sources: Vec::new(),
            cost: Cost::default(),
        }
    }

    /// The same case with every list whose order carries no meaning in one order, so that the same answers give the same report
    /// however they came in.
    pub fn in_order(mut self) -> Self {
        let of_event = |e: &Event| (e.time(), e.first, e.about.clone(), e.reason.clone(), e.container.clone(), e.message.clone(), e.object.name().to_owned());
        self.events.sort_by_cached_key(of_event);
        self.node_events.sort_by_cached_key(of_event);
        self.siblings.sort_by(|a, b| (&a.name, &a.uid).cmp(&(&b.name, &b.uid)));
        self.sibling_rows.sort();
        self.related.sort_by_cached_key(Object::reference);
        self.peers.sort_by_cached_key(|p| {
            let relation = match &p.relation {
                PeerRelation::Named(text) => (0, text.clone()),
                PeerRelation::Label(text) => (1, text.clone()),
            };
            (relation, p.pod.as_ref().map(|p| (p.name.clone(), p.uid.clone())), p.service.as_ref().map(Object::reference))
        });
        let target = self.target.name.clone();
        self.logs.sort_by_cached_key(|l| (l.pod != target, l.pod.clone(), l.container.clone(), l.previous));
        self.gaps.sort();
        self
    }

    /// The case without events that nobody vouches for ([`Event::is_credible`]).
    pub fn credible(&self) -> Cow<'_, Self> {
        if self.events.iter().chain(&self.node_events).all(Event::is_credible) {
            return Cow::Borrowed(self);
        }
        let mut case = self.clone();
        case.events.retain(Event::is_credible);
        case.node_events.retain(Event::is_credible);
        Cow::Owned(case)
    }

    /// The log of a container of a pod.
    pub fn log(&self, pod: &str, container: &str, previous: bool) -> Option<&LogTail> {
        self.logs.iter().find(|l| l.pod == pod && l.container == container && l.previous == previous)
    }

    /// Why the target could not be seen, where it could not: such a pod is not one that is gone.
    pub fn unseen(&self) -> Option<&Gap> {
        let asked = self.pod.is_none() && !self.pod_absent;
        self.gaps_of("pods").find(|g| asked && g.verb == "get" && g.kind != GapKind::NotFound)
    }

    /// The target's labels; where the pod is gone, those that its owner's template gave it.
    pub fn labels_of_target(&self) -> BTreeMap<String, String> {
        match &self.pod {
            Some(pod) => pod.labels.clone(),
            None => self.owners.iter().map(|o| o.object.map("/spec/template/metadata/labels")).find(|l| !l.is_empty()).unwrap_or_default(),
        }
    }

    /// The Services, as far as they were read, that send their traffic to pods labelled like the target; by name.
    pub fn services_of_target(&self) -> impl Iterator<Item = &Object> {
        let labels = self.labels_of_target();
        self.objects.values().filter(move |o| {
            let selector = o.map("/spec/selector");
            o.kind() == "Service" && o.namespace() == self.target.namespace && !selector.is_empty() && selector.iter().all(|(k, v)| labels.get(k) == Some(v))
        })
    }

    /// Those of them behind which no endpoint is ready; empty where that was not asked or not answered.
    pub fn services_without_endpoints(&self) -> Vec<&Object> {
        let asked = self.sources.iter().any(|s| s.name == ENDPOINTS && s.gap.is_none());
        if !asked || self.gaps_of("endpointslices.discovery.k8s.io").next().is_some() {
            return Vec::new();
        }
        let slices: Vec<&Object> = self.objects.values().filter(|o| o.kind() == "EndpointSlice").collect();
        // A condition that is not there counts as ready (discovery.k8s.io/v1, EndpointConditions).
        let ready =
            |slice: &Object| slice.list("/endpoints").iter().any(|e| e.pointer("/conditions/ready").and_then(serde_json::Value::as_bool) != Some(false));
        let of = |slice: &Object, service: &str| slice.labels().get("kubernetes.io/service-name").is_some_and(|s| s == service);
        self.services_of_target().filter(|s| !slices.iter().any(|slice| of(slice, s.name()) && ready(slice))).collect()
    }

    /// Gaps about one resource.
    pub fn gaps_of<'a>(&'a self, resource: &'a str) -> impl Iterator<Item = &'a Gap> {
        self.gaps.iter().filter(move |g| g.resource == resource)
    }
}
