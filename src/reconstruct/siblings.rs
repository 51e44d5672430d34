//! Siblings speak: pods that run the same thing, live or remembered, and what they have in common.

use std::collections::BTreeMap;

use super::history::{Death, SiblingRow, Siblings, Subject};
use super::scene::Scene;
use super::{changes, primary, sibling_books};
use crate::evidence::{Authority, Citation, Pod, Source, State};

/// How one sibling fared, for comparison: its code and reason, or its cause where it never ran.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    code: Option<i64>,
    reason: Option<String>,
}

/// Collects the rows and the facts.
pub(super) fn collect(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death]) -> Siblings {
    let mut rows: Vec<SiblingRow> = Vec::new();
    let mut causes: BTreeMap<String, String> = BTreeMap::new();
    // Another incarnation of the name is told by the incarnations: what it died of says nothing of this one.
    for pod in scene.case.siblings.iter().filter(|p| p.name != scene.case.target.name) {
        rows.push(live_row(scene, pod));
        if let Some(j) = scene.judged.pods.get(&pod.name).filter(|j| j.failed && j.cause != "unknown") {
            causes.insert(pod.name.clone(), j.cause.clone());
        }
    }
    sibling_books::read(scene, &mut rows);
    rows.sort_by(|a, b| (a.started, &a.name).cmp(&(b.started, &b.name)));
    // What the target itself died of, or, when that is lost, what the largest group of failed siblings died of.
    let target = target_outcome(subject, deaths);
    let reference = target.clone().or_else(|| largest_group(&rows));
    for row in &mut rows {
        row.alike = row.failed && reference.as_ref().is_some_and(|r| alike(r, row));
    }
    let failed_alike = rows.iter().filter(|r| r.alike).count();
    let mut siblings = Siblings { failed_alike, pattern: "unknown", rows, changes: Vec::new() };
    siblings.pattern = pattern(scene, &siblings);
    siblings.changes = changes::read(scene, &siblings, subject, deaths);
    facts(scene, &siblings, &causes);
    siblings
}

fn outcome_of(row: &SiblingRow) -> Outcome {
    Outcome { code: row.exit_code, reason: row.reason.clone() }
}

fn alike(reference: &Outcome, row: &SiblingRow) -> bool {
    match (reference.code, row.exit_code) {
        (Some(a), Some(b)) => a == b && (reference.reason.is_none() || row.reason.is_none() || reference.reason == row.reason),
        _ => reference.reason.is_some() && reference.reason == row.reason,
    }
}

fn target_outcome(subject: &Subject, deaths: &[Death]) -> Option<Outcome> {
    let death = subject.death.and_then(|i| deaths.get(i))?;
    (death.exit_code.is_some() || death.reason.is_some()).then(|| Outcome { code: death.exit_code, reason: death.reason.clone() })
}

fn largest_group(rows: &[SiblingRow]) -> Option<Outcome> {
    let mut groups: BTreeMap<Outcome, usize> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.failed && (r.exit_code.is_some() || r.reason.is_some())) {
        *groups.entry(outcome_of(row)).or_default() += 1;
    }
    groups.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(o, _)| o)
}

/// Whether a pod shares an owner with the target: the direct one, or one above it (the CronJob over two Jobs).
fn shares_owner(scene: &Scene<'_>, pod: &Pod) -> bool {
    let mine = scene.pod.as_ref().and_then(|p| p.owners.first().cloned());
    let direct = |uid: &str| scene.case.owners.iter().any(|o| o.depth == 1 && o.object.uid() == uid && !uid.is_empty());
    if pod.owners.iter().any(|o| direct(&o.uid) || mine.as_ref().is_some_and(|m| m.kind == o.kind && m.name == o.name)) {
        return true;
    }
    // Jobs of one CronJob: <cronjob>-<minutes since 1970>.
    let cron = scene.case.owners.iter().find(|o| o.object.kind() == "CronJob");
    cron.is_some_and(|c| {
        pod.owners.iter().any(|o| {
            o.kind == "Job" && o.name.strip_prefix(&format!("{}-", c.object.name())).is_some_and(|t| t.len() >= 8 && t.bytes().all(|b| b.is_ascii_digit()))
        })
    })
}

fn live_row(scene: &Scene<'_>, pod: &Pod) -> SiblingRow {
    let chosen = primary::choose(pod, None, &scene.case.options.sidecars);
    let container = chosen.and_then(|p| pod.container(&p.container).cloned());
    let init_failed =
        pod.containers.iter().find(|c| c.kind == crate::evidence::ContainerKind::Init && c.state.terminated().is_some_and(|t| t.exit_code != 0)).cloned();
    let container = init_failed.or(container);
    let judged = scene.judged.pods.get(&pod.name);
    let end = container.as_ref().and_then(|c| c.state.terminated().or_else(|| c.last_state.terminated()));
    let waiting = container.as_ref().and_then(|c| match &c.state {
        State::Waiting { reason, .. } if c.last_state.terminated().is_none() && !matches!(reason.as_str(), "ContainerCreating" | "PodInitializing" | "") => {
            Some(reason.clone())
        }
        _ => None,
    });
    let reason = end.map(|e| e.reason.clone()).filter(|r| !r.is_empty()).or(waiting).or_else(|| pod.reason.clone());
    let failed = judged.map_or_else(
        || {
            end.is_some_and(|e| e.exit_code != 0 || e.reason == "OOMKilled")
                || pod.phase == "Failed"
                || reason.as_deref().is_some_and(|r| r.contains("Err") || r.contains("BackOff"))
        },
        |j| j.failed,
    );
    SiblingRow {
        name: pod.name.clone(),
        source: "live",
        phase: Some(pod.phase.clone()).filter(|p| !p.is_empty()),
        exit_code: end.map(|e| e.exit_code),
        reason,
        started: end.and_then(|e| e.started).filter(|t| t.timestamp() > 0).or(pod.started).or(pod.created),
        ended: end.and_then(|e| e.finished),
        node: pod.node.clone(),
        image: container.as_ref().map(|c| c.image_id.clone().unwrap_or_else(|| c.image.clone())),
        restarts: container.as_ref().map_or(0, |c| c.restarts),
        alike: false,
        failed,
        same_owner: shares_owner(scene, pod),
    }
}

