//! Investigations built by hand.

use std::collections::BTreeMap;

use a2::diagnosis::{DoneBox, Investigation, NextStep, Suspect, Verdict};
use a2::evidence::{Authority, CaseFile, Citation, ContainerKind, Cost, Gap, GapKind, Object, Options, Pod, Source, SourceStatus, Target, Time, parse_time};
use a2::reconstruct::{
    CitationId, Citations, Death, DeathSource, Facts, History, Horizon, Impact, Incarnation, LastSign, Link, LogExcerpt, Mechanism, Primary, Removal,
    RetryLoop, SiblingRow, Siblings, Silence, Subject, SubjectKind, TimelineEntry,
};
use a2::rules::{Confidence, Priority, RankedCause, Remedy, Sign};
use serde_json::{Value, json};

use super::objects::{event_json, pod_json};

/// The fixtures by name.
pub fn all() -> Vec<(&'static str, Investigation)> {
    vec![("silent-oom", silent_oom()), ("gone", gone()), ("healthy", healthy())]
}

/// One of them.
pub fn named(name: &str) -> Investigation {
    all().into_iter().find(|(n, _)| *n == name).map(|(_, i)| i).expect("a fixture of this name")
}

/// A moment of the fixtures' day.
pub fn at(clock: &str) -> Time {
    parse_time(&format!("2026-03-04T{clock}Z")).expect("a time of day")
}

/// An investigation that knows a case and nothing else.
pub fn of_case(case: CaseFile) -> Investigation {
    let mut history = blank();
    history.pod = case.pod.clone();
    history.exists = case.pod.is_some();
    history.uid = case.pod.as_ref().map(|p| p.uid.clone());
    Investigation {
        kin: a2::diagnosis::Kin::default(),
        verdict: verdict("unknown", Confidence::None, 0.4, "not judged"),
        causes: Vec::new(),
        suspects: Vec::new(),
        hints: Vec::new(),
        next_steps: Vec::new(),
        definition_of_done: Vec::new(),
        sources: case.sources.clone(),
        gaps: case.gaps.clone(),
        fingerprint: "0000000000000000".to_owned(),
        explanation: Vec::new(),
        case,
        history,
    }
}

fn blank() -> History {
    History {
        pod: None,
        pod_from: "api",
        exists: false,
        uid: None,
        incarnations: Vec::new(),
        primary: None,
        deaths: Vec::new(),
        subject: Subject { kind: SubjectKind::Running, container: None, role: "primary", death: None, recovered_since: None, mechanism: Mechanism::Unknown },
        effective_status: "running",
        silence: Silence { silent: Some(false), ..Silence::default() },
        removal: None,
        siblings: Siblings { pattern: "unknown", ..Siblings::default() },
        timeline: Vec::new(),
        excerpts: Vec::new(),
        last_signs: Vec::new(),
        loops: Vec::new(),
        impact: Vec::new(),
        context: BTreeMap::new(),
        facts: Facts::default(),
        citations: Citations::default(),
        gaps: Vec::new(),
        horizon: Vec::new(),
        provenance: Vec::new(),
        ladder: Vec::new(),
        traced: true,
        links: Vec::new(),
    }
}

fn verdict(cause: &str, confidence: Confidence, probability: f64, headline: &str) -> Verdict {
    Verdict { cause: cause.to_owned(), confidence, probability, container: None, exit_code: None, signal: None, reason: None, headline: headline.to_owned() }
}

fn cite(history: &mut History, source: Source, object: &str, field: &str, time: &str, text: &str, authority: Authority) -> CitationId {
    history.citations.cite(Citation { source, object: object.to_owned(), field: field.to_owned(), time: Some(at(time)), text: text.to_owned(), authority })
}

fn sign(says: &str, cited: &[CitationId], weight: f64, group: &str) -> Sign {
    Sign { says: says.to_owned(), cited: cited.to_vec(), weight, group: group.to_owned() }
}

fn cause(id: &str, title: &str, probability: f64, confidence: Confidence) -> RankedCause {
    RankedCause {
        cause: id.to_owned(),
        title: title.to_owned(),
        probability,
        confidence,
        supporting: Vec::new(),
        against: Vec::new(),
        unseen: Vec::new(),
        would_confirm: Vec::new(),
        remedy: Vec::new(),
        on_path: false,
        from_siblings: false,
    }
}

fn suspect(family: &'static str, standing: &'static str, note: &str, cited: &[CitationId]) -> Suspect {
    Suspect { family, standing, note: note.to_owned(), cited: cited.to_vec() }
}

