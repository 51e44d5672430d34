//! How far the evidence reaches: what is lost already, what will be lost when, and what would keep it.

use chrono::TimeDelta;

use super::reach::Horizon;
use super::scene::Scene;
use crate::evidence::{Condition, Event, Object, Time, format_time};

/// kube-apiserver's `--event-ttl` unless set otherwise (K/pkg/controlplane/apiserver/options); each repeat renews it.
const EVENT_TTL: TimeDelta = TimeDelta::hours(1);
/// The kubelet collects logs of pods that are gone once a minute (K/pkg/kubelet/kubelet.go `ContainerGCPeriod`).
const LOG_GC: TimeDelta = TimeDelta::minutes(1);

/// The rows, what is lost first.
pub(super) fn read(scene: &Scene<'_>) -> Vec<Horizon> {
    let mut rows = Vec::new();
    events(scene, &mut rows);
    logs(scene, &mut rows);
    earlier_ends(scene, &mut rows);
    for owner in &scene.case.owners {
        match owner.object.kind() {
            "Job" => job(&owner.object, &mut rows),
            "CronJob" => cron_job(&owner.object, &mut rows),
            "Workflow" => workflow(scene, &owner.object, &mut rows),
            _ => {}
        }
    }
    rows.sort_by(|a, b| (!a.lost, a.at, &a.what).cmp(&(!b.lost, b.at, &b.what)));
    rows
}

fn row(what: impl Into<String>, lost: bool, at: Option<Time>, why: impl Into<String>) -> Horizon {
    Horizon { what: what.into(), lost, at, why: why.into(), capture: None }
}

/// What the server keeps events for, at the least: the default, or as long as the oldest event on record is back.
fn event_ttl(scene: &Scene<'_>) -> (TimeDelta, Option<Time>) {
    let oldest = scene.case.events.iter().filter_map(Event::time).min();
    let seen = oldest.map_or(TimeDelta::zero(), |t| scene.now() - t);
    (EVENT_TTL.max(seen), oldest)
}

fn events(scene: &Scene<'_>, rows: &mut Vec<Horizon>) {
    let name = &scene.case.target.name;
    let (ttl, oldest) = event_ttl(scene);
    let known = if ttl > EVENT_TTL {
        format!("the oldest event on record is {} min old, so the server keeps them longer than the hour that is usual", ttl.num_minutes())
    } else {
        "an hour after the last one, unless the server was set otherwise".to_owned()
    };
    if let Some(last) = scene.events.iter().filter_map(|e| e.time()).max() {
        rows.push(row(format!("events of pod {name}"), false, Some(last + ttl), known));
    } else if scene.events_gap().is_none() && (scene.live.is_none() || !scene.case.events.is_empty()) {
        let why = match oldest {
            Some(t) => {
                format!("none is left; the oldest event on record is from {}, and what happened before it may have left events that are gone", format_time(t))
            }
            None => "none is left: expired, removed, or never written".to_owned(),
        };
        rows.push(row(format!("events of pod {name}"), true, oldest, why));
    }
}

fn logs(scene: &Scene<'_>, rows: &mut Vec<Horizon>) {
    let name = &scene.case.target.name;
    match scene.live {
        None => {
            let gone = scene.events_of("Killing").iter().filter_map(|e| e.time()).max();
            let why = "the kubelet removes log files within a minute or so after the pod, and the log API answers only while the pod is there";
            rows.push(row(format!("logs of pod {name}"), true, gone.map(|t| t + LOG_GC), why));
        }
        Some(pod) => {
            for c in pod.containers.iter().filter(|c| c.last_state.terminated().is_some()) {
                let why = "the next restart replaces it, and the kubelet rotates logs at 10 MiB unless set otherwise";
                rows.push(row(format!("log of the instance of {} before the present one", c.name), false, None, why));
            }
        }
    }
}

fn earlier_ends(scene: &Scene<'_>, rows: &mut Vec<Horizon>) {
    for c in scene.live.iter().flat_map(|p| &p.containers).filter(|c| c.restarts > 1) {
        let kept = usize::from(c.last_state.terminated().is_some());
        let lost = c.restarts - kept as i64;
        if lost > 0 {
            let ends = if lost == 1 { "1 earlier end".to_owned() } else { format!("{lost} earlier ends") };
            rows.push(row(format!("{ends} of container {}", c.name), true, None, "lastState holds one end; each restart overwrites it"));
        }
    }
}

fn plus(time: Option<Time>, seconds: i64) -> Option<Time> {
    time?.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

fn job(job: &Object, rows: &mut Vec<Horizon>) {
    let Some(ttl) = job.int("/spec/ttlSecondsAfterFinished") else { return };
    let over = Condition::read_list(job).into_iter().find(|c| matches!(c.kind.as_str(), "Complete" | "Failed") && c.status == "True");
    let done = job.time("/status/completionTime").or_else(|| over.and_then(|c| c.since));
    rows.push(row(format!("Job {} and its pods", job.name()), false, plus(done, ttl), format!("ttlSecondsAfterFinished is {ttl}")));
}

fn cron_job(job: &Object, rows: &mut Vec<Horizon>) {
    let (failed, well) = (job.int("/spec/failedJobsHistoryLimit").unwrap_or(1), job.int("/spec/successfulJobsHistoryLimit").unwrap_or(3));
    let why = format!("failedJobsHistoryLimit is {failed}, successfulJobsHistoryLimit {well}; older ones go with their pods");
    rows.push(row(format!("finished Jobs of CronJob {}", job.name()), false, None, why));
}

fn workflow(scene: &Scene<'_>, workflow: &Object, rows: &mut Vec<Horizon>) {
    if let Some(strategy) = workflow.text("/spec/podGC/strategy") {
        let delay = workflow.text("/spec/podGC/deleteDelayDuration").unwrap_or("5s");
        let what = format!("pods of workflow {}, logs included", workflow.name());
        rows.push(row(what, scene.live.is_none(), None, format!("podGC {strategy} takes them {delay} after their end")));
    }
    let phase = workflow.text("/status/phase").unwrap_or_default();
    let by_phase = if phase == "Succeeded" { "/spec/ttlStrategy/secondsAfterSuccess" } else { "/spec/ttlStrategy/secondsAfterFailure" };
    let ttl = workflow.int(by_phase).or_else(|| workflow.int("/spec/ttlStrategy/secondsAfterCompletion"));
    if let (Some(ttl), Some(done)) = (ttl, workflow.time("/status/finishedAt")) {
        let why = format!("ttlStrategy removes the workflow {ttl} s after its end");
        rows.push(row(format!("workflow {} with the ends of its steps", workflow.name()), false, plus(Some(done), ttl), why));
    }
}
