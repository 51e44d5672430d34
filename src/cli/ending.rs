//! What a finished investigation means for the exit code, and what is said about a target that nothing remembers.

use super::Exit;
use crate::diagnosis::Investigation;
use crate::evidence::{CaseFile, GapKind};

/// The exit code of an answer.
pub fn exit(investigation: &Investigation, by_findings: bool) -> Exit {
    let answered = investigation.verdict.cause != "unknown" || investigation.history.removal.is_some();
    // Where nothing remembers the pod itself, its owner or its siblings may still tell what became of it.
    if !investigation.history.traced && !answered {
        Exit::NoTrace
    } else if by_findings && is_wrong(&investigation.verdict.cause) {
        Exit::Found
    } else {
        Exit::Ran
    }
}

/// A pod that is well, or was merely taken away, is no finding. `unknown` about a pod that left a trace is one.
fn is_wrong(cause: &str) -> bool {
    !(cause.starts_with("healthy.") || cause.starts_with("disruption."))
}

/// Not one question got an answer: there is nothing to report on. "It does not exist" is an answer.
pub fn is_unread(case: &CaseFile) -> bool {
    let unanswered = |gap: Option<GapKind>| gap.is_some_and(|kind| kind != GapKind::NotFound);
    case.pod.is_none() && !case.pod_absent && !case.namespace_absent && case.sources.iter().all(|source| unanswered(source.gap))
}

/// What to try next when nothing shows that a pod of this name ever was.
pub fn hints(investigation: &Investigation) -> Vec<String> {
    let (case, history) = (&investigation.case, &investigation.history);
    if history.exists || !history.incarnations.is_empty() {
        return Vec::new();
    }
    let (namespace, name) = (&case.target.namespace, &case.target.name);
    let mut hints = Vec::new();
    if !case.other_namespaces.is_empty() {
        hints.push(format!("namespaces that know a pod of this name: {}; choose with -n", case.other_namespaces.join(", ")));
    }
    if case.namespace_absent {
        hints.push(format!("namespace {namespace} does not exist: kubectl get namespaces"));
    }
    if !case.near_names.is_empty() {
        hints.push(format!("similar names in {namespace}: {}", case.near_names.join(", ")));
    }
    if hints.is_empty() && !history.traced {
        hints.push(format!("nothing in {namespace} remembers {name}; events are kept for an hour by default; check the name: kubectl get pods -n {namespace}"));
    }
    hints
}
