//! What the verdict is about.

use chrono::TimeDelta;

use super::history::{Death, DeathSource, Mechanism, Primary, Subject, SubjectKind};
use super::primary::{failed_for_good, is_sidecar};
use super::scene::Scene;
use crate::evidence::{Container, ContainerKind, Event, Pod, State, Terminated, Time};

/// How long after its end an instance of a container that runs again stands back behind what is wrong now.
const OVER: TimeDelta = TimeDelta::hours(1);

/// Whether an end is a failure: a code, a kill, a loss. Exit 0 without a kill is not, unless the container is meant to run
/// for good or a child of it was OOM-killed.
pub(super) fn is_failure(death: &Death) -> bool {
    death.exit_code != Some(0) && death.from != DeathSource::Events
        || death.killed.as_ref().is_some_and(|k| k.why != "stopping")
        || death.reason.as_deref() == Some("OOMKilled")
        || matches!(death.mechanism, Mechanism::Lost | Mechanism::NotStarted)
}

/// Chooses the subject (architecture: "Subject of the verdict").
pub(super) fn choose(scene: &Scene<'_>, primary: Option<&Primary>, deaths: &[Death]) -> Subject {
    match (scene.live, primary) {
        (Some(pod), Some(primary)) => live(scene, pod, primary, deaths),
        (Some(pod), None) => whole_pod(scene, pod),
        (None, _) => gone(scene, primary, deaths),
    }
}

fn subject(kind: SubjectKind, container: Option<&str>, role: &'static str, mechanism: Mechanism) -> Subject {
    Subject { kind, container: container.map(str::to_owned), role, death: None, recovered_since: None, mechanism }
}

/// The kubelet refused the pod: terminal, and no container ever had a state (`rejectPod`).
pub(super) fn is_rejected(pod: &Pod) -> bool {
    pod.phase == "Failed" && pod.reason.is_some() && !stopped_without_trace(pod) && never_had_a_state(pod)
}

fn never_had_a_state(pod: &Pod) -> bool {
    pod.containers.iter().all(|c| matches!(c.state, State::Absent | State::Waiting { .. }) && c.last_state.terminated().is_none())
}

/// The kubelet stopped a pod that ran, and the containers' states are gone: older releases drop them at eviction, and keep
/// only the pod's reason. A refusal has the same reason and says so in its message.
fn stopped_without_trace(pod: &Pod) -> bool {
    let stopped = pod.reason.as_deref().is_some_and(|r| super::deaths::POD_STOP_REASONS.contains(&r));
    let refused = pod.message.as_deref().is_some_and(|m| m.contains("was rejected") || m.contains("had condition"));
    pod.phase == "Failed" && stopped && !refused && never_had_a_state(pod)
}

fn whole_pod(_scene: &Scene<'_>, pod: &Pod) -> Subject {
    let kind = if is_rejected(pod) { SubjectKind::Rejected } else { SubjectKind::Waiting };
    subject(kind, None, "primary", Mechanism::NotStarted)
}

/// The death of the present (or, between restarts, the last) instance of a container.
fn death_of(deaths: &[Death], container: &str, from: &[DeathSource]) -> Option<usize> {
    from.iter().find_map(|f| deaths.iter().position(|d| d.container == container && d.from == *f))
}

fn of_death(deaths: &[Death], index: usize, role: &'static str) -> Subject {
    let death = &deaths[index];
    Subject { kind: SubjectKind::Death, container: Some(death.container.clone()), role, death: Some(index), recovered_since: None, mechanism: death.mechanism }
}

