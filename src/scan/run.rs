//! The scan itself: overview, triage, a whole look at the suspects, findings.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use tokio::time::{Duration, Instant};

use super::finding::{self, Finding, Severity};
use super::options::ScanOptions;
use super::triage::suspects;
use crate::collect::{self, Asked, Extras, Known, Overview};
use crate::diagnosis::diagnose;
use crate::evidence::{Budget, CaseFile, Cost, Event, Gap, GapKind, Object, Options, Owner, Related, SourceStatus, Target, Time};
use crate::reconstruct::{Mechanism, SubjectKind};
use crate::rules::RuleSet;
use crate::source::{Connection, SourceError};

/// Namespaces and suspects that are looked at at once.
const AT_ONCE: usize = 8;
/// From this share of suspects on, one list of the namespace is cheaper than one GET each.
const LIST_FROM_TENTHS: usize = 1;

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pods looked at.
    pub pods: usize,
    /// Pods without a finding.
    pub healthy: usize,
    /// Findings.
    pub findings: usize,
    /// Silent failures.
    pub silent: usize,
    /// Pods left out on request.
    pub excluded: usize,
}

/// The answer of a scan.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Namespaces that were looked at.
    pub namespaces: Vec<String>,
    /// "Now".
    pub observed_at: Time,
    /// Counts.
    pub counts: Counts,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// How each source answered.
    pub sources: Vec<SourceStatus>,
    /// What could not be learned.
    pub gaps: Vec<Gap>,
    /// What it cost.
    pub cost: Cost,
}

/// Scans namespaces. Suspects are judged one after the other and let go: memory does not grow with healthy pods.
///
/// # Errors
/// Only when the source as a whole is of no use.
pub async fn scan(conn: &Connection, rules: &RuleSet, options: &ScanOptions) -> Result<Scan, SourceError> {
    let before = conn.meter.read();
    let deadline = Instant::now() + Duration::from_millis(options.budget.milliseconds);
    let mut gaps = Vec::new();
    let namespaces = which(conn, options, &mut gaps).await?;
    let asked = Asked { selector: options.selector.clone(), field_selector: options.field_selector.clone(), exclude: options.exclude.clone() };
    let looks = namespaces.iter().map(|namespace| {
        let asked = &asked;
        async move {
            if Instant::now() >= deadline {
                return (None, namespace.clone(), Part::late(namespace));
            }
            let seen = collect::overview(conn, namespace, asked).await;
            let part = look(conn, rules, options, &seen, deadline).await;
            (Some(seen.readable), namespace.clone(), part)
        }
    });
    let mut parts: Vec<_> = futures::stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
    parts.sort_by(|a, b| a.1.cmp(&b.1));
    let mut scan = Scan {
        namespaces,
        observed_at: conn.now().unwrap_or(Time::UNIX_EPOCH),
        counts: Counts::default(),
        findings: Vec::new(),
        sources: Vec::new(),
        gaps,
        cost: Cost::default(),
    };
    for (_, _, part) in parts {
        scan.counts.pods += part.pods;
        scan.counts.excluded += part.excluded;
        scan.counts.healthy += part.pods.saturating_sub(part.findings.iter().filter_map(|f| f.pod.as_ref()).collect::<BTreeSet<_>>().len());
        scan.findings.extend(part.findings);
        scan.sources.extend(part.sources);
        scan.gaps.extend(part.gaps);
    }
    scan.findings.retain(|f| f.severity >= options.severity && (!options.silent_only || f.silent));
    scan.findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then(b.silent.cmp(&a.silent)).then_with(|| (&a.namespace, &a.group, &a.pod).cmp(&(&b.namespace, &b.group, &b.pod)))
    });
    scan.gaps.sort();
    scan.gaps.dedup();
    scan.counts.findings = scan.findings.len();
    scan.counts.silent = scan.findings.iter().filter(|f| f.silent).count();
    let after = conn.meter.read();
    scan.cost = Cost { requests: after.requests.saturating_sub(before.requests), bytes: after.bytes.saturating_sub(before.bytes) };
    Ok(scan)
}

