//! Tekton TaskRuns: steps and sidecars keep their ends after the pod is gone (tektoncd `pkg/apis/pipeline/v1/taskrun_types.go`).

use serde_json::Value;

use crate::evidence::{Condition, Object, Terminated, Time, parse_time};

/// One step or sidecar of a TaskRun.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The container: `step-build`, `sidecar-db`.
    pub container: String,
    /// Its end.
    pub end: Terminated,
    /// `terminationReason`: `Skipped`, `TimeoutExceeded`, `Error` …
    pub termination_reason: Option<String>,
    /// Path for citations.
    pub path: String,
}

/// What a TaskRun remembers of the pod.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRun {
    /// Steps and sidecars that ended, in order.
    pub steps: Vec<Step>,
    /// The Succeeded condition.
    pub succeeded: Option<Condition>,
    /// Completion.
    pub finished: Option<Time>,
}

/// Reads a TaskRun when its status is about this pod (an earlier try's status stands in `retriesStatus`).
pub fn read(run: &Object, pod: &str) -> Option<TaskRun> {
    if run.text("/status/podName") == Some(pod) {
        return Some(TaskRun {
            steps: steps(run.at("/status"), "status"),
            succeeded: Condition::read_list(run).into_iter().find(|c| c.kind == "Succeeded"),
            finished: run.time("/status/completionTime"),
        });
    }
    run.list("/status/retriesStatus").iter().enumerate().find(|(_, s)| s.get("podName").and_then(Value::as_str) == Some(pod)).map(|(i, status)| {
        let wrapped = Object::new(serde_json::json!({ "status": status }));
        TaskRun {
            steps: steps(Some(status), &format!("status.retriesStatus[{i}]")),
            succeeded: Condition::read_list(&wrapped).into_iter().find(|c| c.kind == "Succeeded"),
            finished: wrapped.time("/status/completionTime"),
        }
    })
}

fn steps(status: Option<&Value>, base: &str) -> Vec<Step> {
    let Some(status) = status else { return Vec::new() };
    let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let mut all = Vec::new();
    for list in ["steps", "sidecars"] {
        for (i, step) in status.get(list).and_then(Value::as_array).into_iter().flatten().enumerate() {
            let Some(end) = step.get("terminated") else { continue };
            let container = text(step, "container").or_else(|| text(step, "name").map(|n| format!("step-{n}")));
            let Some(container) = container else { continue };
            all.push(Step {
                container,
                end: Terminated {
                    exit_code: end.get("exitCode").and_then(Value::as_i64).unwrap_or(0),
                    reason: text(end, "reason").unwrap_or_default(),
                    message: text(end, "message"),
                    started: text(end, "startedAt").and_then(|t| parse_time(&t)),
                    finished: text(end, "finishedAt").and_then(|t| parse_time(&t)),
                    container_id: text(end, "containerID"),
                },
                termination_reason: text(step, "terminationReason"),
                path: format!("{base}.{list}[{i}].terminated"),
            });
        }
    }
    all
}

/// The step that failed first: later ones are skipped and end with 1 as well.
pub fn culprit(run: &TaskRun) -> Option<&Step> {
    let failed = |s: &&Step| {
        (s.end.exit_code != 0 || s.end.reason == "OOMKilled") && s.termination_reason.as_deref() != Some("Skipped") && s.container.starts_with("step-")
    };
    run.steps.iter().filter(failed).min_by_key(|s| s.end.finished)
}
