//! The forms in which people name a pod: `name`, `pod/name`, `namespace/name`, and workloads that stand for their worst pod:
//! `deploy/name`, `job/name`, `workflow/name` and the like.

use std::str::FromStr;

/// A pod as it was named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodName {
    /// The namespace, where the name carried one.
    pub namespace: Option<String>,
    /// The workload whose worst pod is meant, where one was named.
    pub kind: Option<&'static str>,
    /// The pod's name, or the workload's.
    pub name: String,
}

/// What stands for standard input, as in other tools.
const PASTE: &str = "-";

impl PodName {
    /// Whether the pod is the one that was pasted.
    pub fn is_paste(&self) -> bool {
        self.name == PASTE
    }
}

/// Why a text cannot name a pod.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PodNameError {
    /// Nothing there.
    #[error("empty pod name")]
    Empty,
    /// kubectl's TYPE/NAME with another type.
    #[error("{kind}/{name} is neither a pod nor a workload: a2 investigates pods (a namespace called {kind:?} is given with -n)")]
    OtherKind {
        /// The type.
        kind: String,
        /// The name.
        name: String,
    },
    /// More slashes than forms.
    #[error("expected NAME, TYPE/NAME, NAMESPACE/NAME or NAMESPACE/TYPE/NAME")]
    Parts,
    /// The API server would never have stored such a name.
    #[error("{0:?} is no name that Kubernetes accepts: lower-case letters, digits, '-' and '.', at most 253 of them")]
    Characters(String),
}

/// What kubectl takes before a slash for workloads, and the workload's kind.
const WORKLOADS: [(&str, &[&str]); 7] = [
    ("Deployment", &["deploy", "deployment", "deployments"]),
    ("ReplicaSet", &["rs", "replicaset", "replicasets"]),
    ("StatefulSet", &["sts", "statefulset", "statefulsets"]),
    ("DaemonSet", &["ds", "daemonset", "daemonsets"]),
    ("Job", &["job", "jobs"]),
    ("CronJob", &["cj", "cronjob", "cronjobs"]),
    ("Workflow", &["wf", "workflow", "workflows"]),
];

/// What kubectl takes before a slash and has no pods of its own.
const OTHER_KINDS: [&str; 7] = ["svc", "service", "services", "no", "node", "nodes", "rc"];

impl FromStr for PodName {
    type Err = PodNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == PASTE {
            return Ok(Self { namespace: None, kind: None, name: PASTE.to_owned() });
        }
        let workload = |word: &str| WORKLOADS.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind);
        let (namespace, kind, name) = match text.split('/').collect::<Vec<_>>().as_slice() {
            [name] => (None, None, *name),
            ["po" | "pod" | "pods", name] => (None, None, *name),
            [kind, name] if OTHER_KINDS.contains(kind) => return Err(PodNameError::OtherKind { kind: (*kind).to_owned(), name: (*name).to_owned() }),
            [kind, name] if workload(kind).is_some() => (None, workload(kind), *name),
            [namespace, name] => (Some(*namespace), None, *name),
            [namespace, "po" | "pod" | "pods", name] => (Some(*namespace), None, *name),
            [namespace, kind, name] if workload(kind).is_some() => (Some(*namespace), workload(kind), *name),
            _ => return Err(PodNameError::Parts),
        };
        if name.is_empty() || namespace == Some("") {
            return Err(PodNameError::Empty);
        }
        for part in namespace.into_iter().chain([name]) {
            if !is_subdomain(part) {
                return Err(PodNameError::Characters(part.to_owned()));
            }
        }
        Ok(Self { namespace: namespace.map(str::to_owned), kind, name: name.to_owned() })
    }
}

/// Pod names are DNS-1123 subdomains (`apimachinery/pkg/util/validation`). Where dots may stand is left to the server.
pub fn is_subdomain(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 253 && text.starts_with(edge) && text.ends_with(edge) && text.chars().all(|c| edge(c) || c == '-' || c == '.')
}