fn live(scene: &Scene<'_>, pod: &Pod, primary: &Primary, deaths: &[Death]) -> Subject {
    let name = primary.container.as_str();
    if is_rejected(pod) {
        return subject(SubjectKind::Rejected, Some(name), "primary", Mechanism::NotStarted);
    }
    if stopped_without_trace(pod) {
        return subject(SubjectKind::Gone, Some(name), "primary", Mechanism::Stopped);
    }
    let Some(container) = pod.container(name) else { return whole_pod(scene, pod) };
    if pod.knows_no_status() {
        return subject(SubjectKind::Gone, Some(name), "primary", Mechanism::Unknown);
    }
    // Every container ended with 0, or the phase would be another; not every object holds the states.
    if pod.phase == "Succeeded" && matches!(container.state, State::Absent) {
        return subject(SubjectKind::Completed, Some(name), "primary", Mechanism::Exited);
    }
    // While the primary waits in PodInitializing, the init container that blocks or failed is the subject.
    let initializing = matches!(&container.state, State::Waiting { reason, .. } if reason == "PodInitializing") || matches!(container.state, State::Absent);
    if initializing && container.last_state.terminated().is_none() {
        if let Some(found) = blocking_init(pod, deaths) {
            return found;
        }
        return subject(SubjectKind::Waiting, Some(name), "primary", Mechanism::NotStarted);
    }
    match &container.state {
        State::Terminated(end) => ended(pod, container, end, deaths),
        State::Waiting { reason, .. } => waiting(pod, container, reason, deaths),
        State::Absent => subject(SubjectKind::Waiting, Some(name), "primary", Mechanism::NotStarted),
        State::Running { started } => running(scene, pod, container, *started, deaths),
    }
}

fn blocking_init(pod: &Pod, deaths: &[Death]) -> Option<Subject> {
    for init in pod.containers.iter().filter(|c| matches!(c.kind, ContainerKind::Init | ContainerKind::Sidecar)) {
        let dead = death_of(deaths, &init.name, &[DeathSource::State, DeathSource::LastState]);
        match &init.state {
            State::Terminated(end) if end.exit_code != 0 => return dead.map(|i| of_death(deaths, i, "init")),
            State::Waiting { reason, .. } if reason != "PodInitializing" => {
                return Some(match dead {
                    Some(i) if is_back_off(reason) => of_death(deaths, i, "init"),
                    _ => subject(SubjectKind::Waiting, Some(&init.name), "init", Mechanism::NotStarted),
                });
            }
            // A native sidecar lets the next one go on only once it has started: its startup probe must succeed (KEP-753).
            State::Running { .. } if init.kind == ContainerKind::Init || init.started == Some(false) => {
                // It runs again after failures, or for the first time: it is what everything waits for.
                return Some(match dead {
                    Some(i) => of_death(deaths, i, "init"),
                    None => subject(SubjectKind::Waiting, Some(&init.name), "init", Mechanism::Running),
                });
            }
            _ => {}
        }
    }
    None
}

/// Waiting reasons that stand between two runs, so that the last end is what matters.
fn is_back_off(reason: &str) -> bool {
    matches!(reason, "CrashLoopBackOff" | "RunContainerError" | "PostStartHookError" | "RestartingAllContainers" | "")
}

/// Where the kubelet restarted all containers because one of them ended with a code of its rules (KEP-5532), the victims' ends are made
/// up: the one with the rule is what it is about.
fn culprit(pod: &Pod, deaths: &[Death], victim: usize) -> Option<Subject> {
    deaths.get(victim).filter(|d| d.reason.as_deref() == Some("RestartingAllContainers"))?;
    let rule = |d: &Death| pod.container(&d.container).is_some_and(|c| c.restart_rules.iter().any(|r| r.action == "RestartAllContainers"));
    let i = deaths.iter().rposition(|d| d.reason.as_deref() != Some("RestartingAllContainers") && d.from != DeathSource::Events && rule(d))?;
    let mut found = of_death(deaths, i, "companion");
    if let Some(State::Running { started }) = pod.container(&deaths[i].container).map(|c| &c.state) {
        found.recovered_since = *started;
    }
    Some(found)
}

fn waiting(pod: &Pod, container: &Container, reason: &str, deaths: &[Death]) -> Subject {
    let last = death_of(deaths, &container.name, &[DeathSource::LastState]);
    match last {
        Some(i) if is_back_off(reason) => culprit(pod, deaths, i).unwrap_or_else(|| of_death(deaths, i, "primary")),
        // Waiting for the next start after an end: only a start that is refused anew outranks the end.
        Some(i) if matches!(reason, "ContainerCreating" | "PodInitializing") => of_death(deaths, i, "primary"),
        _ => subject(SubjectKind::Waiting, Some(&container.name), "primary", Mechanism::NotStarted),
    }
}

