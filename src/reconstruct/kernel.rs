//! Lines of the kernel about memory: whose they are.

use chrono::TimeDelta;

use super::scene::Scene;
use crate::evidence::{Container, Terminated, Time};

/// How surely a kernel line is about this container of the pod: it names its id, or the pod's UID and no other container's id, or only
/// the second agrees.
pub(super) fn kernel_line(scene: &Scene<'_>, container: Option<&str>, message: &str, at: Option<Time>, end: Option<Time>) -> Option<&'static str> {
    let names = |c: &Container| {
        let ids = [
            c.container_id.as_deref(),
            c.state.terminated().and_then(|t| t.container_id.as_deref()),
            c.last_state.terminated().and_then(|t| t.container_id.as_deref()),
        ];
        ids.into_iter().flatten().filter_map(|id| id.rsplit('/').next()).any(|id| id.len() >= 12 && message.contains(id))
    };
    let named = scene.pod.iter().flat_map(|p| &p.containers).find(|c| names(c));
    match named {
        Some(other) if container.is_some_and(|c| c != other.name) => return Some("other"),
        Some(_) => return Some("this-container"),
        None if names_uid(scene, message) => return Some("this-container"),
        None => {}
    }
    let same_second = at.zip(end).is_some_and(|(a, e)| (a - e).abs() <= TimeDelta::seconds(2));
    if !same_second || !message.contains("Memory cgroup out of memory") {
        return Some("other");
    }
    Some(if scene.subject_runs(killed_process(message)) { "this-process" } else { "same-second" })
}

/// Whether a line of a node without memory is about a process of this pod: it names the pod's UID, or nothing else of the pod is
/// known than this line.
pub(super) fn is_victim(scene: &Scene<'_>, message: &str) -> bool {
    let only_heard_of = scene.live.is_some_and(|p| p.knows_no_status());
    killed_process(message).is_some() && (names_uid(scene, message) || only_heard_of)
}

/// The name in `Killed process 4711 (name)`.
fn killed_process(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("Killed process ")?;
    rest.split_once('(')?.1.split_once(')').map(|(name, _)| name).filter(|n| !n.is_empty())
}

/// Whether a kernel line names this container: its id, or the pod's UID when the pod has no other container.
pub(super) fn names_container(scene: &Scene<'_>, container: &Container, end: &Terminated, message: &str, alone: bool) -> bool {
    let ids = [end.container_id.as_deref(), container.container_id.as_deref()];
    let by_id = ids.into_iter().flatten().filter_map(|id| id.rsplit('/').next()).any(|id| id.len() >= 12 && message.contains(id));
    by_id || (alone && names_uid(scene, message))
}

fn names_uid(scene: &Scene<'_>, message: &str) -> bool {
    let uid = scene.uid.as_deref().unwrap_or_default();
    uid.len() >= 32 && (message.contains(uid) || message.contains(&uid.replace('-', "_")))
}