fn death(container: &str, started: &str, finished: &str, code: Option<i64>, reason: Option<&str>, mechanism: Mechanism, cited: &[CitationId]) -> Death {
    Death {
        container: container.to_owned(),
        kind: ContainerKind::Main,
        started: Some(at(started)),
        finished: Some(at(finished)),
        exit_code: code,
        reason: reason.map(str::to_owned),
        message: None,
        mechanism,
        from: DeathSource::State,
        killed: None,
        log_previous: Some(false),
        cited: cited.to_vec(),
    }
}

fn row(clock: &str, actor: &'static str, what: &str, cited: CitationId) -> TimelineEntry {
    TimelineEntry { time: at(clock), actor, what: what.to_owned(), cited }
}

fn sibling(name: &str, code: i64, alike: bool, started: &str, ended: &str) -> SiblingRow {
    SiblingRow {
        name: name.to_owned(),
        source: "live",
        phase: Some("Running".to_owned()),
        exit_code: Some(code),
        reason: Some(if code == 137 { "OOMKilled" } else { "Completed" }.to_owned()),
        started: Some(at(started)),
        ended: Some(at(ended)),
        node: Some("worker-1".to_owned()),
        image: Some("registry.example/build:2".to_owned()),
        restarts: 0,
        alike,
        failed: code != 0,
        same_owner: true,
    }
}

fn done() -> Vec<DoneBox> {
    let item = |group, item: &str, state| DoneBox { group, item: item.to_owned(), state, cited: Vec::new() };
    vec![
        item("Code fix", "root cause identified with concrete evidence", "done"),
        item("Code fix", "the fix prevents the crash", "not-checkable"),
        item("Deployment", "the change is linked to its issue", "open"),
        item("Verification", "a later run ends with exit code 0", "open"),
    ]
}

fn base(pod: Option<Value>) -> Investigation {
    let target = Target { namespace: "shop".to_owned(), name: "builder-7c9".to_owned(), uid: None };
    let mut case = CaseFile::new(target, Options::default(), at("10:45:12"));
    case.pod = pod.map(Object::new).map(Pod::from_object);
    case.server_version = Some("v1.36.2".to_owned());
    case.cost = Cost { requests: 9, bytes: 48_211 };
    case.sources = vec![
        SourceStatus { name: "pod".to_owned(), gap: None, empty: false, detail: "1 object".to_owned() },
        SourceStatus { name: "events".to_owned(), gap: None, empty: false, detail: "7 events".to_owned() },
        SourceStatus { name: "node worker-1".to_owned(), gap: Some(GapKind::Forbidden), empty: false, detail: "403".to_owned() },
    ];
    of_case(case)
}

