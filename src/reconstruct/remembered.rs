//! Deaths that others remember: events, workflow nodes, TaskRuns, Job conditions. The only ones a gone pod has.

use super::argo;
use super::history::{Death, DeathSource, Kill, Mechanism};
use super::kills::KillEvent;
use super::mechanism::is_crash_signal;
use super::scene::Scene;
use super::tekton;
use crate::evidence::{Condition, ContainerKind, Event, Reporter, Terminated, Time};

/// The workflow node of the target, when its Workflow is among the owners.
pub(super) fn workflow_node(scene: &Scene<'_>) -> Option<(usize, argo::WorkflowNode)> {
    scene.case.owners.iter().enumerate().filter(|(_, o)| o.object.kind() == "Workflow").find_map(|(i, owner)| {
        let argo::Nodes::Read(nodes) = argo::nodes(&owner.object) else { return None };
        argo::node_of(owner.object.name(), &nodes, &scene.case.target.name).cloned().map(|n| (i, n))
    })
}

/// Collects the remembered deaths, oldest first.
pub(super) fn collect<'a>(scene: &mut Scene<'a>, kills: &[KillEvent<'a>], primary: Option<&str>) -> Vec<Death> {
    let mut deaths = Vec::new();
    deaths.extend(from_workflow(scene).or_else(|| from_workflow_event(scene)));
    deaths.extend(from_taskrun(scene));
    deaths.extend(from_job(scene));
    let of_runtime = super::runtime::deaths(scene);
    let mut of_events = from_events(scene, kills, primary);
    for mut death in of_runtime {
        // The kubelet's kill and the exit that the runtime saw are one death.
        let same = |e: &Death| e.container == death.container && e.finished.zip(death.finished).is_some_and(|(k, f)| (f - k).num_seconds().abs() <= 60);
        if let Some(i) = of_events.iter().position(same) {
            let kill = of_events.remove(i);
            if death.mechanism != Mechanism::OomKilled {
                death.mechanism = Mechanism::Stopped;
            }
            death.killed = kill.killed;
            death.cited.extend(kill.cited);
        }
        // What a workflow, a Job or a TaskRun already states of this end stays the statement.
        let stated = |d: &&mut Death| d.container == death.container && d.exit_code == death.exit_code;
        match deaths.iter_mut().find(stated) {
            Some(d) => d.cited.extend(death.cited),
            None => deaths.push(death),
        }
    }
    deaths.extend(of_events);
    for death in &mut deaths {
        death.log_previous = scene.case.log(&scene.case.target.name, &death.container, false).map(|_| false);
    }
    deaths.sort_by(|a, b| (a.finished, &a.container, a.from).cmp(&(b.finished, &b.container, b.from)));
    deaths
}

fn kind_of(scene: &Scene<'_>, container: &str) -> ContainerKind {
    scene.container(container).map_or(ContainerKind::Main, |c| c.kind)
}

/// Mechanism of an end of which only code and reason are known.
fn bare_mechanism(code: Option<i64>, reason: Option<&str>) -> Mechanism {
    match (code, reason) {
        (Some(137), Some("OOMKilled")) => Mechanism::OomKilled,
        (_, Some("ContainerStatusUnknown")) => Mechanism::Lost,
        (_, Some("StartError")) => Mechanism::NotStarted,
        (Some(c), _) if is_crash_signal(c) => Mechanism::Signaled,
        (Some(130 | 137 | 143) | None, _) => Mechanism::Unknown,
        (Some(_), _) => Mechanism::Exited,
    }
}

fn from_workflow(scene: &mut Scene<'_>) -> Option<Death> {
    let (index, node) = workflow_node(scene)?;
    let ended = matches!(node.phase.as_str(), "Failed" | "Error" | "Succeeded");
    if !ended {
        return None;
    }
    let owner = scene.case.owners.get(index)?.clone();
    let text = format!("{} {}{}", node.phase, node.display_name, node.message.as_deref().map(|m| format!(": {m}")).unwrap_or_default());
    let cited = scene.cite_owner(&owner, format!("status.nodes[{}]", node.id), text, node.finished);
    let read = node.message.as_deref().and_then(argo::read_message).unwrap_or_default();
    let exit_code = read.exit_code.or(node.exit_code).or((node.phase == "Succeeded").then_some(0));
    let deadline = node.message.as_deref().and_then(argo::deadline_in);
    let mechanism = match deadline {
        Some(_) => Mechanism::Stopped,
        None => bare_mechanism(exit_code, read.reason.as_deref()),
    };
    Some(told_by_workflow(scene, read, (node.started, node.finished), exit_code, mechanism, cited))
}

