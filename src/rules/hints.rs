//! Remarks on the spec that go with a verdict. They are never causes: they say which field would have shown or prevented it.

use super::template;
use crate::reconstruct::{Facts, Value};

/// A remark: the fact that calls for it, the families of causes that it goes with (none: every failure), and the sentence.
struct Remark {
    fact: &'static str,
    with: &'static [&'static str],
    says: &'static str,
}

const REMARKS: &[Remark] = &[
    Remark {
        fact: "spec.network_policy",
        with: &["dependency."],
        says: "network policy {spec.network_policy} stands between {container} and its peer: check that it allows the connection",
    },
    Remark {
        fact: "spec.network_policies_unseen",
        with: &["dependency."],
        says: "network policies could not be read: whether one of them blocks the connection is not known",
    },
    Remark { fact: "spec.unbound_claim", with: &["scheduling.", "storage."], says: "claim {spec.unbound_claim} is not bound to a volume" },
    Remark {
        fact: "spec.memory_backed",
        with: &["oom.", "storage.", "eviction."],
        says: "emptyDir {spec.memory_backed} is kept in memory: what is written there counts against the memory limit",
    },
    Remark {
        fact: "spec.no_startup_probe",
        with: &["probe.", "error.startup"],
        says: "{container} starts slowly and has a liveness probe but no startup probe: it can be killed before it is up",
    },
    Remark {
        fact: "spec.probe_timeout",
        with: &["probe."],
        says: "the {spec.probe_timeout} probe of {container} may take as long as its period (timeoutSeconds is not below periodSeconds)",
    },
    Remark {
        fact: "probe.streak",
        with: &["probe.", "dependency.", "process."],
        says: "probe failures on record: {probe.count|several}, at least {probe.streak} of them in a row",
    },
    Remark {
        fact: "spec.message_lost",
        with: &[],
        says: "{container} left no termination message: terminationMessagePolicy FallbackToLogsOnError keeps its last lines in the pod's status",
    },
    Remark {
        fact: "spec.no_memory_limit",
        with: &[],
        says: "{container} has no memory limit: it can take the node's memory, and is among the first to be evicted",
    },
    Remark { fact: "spec.no_probes", with: &["process.", "dependency.", "error.", "crash."], says: "{container} has no probes: nothing notices when it hangs" },
];

/// The remarks that go with a verdict, closest first.
pub(super) fn remarks(cause: &str, path: &[&str], facts: &Facts) -> Vec<String> {
    if cause.starts_with("healthy.") || cause.starts_with("disruption.") {
        return Vec::new();
    }
    let goes = |r: &&Remark| r.with.is_empty() || path.iter().any(|c| r.with.iter().any(|prefix| c.starts_with(prefix)));
    let held = |r: &&Remark| facts.first(r.fact).is_some_and(|v| *v != Value::Bool(false));
    REMARKS.iter().filter(goes).filter(held).map(|r| template::sentence(r.says, facts)).collect()
}
