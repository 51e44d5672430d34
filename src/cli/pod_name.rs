//! The forms in which people name a pod: `name`, `pod/name`, `namespace/name`.

use std::str::FromStr;

/// A pod as it was named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodName {
    /// The namespace, where the name carried one.
    pub namespace: Option<String>,
    /// The pod's name.
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
    #[error("{kind}/{name} is not a pod; a2 investigates pods: kubectl get pods lists them (a namespace called {kind:?} is given with -n)")]
    OtherKind {
        /// The type.
        kind: String,
        /// The name.
        name: String,
    },
    /// More slashes than forms.
    #[error("expected NAME, pod/NAME or NAMESPACE/NAME")]
    Parts,
    /// The API server would never have stored such a name.
    #[error("{0:?} is no name that Kubernetes accepts: lower-case letters, digits, '-' and '.', at most 253 of them")]
    Characters(String),
}

/// What kubectl takes before a slash and is not a pod.
const OTHER_KINDS: [&str; 27] = [
    "deploy",
    "deployment",
    "deployments",
    "rs",
    "replicaset",
    "replicasets",
    "sts",
    "statefulset",
    "statefulsets",
    "ds",
    "daemonset",
    "daemonsets",
    "job",
    "jobs",
    "cj",
    "cronjob",
    "cronjobs",
    "svc",
    "service",
    "services",
    "no",
    "node",
    "nodes",
    "workflow",
    "workflows",
    "wf",
    "rc",
];

impl FromStr for PodName {
    type Err = PodNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == PASTE {
            return Ok(Self { namespace: None, name: PASTE.to_owned() });
        }
        let (namespace, name) = match text.split_once('/') {
            None => (None, text),
            Some(("po" | "pod" | "pods", name)) => (None, name),
            Some((kind, name)) if OTHER_KINDS.contains(&kind) => return Err(PodNameError::OtherKind { kind: kind.to_owned(), name: name.to_owned() }),
            Some((namespace, name)) => (Some(namespace), name),
        };
        if name.is_empty() || namespace == Some("") {
            return Err(PodNameError::Empty);
        }
        if name.contains('/') {
            return Err(PodNameError::Parts);
        }
        for part in namespace.into_iter().chain([name]) {
            if !is_subdomain(part) {
                return Err(PodNameError::Characters(part.to_owned()));
            }
        }
        Ok(Self { namespace: namespace.map(str::to_owned), name: name.to_owned() })
    }
}

/// Pod names are DNS-1123 subdomains (`apimachinery/pkg/util/validation`). Where dots may stand is left to the server.
pub fn is_subdomain(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 253 && text.starts_with(edge) && text.ends_with(edge) && text.chars().all(|c| edge(c) || c == '-' || c == '.')
}