/// The primary container was OOM-killed, its companion keeps the pod at Running.
pub fn silent_oom() -> Investigation {
    let mut i = base(Some(pod_json()));
    i.case.events = vec![
        event_json("Pulled", "Normal", "10:00:02", 1, "Container image \"registry.example/build:2\" already present on machine"),
        event_json("Unhealthy", "Warning", "10:04:08", 3, "Liveness probe failed: Get \"http://10.1.0.7:8080/healthz\": context deadline exceeded"),
    ];
    let h = &mut i.history;
    let pod = "Pod/shop/builder-7c9";
    let status = cite(h, Source::Pod, pod, "status.containerStatuses[0].state.terminated", "10:04:10", "OOMKilled, exit code 137", Authority::Kubelet);
    let phase = cite(h, Source::Pod, pod, "status.phase", "10:00:01", "Running", Authority::Kubelet);
    let log = cite(h, Source::Log, pod, "build", "10:04:09", "linking 412 objects 圧縮中", Authority::Workload);
    let unused = cite(h, Source::Pod, pod, "spec.containers[1].image", "10:00:00", "never referenced", Authority::Kubelet);
    assert_eq!(unused.label(), "e4");
    let scheduled = cite(h, Source::Event, pod, "Scheduled", "10:00:00", "Successfully assigned shop/builder-7c9 to worker-1", Authority::Controller);
    let started = cite(h, Source::Event, pod, "Started", "10:00:03", "Container started", Authority::Kubelet);
    let probe = cite(h, Source::Event, pod, "Unhealthy", "10:04:08", "Liveness probe failed (x3)", Authority::Kubelet);
    h.primary = Some(Primary { container: "build".to_owned(), why: "first container of the spec that is no known sidecar".to_owned() });
    h.deaths = vec![death("build", "10:00:03", "10:04:10", Some(137), Some("OOMKilled"), Mechanism::OomKilled, &[status])];
    h.subject = Subject {
        kind: SubjectKind::Death,
        container: Some("build".to_owned()),
        role: "primary",
        death: Some(0),
        recovered_since: None,
        mechanism: Mechanism::OomKilled,
    };
    h.effective_status = "stopped";
    h.silence = Silence {
        silent: Some(true),
        held_up_by: vec!["tools".to_owned()],
        dead_since: Some(at("10:04:10")),
        ends: Some(("the pod's activeDeadlineSeconds".to_owned(), at("12:00:01"))),
        cited: vec![phase, status],
    };
    h.timeline = vec![
        row("10:00:00", "owner", "scheduled to worker-1", scheduled),
        row("10:00:03", "container", "build started", started),
        row("10:04:08", "kubelet", "liveness probe of build failed (3 times): context deadline exceeded while awaiting headers", probe),
        row("10:04:10", "container", "build ended: OOMKilled, exit 137", status),
    ];
    h.excerpts = vec![LogExcerpt {
        pod: None,
        container: "build".to_owned(),
        previous: false,
        lines: vec!["compiling 411 of 412".to_owned(), "linking 412 objects 圧縮中の出力を書き込んでいます".to_owned(), "rss 63.9 MiB of 64 MiB".to_owned()],
        decisive: vec![2],
    }];
    h.last_signs = vec![LastSign { container: "build".to_owned(), at: Some(at("10:04:09")), seconds_before_death: Some(1), empty: false }];
    h.siblings = Siblings {
        rows: vec![
            sibling("builder-5aa", 0, false, "08:00:00", "08:10:00"),
            sibling("builder-6bb", 137, true, "09:00:00", "09:04:00"),
            sibling("builder-7aa", 137, true, "09:30:00", "09:34:00"),
        ],
        failed_alike: 2,
        pattern: "recurring",
        changes: vec!["image differs: registry.example/build:1 → registry.example/build:2".to_owned()],
    };
    h.context = BTreeMap::from([("workflow", "nightly".to_owned()), ("node", "nightly.build".to_owned()), ("task", "1207".to_owned())]);
    h.impact = vec![Impact { what: "node publish was omitted".to_owned(), object: "Workflow/shop/nightly".to_owned() }];
    h.loops = vec![RetryLoop { what: "execute_claimed".to_owned(), period_seconds: 60, count: 12, first: at("10:05:00"), last: at("10:17:00"), cited: log }];
    h.incarnations = vec![Incarnation { uid: "3b1f6f0e-0000-4000-8000-000000000001".to_owned(), first_seen: Some(at("10:00:00")), last_seen: None }];
    h.horizon = vec![Horizon {
        what: "events of the pod".to_owned(),
        lost: false,
        at: Some(at("11:04:00")),
        why: "an hour after the last one".to_owned(),
        capture: None,
    }];
    let mut oom = cause("oom.container-limit", "Container exceeded its memory limit", 0.971_234, Confidence::Confirmed);
    oom.on_path = true;
    oom.supporting = vec![
        sign("build was terminated with reason OOMKilled, exit code 137", &[status], 6.0, "status"),
        sign("its memory limit is 64Mi, and its log speaks of 63.9 MiB a second before", &[log], 1.0, "log"),
    ];
    oom.remedy = vec![Remedy {
        action: "raise the memory limit of build above what the build needs".to_owned(),
        priority: Priority::High,
        risk: "change",
        patch: Some(json!({ "spec": { "containers": [ { "name": "build", "resources": { "limits": { "memory": "128Mi" } } } ] } })),
    }];
    let mut liveness = cause("probe.liveness", "Killed because the liveness probe failed", 0.024, Confidence::Possible);
    liveness.supporting = vec![sign("the liveness probe failed 3 times just before", &[probe], 1.5, "probe")];
    liveness.against = vec![sign("no Killing event: the kubelet did not stop it", &[started], -3.0, "kill")];
    liveness.unseen = vec![Gap::new(GapKind::Forbidden, "get", "nodes", "conditions of node worker-1", "not allowed to get nodes")];
    liveness.would_confirm = vec!["kubectl get events -n shop --field-selector involvedObject.name=builder-7c9,reason=Killing".to_owned()];
    i.causes = vec![oom, liveness];
    i.suspects = vec![
        suspect("oom", "supported", "reason OOMKilled, exit code 137", &[status]),
        suspect("panic", "contradicted", "exit code 137 is no panic, and the log holds none", &[status, log]),
        suspect("timeout", "no-evidence", "no deadline was near", &[]),
        suspect("dependency", "no-evidence", "the log names no peer", &[]),
        suspect("error", "not-knowable", "the log ends in the middle of a line", &[log]),
    ];
    i.hints = vec!["the memory-backed emptyDir work counts against the memory limit of build".to_owned()];
    i.gaps = vec![
        Gap::new(
            GapKind::Forbidden,
            "get",
            "nodes",
            "conditions of node worker-1",
            "nodes \"worker-1\" is forbidden: User \"dev\" cannot get resource \"nodes\"",
        )
        .capture("kubectl get node worker-1 -o yaml"),
    ];
    i.next_steps = vec![NextStep {
        action: "see how much memory build takes before it dies".to_owned(),
        command: Some("kubectl logs -n shop builder-7c9 -c build --tail=200".to_owned()),
        priority: Priority::High,
    }];
    i.definition_of_done = done();
    i.explanation = vec!["oom.container-limit: prior -1.2 + status 6.0 + log 1.0 = 5.8".to_owned()];
    i.verdict = Verdict {
        container: Some("build".to_owned()),
        exit_code: Some(137),
        signal: Some("SIGKILL".to_owned()),
        reason: Some("OOMKilled".to_owned()),
        ..verdict(
            "oom.container-limit",
            Confidence::Confirmed,
            0.971_234,
            "build was OOM-killed at its limit of 64Mi (exit 137) 41 min ago, and tools has kept the pod Running since",
        )
    };
    i
}

