//! What a scan asks of each of many suspects: the pod, its events and its logs, and of what is around it only what could make
//! the answer another. An investigation asks for more, and must not come to contradict the finding.

use crate::evidence::{CaseFile, ContainerKind, Pod, State, Terminated};

use super::plan::{owner_question, plan_node};
use super::plan_logs::plan_logs;
use super::question::Question;
use super::trouble::{ended_lately, is_troubled};

pub(super) fn plan_brief(case: &CaseFile, wanted: &mut Vec<Question>) {
    if let Some(pod) = &case.pod {
        if let Some(node) = pod.node.as_ref().filter(|_| node_tells(case, pod)) {
            plan_node(node, wanted);
        }
        if let Some(owner) = pod.owners.first().filter(|o| owner_tells(case, pod, &o.kind)) {
            wanted.push(owner_question(&case.target.namespace, &owner.api_version, &owner.kind, &owner.name, 1));
        }
    }
    plan_logs(case, wanted);
}

/// Whether the node may have done it: it lost the pod, shut down, was short of something, or its kernel killed.
fn node_tells(case: &CaseFile, pod: &Pod) -> bool {
    // The node controller turns only the condition when a node stops reporting (NodeNotReady); what the containers are was
    // the kubelet's last word.
    let mut main = pod.of_kind(ContainerKind::Main).peekable();
    let said_well = main.peek().is_some() && main.all(|c| c.ready && matches!(c.state, State::Running { .. }));
    let turned = pod.phase == "Running" && said_well && pod.condition("Ready").is_some_and(|c| c.status != "True");
    let disturbed = pod.reason.is_some() || pod.condition("DisruptionTarget").is_some_and(|c| c.status == "True");
    let noticed = case.events.iter().any(|e| e.about.kind == "Pod" && e.about.name == pod.name && e.reason == "NodeNotReady");
    turned || disturbed || noticed || ends(case, pod).any(by_force)
}

/// SIGKILL and the signals of a fault, and the codes that stand for an end that nobody saw.
fn by_force(end: &Terminated) -> bool {
    let signal = (129..160).contains(&end.exit_code) && end.exit_code != 143;
    signal || end.exit_code == 255 || matches!(end.reason.as_str(), "OOMKilled" | "ContainerStatusUnknown" | "Unknown")
}

/// Whether an owner that counts runs may have ended this one: deadlines and policies of Jobs, and what Argo stopped.
fn owner_tells(case: &CaseFile, pod: &Pod, kind: &str) -> bool {
    let stopped = |end: &Terminated| matches!(end.exit_code, 137 | 143);
    match kind {
        "Job" => pod.deletion.is_some() || ends(case, pod).any(|end| end.exit_code != 0) || (pod.phase == "Failed" && is_troubled(case)),
        "Workflow" => pod.deletion.is_some() || ends(case, pod).any(stopped),
        _ => false,
    }
}

/// Ends that the pod's status shows: of what is dead, and of what ended lately and runs again.
fn ends<'a>(case: &'a CaseFile, pod: &'a Pod) -> impl Iterator<Item = &'a Terminated> {
    let last = |c: &'a crate::evidence::Container| c.last_state.terminated().filter(|_| ended_lately(case, c));
    pod.containers.iter().flat_map(move |c| c.state.terminated().into_iter().chain(last(c)))
}
