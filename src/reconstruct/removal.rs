//! Who took the pod away (taxonomy: removal). A ladder from the surest sign to the weakest; what merely took a finished pod
//! away did not kill it.

use chrono::TimeDelta;

use super::history::{Death, Mechanism, Removal};
use super::kills::KillEvent;
use super::remembered;
use super::scene::Scene;
use crate::evidence::{Authority, Condition, Owner, Time};

/// Climbs the ladder; `None` when the pod is there and not being deleted, or when nothing of it is left to say.
pub(super) fn attribute<'a>(scene: &mut Scene<'a>, kills: &[KillEvent<'a>], deaths: &[Death], traced: bool) -> Option<Removal> {
    let deleting = scene.live.is_some_and(|p| p.deletion.is_some());
    if scene.live.is_some() && !deleting {
        return None;
    }
    from_condition(scene)
        .or_else(|| from_pod_events(scene))
        .or_else(|| from_owner_events(scene))
        .or_else(|| from_job(scene, kills))
        .or_else(|| from_namespace(scene))
        .or_else(|| from_workflow(scene, kills))
        .or_else(|| from_cronjob(scene))
        .or_else(|| from_revision(scene))
        .or_else(|| from_node(scene, kills))
        .or_else(|| by_request(scene, kills, deaths, traced))
}

fn removal(kind: &'static str, note: &str, cited: impl IntoIterator<Item = super::CitationId>) -> Option<Removal> {
    Some(Removal { kind, note: note.to_owned(), cited: cited.into_iter().collect() })
}

fn from_condition(scene: &mut Scene<'_>) -> Option<Removal> {
    let pod = scene.live?;
    let condition = pod.condition("DisruptionTarget").filter(|c| c.status == "True")?;
    let text = format!("DisruptionTarget={} {}: {}", condition.status, condition.reason, condition.message);
    let (kind, note) = match condition.reason.as_str() {
        "PreemptionByScheduler" => ("preemption", "the scheduler made room for a pod of higher priority"),
        "DeletionByTaintManager" => ("taint", "a NoExecute taint of its node"),
        "EvictionByEvictionAPI" => ("drain", "asked for through the eviction API: a drain, an autoscaler or a descheduler"),
        "TerminationByKubelet" if matches!(pod.reason.as_deref(), Some("Terminated" | "NodeShutdown")) => ("node-shutdown", "graceful shutdown of its node"),
        "TerminationByKubelet" if pod.reason.as_deref() == Some("Preempting") => ("preemption", "the kubelet made room for a critical pod"),
        _ => return None,
    };
    let mut cited = vec![scene.cite_pod(format!("status.conditions[{}]", condition.index), text, condition.since, Authority::Controller)];
    if let Some(said) = from_pod_events(scene).filter(|r| r.kind == kind) {
        cited.extend(said.cited);
    }
    removal(kind, note, cited)
}

fn from_pod_events(scene: &mut Scene<'_>) -> Option<Removal> {
    let taint = scene.events_of("TaintManagerEviction").into_iter().next_back().filter(|e| e.message.starts_with("Marking"));
    let preempted = scene.events_of("Preempted").into_iter().chain(scene.events_of("Preempting")).next_back();
    let (event, kind, note) = match (preempted, taint) {
        (Some(e), _) => (e, "preemption", "for a pod of higher priority"),
        (None, Some(e)) => (e, "taint", "a NoExecute taint of its node"),
        (None, None) => return None,
    };
    let cited = scene.cite_event(event);
    removal(kind, note, [cited])
}

