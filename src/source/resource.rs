//! API paths: from kind to path and back.

use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, Endpoints, Event, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController, ResourceQuota, Secret,
    Service, ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

macro_rules! known {
    ($($kind:ty),*) => { &[$((<$kind as Resource>::KIND, <$kind as Resource>::URL_PATH_SEGMENT)),*] };
}

/// Kinds and their plurals, from the API's own definitions.
const KNOWN: &[(&str, &str)] = known![
    Pod,
    Event,
    Node,
    Namespace,
    Service,
    Endpoints,
    PersistentVolumeClaim,
    PersistentVolume,
    ConfigMap,
    Secret,
    ServiceAccount,
    ResourceQuota,
    LimitRange,
    ReplicationController,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    ControllerRevision,
    Job,
    CronJob,
    EndpointSlice,
    NetworkPolicy,
    Ingress,
    PodDisruptionBudget,
    HorizontalPodAutoscaler
];

/// Custom resources that own pods, by their projects' own definitions.
const KNOWN_CUSTOM: &[(&str, &str)] =
    &[("Workflow", "workflows"), ("CronWorkflow", "cronworkflows"), ("TaskRun", "taskruns"), ("PipelineRun", "pipelineruns"), ("Revision", "revisions")];

/// The plural of a kind. For kinds not known here it is guessed by English rules, as most API authors name theirs;
/// a wrong guess is answered 404 and becomes a gap.
pub fn plural_of(kind: &str) -> String {
    if let Some((_, plural)) = KNOWN.iter().chain(KNOWN_CUSTOM).find(|(k, _)| *k == kind) {
        return (*plural).to_owned();
    }
    let lower = kind.to_ascii_lowercase();
    let stem_y = lower.strip_suffix('y').filter(|s| !s.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem_y {
        Some(stem) => format!("{stem}ies"),
        None if lower.ends_with('s') || lower.ends_with('x') || lower.ends_with("ch") || lower.ends_with("sh") => format!("{lower}es"),
        None => format!("{lower}s"),
    }
}

/// The kind behind a plural, where it is known.
pub fn kind_of(plural: &str) -> Option<&'static str> {
    KNOWN.iter().chain(KNOWN_CUSTOM).find(|(_, p)| *p == plural).map(|(k, _)| *k)
}

/// Path of a collection: `/apis/apps/v1/namespaces/ns/replicasets`; without a namespace the cluster-wide one.
pub fn collection_path(api_version: &str, namespace: Option<&str>, plural: &str) -> String {
    let root = if api_version.contains('/') { "apis" } else { "api" };
    match namespace {
        Some(ns) => format!("/{root}/{api_version}/namespaces/{ns}/{plural}"),
        None => format!("/{root}/{api_version}/{plural}"),
    }
}

/// Path of one object.
pub fn object_path(api_version: &str, namespace: Option<&str>, plural: &str, name: &str) -> String {
    format!("{}/{name}", collection_path(api_version, namespace, plural))
}

/// A request path taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiPath {
    /// `v1` or `apps/v1`.
    pub api_version: String,
    /// The namespace, for namespaced requests.
    pub namespace: Option<String>,
    /// The plural.
    pub resource: String,
    /// The object's name, for requests about one object.
    pub name: Option<String>,
    /// `log` and the like.
    pub subresource: Option<String>,
}

impl ApiPath {
    /// Takes a path apart; `None` for anything that is not a resource path, or that would leave a directory.
    pub fn parse(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        if segments.iter().any(|s| s.is_empty() || *s == "." || *s == ".." || s.contains(['\\', '\0'])) {
            return None;
        }
        let (api_version, rest) = match segments.as_slice() {
            ["api", version, rest @ ..] => ((*version).to_owned(), rest),
            ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
            _ => return None,
        };
        let own = |s: &&str| Some((**s).to_owned());
        let (namespace, rest) = match rest {
            ["namespaces", ns, rest @ ..] if !rest.is_empty() && *rest != ["status"] => (own(ns), rest),
            rest => (None, rest),
        };
        let (resource, name, subresource) = match rest {
            [resource] => (resource, None, None),
            [resource, name] => (resource, own(name), None),
            [resource, name, sub] => (resource, own(name), own(sub)),
            _ => return None,
        };
        Some(Self { api_version, namespace, resource: (*resource).to_owned(), name, subresource })
    }

    /// The path of the collection that the object belongs to.
    pub fn collection(&self) -> String {
        collection_path(&self.api_version, self.namespace.as_deref(), &self.resource)
    }

    /// `pods`, `replicasets.apps`: the form used in gaps.
    pub fn resource_with_group(&self) -> String {
        match self.api_version.split_once('/') {
            Some((group, _)) => format!("{}.{group}", self.resource),
            None => self.resource.clone(),
        }
    }
}
