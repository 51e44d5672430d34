//! Companions (containers of the same pod) and peers (other pods): how they stood when the subject failed. Time decides:
//! what died later did not cause it.

use super::CitationId;
use super::history::{Death, Link, Mechanism, Subject};
use super::scene::Scene;
use super::subject::is_failure;
use crate::evidence::{Authority, Citation, ContainerKind, Peer, PeerRelation, Pod, Source, State, Time};
use crate::signatures::is_local;

/// Lays down `companion.*` and `peer.*`, and returns the links that a headline may tell.
pub(super) fn facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death]) -> Vec<Link> {
    let death = subject.death.and_then(|i| deaths.get(i)).cloned();
    let end = death.as_ref().and_then(|d| d.finished);
    let mut links = companions(scene, subject, deaths, end);
    let peers = scene.case.peers.clone();
    for peer in &peers {
        links.extend(one_peer(scene, peer, end));
    }
    links
}

/// The peers that the log's decisive lines name, as facts hold them.
fn named_peers(scene: &Scene<'_>) -> Vec<(String, Vec<CitationId>)> {
    let fact = scene.facts.get("log.peer");
    fact.into_iter().flat_map(|f| &f.values).map(|(v, c)| (v.to_string(), c.clone())).collect()
}

fn companions(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death], end: Option<Time>) -> Vec<Link> {
    let mut links = Vec::new();
    let named = named_peers(scene);
    let local: Vec<&(String, Vec<CitationId>)> = named.iter().filter(|(p, _)| is_local(p)).collect();
    let ports: Vec<String> = local.iter().filter_map(|(p, _)| p.rsplit_once(':').map(|(_, port)| port.to_owned())).collect();
    let own: Vec<String> =
        subject.container.as_deref().and_then(|c| scene.container(c)).map(|c| c.ports.iter().map(|p| p.port.to_string()).collect()).unwrap_or_default();
    let others: Vec<String> = scene
        .pod
        .iter()
        .flat_map(|p| &p.containers)
        .filter(|c| Some(&c.name) != subject.container.as_ref() && matches!(c.kind, ContainerKind::Main | ContainerKind::Sidecar))
        .map(|c| c.name.clone())
        .collect();
    if !local.is_empty() && !others.is_empty() && !ports.iter().any(|p| own.contains(p)) {
        let cited: Vec<CitationId> = local.iter().flat_map(|(_, c)| c.clone()).collect();
        scene.facts.hold("companion.named", true, cited);
    }
    for death in deaths.iter().filter(|d| others.contains(&d.container) && is_failure(d)) {
        let cause = match death.mechanism {
            Mechanism::OomKilled => "oom.container-limit",
            Mechanism::Signaled => "crash.native",
            _ => "error.unhandled",
        };
        let cited = death.cited.clone();
        scene.facts.hold("companion.failed", true, cited.clone());
        scene.facts.hold("companion.cause", cause, cited.clone());
        if let Some(seconds) = end.zip(death.finished).map(|(e, f)| (e - f).num_seconds()).filter(|s| *s >= 0) {
            scene.facts.hold("companion.died_before_seconds", seconds, cited.clone());
            links.push(Link {
                object: format!("container {}", death.container),
                what: format!("{} {seconds} s before", how(death.mechanism)),
                cause: Some(cause.to_owned()),
                cited,
            });
        }
    }
    links
}

fn how(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::OomKilled => "was OOM-killed",
        Mechanism::Signaled => "crashed",
        Mechanism::Stopped => "was stopped",
        Mechanism::NotStarted => "could not start",
        Mechanism::Lost => "was lost with its node",
        _ => "ended",
    }
}