/// Owner events that name the pod: `Deleted pod: x`, `delete Pod x in StatefulSet y successful`.
fn from_owner_events(scene: &mut Scene<'_>) -> Option<Removal> {
    let name = scene.case.target.name.clone();
    let names_pod = |message: &str| message.split([' ', ':']).any(|w| w.trim_matches('"') == name);
    let all: Vec<_> = scene.case.events.iter().filter(|e| e.reason == "SuccessfulDelete" && e.about.kind != "Pod" && names_pod(&e.message)).collect();
    let event = *all.iter().max_by_key(|e| (e.time(), e.message.clone()))?;
    let cited = scene.cite_event(event);
    let at = event.time();
    let near = |t: Option<Time>| t.zip(at).is_some_and(|(a, b)| (a - b).abs() <= TimeDelta::seconds(120));
    match event.about.kind.as_str() {
        "Job" => {
            let suspended =
                scene.case.events.iter().find(|e| e.about.kind == "Job" && e.about.name == event.about.name && e.reason == "Suspended" && near(e.time()));
            match suspended.map(|e| scene.cite_event(e)) {
                Some(s) => removal("suspend", "the Job was suspended", [cited, s]),
                None if job_condition(scene, "Suspended").is_some() => removal("suspend", "the Job was suspended", [cited]),
                None => removal("job-controller", "the Job controller deletes active pods at the backoff limit or the deadline", [cited]),
            }
        }
        "ReplicaSet" => {
            let rs = event.about.name.clone();
            let scaling: Vec<_> = scene.case.events.iter().filter(|e| e.reason == "ScalingReplicaSet" && near(e.time())).collect();
            let mentions = |m: &str| m.split_whitespace().any(|w| w == rs);
            let down = scaling.iter().find(|e| e.message.starts_with("Scaled down") && mentions(&e.message)).copied();
            let up = scaling.iter().find(|e| e.message.starts_with("Scaled up") && !mentions(&e.message)).copied();
            let mut all = vec![cited];
            all.extend(down.map(|e| scene.cite_event(e)));
            let revision = from_revision(scene);
            all.extend(revision.iter().flat_map(|r| r.cited.iter().copied()));
            match up {
                Some(up) => {
                    all.push(scene.cite_event(up));
                    removal("rollout", "its ReplicaSet gave way to a newer one", all)
                }
                None if revision.is_some() => removal("rollout", "its ReplicaSet gave way to a newer one", all),
                None => removal("scale-down", "its ReplicaSet was scaled down", all),
            }
        }
        "StatefulSet" => {
            let changed = scene.case.owners.iter().find(|o| o.object.kind() == "StatefulSet").is_some_and(|o| {
                let revision = |p: &str| o.object.text(p).map(str::to_owned);
                revision("/status/currentRevision") != revision("/status/updateRevision")
            });
            if changed {
                removal("rollout", "the StatefulSet rolls out a new revision", [cited])
            } else {
                removal("scale-down", "the StatefulSet deleted it", [cited])
            }
        }
        "DaemonSet" => removal("rollout", "the DaemonSet replaced it", [cited]),
        _ => removal("scale-down", "its controller deleted it", [cited]),
    }
}

fn job_owner(scene: &Scene<'_>) -> Option<Owner> {
    scene.case.owners.iter().find(|o| o.object.kind() == "Job").cloned()
}

fn job_condition(scene: &Scene<'_>, kind: &str) -> Option<(Owner, Condition)> {
    let owner = job_owner(scene)?;
    let condition = Condition::read_list(&owner.object).into_iter().find(|c| c.kind == kind && c.status == "True")?;
    Some((owner, condition))
}

/// A Job deletes its *active* pods at suspension, deadline and backoff limit; pods that had already failed under
/// restartPolicy Never are kept, so their absence is somebody else's doing.
fn from_job(scene: &mut Scene<'_>, kills: &[KillEvent<'_>]) -> Option<Removal> {
    if let Some((owner, c)) = job_condition(scene, "Suspended") {
        let cited = scene.cite_owner(&owner, format!("status.conditions[{}]", c.index), format!("{}: {}", c.reason, c.message), c.since);
        return removal("suspend", "the Job was suspended", [cited]);
    }
    let (owner, c) = job_condition(scene, "Failed")?;
    let on_failure = owner.object.text("/spec/template/spec/restartPolicy") == Some("OnFailure");
    let active = match c.reason.as_str() {
        "DeadlineExceeded" => true,
        "BackoffLimitExceeded" => {
            on_failure || kills.iter().any(|k| k.why == "stopping" && k.event.time().zip(c.since).is_some_and(|(k, c)| (k - c).abs() <= TimeDelta::seconds(10)))
        }
        _ => false,
    };
    if !active {
        return None;
    }
    let cited = scene.cite_owner(&owner, format!("status.conditions[{}]", c.index), format!("{}: {}", c.reason, c.message), c.since);
    removal("job-controller", "the Job controller deletes active pods at the backoff limit or the deadline", [cited])
}

