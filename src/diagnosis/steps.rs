//! What to do now: remedies of the verdict, the command that would settle it, and commands that fill the gaps.

use super::investigation::NextStep;
use crate::evidence::{CaseFile, Gap, GapKind};
use crate::reconstruct::{History, SubjectKind};
use crate::rules::{Confidence, Judgement, Priority};

/// How many steps are worth reading at 3 a.m.
const MOST: usize = 9;

/// The next steps, by priority.
pub(super) fn next_steps(case: &CaseFile, history: &History, judgement: &Judgement, gaps: &[Gap]) -> Vec<NextStep> {
    let mut steps: Vec<NextStep> = Vec::new();
    let mut push = |action: String, command: Option<String>, priority: Priority| {
        if !steps.iter().any(|s| s.action == action || (command.is_some() && s.command == command)) {
            steps.push(NextStep { action, command, priority });
        }
    };
    let (namespace, name) = (&case.target.namespace, &case.target.name);
    if history.silence.silent == Some(true) && history.exists {
        push(
            "keep what is left before you delete the pod: nothing else will restart or report it".to_owned(),
            Some(format!("a2 investigate {name} -n {namespace} --save {name}.tar.gz")),
            Priority::High,
        );
    }
    let known = judgement.cause != "unknown";
    for cause in judgement.causes.iter().filter(|c| c.on_path) {
        for remedy in &cause.remedy {
            push(remedy.action.clone(), None, remedy.priority);
        }
    }
    if history.silence.silent == Some(true) && !steps_name(&judgement.causes, "native sidecar") {
        let companions = history.silence.held_up_by.join(", ");
        push(
            format!("make {companions} native sidecars (init containers with restartPolicy Always), so that the pod fails when its work does"),
            None,
            Priority::Medium,
        );
    }
    let settle = judgement.causes.iter().take(if known { 1 } else { 3 });
    // What is confirmed needs no settling.
    for cause in settle.filter(|_| judgement.confidence != Confidence::Confirmed) {
        for command in &cause.would_confirm {
            push(format!("settle {}", cause.cause), Some(command.clone()), if known { Priority::Medium } else { Priority::High });
        }
    }
    // What a gone pod took with it can be asked for in vain only; its command is for the next time, and stands beside the gap.
    let asks_again = |g: &&Gap| g.kind != GapKind::NotAsked && !(g.kind == GapKind::NotFound && case.pod_absent);
    for gap in gaps.iter().filter(asks_again) {
        if let Some(command) = &gap.capture {
            push(format!("{} could not be seen: {}", gap.what, gap.why), Some(command.clone()), if known { Priority::Low } else { Priority::Medium });
        }
    }
    if history.subject.kind == SubjectKind::Gone && !known {
        push("ship logs and events off the cluster before pods are cleaned up, or keep finished pods longer".to_owned(), None, Priority::Medium);
    }
    steps.sort_by_key(|s| s.priority);
    steps.truncate(MOST);
    steps
}

/// Whether advice of the winning path says so already.
fn steps_name(causes: &[crate::rules::RankedCause], words: &str) -> bool {
    causes.iter().filter(|c| c.on_path).flat_map(|c| &c.remedy).any(|r| r.action.contains(words))
}