/// A death as a workflow's message tells it; a message that names no container means `main`.
fn told_by_workflow(
    scene: &Scene<'_>,
    read: argo::NodeMessage,
    (started, finished): (Option<Time>, Option<Time>),
    exit_code: Option<i64>,
    mechanism: Mechanism,
    cited: super::CitationId,
) -> Death {
    let container = read.container.unwrap_or_else(|| "main".to_owned());
    Death {
        kind: kind_of(scene, &container),
        container,
        started,
        finished,
        exit_code,
        reason: read.reason,
        message: read.rest,
        mechanism,
        from: DeathSource::Workflow,
        killed: None,
        log_previous: None,
        cited: vec![cited],
    }
}

/// `Failed node NAME: MESSAGE`, which the workflow controller writes on the Workflow (or, told to, on the pod), with the node's
/// id and name as annotations. It counts where the Workflow's own node status is offloaded or gone.
fn from_workflow_event(scene: &mut Scene<'_>) -> Option<Death> {
    let pod = scene.case.target.name.clone();
    let (front, hash) = argo::split_pod_name(&pod)?;
    let about = |e: &Event| {
        let annotations = e.object.annotations();
        let by_hash = annotations.get("workflows.argoproj.io/node-name").is_some_and(|n| argo::node_hash(n) == hash);
        let of_workflow = e.about.kind == "Workflow" && (front == e.about.name || front.starts_with(&format!("{}-", e.about.name)));
        of_workflow && (by_hash || annotations.get("workflows.argoproj.io/node-id") == Some(&format!("{}-{hash}", e.about.name)))
            || e.about.kind == "Pod" && e.about.name == pod
    };
    let event = scene
        .case
        .events
        .iter()
        .filter(|e| e.reporter() == Reporter::Workflow && matches!(e.reason.as_str(), "WorkflowNodeFailed" | "WorkflowNodeError" | "WorkflowNodeSucceeded"))
        .filter(|e| about(e))
        .max_by_key(|e| (e.time(), e.object.name().to_owned()))?
        .clone();
    let message = event.message.split_once(" node ").and_then(|(_, rest)| rest.split_once(": ")).map_or("", |(_, message)| message);
    let read = argo::read_message(message).unwrap_or_default();
    let exit_code = read.exit_code.or((event.reason == "WorkflowNodeSucceeded").then_some(0));
    let mechanism = if argo::deadline_in(message).is_some() { Mechanism::Stopped } else { bare_mechanism(exit_code, read.reason.as_deref()) };
    let cited = scene.cite_event(&event);
    Some(told_by_workflow(scene, read, (None, event.time()), exit_code, mechanism, cited))
}