fn ended(pod: &Pod, container: &Container, end: &Terminated, deaths: &[Death]) -> Subject {
    let Some(index) = death_of(deaths, &container.name, &[DeathSource::State]) else {
        return subject(SubjectKind::Waiting, Some(&container.name), "primary", Mechanism::Unknown);
    };
    let death = &deaths[index];
    let restarts = container.restarts_after(end.exit_code, &pod.restart_policy);
    let clean = end.exit_code == 0 && death.mechanism == Mechanism::Exited && end.reason != "OOMKilled";
    if clean && !restarts {
        // Done, unless another application container of the pod failed for good.
        // A companion that failed counts where it failed the whole pod: the phase says so, and nobody stopped the pod. Argo's own helper is
        // not the step.
        let step = pod.labels.contains_key("workflows.argoproj.io/workflow");
        let failed_pod = pod.phase == "Failed" && pod.reason.is_none() && pod.deletion.is_none() && !step;
        let failed = pod.of_kind(ContainerKind::Main).find(|c| c.name != container.name && failed_for_good(c, pod) && (failed_pod || !is_sidecar(c, &[])));
        if let Some(i) = failed.and_then(|c| death_of(deaths, &c.name, &[DeathSource::State])) {
            return of_death(deaths, i, "companion");
        }
        let mut done = of_death(deaths, index, "primary");
        done.kind = SubjectKind::Completed;
        return done;
    }
    of_death(deaths, index, "primary")
}

fn running(scene: &Scene<'_>, pod: &Pod, container: &Container, started: Option<Time>, deaths: &[Death]) -> Subject {
    let name = container.name.as_str();
    let since = scene.now() - TimeDelta::seconds(scene.case.options.since_seconds);
    let node_gone = pod.condition("Ready").is_some_and(|c| c.status != "True") && node_not_ready(scene);
    // Older node controllers wrote it into the pod itself.
    if node_gone || pod.phase == "Unknown" || pod.reason.as_deref() == Some("NodeLost") {
        return subject(SubjectKind::Running, Some(name), "primary", Mechanism::Lost);
    }
    if pod.deletion.is_some() {
        return subject(SubjectKind::Running, Some(name), "primary", Mechanism::Running);
    }
    let recent = |d: &Death| d.finished.is_none_or(|f| f >= since);
    let last = deaths.iter().rposition(|d| d.container == name && d.from == DeathSource::LastState && recent(d));
    // What was survived long ago is history where something else is wrong now.
    let over = last.and_then(|i| deaths.get(i)?.finished).is_some_and(|end| scene.now() - end > OVER);
    if over && !container.ready && was_ready_since(pod, started) {
        return subject(SubjectKind::Running, Some(name), "primary", Mechanism::Running);
    }
    if over
        && container.ready
        && let Some(found) = companion(pod, name, deaths, since.max(scene.now() - OVER))
    {
        return found;
    }
    if let Some(i) = last {
        if let Some(found) = culprit(pod, deaths, i) {
            return found;
        }
        let mut found = of_death(deaths, i, "primary");
        found.recovered_since = if container.ready { started } else { None };
        return found;
    }
    if container.ready
        && let Some(found) = companion(pod, name, deaths, since)
    {
        return found;
    }
    subject(SubjectKind::Running, Some(name), "primary", Mechanism::Running)
}

/// Whether the pod was ready after its primary started: it turned unready later than the start of an instance takes to be
/// noticed.
fn was_ready_since(pod: &Pod, started: Option<Time>) -> bool {
    let unready = pod.condition("Ready").filter(|c| c.status == "False").and_then(|c| c.since);
    unready.zip(started).is_some_and(|(unready, started)| unready - started > TimeDelta::seconds(30))
}

