//! A fingerprint that stays the same when the pod is renamed within its owner: for tickets that must not be opened twice.

use crate::evidence::CaseFile;
use crate::reconstruct::History;

/// FNV-1a, 64 bits: stable across releases and platforms, which the standard hasher is not.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Hash of namespace, topmost stable owner, container, cause and mechanism.
pub(super) fn fingerprint(case: &CaseFile, history: &History, cause: &str) -> String {
    let owner = case.owners.iter().rev().find(|o| matches!(o.object.kind(), "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob"));
    let owner = match (owner, history.context.get("template"), case.owners.first()) {
        (Some(o), _, _) => format!("{}/{}", o.object.kind(), o.object.name()),
        (None, Some(template), _) => format!("template/{template}"),
        (None, None, Some(o)) => format!("{}/{}", o.object.kind(), o.object.name()),
        (None, None, None) => match history.pod.as_ref().and_then(|p| p.owners.first()) {
            Some(o) => format!("{}/{}", o.kind, o.name),
            None => format!("Pod/{}", case.target.name),
        },
    };
    let container = history.subject.container.as_deref().unwrap_or("-");
    format!("{:016x}", fnv(&[&case.target.namespace, owner.as_str(), container, cause, history.subject.mechanism.word()].join("\u{1f}")))
}