fn one_peer(scene: &mut Scene<'_>, peer: &Peer, end: Option<Time>) -> Option<Link> {
    let relation = match &peer.relation {
        PeerRelation::Named(_) => "named",
        PeerRelation::Label(_) => "label",
    };
    let Some(pod) = &peer.pod else {
        let service = peer.service.as_ref()?;
        let cited = scene.cites.cite(Citation {
            source: Source::Sibling,
            object: service.reference().path(),
            field: "spec.selector".to_owned(),
            time: None,
            text: "no pod matches the selector of this Service".to_owned(),
            authority: Authority::Controller,
        });
        scene.facts.hold("peer.relation", relation, [cited]);
        scene.facts.hold("peer.state", "no-endpoints", [cited]);
        return Some(Link { object: service.reference().path(), what: "has no pods".to_owned(), cause: None, cited: vec![cited] });
    };
    let (state, died, text) = standing(pod, end);
    let cited =
        scene.cites.cite(Citation { source: Source::Sibling, object: pod.path(), field: "status".to_owned(), time: died, text, authority: Authority::Kubelet });
    scene.facts.hold("peer.relation", relation, [cited]);
    scene.facts.hold("peer.state", state, [cited]);
    let judged = scene.judged.pods.get(&pod.name).cloned();
    if let Some(judged) = &judged {
        for said in &judged.said {
            scene.facts.hold("peer.said", said.clone(), [cited]);
        }
    }
    let before = end.zip(died).map(|(e, d)| (e - d).num_seconds()).filter(|s| *s >= 0);
    if let Some(seconds) = before {
        scene.facts.hold("peer.died_before_seconds", seconds, [cited]);
        scene.facts.hold("peer.died_first", true, [cited]);
        if let Some(cause) = judged.as_ref().filter(|j| j.failed).map(|j| j.cause.clone()) {
            scene.facts.hold("peer.cause", cause, [cited]);
        }
    } else if matches!(state, "pending" | "absent" | "not-ready") {
        scene.facts.hold("peer.died_first", true, [cited]);
    }
    let mechanism = judged.as_ref().map(|j| j.mechanism);
    let what = match (before, state) {
        (Some(s), _) => format!("{} {s} s before", if mechanism == Some("oom-killed") { "was OOM-killed" } else { "had died" }),
        (None, "pending") => "was not running yet".to_owned(),
        (None, "not-ready") => "was not ready".to_owned(),
        _ => return None,
    };
    Some(Link { object: pod.path(), what, cause: judged.filter(|j| j.failed && j.cause != "unknown").map(|j| j.cause), cited: vec![cited] })
}

/// How a peer stands: state word, its last end that lies before the subject's, and a sentence.
fn standing(pod: &Pod, end: Option<Time>) -> (&'static str, Option<Time>, String) {
    let ends: Vec<(Time, i64, String)> = pod
        .containers
        .iter()
        .filter(|c| c.kind == ContainerKind::Main)
        .flat_map(|c| [c.state.terminated(), c.last_state.terminated()])
        .flatten()
        .filter_map(|t| t.finished.map(|f| (f, t.exit_code, t.reason.clone())))
        .collect();
    let before = ends.iter().filter(|(f, _, _)| end.is_none_or(|e| *f <= e)).max_by_key(|(f, _, _)| *f);
    let main = || pod.containers.iter().filter(|c| c.kind == ContainerKind::Main);
    // All that is on record happened after the subject had ended: at that moment it ran. (More restarts than the API remembers
    // may have been earlier.)
    let later = end.is_some() && !ends.is_empty() && before.is_none() && main().map(|c| c.restarts).sum::<i64>() <= ends.len() as i64;
    if later && main().all(|c| !matches!(c.state, State::Absent)) {
        return ("running", None, format!("phase {}, ran at that time and ended later", pod.phase));
    }
    let crashing = main().any(|c| {
        matches!(&c.state, State::Waiting { reason, .. } if reason == "CrashLoopBackOff")
            || (c.restarts > 0 && c.last_state.terminated().is_some_and(|t| t.exit_code != 0))
    });
    let dead = main().any(|c| c.state.terminated().is_some());
    let waiting = main().any(|c| matches!(&c.state, State::Waiting { .. } | State::Absent));
    let state = if crashing {
        "crashing"
    } else if dead {
        "dead"
    } else if pod.phase == "Pending" || waiting {
        "pending"
    } else if main().any(|c| !c.ready) {
        "not-ready"
    } else {
        "running"
    };
    let text = match before {
        Some((_, code, reason)) => format!("phase {}, {state}; last end: {reason}, exit code {code}", pod.phase),
        None => format!("phase {}, {state}", pod.phase),
    };
    (state, before.map(|(f, _, _)| *f), text)
}