/// The namespaces to look at. Without cluster rights the ones that can be named remain.
async fn which(conn: &Connection, options: &ScanOptions, gaps: &mut Vec<Gap>) -> Result<Vec<String>, SourceError> {
    let mut names = options.namespaces.clone();
    if options.all_namespaces {
        match collect::namespaces(conn).await? {
            Ok(all) => names = all,
            Err(gap) => {
                gaps.push(gap);
                names.push(conn.default_namespace.clone());
            }
        }
    }
    if names.is_empty() {
        names.push(conn.default_namespace.clone());
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// What one namespace gave.
#[derive(Default)]
struct Part {
    pods: usize,
    excluded: usize,
    findings: Vec<Finding>,
    sources: Vec<SourceStatus>,
    gaps: Vec<Gap>,
}

impl Part {
    fn late(namespace: &str) -> Self {
        let gap = Gap::new(GapKind::TimedOut, "list", "pods", format!("pods of namespace {namespace}"), "the time allowed was spent");
        Self { gaps: vec![gap], ..Self::default() }
    }
}

async fn look(conn: &Connection, rules: &RuleSet, options: &ScanOptions, seen: &Overview, deadline: Instant) -> Part {
    let excluded: BTreeSet<&String> = seen.excluded.iter().collect();
    let rows: Vec<_> = seen.rows.iter().filter(|r| !excluded.contains(&r.name)).cloned().collect();
    let mut part = Part { pods: rows.len(), excluded: seen.rows.len() - rows.len(), sources: seen.sources.clone(), gaps: seen.gaps.clone(), ..Part::default() };
    let names = suspects(&rows, &seen.warnings, &seen.failed);
    let mut whole: BTreeMap<String, Object> = seen.objects.iter().map(|o| (o.name().to_owned(), o.clone())).collect();
    let mut events: Option<BTreeMap<String, Vec<Object>>> = None;
    if !rows.is_empty() && names.len() * 10 > rows.len() * LIST_FROM_TENTHS && names.len() > 3 {
        // One list instead of one GET each.
        if whole.is_empty() {
            match collect::objects_of(conn, &seen.namespace, "pods", None).await {
                Ok(all) => whole = all.into_iter().filter(|o| names.contains_key(o.name())).map(|o| (o.name().to_owned(), o)).collect(),
                Err(gap) => part.gaps.push(gap),
            }
        }
        match collect::objects_of(conn, &seen.namespace, "events", None).await {
            Ok(all) => {
                let mut by_pod: BTreeMap<String, Vec<Object>> = BTreeMap::new();
                for object in all {
                    let about = object.text("/involvedObject/name").or_else(|| object.text("/regarding/name")).unwrap_or_default().to_owned();
                    if names.contains_key(&about) {
                        by_pod.entry(about).or_default().push(object);
                    }
                }
                events = Some(by_pod);
            }
            Err(gap) => part.gaps.push(gap),
        }
    }
    let judged = names.keys().map(|name| {
        let known = Known { pod: whole.get(name).cloned(), events: events.as_ref().map(|e| e.get(name).cloned().unwrap_or_default()) };
        judge(conn, rules, options, &seen.namespace, name, known, deadline)
    });
    let mut all: Vec<(Option<Finding>, Vec<Gap>)> = futures::stream::iter(judged).buffer_unordered(AT_ONCE).collect().await;
    all.sort_by(|a, b| a.0.as_ref().map(|f| &f.pod).cmp(&b.0.as_ref().map(|f| &f.pod)));
    for (finding, gaps) in all {
        part.findings.extend(finding);
        part.gaps.extend(gaps);
    }
    part.findings.extend(never_created(conn, rules, options, seen).await);
    part
}

/// Judges one suspect: without logs first, and with them where they can change the answer.
async fn judge(
    conn: &Connection,
    rules: &RuleSet,
    options: &ScanOptions,
    namespace: &str,
    name: &str,
    mut known: Known,
    deadline: Instant,
) -> (Option<Finding>, Vec<Gap>) {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis() as u64;
    if left == 0 {
        return (None, vec![Gap::new(GapKind::TimedOut, "get", "pods", format!("pod {name}"), "the time allowed was spent")]);
    }
    let budget = Budget { rounds: 2, concurrency: 2, milliseconds: left };
    let target = || Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None };
    let with = |logs: bool| Options { logs, since_seconds: options.since_seconds, ..options.options.clone() };
    let first = {
        let extras = Extras { namespace_given: true, name_peers: None, known: Some(&known), brief: true };
        collect::collect(conn, target(), with(false), budget, extras).await
    };
    let case = match first {
        Ok(case) => case,
        Err(error) => return (None, vec![Gap::new(GapKind::TimedOut, "get", "pods", format!("pod {name}"), error.to_string())]),
    };
    if case.pod.is_none() {
        return (None, Vec::new()); // Gone since the rows were printed: nothing to say about it here.
    }
    let mut investigation = diagnose(&case, rules);
    let history = &investigation.history;
    let log_tells = match history.subject.kind {
        SubjectKind::Death => {
            !matches!(history.subject.mechanism, Mechanism::OomKilled | Mechanism::NotStarted | Mechanism::Lost) || history.facts.is("subject.recovered")
        }
        SubjectKind::Running => !history.facts.is("run.healthy") && history.subject.mechanism == Mechanism::Running && !history.facts.is("pod.deleting"),
        _ => false,
    };
    let mut gaps: Vec<Gap> = case.gaps.clone();
    if options.options.logs && log_tells {
        known.pod = case.pod.as_ref().map(|p| p.object.clone());
        known.events = Some(case.events.iter().map(|e| e.object.clone()).collect());
        let extras = Extras { namespace_given: true, name_peers: None, known: Some(&known), brief: true };
        if let Ok(again) = collect::collect(conn, target(), with(true), budget, extras).await {
            gaps.extend(again.gaps.iter().cloned());
            investigation = diagnose(&again, rules);
        }
    }
    gaps.sort();
    gaps.dedup();
    (finding::of(&investigation, options.grace_seconds), gaps)
}

/// Owners whose pods could not be created: only their FailedCreate events tell.
async fn never_created(conn: &Connection, rules: &RuleSet, options: &ScanOptions, seen: &Overview) -> Vec<Finding> {
    let mut owners: BTreeMap<(String, String), Vec<Event>> = BTreeMap::new();
    for event in seen.warnings.iter().filter(|e| e.reason == "FailedCreate" && e.about.kind != "Pod") {
        owners.entry((event.about.kind.clone(), event.about.name.clone())).or_default().push(event.clone());
    }
    let mut found = Vec::new();
    for ((kind, name), events) in owners {
        let resource = match kind.as_str() {
            "ReplicaSet" => "apps/v1/replicasets",
            "StatefulSet" => "apps/v1/statefulsets",
            "DaemonSet" => "apps/v1/daemonsets",
            "Job" => "batch/v1/jobs",
            _ => continue,
        };
        let Ok(objects) = collect::objects_of(conn, &seen.namespace, resource, Some(&name)).await else { continue };
        let Some(object) = objects.into_iter().next() else { continue };
        let wanted = object.int("/spec/replicas").or_else(|| object.int("/status/desiredNumberScheduled")).unwrap_or(1);
        let there =
            object.int("/status/replicas").or_else(|| object.int("/status/currentNumberScheduled")).or_else(|| object.int("/status/active")).unwrap_or(0);
        if there >= wanted {
            continue; // It could be created in the end.
        }
        let target = Target { namespace: seen.namespace.clone(), name: format!("{name}-never-created"), uid: None };
        let mut case = CaseFile::new(target, options.options.clone(), conn.now().unwrap_or(Time::UNIX_EPOCH));
        case.pod_absent = true;
        let parent = object.owners().first().map(|p| format!("{}/{}", p.kind, p.name));
        case.owners.push(Owner { object, depth: 1, found_by: Related::Event });
        let since = events.iter().filter_map(|e| e.first).min();
        case.events = events;
        let investigation = diagnose(&case, rules);
        let owner = parent.unwrap_or_else(|| format!("{kind}/{name}"));
        let verdict = &investigation.verdict;
        found.push(Finding {
            namespace: seen.namespace.clone(),
            pod: None,
            container: verdict.container.clone(),
            severity: Severity::Error,
            silent: false,
            exit_code: None,
            cause: verdict.cause.clone(),
            confidence: verdict.confidence,
            mechanism: investigation.history.subject.mechanism.word(),
            since,
            group: format!("{}/{owner}/-/{}", seen.namespace, verdict.cause),
            owner: Some(owner),
            headline: verdict.headline.clone(),
            fingerprint: investigation.fingerprint.clone(),
        });
    }
    found
}
