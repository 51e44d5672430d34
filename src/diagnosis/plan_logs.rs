//! Logs and peers.

use std::collections::BTreeSet;

use crate::evidence::{CaseFile, Container, ContainerKind, Peer, Pod, State};

use super::plan::{Hints, MAX_PEERS};
use super::question::Question;
use super::trouble::{container_failed, is_failed, is_troubled};

/// At most this many failed siblings lend their log to a target that has none.
const MAX_SIBLING_LOGS: usize = 3;
/// At most this many labels are tried as an identity.
const MAX_IDENTITY_LABELS: usize = 2;

pub(super) fn plan_logs(case: &CaseFile, wanted: &mut Vec<Question>) {
    if !case.options.logs {
        return;
    }
    match &case.pod {
        Some(pod) => {
            let troubled = is_troubled(case);
            // A pod without a phase is known by what was pasted of it; its log may be all there is.
            for container in pod.containers.iter().filter(|c| has_log(c) || pod.phase.is_empty()) {
                wanted.push(log(pod, &container.name, false));
                let ran_before = container.restarts > 0 || container.last_state.terminated().is_some();
                if troubled && ran_before {
                    wanted.push(log(pod, &container.name, true));
                }
            }
        }
        None => {
            let mut failed: Vec<&Pod> = case.siblings.iter().filter(|s| is_failed(s) || s.containers.iter().any(|c| c.restarts > 0)).collect();
            failed.sort_by(|a, b| (a.created, &a.name).cmp(&(b.created, &b.name)));
            wanted.extend(failed.into_iter().rev().filter_map(telling_log).take(MAX_SIBLING_LOGS));
        }
    }
}

/// Whether the container ever ran, so that the kubelet can have a log of it.
fn has_log(container: &Container) -> bool {
    let ended = |state: &State| state.terminated().is_some_and(|t| !t.never_started());
    match &container.state {
        State::Running { .. } => true,
        State::Terminated(t) => !t.never_started() || ended(&container.last_state),
        State::Waiting { .. } | State::Absent => container.restarts > 0 || ended(&container.last_state),
    }
}

fn log(pod: &Pod, container: &str, previous: bool) -> Question {
    Question::Log { namespace: pod.namespace.clone(), pod: pod.name.clone(), container: container.to_owned(), previous }
}

/// The one log of another pod that is most likely to say why: of the container that failed, before its restart.
fn telling_log(pod: &Pod) -> Option<Question> {
    let candidates: Vec<&Container> = pod.containers.iter().filter(|c| c.kind != ContainerKind::Ephemeral && has_log(c)).collect();
    let chosen = candidates
        .iter()
        .find(|c| container_failed(c) || c.restarts > 0)
        .or_else(|| candidates.iter().find(|c| c.kind == ContainerKind::Main))
        .or_else(|| candidates.first())?;
    let previous = chosen.last_state.terminated().is_some() && chosen.state.terminated().is_none();
    Some(log(pod, &chosen.name, previous))
}

pub(super) fn plan_peers(case: &CaseFile, hints: &Hints, wanted: &mut Vec<Question>) {
    let namespace = &case.target.namespace;
    let hosts = hints.peers_named.iter().map(|h| h.trim().to_ascii_lowercase()).filter(|h| may_be_inside(h));
    let hosts: BTreeSet<String> = hosts.take(MAX_PEERS).collect();
    wanted.extend(hosts.into_iter().map(|host| Question::PeerNamed { namespace: namespace.clone(), host }));
    if let Some(pod) = case.pod.as_ref().filter(|_| is_troubled(case)) {
        let labels = identity_labels(pod).into_iter().take(MAX_IDENTITY_LABELS);
        wanted.extend(labels.map(|(key, value)| Question::PeerLabelled { namespace: namespace.clone(), key, value }));
    }
    if case.options.logs {
        wanted.extend(case.peers.iter().take(MAX_PEERS).filter_map(|p: &Peer| telling_log(p.pod.as_ref()?)));
    }
}

/// Whether a host can be a pod or a Service of this cluster: an address, a bare name, `name.namespace`, or `….svc…`.
fn may_be_inside(host: &str) -> bool {
    let valid = !host.is_empty() && host.len() <= 253 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    let loopback = host == "localhost" || host.starts_with("127.") || host == "::1" || host == "[::1]" || host.starts_with("0.0.0.0");
    let address = host.contains(':') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let public = matches!(labels.last(), Some(&("com" | "org" | "net" | "io" | "dev" | "ai" | "app" | "cloud" | "gov" | "edu")));
    let inside = match labels.as_slice() {
        [_] => true,
        [_, _] => !public,
        more => more.contains(&"svc") || more.contains(&"cluster"),
    };
    valid && !loopback && (address || inside)
}

/// Labels that may tie this pod to few others: not the usual ones of applications, templates, versions and tools.
fn identity_labels(pod: &Pod) -> Vec<(String, String)> {
    let usual = [
        "app",
        "k8s-app",
        "name",
        "component",
        "tier",
        "role",
        "version",
        "release",
        "chart",
        "heritage",
        "env",
        "environment",
        "team",
        "owner",
        "stage",
        "track",
        "part-of",
        "managed-by",
        "managed",
        "created-by",
        "instance",
        "pod-template-hash",
        "controller-revision-hash",
        "job-name",
        "controller-uid",
        "pod-template-generation",
        "rollouts-pod-template-hash",
        "type",
        "kind",
        "service",
        "agent",
        "branch",
        "project",
        "region",
        "zone",
    ];
    let tools = ["kubernetes.io", "k8s.io", "argoproj.io", "tekton.dev", "istio.io", "linkerd.io", "knative.dev", "helm.sh", "openshift.io", "fluxcd.io"];
    let mut found: Vec<(bool, String, String)> = pod
        .labels
        .iter()
        .filter(|(key, value)| {
            let (domain, short) = key.rsplit_once('/').unwrap_or(("", key));
            let of_a_tool = tools.iter().any(|t| domain == *t || domain.strip_suffix(t).is_some_and(|d| d.ends_with('.')));
            !of_a_tool && !usual.contains(&short) && value.len() >= 4 && !matches!(value.as_str(), "true" | "false")
        })
        .map(|(key, value)| {
            // A key that says "id", and a value with a digit in it, name one thing rather than a class of things.
            let names_one = key.to_ascii_lowercase().ends_with("id") || value.bytes().any(|b| b.is_ascii_digit());
            (!names_one, key.clone(), value.clone())
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, key, value)| (key, value)).collect()
}