fn pattern(scene: &Scene<'_>, siblings: &Siblings) -> &'static str {
    let judged: Vec<&SiblingRow> = siblings.rows.iter().filter(|r| r.source != "event" && !is_mute(r)).collect();
    let alike: Vec<&&SiblingRow> = judged.iter().filter(|r| r.alike).collect();
    if judged.is_empty() {
        return "unknown";
    }
    if alike.is_empty() {
        return "isolated";
    }
    if alike.len() == judged.len() {
        return "all";
    }
    let others: Vec<&&SiblingRow> = judged.iter().filter(|r| !r.alike).collect();
    let node = scene.pod.as_ref().and_then(|p| p.node.clone());
    let one = |f: fn(&SiblingRow) -> Option<&String>, mine: Option<&String>| {
        let first = alike.first().and_then(|r| f(r));
        first.is_some()
            && mine.is_none_or(|m| Some(m) == first)
            && alike.iter().all(|r| f(r) == first)
            && others.iter().all(|r| f(r).is_some() && f(r) != first)
    };
    if alike.len() >= 2 && one(|r| r.node.as_ref(), node.as_ref()) {
        return "node-bound";
    }
    if alike.len() >= 2 && one(|r| r.image.as_ref(), None) {
        return "image-bound";
    }
    "recurring"
}

fn facts(scene: &mut Scene<'_>, siblings: &Siblings, causes: &BTreeMap<String, String>) {
    let rows: Vec<SiblingRow> = siblings.rows.clone();
    if rows.is_empty() {
        if let Some(gap) = scene.case.gaps.iter().find(|g| g.resource == "pods" && g.verb == "list").cloned() {
            for name in ["siblings.total", "siblings.failed_alike", "siblings.cause"] {
                scene.facts.unseen(name, gap.clone());
            }
        }
        return;
    }
    let mut cite = |row: &SiblingRow| cite_row(scene, row);
    let alike: Vec<_> = rows.iter().filter(|r| r.alike).map(&mut cite).collect();
    let otherwise: Vec<&SiblingRow> =
        rows.iter().filter(|r| !r.alike && (r.exit_code.is_some() || r.failed || r.phase.as_deref() == Some("Succeeded"))).filter(|r| !is_mute(r)).collect();
    let fared: Vec<_> = otherwise.iter().map(|r| cite(r)).collect();
    scene.facts.hold("siblings.total", rows.len() as i64, []);
    scene.facts.hold("siblings.failed_alike", alike.len() as i64, alike.clone());
    scene.facts.hold("siblings.fared_otherwise", fared.len() as i64, fared);
    scene.facts.hold("siblings.pattern", siblings.pattern, alike.clone());
    let same_owner = rows.iter().filter(|r| r.alike).all(|r| r.same_owner) && rows.iter().any(|r| r.alike);
    scene.facts.hold("siblings.same_owner", same_owner, alike);
    for row in rows.iter().filter(|r| r.alike) {
        if let Some(cause) = causes.get(&row.name) {
            let cited = cite_row(scene, row);
            scene.facts.hold("siblings.cause", cause.clone(), [cited]);
        }
    }
    // Workflow nodes remember the reason; an OOM is an OOM without a judge.
    for row in rows.iter().filter(|r| r.alike && r.source == "workflow" && r.reason.as_deref() == Some("OOMKilled") && r.exit_code == Some(137)) {
        let cited = cite_row(scene, row);
        scene.facts.hold("siblings.cause", "oom.container-limit", [cited]);
    }
    let evicted: Vec<_> = scene
        .case
        .siblings
        .iter()
        .filter(|p| p.reason.as_deref() == Some("Evicted") && p.started.is_some() && !super::subject::is_rejected(p))
        .cloned()
        .collect();
    for pod in evicted {
        let text = format!("Evicted: {}", pod.message.clone().unwrap_or_default());
        let cited = scene.cites.cite(Citation {
            source: Source::Sibling,
            object: pod.path(),
            field: "status.reason".to_owned(),
            time: None,
            text,
            authority: Authority::Kubelet,
        });
        scene.facts.hold("siblings.evicted", pod.message.clone().unwrap_or_default(), [cited]);
    }
}

/// A Job that failed and does not say with which code: it fared badly, and nobody knows whether alike.
fn is_mute(row: &SiblingRow) -> bool {
    row.source == "job" && row.failed && row.exit_code.is_none()
}

fn cite_row(scene: &mut Scene<'_>, row: &SiblingRow) -> super::CitationId {
    let text = format!(
        "{}{}{}",
        row.phase.as_deref().unwrap_or("known only by name"),
        row.reason.as_deref().map(|r| format!(", {r}")).unwrap_or_default(),
        row.exit_code.map(|c| format!(", exit code {c}")).unwrap_or_default()
    );
    scene.cites.cite(Citation {
        source: Source::Sibling,
        object: format!("Pod/{}/{}", scene.case.target.namespace, row.name),
        field: "status".to_owned(),
        time: row.ended,
        text,
        authority: Authority::Kubelet,
    })
}
