//! Probe forensics: what fails, how, and since when, from probe spec, ports, messages and timings.

use super::history::{Death, Subject, SubjectKind};
use super::kills::KillEvent;
use super::scene::Scene;
use crate::evidence::{Authority, Container, Event, Probe, ProbeHandler, ProbeKind};
use crate::signatures;

/// An Unhealthy event, read.
struct Failure<'a> {
    kind: ProbeKind,
    output: &'a str,
    event: &'a Event,
}

/// `Liveness probe failed: …`, `Readiness probe errored and resulted in unknown state: …` (K/pkg/kubelet/prober/prober.go).
fn read(event: &Event) -> Option<Failure<'_>> {
    let (word, rest) = event.message.split_once(" probe ")?;
    let kind = match word {
        "Liveness" => ProbeKind::Liveness,
        "Readiness" => ProbeKind::Readiness,
        "Startup" => ProbeKind::Startup,
        _ => return None,
    };
    let output = rest.split_once(": ").map_or("", |(_, o)| o);
    Some(Failure { kind, output, event })
}

/// Lays down the probe facts of the subject's container.
pub(super) fn facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death], kills: &[KillEvent<'_>]) {
    let Some(name) = subject.container.clone() else { return };
    let container = scene.container(&name).cloned();
    let death = subject.death.and_then(|i| deaths.get(i)).cloned();
    if let Some(kill) = death.as_ref().and_then(|d| d.killed.clone()) {
        match kill.why {
            "liveness-probe" => scene.facts.hold("probe.killed_by", "liveness", [kill.cited]),
            "startup-probe" => scene.facts.hold("probe.killed_by", "startup", [kill.cited]),
            _ => {}
        }
    }
    let probe_kills: i64 = kills.iter().filter(|k| k.container == name && k.why.ends_with("-probe")).map(|k| k.event.count).sum();
    if probe_kills > 0 {
        let cited: Vec<_> = kills.iter().filter(|k| k.container == name && k.why.ends_with("-probe")).map(|k| scene.cite_event(k.event)).collect();
        scene.facts.hold("probe.kills", probe_kills, cited);
    }
    let events: Vec<&Event> = scene.events.iter().copied().filter(|e| e.reason == "Unhealthy" && e.container.as_deref().is_none_or(|c| c == name)).collect();
    let failures: Vec<Failure<'_>> = events.into_iter().filter_map(read).collect();
    let killer = scene.facts.text("probe.killed_by").map(str::to_owned);
    let mut count = 0;
    for failure in &failures {
        let cited = scene.cite_event(failure.event);
        scene.facts.hold("probe.failing", failure.kind.word(), [cited]);
        // Of the probe that killed, or of the one that keeps it out of service; readiness failures right after a start are normal.
        let decisive =
            killer.as_deref().map_or(failure.kind == ProbeKind::Readiness && is_out_of_service(container.as_ref(), subject), |k| k == failure.kind.word());
        if !decisive {
            continue;
        }
        count += failure.event.count;
        if let Some(code) = failure.output.rsplit_once("statuscode: ").and_then(|(_, c)| c.trim().parse::<i64>().ok()) {
            scene.facts.hold("probe.status_code", code, [cited]);
        }
        let probe = container.as_ref().and_then(|c| c.probe(failure.kind));
        if let Some(container) = container.as_ref()
            && let Some(how) = how(failure.output, probe, container)
        {
            scene.facts.hold("probe.failure", how, [cited]);
            let cpu = container.limits.get("cpu").and_then(|c| millicores(c));
            if how == "hang" && cpu.is_some_and(|m| m <= 100) {
                scene.facts.hold("probe.starved", true, [cited]);
            }
        }
        for finding in signatures::classify(failure.output).into_iter().filter(|f| !f.cause.starts_with("probe.") && !f.generic) {
            // What an exec probe prints or a body says is the program's text; that the probe itself was refused says nothing of a dependency.
            // A file that a check looks for is a marker of health more often than a missing piece of configuration.
            let marker = finding.cause.starts_with("config.");
            if matches!(probe.map(|p| &p.handler), Some(ProbeHandler::Exec { .. })) && !marker {
                scene.facts.hold("probe.output_cause", finding.cause, [cited]);
            }
        }
    }
    if count > 0 {
        scene.facts.hold("probe.count", count, []);
    }
    too_tight(scene, container.as_ref(), death.as_ref(), killer.as_deref());
    not_ready(scene, container.as_ref(), subject);
    if scene.facts.get("probe.failing").is_none()
        && let Some(gap) = scene.events_gap()
    {
        scene.facts.unseen("probe.failing", gap.clone());
        scene.facts.unseen("probe.killed_by", gap);
    }
}

fn is_out_of_service(container: Option<&Container>, subject: &Subject) -> bool {
    subject.kind == SubjectKind::Running && container.is_some_and(|c| !c.ready)
}