/// A failed companion of a healthy primary: it cannot start, is dead, or died inside the window.
fn companion(pod: &Pod, primary: &str, deaths: &[Death], since: Time) -> Option<Subject> {
    let others = || pod.containers.iter().filter(|c| c.name != primary && c.kind != ContainerKind::Init && c.kind != ContainerKind::Ephemeral);
    for c in others() {
        match &c.state {
            State::Terminated(end) if end.exit_code != 0 || end.reason == "OOMKilled" => {
                return death_of(deaths, &c.name, &[DeathSource::State]).map(|i| of_death(deaths, i, "companion"));
            }
            State::Waiting { reason, .. } if !matches!(reason.as_str(), "ContainerCreating" | "PodInitializing" | "") => {
                let dead = death_of(deaths, &c.name, &[DeathSource::LastState]).filter(|_| is_back_off(reason));
                return Some(match dead {
                    Some(i) => of_death(deaths, i, "companion"),
                    None => subject(SubjectKind::Waiting, Some(&c.name), "companion", Mechanism::NotStarted),
                });
            }
            State::Waiting { reason, .. } if reason.is_empty() => {
                if let Some(i) = death_of(deaths, &c.name, &[DeathSource::LastState]) {
                    return Some(of_death(deaths, i, "companion"));
                }
            }
            _ => {}
        }
    }
    let died = others().find_map(|c| {
        let i = deaths
            .iter()
            .rposition(|d| d.container == c.name && d.from == DeathSource::LastState && is_failure(d) && d.finished.is_some_and(|f| f >= since))?;
        let mut found = of_death(deaths, i, "companion");
        found.recovered_since = if let State::Running { started } = c.state { started } else { None };
        Some(found)
    });
    // It runs, and keeps the pod out of service because it is not ready.
    let out = pod.condition("ContainersReady").is_some_and(|c| c.status == "False");
    let unready = || others().find(|c| out && c.state.is_running() && !c.ready).map(|c| c.name.as_str());
    died.or_else(|| unready().map(|name| subject(SubjectKind::Running, Some(name), "companion", Mechanism::Running)))
}

/// NodeNotReady on the pod, or a Ready condition of the node that is not True.
pub(super) fn node_not_ready(scene: &Scene<'_>) -> bool {
    let on_pod = scene.events.iter().any(|e| e.reason == "NodeNotReady");
    let node = scene.case.node.as_ref().and_then(|n| n.condition("Ready")).is_some_and(|c| c.status != "True");
    node || (on_pod && scene.case.node.is_none())
}

fn gone(scene: &Scene<'_>, primary: Option<&Primary>, deaths: &[Death]) -> Subject {
    let name = primary.map(|p| p.container.as_str());
    let mine = |d: &Death| name.is_none_or(|n| n == d.container);
    // Ends that others state with a code outrank kills; of kills, those for a failure outrank the deletion.
    let stated = deaths.iter().rposition(|d| d.from != DeathSource::Events);
    if let Some(i) = stated {
        let mut found = of_death(deaths, i, role_of(name, &deaths[i]));
        if deaths[i].exit_code == Some(0) && deaths[i].reason.as_deref() != Some("OOMKilled") {
            found.kind = SubjectKind::Completed;
        }
        return found;
    }
    let has = |reason: &str| scene.events.iter().any(|e| e.reason == reason);
    if node_not_ready(scene) && (has("NodeNotReady") || has("TaintManagerEviction")) && !has("Killing") {
        return subject(SubjectKind::Gone, name, "primary", Mechanism::Lost);
    }
    if let Some(i) = deaths.iter().rposition(|d| mine(d) && is_failure(d)) {
        return of_death(deaths, i, "primary");
    }
    if let Some(kind) = never_ran(scene, name) {
        return subject(kind, name, "primary", Mechanism::NotStarted);
    }
    if let Some(i) = deaths.iter().rposition(mine).filter(|_| !crash_looping(scene, name)) {
        return of_death(deaths, i, "primary");
    }
    if job_completed(scene) {
        return subject(SubjectKind::Completed, name, "primary", Mechanism::Exited);
    }
    let stopped = scene.events.iter().any(|e| matches!(e.reason.as_str(), "Evicted" | "DeadlineExceeded" | "Preempting")) || job_stopped_it(scene);
    subject(SubjectKind::Gone, name, "primary", if stopped { Mechanism::Stopped } else { Mechanism::Unknown })
}