fn from_namespace(scene: &mut Scene<'_>) -> Option<Removal> {
    let namespace = scene.case.objects.get(&format!("Namespace/{}", scene.case.target.namespace))?;
    (namespace.text("/status/phase") == Some("Terminating")).then(|| Removal {
        kind: "namespace",
        note: "its namespace is being deleted".to_owned(),
        cited: Vec::new(),
    })
}

/// podGC takes finished pods; a Killing event for the primary speaks against it.
fn from_workflow(scene: &mut Scene<'_>, kills: &[KillEvent<'_>]) -> Option<Removal> {
    let (index, node) = remembered::workflow_node(scene)?;
    let owner = scene.case.owners.get(index)?.clone();
    let strategy = owner.object.text("/spec/podGC/strategy").unwrap_or_default();
    let workflow_done = matches!(owner.object.text("/status/phase"), Some("Succeeded" | "Failed" | "Error"));
    let ok = node.phase == "Succeeded";
    let due = match strategy {
        "OnPodCompletion" => true,
        "OnPodSuccess" => ok,
        "OnWorkflowCompletion" => workflow_done,
        "OnWorkflowSuccess" => owner.object.text("/status/phase") == Some("Succeeded"),
        _ => false,
    };
    let ended = matches!(node.phase.as_str(), "Succeeded" | "Failed" | "Error");
    let gc_label = node.message.as_deref() != Some("pod deleted");
    if !due || !ended || !gc_label || kills.iter().any(|k| k.why == "stopping") {
        return None;
    }
    let cited = scene.cite_owner(&owner, "spec.podGC.strategy", strategy.to_owned(), None);
    removal("workflow-gc", "the workflow's podGC takes finished pods away", [cited])
}

/// The Job itself is gone while its CronJob goes on: the history limit took both.
fn from_cronjob(scene: &mut Scene<'_>) -> Option<Removal> {
    if job_owner(scene).is_some() {
        return job_ttl(scene);
    }
    let owner = scene.case.owners.iter().find(|o| o.object.kind() == "CronJob")?.clone();
    let name = scene.case.target.name.clone();
    let deleted = scene.case.events.iter().find(|e| {
        e.about.kind == "CronJob" && e.reason == "SuccessfulDelete" && e.message.strip_prefix("Deleted job ").is_some_and(|j| name.starts_with(j.trim()))
    });
    let mut cited: Vec<_> = deleted.map(|e| scene.cite_event(e)).into_iter().collect();
    let limits = format!(
        "failedJobsHistoryLimit {}, successfulJobsHistoryLimit {}",
        owner.object.int("/spec/failedJobsHistoryLimit").unwrap_or(1),
        owner.object.int("/spec/successfulJobsHistoryLimit").unwrap_or(3)
    );
    cited.push(scene.cite_owner(&owner, "spec.failedJobsHistoryLimit", limits, None));
    removal("cronjob-history", "its Job is gone as well: the CronJob keeps only so many", cited)
}

fn job_ttl(scene: &mut Scene<'_>) -> Option<Removal> {
    let owner = job_owner(scene)?;
    let ttl = owner.object.int("/spec/ttlSecondsAfterFinished")?;
    owner.object.at("/metadata/deletionTimestamp")?;
    let cited = scene.cite_owner(&owner, "spec.ttlSecondsAfterFinished", ttl.to_string(), None);
    removal("ttl", "the Job's ttlSecondsAfterFinished has run out", [cited])
}

