//! Ends that the container runtime's own journal tells, hours after the pod is gone (containerd `internal/cri/server/events.go`,
//! `container_stop.go`): joined to the pod by its UID, to the container by the id that the runtime gave it.

use std::collections::BTreeMap;

use super::history::{Death, DeathSource, Kill, Mechanism};
use super::mechanism::is_crash_signal;
use super::scene::Scene;
use crate::evidence::{Authority, Citation, ContainerKind, Source, Time, parse_time};

/// What the journal tells of one container instance.
#[derive(Clone, Debug, Default)]
struct Instance {
    name: String,
    started: Option<Time>,
    /// Line of the out-of-memory kill.
    oom: Option<String>,
    /// Line and time of the request to stop it.
    stopped: Option<(String, Option<Time>)>,
    /// Line, code and time of its exit.
    exit: Option<(String, i64, Option<Time>)>,
}

/// A value behind a key, quoted or up to a comma or blank: `exit_status:137`, `container_id:"x"`, `Name:main,`.
fn value<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(key)?;
    let rest = rest.trim_start_matches(' ');
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([',', ' ', '}', '"']).next(),
    }
    .filter(|v| !v.is_empty())
}

/// `time="…"` of the line, or the moment of the exit that it tells.
fn time_of(line: &str) -> Option<Time> {
    let stamped = line.split_once("time=\"").and_then(|(_, rest)| rest.split('"').next()).and_then(parse_time);
    stamped.or_else(|| {
        let seconds = value(line.split_once("exited_at:").map(|(_, r)| r)?, "seconds:")?.parse().ok()?;
        Time::from_timestamp(seconds, 0)
    })
}

fn instances(scene: &Scene<'_>) -> BTreeMap<String, Instance> {
    let mut found: BTreeMap<String, Instance> = BTreeMap::new();
    let Some(uid) = scene.uid.as_deref().filter(|u| !u.is_empty()) else { return found };
    let lines: Vec<String> = scene.case.node_logs.iter().flat_map(|l| &l.lines).map(|l| l.replace("\\\"", "\"")).collect();
    let mut sandboxes: Vec<&str> = Vec::new();
    for line in lines.iter().filter(|l| l.contains(uid)) {
        sandboxes.extend(line.contains("RunPodSandbox").then(|| value(line, "returns sandbox id")).flatten());
        // The kubelet's own journal ties name and id: containerName="main" containerID="containerd://…".
        if let (Some(name), Some(id)) = (value(line, "containerName="), value(line, "containerID=")) {
            let id = id.rsplit("//").next().unwrap_or(id);
            found.entry(id.to_owned()).or_default().name = name.to_owned();
        }
    }
    for line in lines.iter().filter(|l| l.contains("CreateContainer within sandbox") && sandboxes.iter().any(|s| l.contains(*s))) {
        if let (Some(id), Some(name)) = (value(line, "returns container id"), value(line, "Name:").or_else(|| value(line, "name:"))) {
            let instance = found.entry(id.to_owned()).or_default();
            instance.name = name.to_owned();
            instance.started = time_of(line);
        }
    }
    for (id, instance) in &mut found {
        for line in lines.iter().filter(|l| l.contains(id.as_str())) {
            if line.contains("TaskOOM event") {
                instance.oom.get_or_insert_with(|| line.clone());
            } else if line.contains("StopContainer for") || line.contains("Stop container") {
                instance.stopped.get_or_insert_with(|| (line.clone(), time_of(line)));
            } else if let Some(code) =
                value(line, "exit_status:").and_then(|c| c.parse().ok()).filter(|_| line.contains("exit event") || line.contains("TaskExit"))
            {
                instance.exit.get_or_insert_with(|| (line.clone(), code, time_of(line)));
            } else if line.contains("StartContainer for") && line.contains("returns successfully") {
                instance.started = time_of(line).or(instance.started);
            }
        }
    }
    found
}

/// The deaths, by end.
pub(super) fn deaths(scene: &mut Scene<'_>) -> Vec<Death> {
    let mut all = Vec::new();
    for (id, instance) in instances(scene) {
        let Some((line, code, finished)) = instance.exit.clone() else { continue };
        let mut cite = |text: &str, time| {
            scene.cites.cite(Citation {
                source: Source::Node,
                object: format!("{}/{id}", instance.name),
                field: "journal of the container runtime".to_owned(),
                time,
                text: text.to_owned(),
                authority: Authority::Runtime,
            })
        };
        let mut cited = Vec::new();
        // A kill of the kernel's comes before any stop; one that follows is a stop that could not be heeded.
        let oom = instance.oom.as_deref().filter(|_| instance.stopped.is_none());
        cited.extend(oom.map(|l| cite(l, finished)));
        cited.push(cite(&line, finished));
        let kill = instance.stopped.as_ref().map(|(text, time)| Kill { time: *time, why: "stopping", cited: cite(text, *time) });
        let mechanism = match (code, oom, &kill) {
            (137, Some(_), _) => Mechanism::OomKilled,
            (_, _, Some(_)) => Mechanism::Stopped,
            (c, _, _) if is_crash_signal(c) => Mechanism::Signaled,
            (130 | 137 | 143, _, _) => Mechanism::Unknown,
            _ => Mechanism::Exited,
        };
        all.push(Death {
            kind: scene.container(&instance.name).map_or(ContainerKind::Main, |c| c.kind),
            container: instance.name,
            started: instance.started,
            finished,
            exit_code: Some(code),
            reason: oom.map(|_| "OOMKilled".to_owned()),
            message: None,
            mechanism,
            from: DeathSource::Runtime,
            killed: kill,
            log_previous: None,
            cited,
        });
    }
    all.sort_by(|a, b| (a.finished, &a.container).cmp(&(b.finished, &b.container)));
    all
}
