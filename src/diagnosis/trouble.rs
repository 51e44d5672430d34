//! Whether something looks wrong: it decides how much is asked, never what is concluded.

use chrono::TimeDelta;

use crate::evidence::{CaseFile, Container, ContainerKind, Pod, State};

/// Whether the target deserves more than the questions a healthy pod gets.
pub fn is_troubled(case: &CaseFile) -> bool {
    let Some(pod) = &case.pod else { return true };
    let probe_kills = case
        .events
        .iter()
        .any(|e| e.about.name == pod.name && e.reason == "Unhealthy" && (e.message.starts_with("Liveness") || e.message.starts_with("Startup")));
    is_failed(pod) || probe_kills || pod.containers.iter().any(|c| ended_lately(case, c))
}

/// Whether the instance before the present one ended inside the window.
pub(super) fn ended_lately(case: &CaseFile, container: &Container) -> bool {
    let horizon = case.observed_at - TimeDelta::seconds(case.options.since_seconds.clamp(0, 1 << 33));
    container.last_state.terminated().is_some_and(|t| t.finished.is_none_or(|f| f >= horizon))
}

/// Whether the pod's own status shows that something is wrong, or not yet right.
pub fn is_failed(pod: &Pod) -> bool {
    let not_ready = pod.phase == "Running" && pod.condition("Ready").is_some_and(|c| c.status != "True");
    // A main container that ended well beside a running companion makes the pod unready; that is no trouble.
    let lingering = pod.containers.iter().any(|c| c.state.terminated().is_some_and(|t| t.exit_code == 0))
        && pod.of_kind(ContainerKind::Main).all(|c| c.ready || c.state.terminated().is_some_and(|t| t.exit_code == 0));
    let phase = !matches!(pod.phase.as_str(), "Running" | "Succeeded");
    phase || pod.deletion.is_some() || pod.reason.is_some() || (not_ready && !lingering) || pod.containers.iter().any(container_failed)
}

/// Whether a container looks wrong now.
pub(super) fn container_failed(container: &Container) -> bool {
    if container.kind == ContainerKind::Ephemeral {
        return false;
    }
    match &container.state {
        State::Terminated(t) => t.exit_code != 0 || t.reason == "OOMKilled",
        State::Waiting { .. } => true,
        State::Running { .. } => !container.ready && container.kind != ContainerKind::Init,
        State::Absent => false,
    }
}
