//! Facts about the spec that are remarks beside a verdict, never causes; and how many probe failures came in a row.

use serde_json::Value as Json;

use super::history::{Death, Subject, SubjectKind};
use super::scene::Scene;
use crate::evidence::{Authority, Container, ContainerKind, Object, PeerRelation, Pod, Probe, ProbeKind};

/// A start that takes longer than this is slow: default liveness settings (3 failures, 10 s apart) would end it.
const SLOW_START_SECONDS: i64 = 30;

/// Lays down the facts about the spec of the subject's container.
pub(super) fn facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death]) {
    let Some(pod) = scene.pod.clone() else { return };
    unbound_claims(scene, &pod);
    let Some(container) = subject.container.as_deref().and_then(|name| pod.container(name)).cloned() else { return };
    // A pod that was rebuilt from events alone has no spec to speak of.
    if container.image.is_empty() {
        return;
    }
    if !container.limits.contains_key("memory") && pod.memory_limit.is_none() {
        hold(scene, &container, "spec.no_memory_limit", "resources.limits", "no memory limit");
    }
    probes(scene, &pod, &container);
    memory_backed(scene, &pod, &container);
    message(scene, subject, deaths, &container);
    streak(scene, &container);
    network_policies(scene, &pod);
}

fn hold(scene: &mut Scene<'_>, container: &Container, fact: &'static str, field: &str, text: &str) {
    let cited = cite(scene, container, field, text);
    scene.facts.hold(fact, true, [cited]);
}

fn cite(scene: &mut Scene<'_>, container: &Container, field: &str, text: &str) -> super::citations::CitationId {
    scene.cite_pod(format!("spec.{}[{}].{field}", container.kind.spec_field(), container.index), text, None, Authority::Controller)
}

fn probes(scene: &mut Scene<'_>, pod: &Pod, container: &Container) {
    for (kind, probe) in &container.probes {
        // With a period of 1 s, the shortest there is, nothing shorter can be set.
        if probe.timeout >= probe.period && probe.period > 1 {
            let text = format!("timeoutSeconds {}, periodSeconds {}", probe.timeout, probe.period);
            let cited = cite(scene, container, &format!("{}Probe", kind.word()), &text);
            scene.facts.hold("spec.probe_timeout", kind.word(), [cited]);
        }
    }
    // Work that ends by itself needs no probe.
    let serves = container.kind == ContainerKind::Main && pod.restart_policy == "Always";
    if serves && container.probes.is_empty() {
        hold(scene, container, "spec.no_probes", "livenessProbe", "no probe of any kind");
    }
    let Some(liveness) = container.probe(ProbeKind::Liveness).filter(|_| container.probe(ProbeKind::Startup).is_none()).cloned() else { return };
    if starts_slowly(scene, pod, container, &liveness) {
        hold(scene, container, "spec.no_startup_probe", "startupProbe", "a liveness probe, no startup probe, and a slow start");
    }
}

/// It was killed while starting, its author gave it a long delay, or it was seen to take long until it was ready.
fn starts_slowly(scene: &Scene<'_>, pod: &Pod, container: &Container, liveness: &Probe) -> bool {
    if scene.facts.has("probe.failure", &"too-tight".into()) || liveness.initial_delay >= SLOW_START_SECONDS {
        return true;
    }
    let crate::evidence::State::Running { started: Some(started) } = container.state else { return false };
    let ready = pod.condition("ContainersReady").filter(|c| c.status == "True" && container.restarts == 0).and_then(|c| c.since);
    ready.is_some_and(|at| (at - started).num_seconds() > SLOW_START_SECONDS)
}

fn memory_backed(scene: &mut Scene<'_>, pod: &Pod, container: &Container) {
    for volume in pod.object.list("/spec/volumes") {
        let name = volume.get("name").and_then(Json::as_str).unwrap_or_default();
        let in_memory = volume.pointer("/emptyDir/medium").and_then(Json::as_str) == Some("Memory");
        if in_memory && container.mounts.iter().any(|m| m.volume == name) {
            let cited = scene.cite_pod("spec.volumes", format!("emptyDir {name} with medium Memory"), None, Authority::Controller);
            scene.facts.hold("spec.memory_backed", name, [cited]);
        }
    }
}

fn unbound_claims(scene: &mut Scene<'_>, pod: &Pod) {
    for claim in pod.volumes.iter().filter(|v| v.kind == "persistentVolumeClaim").filter_map(|v| v.refers_to.as_deref()) {
        match scene.case.objects.get(&format!("PersistentVolumeClaim/{claim}")) {
            Some(object) if object.text("/status/phase") != Some("Bound") => {
                let phase = object.text("/status/phase").unwrap_or("not known").to_owned();
                let cited = scene.cites.cite(crate::evidence::Citation {
                    source: crate::evidence::Source::Owner,
                    object: object.reference().path(),
                    field: "status.phase".to_owned(),
                    time: None,
                    text: phase,
                    authority: Authority::Controller,
                });
                scene.facts.hold("spec.unbound_claim", claim, [cited]);
            }
            Some(_) => {}
            None => {
                if let Some(gap) = scene.case.gaps_of("persistentvolumeclaims").next().cloned() {
                    scene.facts.unseen("spec.unbound_claim", gap);
                }
            }
        }
    }
}