fn from_taskrun(scene: &mut Scene<'_>) -> Option<Death> {
    let name = scene.case.target.name.clone();
    let owner = scene.case.owners.iter().find(|o| o.object.kind() == "TaskRun" && tekton::read(&o.object, &name).is_some())?.clone();
    let run = tekton::read(&owner.object, &name)?;
    let timed_out = tekton::deadline(&run).is_some();
    let last = || run.steps.iter().rev().find(|s| s.path.contains(".steps["));
    let mut cited = Vec::new();
    let condition = run.succeeded.clone();
    let cite_condition = |scene: &mut Scene<'_>| {
        condition.iter().map(|c| scene.cite_owner(&owner, "status.conditions[Succeeded]", format!("{} {}: {}", c.status, c.reason, c.message), c.since)).next()
    };
    // A step that still ran when the time was up has no end of its own.
    let Some(step) = tekton::culprit(&run).or_else(|| last().filter(|_| !timed_out)).cloned() else {
        let container = run.open.first().filter(|_| timed_out)?.clone();
        cited.extend(cite_condition(scene));
        return Some(Death {
            kind: ContainerKind::Main,
            container,
            started: None,
            finished: run.finished.or_else(|| run.succeeded.as_ref().and_then(|c| c.since)),
            exit_code: None,
            reason: None,
            message: None,
            mechanism: Mechanism::Stopped,
            from: DeathSource::TaskRun,
            killed: None,
            log_previous: None,
            cited,
        });
    };
    let Terminated { exit_code, reason, message, started, finished, .. } = step.end.clone();
    cited.push(scene.cite_owner(&owner, step.path.clone(), super::deaths::describe_end(&step.end), finished));
    cited.extend(cite_condition(scene));
    Some(Death {
        kind: kind_of(scene, &step.container),
        container: step.container,
        started,
        finished,
        exit_code: Some(exit_code),
        mechanism: if timed_out { Mechanism::Stopped } else { bare_mechanism(Some(exit_code), Some(&reason)) },
        reason: Some(reason).filter(|r| !r.is_empty()),
        message,
        from: DeathSource::TaskRun,
        killed: None,
        log_previous: None,
        cited,
    })
}

/// `Container c for pod ns/p failed with exit code 42 matching FailJob rule at index 0` (job controller, PodFailurePolicy).
pub(super) fn policy_failure<'m>(message: &'m str, namespace: &str, pod: &str) -> Option<(&'m str, i64)> {
    let rest = message.strip_prefix("Container ")?;
    let (container, rest) = rest.split_once(" for pod ")?;
    let rest = rest.strip_prefix(&format!("{namespace}/{pod} failed with exit code "))?;
    let code = rest.split(|c: char| !c.is_ascii_digit() && c != '-').next()?.parse().ok()?;
    Some((container, code))
}

fn from_job(scene: &mut Scene<'_>) -> Option<Death> {
    let owner = scene.case.owners.iter().find(|o| o.object.kind() == "Job")?.clone();
    let conditions = Condition::read_list(&owner.object);
    let target = scene.case.target.clone();
    let (condition, container, code) = conditions
        .iter()
        .filter(|c| c.status == "True")
        .find_map(|c| policy_failure(&c.message, &target.namespace, &target.name).map(|(container, code)| (c, container.to_owned(), code)))?;
    let cited = scene.cite_owner(&owner, format!("status.conditions[{}].message", condition.index), condition.message.clone(), condition.since);
    Some(Death {
        kind: kind_of(scene, &container),
        container,
        started: None,
        finished: condition.since,
        exit_code: Some(code),
        reason: None,
        message: None,
        mechanism: bare_mechanism(Some(code), None),
        from: DeathSource::Job,
        killed: None,
        log_previous: None,
        cited: vec![cited],
    })
}

/// Deaths that events alone show: kills of the kubelet. Native sidecars are killed when a pod completes, and say nothing.
fn from_events<'a>(scene: &mut Scene<'a>, kills: &[KillEvent<'a>], primary: Option<&str>) -> Vec<Death> {
    let mut deaths = Vec::new();
    for kill in kills {
        let kind = kind_of(scene, &kill.container);
        if kind == ContainerKind::Sidecar && primary != Some(kill.container.as_str()) {
            continue;
        }
        let cited = scene.cite_event(kill.event);
        let time = kill.event.time();
        deaths.push(Death {
            container: kill.container.clone(),
            kind,
            started: last_start(scene, &kill.container, time),
            finished: time,
            exit_code: None,
            reason: None,
            message: None,
            mechanism: Mechanism::Stopped,
            from: DeathSource::Events,
            killed: Some(Kill { time, why: kill.why, cited }),
            log_previous: None,
            cited: vec![cited],
        });
    }
    deaths
}

/// When the instance that ended at `end` was started, as its events tell.
fn last_start(scene: &Scene<'_>, container: &str, end: Option<Time>) -> Option<Time> {
    scene
        .events
        .iter()
        .filter(|e| e.reason == "Started" && e.container.as_deref() == Some(container))
        .flat_map(|e| [e.first, e.last])
        .flatten()
        .filter(|t| end.is_none_or(|e| *t <= e))
        .max()
}