/// The kubelet restarted it with back-off until shortly before it was taken away: the deletion is not what ailed it.
fn crash_looping(scene: &Scene<'_>, name: Option<&str>) -> bool {
    let backoff = scene.events_of("BackOff");
    let mine = backoff.iter().filter(|e| e.message.starts_with("Back-off restarting") && (name.is_none() || e.container.as_deref() == name));
    let last = mine.filter_map(|e| e.time()).max();
    let taken = scene.events_of("Killing").iter().filter_map(|e| e.time()).max();
    let outside =
        scene.events.iter().any(|e| matches!(e.reason.as_str(), "Evicted" | "DeadlineExceeded" | "Preempting" | "Preempted" | "TaintManagerEviction"));
    !outside && last.zip(taken).is_some_and(|(b, k)| k - b <= TimeDelta::seconds(600))
}

/// The Job is Complete and had no other pod: what it says of itself it says of this one.
fn job_completed(scene: &Scene<'_>) -> bool {
    let Some(job) = scene.case.owners.iter().find(|o| o.depth == 1 && o.object.kind() == "Job") else { return false };
    let complete = crate::evidence::Condition::read_list(&job.object).iter().any(|c| c.kind == "Complete" && c.status == "True");
    let alone = job.object.int("/status/succeeded") == Some(1) && job.object.int("/status/failed").unwrap_or(0) == 0;
    complete && alone && !super::stops::replaced(scene, job)
}

fn role_of(primary: Option<&str>, death: &Death) -> &'static str {
    match death.kind {
        ContainerKind::Init => "init",
        _ if primary.is_none_or(|p| p == death.container) => "primary",
        _ => "companion",
    }
}

/// A Job whose own deadline fired deletes its active pods.
pub(super) fn job_stopped_it(scene: &Scene<'_>) -> bool {
    scene
        .case
        .owners
        .iter()
        .filter(|o| o.object.kind() == "Job")
        .any(|o| crate::evidence::Condition::read_list(&o.object).iter().any(|c| c.status == "True" && c.reason == "DeadlineExceeded"))
}

/// Whether a gone pod never ran, and in which way: events tell rungs of its ladder (scheduled, pulled, created, started).
fn never_ran(scene: &Scene<'_>, primary: Option<&str>) -> Option<SubjectKind> {
    let started = |e: &&&Event| e.reason == "Started" && (primary.is_none() || e.container.as_deref() == primary);
    if scene.events.iter().any(|e| started(&e)) {
        return None;
    }
    let has = |reason: &str| scene.events.iter().any(|e| e.reason == reason);
    let refused = scene.events.iter().any(|e| {
        e.component == "kubelet"
            && (e.reason.starts_with("OutOf")
                || matches!(
                    e.reason.as_str(),
                    "NodeAffinity" | "NodePorts" | "UnexpectedAdmissionError" | "NodeShutdown" | "Evicted" | "AppArmor" | "SysctlForbidden"
                ))
    });
    if refused {
        return Some(SubjectKind::Rejected);
    }
    let failed_start = scene.events.iter().any(|e| {
        e.component == "kubelet" && matches!(e.reason.as_str(), "Failed" | "InspectFailed" | "ErrImageNeverPull" | "FailedCreatePodSandBox" | "FailedMapVolume")
    });
    let unplaced = has("FailedScheduling") && !has("Scheduled");
    let unmounted = (has("FailedMount") || has("FailedAttachVolume")) && !has("Created");
    if failed_start || unplaced || unmounted {
        return Some(SubjectKind::Waiting);
    }
    let never_created = scene.events.is_empty() && never_created(scene);
    never_created.then_some(SubjectKind::NeverCreated)
}

/// The owner says that it cannot create pods: `ReplicaFailure`/`FailedCreate` (quota, ServiceAccount, admission), and it
/// has no pod that could have been this one.
pub(super) fn never_created(scene: &Scene<'_>) -> bool {
    let owner = scene.case.owners.first();
    let says = owner.is_some_and(|o| {
        let by_condition = crate::evidence::Condition::read_list(&o.object).iter().any(|c| c.reason == "FailedCreate" && c.status == "True");
        by_condition || scene.owner_events(o).iter().any(|e| e.reason == "FailedCreate")
    });
    let named = scene.case.events.iter().any(|e| e.reason.starts_with("Successful") && e.message.split([' ', ':']).any(|w| w == scene.case.target.name));
    says && !named
}