/// The pod is gone; its owner's template, two events and its siblings are all there is.
pub fn gone() -> Investigation {
    let mut i = base(None);
    i.case.pod_absent = true;
    let mut template = pod_json();
    if let Some(map) = template.as_object_mut() {
        map.remove("status");
    }
    let h = &mut i.history;
    h.pod = Some(Pod::from_object(Object::new(template)));
    h.pod_from = "owner-template";
    h.exists = false;
    h.effective_status = "gone";
    h.silence = Silence::default();
    h.subject.kind = SubjectKind::Gone;
    let event = cite(h, Source::Event, "Pod/shop/builder-7c9", "Started", "10:00:03", "Container started", Authority::Kubelet);
    let peer = cite(h, Source::Sibling, "Pod/shop/ledger-0", "status.containerStatuses[0].lastState.terminated", "10:04:06", "OOMKilled", Authority::Kubelet);
    h.removal = Some(Removal { kind: "deleted-by-request", note: "by whom only the audit log knows".to_owned(), cited: vec![event] });
    h.timeline = vec![row("10:00:03", "kubelet", "build started", event)];
    h.links = vec![Link {
        object: "Pod/shop/ledger-0".to_owned(),
        what: "was OOM-killed 4 s before".to_owned(),
        cause: Some("oom.container-limit".to_owned()),
        cited: vec![peer],
    }];
    h.siblings = Siblings { rows: vec![sibling("builder-6bb", 1, true, "09:00:00", "09:04:00")], failed_alike: 1, pattern: "isolated", changes: Vec::new() };
    let mut error = cause("error.unhandled", "The application's own failure", 0.31, Confidence::Possible);
    error.from_siblings = true;
    error.supporting = vec![sign("1 sibling of the same owner ended with exit code 1", &[peer], 1.0, "siblings")];
    i.causes = vec![error];
    i.gaps = vec![
        Gap::new(GapKind::NotFound, "get", "pods", "the pod", "pods \"builder-7c9\" not found").capture("a2 watch -n shop"),
        Gap::new(GapKind::NotFound, "get", "pods/log", "logs of container build", "the log went with the pod"),
    ];
    i.definition_of_done = done();
    i.verdict = verdict("unknown", Confidence::None, 0.55, "the pod is gone, and what is left does not say what ended it");
    i
}

/// Nothing is wrong.
pub fn healthy() -> Investigation {
    let mut value = pod_json();
    value["status"]["containerStatuses"][0]["state"] = json!({ "running": { "startedAt": "2026-03-04T10:00:03Z" } });
    value["status"]["containerStatuses"][0]["ready"] = json!(true);
    let mut i = base(Some(value));
    i.history.subject.mechanism = Mechanism::Running;
    let ready = cite(&mut i.history, Source::Pod, "Pod/shop/builder-7c9", "status.conditions[0]", "10:00:04", "Ready True", Authority::Kubelet);
    let mut running = cause("healthy.running", "Nothing is wrong", 0.98, Confidence::Confirmed);
    running.on_path = true;
    running.supporting = vec![sign("build runs and is ready, and nothing failed in the last 24 h", &[ready], 5.0, "status")];
    i.causes = vec![running];
    i.verdict =
        Verdict { container: Some("build".to_owned()), ..verdict("healthy.running", Confidence::Confirmed, 0.98, "build runs and is ready since 45 min") };
    i
}
