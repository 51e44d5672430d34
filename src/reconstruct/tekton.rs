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
    /// Containers of steps that have not ended as far as the status tells, in order.
    pub open: Vec<String>,
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
            open: open(run.at("/status")),
            succeeded: Condition::read_list(run).into_iter().find(|c| c.kind == "Succeeded"),
            finished: run.time("/status/completionTime"),
        });
    }
    run.list("/status/retriesStatus").iter().enumerate().find(|(_, s)| s.get("podName").and_then(Value::as_str) == Some(pod)).map(|(i, status)| {
        let wrapped = Object::new(serde_json::json!({ "status": status }));
        TaskRun {
            steps: steps(Some(status), &format!("status.retriesStatus[{i}]")),
            open: open(Some(status)),
            succeeded: Condition::read_list(&wrapped).into_iter().find(|c| c.kind == "Succeeded"),
            finished: wrapped.time("/status/completionTime"),
        }
    })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned)
}

fn entries<'v>(value: Option<&'v Value>, list: &str) -> impl Iterator<Item = &'v Value> {
    value.and_then(|v| v.get(list)).and_then(Value::as_array).into_iter().flatten()
}

/// The container of a step or a sidecar: `container`, or by the prefix that Tekton puts before the name.
fn container_of(entry: &Value, list: &str) -> Option<String> {
    let prefix = if list == "steps" { "step" } else { "sidecar" };
    text(entry, "container").or_else(|| text(entry, "name").map(|n| format!("{prefix}-{n}")))
}

fn open(status: Option<&Value>) -> Vec<String> {
    entries(status, "steps").filter(|s| s.get("terminated").is_none()).filter_map(|s| container_of(s, "steps")).collect()
}

fn steps(status: Option<&Value>, base: &str) -> Vec<Step> {
    let mut all = Vec::new();
    for list in ["steps", "sidecars"] {
        for (i, step) in entries(status, list).enumerate() {
            let (Some(end), Some(container)) = (step.get("terminated"), container_of(step, list)) else { continue };
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

/// The step or sidecar that the failure is about: the step that failed first, since later ones are skipped and end with 1 as
/// well; a sidecar only where the TaskRun says that a sidecar failed, since Tekton stops them when the steps are done.
pub fn culprit(run: &TaskRun) -> Option<&Step> {
    let of_sidecar = run.succeeded.as_ref().is_some_and(|c| c.reason.starts_with("Sidecar"));
    let is_step = |s: &&Step| s.path.contains(".steps[");
    let failed = |s: &&Step| (s.end.exit_code != 0 || s.end.reason == "OOMKilled") && s.termination_reason.as_deref() != Some("Skipped");
    run.steps.iter().filter(failed).filter(|s| is_step(s) != of_sidecar).min_by_key(|s| (s.end.finished, !is_step(s)))
}

/// Whose time ran out, where one did: the TaskRun's (`TaskRunTimeout`) or the step's own (`TimeoutExceeded`).
pub fn deadline(run: &TaskRun) -> Option<&'static str> {
    if run.succeeded.as_ref().is_some_and(|c| c.reason == "TaskRunTimeout") {
        return Some("task");
    }
    culprit(run).is_some_and(|s| s.termination_reason.as_deref() == Some("TimeoutExceeded")).then_some("step")
}

/// The pod that Tekton makes of a TaskRun, as far as its status keeps the task's spec. Commands are left out: every step runs
/// under Tekton's entrypoint, with its own command as arguments.
pub fn template(run: &Object, pod: &str) -> Option<Value> {
    read(run, pod)?;
    let status = run.at("/status");
    let spec = run.at("/status/taskSpec").or_else(|| run.at("/spec/taskSpec"));
    let mut containers = Vec::new();
    for list in ["steps", "sidecars"] {
        for entry in entries(status, list).chain(entries(spec, list)) {
            let Some(name) = container_of(entry, list).filter(|n| !containers.iter().any(|c: &Value| c.get("name").and_then(Value::as_str) == Some(n))) else {
                continue;
            };
            let own = entries(spec, list).find(|s| container_of(s, list).as_ref() == Some(&name));
            let mut container = serde_json::json!({ "name": name });
            for (from, to) in [("image", "image"), ("computeResources", "resources"), ("resources", "resources"), ("workingDir", "workingDir")] {
                if let (Some(value), Some(map)) = (own.and_then(|o| o.get(from)), container.as_object_mut()) {
                    map.entry(to).or_insert_with(|| value.clone());
                }
            }
            containers.push(container);
        }
    }
    (!containers.is_empty()).then(|| {
        serde_json::json!({
            "metadata": { "labels": { "tekton.dev/taskRun": run.name() } },
            "spec": { "restartPolicy": "Never", "containers": containers },
        })
    })
}