/// How a probe fails.
fn how(output: &str, probe: Option<&Probe>, container: &Container) -> Option<&'static str> {
    let o = output;
    let has = |t: &str| o.contains(t);
    if has("malformed HTTP")
        || has("server gave HTTP response to HTTPS client")
        || has("HTTP request to an HTTPS server")
        || has("first record does not look like a TLS handshake")
        || has("error reading server preface")
    {
        return Some("wrong-scheme");
    }
    // Servers answer plain HTTP on a TLS port with 400.
    if has("statuscode: 400") && asks_tls_port(probe, container) {
        return Some("wrong-scheme");
    }
    // A port name that the container does not have (K/pkg/probe/util.go `ResolveContainerPort`).
    if has("strconv.Atoi: parsing") || has("invalid port number") {
        return Some("wrong-port");
    }
    if has("statuscode: 404") || has("does not implement the grpc health protocol") || has("unknown service") {
        return Some("wrong-path");
    }
    if has("context deadline exceeded") || has("timed out") || has("i/o timeout") || has("Client.Timeout") {
        return Some("hang");
    }
    if has("connection refused") {
        let port = match probe.map(|p| &p.handler) {
            Some(ProbeHandler::Http { port, .. } | ProbeHandler::Tcp { port } | ProbeHandler::Grpc { port }) => port.as_str(),
            _ => "",
        };
        let declared = container.ports.iter().any(|p| p.name == port || p.port.to_string() == port);
        return Some(if !container.ports.is_empty() && !port.is_empty() && !declared { "wrong-port" } else { "refused" });
    }
    if has("statuscode:") || has("NOT_SERVING") {
        return Some("unhealthy");
    }
    match probe.map(|p| &p.handler) {
        Some(ProbeHandler::Exec { .. }) => Some("command"),
        _ => None,
    }
}

/// A plain HTTP probe of a port that is TLS by name or by number.
fn asks_tls_port(probe: Option<&Probe>, container: &Container) -> bool {
    let Some(ProbeHandler::Http { port, scheme, .. }) = probe.map(|p| &p.handler) else { return false };
    let named = container.ports.iter().find(|p| p.name == *port || p.port.to_string() == *port);
    let tls = |name: &str, number: i64| name.contains("https") || name.contains("tls") || matches!(number, 443 | 6443 | 8443 | 9443);
    scheme.eq_ignore_ascii_case("HTTP") && (tls(port, port.parse().unwrap_or(0)) || named.is_some_and(|p| tls(&p.name, p.port)))
}

/// The container was never given the time that it shows to need: killed while still starting, inside the first budget.
fn too_tight(scene: &mut Scene<'_>, container: Option<&Container>, death: Option<&Death>, killer: Option<&str>) {
    let (Some(container), Some(death), Some(killer)) = (container, death, killer) else { return };
    let kind = if killer == "startup" { ProbeKind::Startup } else { ProbeKind::Liveness };
    let (Some(probe), Some(kill)) = (container.probe(kind), death.killed.as_ref().and_then(|k| k.time)) else { return };
    let Some(lived) = death.started.map(|s| (kill - s).num_seconds()) else { return };
    let budget = probe.initial_delay + probe.period * probe.failure_threshold + probe.timeout;
    let refused = scene.facts.has("probe.failure", &"refused".into());
    if lived <= budget + probe.period + 1 && refused && budget < 60 {
        let text = format!(
            "{killer} probe allows {budget} s from the start: delay {} s, {} failures {} s apart",
            probe.initial_delay, probe.failure_threshold, probe.period
        );
        let cited = scene.cite_pod(format!("spec.{}[{}].{killer}Probe", container.kind.spec_field(), container.index), text, None, Authority::Controller);
        scene.facts.hold("probe.failure", "too-tight", [cited]);
    }
}

fn not_ready(scene: &mut Scene<'_>, container: Option<&Container>, subject: &Subject) {
    let Some(container) = container.filter(|c| is_out_of_service(Some(c), subject) && c.probe(ProbeKind::Readiness).is_some()) else { return };
    let Some(condition) = scene.live.and_then(|p| p.condition("ContainersReady").or_else(|| p.condition("Ready"))).filter(|c| c.status != "True").cloned()
    else {
        return;
    };
    let seconds = condition.since.map_or(0, |t| (scene.now() - t).num_seconds().max(0));
    let cited = scene.cite_pod(format!("{}.ready", container.path()), format!("not ready: {}", condition.message), condition.since, Authority::Kubelet);
    scene.facts.hold("probe.not_ready_seconds", seconds, [cited]);
}

/// `100m`, `0.5`, `2` as millicores.
fn millicores(quantity: &str) -> Option<i64> {
    match quantity.strip_suffix('m') {
        Some(m) => m.parse().ok(),
        None => quantity.parse::<f64>().ok().filter(|f| f.is_finite()).map(|f| (f * 1000.0) as i64),
    }
}