/// It failed, and where its last words would be kept there are none.
fn message(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death], container: &Container) {
    if subject.kind != SubjectKind::Death || container.termination_message_policy != "File" {
        return;
    }
    let failed = subject.death.and_then(|i| deaths.get(i)).is_some_and(|d| d.exit_code.is_some_and(|c| c != 0));
    let end = container.state.terminated().or_else(|| container.last_state.terminated());
    if failed && end.is_some_and(|t| t.message.as_deref().is_none_or(|m| m.trim().is_empty()) && !t.never_started()) {
        hold(scene, container, "spec.message_lost", "terminationMessagePolicy", "File, and no message was written");
    }
}

/// Failures in a row at the end: as many as the kubelet needs to act, or all on record where they came without a pause.
fn streak(scene: &mut Scene<'_>, container: &Container) {
    let Some(count) = scene.facts.int("probe.count") else { return };
    let kinds: Vec<ProbeKind> =
        [ProbeKind::Liveness, ProbeKind::Readiness, ProbeKind::Startup].into_iter().filter(|k| scene.facts.has("probe.failing", &k.word().into())).collect();
    let killed_by = scene.facts.text("probe.killed_by").map(str::to_owned);
    let Some(kind) = kinds.iter().copied().find(|k| killed_by.as_deref().is_none_or(|by| by == k.word())) else { return };
    let Some(probe) = container.probe(kind).cloned() else { return };
    let word = format!("{} probe", kind.word());
    let mut events: Vec<_> = scene
        .events
        .iter()
        .copied()
        .filter(|e| e.reason == "Unhealthy" && e.message.to_ascii_lowercase().starts_with(&word) && e.container.as_deref().is_none_or(|c| c == container.name))
        .collect();
    events.sort_by_key(|e| e.time());
    let span = events.iter().filter_map(|e| e.first.or(e.last)).min().zip(events.iter().filter_map(|e| e.time()).max()).map(|(a, b)| (b - a).num_seconds());
    let without_pause = span.is_some_and(|s| s <= (count - 1).max(0) * (probe.period + probe.timeout));
    let streak = if without_pause { count } else { count.min(probe.failure_threshold) };
    let cited: Vec<_> = events.iter().map(|e| scene.cite_event(e)).collect();
    if streak > 0 {
        scene.facts.hold("probe.streak", streak, cited);
    }
}

/// Policies that select the pod for outgoing traffic, or a peer that it names for incoming. They are asked for only where
/// a dependency is suspected.
fn network_policies(scene: &mut Scene<'_>, pod: &Pod) {
    if let Some(gap) = scene.case.gaps_of("networkpolicies.networking.k8s.io").next().cloned() {
        if gap.kind == crate::evidence::GapKind::Forbidden {
            scene.facts.hold("spec.network_policies_unseen", true, []);
        }
        scene.facts.unseen("spec.network_policy", gap);
        return;
    }
    let policies: Vec<&Object> = scene.case.objects.values().filter(|o| o.kind() == "NetworkPolicy").collect();
    for policy in policies {
        let of_peer = scene.case.peers.iter().filter(|p| matches!(p.relation, PeerRelation::Named(_))).filter_map(|p| p.pod.as_ref());
        let outgoing = has_type(policy, "Egress") && selects(policy, pod);
        let incoming = has_type(policy, "Ingress") && of_peer.into_iter().any(|peer| peer.namespace == policy.namespace() && selects(policy, peer));
        if outgoing || incoming {
            let cited = scene.cites.cite(crate::evidence::Citation {
                source: crate::evidence::Source::Owner,
                object: policy.reference().path(),
                field: "spec.podSelector".to_owned(),
                time: None,
                text: if outgoing { "selects this pod for outgoing traffic" } else { "selects the peer for incoming traffic" }.to_owned(),
                authority: Authority::Controller,
            });
            scene.facts.hold("spec.network_policy", policy.name(), [cited]);
        }
    }
}

/// `policyTypes`; without it Ingress always, and Egress where there are rules for it (networking/v1).
fn has_type(policy: &Object, kind: &str) -> bool {
    let types = policy.list("/spec/policyTypes");
    if types.is_empty() {
        return kind == "Ingress" || policy.at("/spec/egress").is_some();
    }
    types.iter().any(|t| t.as_str() == Some(kind))
}

/// A label selector; an empty one selects every pod.
fn selects(policy: &Object, pod: &Pod) -> bool {
    let wanted = policy.at("/spec/podSelector/matchLabels").and_then(Json::as_object);
    let equal = wanted.into_iter().flatten().all(|(k, v)| pod.labels.get(k).map(String::as_str) == v.as_str());
    equal
        && policy.list("/spec/podSelector/matchExpressions").iter().all(|e| {
            let text = |k: &str| e.get(k).and_then(Json::as_str).unwrap_or_default();
            let has = pod.labels.get(text("key"));
            let among = has.is_some_and(|v| e.get("values").and_then(Json::as_array).is_some_and(|l| l.iter().any(|x| x.as_str() == Some(v))));
            match text("operator") {
                "In" => among,
                "NotIn" => !among,
                "Exists" => has.is_some(),
                "DoesNotExist" => has.is_none(),
                _ => false,
            }
        })
}