/// The pod's own ReplicaSet has no replicas wanted while its Deployment has a newer one.
fn replaced_revision(scene: &Scene<'_>) -> Option<(Owner, Owner)> {
    let rs = scene.case.owners.iter().find(|o| o.object.kind() == "ReplicaSet")?;
    let deployment = scene.case.owners.iter().find(|o| o.object.kind() == "Deployment")?;
    let revision = |o: &Owner| o.object.annotations().get("deployment.kubernetes.io/revision").and_then(|r| r.parse::<i64>().ok());
    let older = revision(rs)? < revision(deployment)?;
    (older && rs.object.int("/spec/replicas") == Some(0)).then(|| (rs.clone(), deployment.clone()))
}

fn from_revision(scene: &mut Scene<'_>) -> Option<Removal> {
    let (rs, deployment) = replaced_revision(scene)?;
    let a = scene.cite_owner(&rs, "spec.replicas", "0", None);
    let b = scene.cite_owner(&deployment, "metadata.annotations[deployment.kubernetes.io/revision]", "a newer revision is current", None);
    removal("rollout", "its ReplicaSet gave way to a newer one", [a, b])
}

/// A cordon or a NoExecute taint put on its node when it was stopped.
fn from_node(scene: &mut Scene<'_>, kills: &[KillEvent<'_>]) -> Option<Removal> {
    let node = scene.case.node.clone()?;
    let stopped = kills.iter().filter(|k| k.why == "stopping").filter_map(|k| k.event.time()).max();
    let text = |t: &serde_json::Value, k: &str| t.get(k).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let taints: Vec<(usize, String, Option<Time>)> =
        node.object.list("/spec/taints").iter().enumerate().map(|(i, t)| (i, text(t, "key"), crate::evidence::parse_time(&text(t, "timeAdded")))).collect();
    let near = |at: Option<Time>| stopped.zip(at).is_some_and(|(s, a)| (s - a).abs() <= TimeDelta::seconds(300));
    let object = node.object.reference();
    let mut cite = |field: String, text: String, time| {
        scene.cites.cite(crate::evidence::Citation {
            source: crate::evidence::Source::Node,
            object: format!("Node/{}", object.name),
            field,
            time,
            text,
            authority: Authority::Controller,
        })
    };
    if let Some((i, _, at)) = taints.iter().find(|(_, k, at)| k == "node.kubernetes.io/unschedulable" && near(*at)) {
        let cited = cite(format!("spec.taints[{i}]"), "the node was cordoned when the pod was stopped".to_owned(), *at);
        return removal("drain", "its node was cordoned at that moment; the eviction API leaves no event", [cited]);
    }
    None
}

/// Traces of a pod that name no other hand.
fn by_request(scene: &mut Scene<'_>, kills: &[KillEvent<'_>], deaths: &[Death], traced: bool) -> Option<Removal> {
    // A pod that may not be seen is not one that was taken away.
    let unseen = scene.case.unseen().is_some();
    // A node that stopped reporting takes its pods with it; who removed the object then is not known.
    let lost = scene.live.is_none() && deaths.iter().any(|d| d.mechanism == Mechanism::Lost);
    let mine = scene.live.is_some() || !scene.events.is_empty() || deaths.iter().any(|d| d.from != super::history::DeathSource::Events);
    if !traced || !mine || lost || unseen {
        return None;
    }
    let mut cited: Vec<_> = kills.iter().filter(|k| k.why == "stopping").map(|k| scene.cite_event(k.event)).collect();
    if let Some(deletion) = scene.live.and_then(|p| p.deletion.clone()) {
        cited.push(scene.cite_pod(
            "metadata.deletionTimestamp",
            format!("deletion asked for with {} s of grace", deletion.grace_seconds),
            Some(deletion.requested),
            Authority::Controller,
        ));
    }
    removal("deleted-by-request", "by whom only the audit log knows", cited)
}
