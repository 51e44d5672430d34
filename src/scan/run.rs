//! The scan itself: overview, triage, a whole look at the suspects, findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::channel::mpsc;
use tokio::time::{Duration, Instant};

use super::absent::{failed_steps, never_created};
use super::finding::Finding;
use super::judge::{Judged, Look, Suspect};
use super::memory::remember;
use super::options::ScanOptions;
use super::outlived::{Window, replaced};
use super::seen::{Pods, Seen};
use super::triage::{Lens, suspects};
use crate::collect::{self, Asked, Known, Overview, Shared};
use crate::evidence::{Cost, Gap, GapKind, Object, Pod, SourceStatus, Time};
use crate::rules::RuleSet;
use crate::source::{Connection, SourceError};

/// Namespaces and suspects that are looked at at once.
const AT_ONCE: usize = 8;
/// Suspects of whom all is known, judged at one go: handing each to a thread of its own costs as much as judging it.
const TOGETHER: usize = 8;
/// From this share of suspects on, one list of the namespace is cheaper than one GET each.
const LIST_FROM_TENTHS: usize = 1;
/// From so many suspects on, one list of the namespace's events is cheaper than one for each: the server looks through all of them every
/// time.
const EVENTS_FROM: usize = 3;
/// Pages of such a list, for a few suspects among many events: their bytes count, too.
const EVENT_PAGES: usize = 10;

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
    /// Pods that deserved a look and could not be read: neither healthy nor found.
    pub unread: usize,
    /// Findings that were left out because of their severity, or because only silent ones are wanted.
    pub hidden: usize,
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
    /// The pods that were looked at, for whoever goes on counting.
    pub(super) seen: Seen,
}

impl Scan {
    /// Leaves out what is not wanted, puts the rest in order, and counts it.
    pub(super) fn settle(&mut self, options: &ScanOptions) {
        let all = self.findings.len();
        self.findings.retain(|f| f.severity >= options.severity && (!options.silent_only || f.silent));
        self.findings.sort_by(order);
        self.gaps.sort();
        self.gaps.dedup();
        self.counts.findings = self.findings.len();
        self.counts.hidden = all - self.findings.len();
        self.counts.silent = self.findings.iter().filter(|f| f.silent).count();
    }
}

/// Scans namespaces. Suspects are judged one after the other and let go: memory does not grow with healthy pods.
///
/// # Errors
/// Only when the source as a whole is of no use.
pub async fn scan(conn: &Connection, rules: &RuleSet, options: &ScanOptions) -> Result<Scan, SourceError> {
    let before = conn.meter.read();
    let deadline = Instant::now() + Duration::from_millis(options.budget.milliseconds);
    let mut gaps = Vec::new();
    let namespaces = namespaces(conn, options, &mut gaps).await?;
    let asked = Asked {
        selector: options.selector.clone(),
        field_selector: options.field_selector.clone(),
        exclude: options.exclude.clone(),
        limits: options.limits.clone(),
    };
    let look = Look { conn, rules: Arc::new(rules.clone()), options, deadline, no_workflows: AtomicBool::new(false), shared: Shared::default() };
    let looks = namespaces.iter().map(|namespace| {
        let (asked, look) = (&asked, &look);
        async move {
            if Instant::now() >= deadline {
                return (namespace.clone(), Part::late(namespace));
            }
            let seen = collect::overview(conn, namespace, asked, deadline).await;
            let nothing = seen.readable && seen.rows.is_empty() && !look.options.all_namespaces;
            let mut part = look_at(look, seen).await;
            if nothing && collect::namespace_exists(conn, namespace, deadline).await == Some(false) {
                part.gaps.push(Gap::new(GapKind::NotFound, "get", "namespaces", format!("namespace {namespace}"), "there is no namespace of this name"));
            }
            (namespace.clone(), part)
        }
    });
    let mut parts: Vec<_> = futures::stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    let mut scan = Scan {
        namespaces,
        observed_at: conn.now().unwrap_or(Time::UNIX_EPOCH),
        counts: Counts::default(),
        findings: Vec::new(),
        sources: Vec::new(),
        gaps,
        cost: Cost::default(),
        seen: Seen::default(),
    };
    for (namespace, part) in parts {
        scan.counts.pods += part.pods.len();
        scan.counts.excluded += part.excluded;
        scan.counts.healthy += part.pods.healthy(&part.findings).saturating_sub(part.unread);
        scan.counts.unread += part.unread;
        scan.seen.put(namespace, part.pods);
        scan.findings.extend(part.findings);
        scan.sources.extend(part.sources);
        scan.gaps.extend(part.gaps);
    }
    scan.settle(options);
    let after = conn.meter.read();
    scan.cost = Cost { requests: after.requests.saturating_sub(before.requests), bytes: after.bytes.saturating_sub(before.bytes) };
    Ok(scan)
}

/// Worst first, silent before loud, then by name: the same order from look to look.
pub(super) fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    b.severity.cmp(&a.severity).then(b.silent.cmp(&a.silent)).then_with(|| (&a.namespace, &a.group, &a.pod).cmp(&(&b.namespace, &b.group, &b.pod)))
}

/// The namespaces to look at. Without cluster rights the ones that can be named remain.
pub(super) async fn namespaces(conn: &Connection, options: &ScanOptions, gaps: &mut Vec<Gap>) -> Result<Vec<String>, SourceError> {
    let mut names = options.namespaces.clone();
    if options.all_namespaces {
        let deadline = Instant::now() + Duration::from_millis(options.budget.milliseconds);
        match collect::namespaces(conn, deadline).await? {
            Ok(all) => names = all,
            Err(gap) => {
                gaps.push(gap);
                names.push(conn.default_namespace.clone());
                names.extend(conn.known_namespaces.iter().cloned());
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
    pods: Pods,
    /// Pods of them that could not be read.
    unread: usize,
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

async fn look_at(look: &Look<'_>, mut seen: Overview) -> Part {
    let all = seen.rows.len();
    let excluded = std::mem::take(&mut seen.excluded);
    seen.rows.retain(|r| !excluded.contains(&r.name));
    let rows = &seen.rows;
    let mut part = Part {
        pods: rows.iter().map(|r| r.name.as_str()).collect(),
        excluded: all - rows.len(),
        sources: seen.sources.clone(),
        gaps: seen.gaps.clone(),
        ..Part::default()
    };
    let lens = Lens { since_seconds: look.options.since_seconds, max_age_seconds: look.options.max_age_seconds, limits: std::mem::take(&mut seen.limits) };
    let names = suspects(rows, &seen.warnings, &seen.failed, &lens);
    let mut whole: BTreeMap<String, Pod> = std::mem::take(&mut seen.objects).into_iter().map(|o| (o.name().to_owned(), Pod::from_object(o))).collect();
    // One list instead of one GET each.
    let dense = names.len() * 10 > rows.len() * LIST_FROM_TENTHS && names.len() > 3;
    let listed = dense && whole.is_empty();
    let wanted: Arc<BTreeSet<String>> = Arc::new(names.keys().cloned().collect());
    let (pods, mut came) = mpsc::channel(0);
    let list =
        async { if listed { collect::objects_among(look.conn, &seen.namespace, "pods", wanted.clone(), None, pods, look.deadline).await.err() } else { None } };
    let judged = async {
        let (mut events, gap) = match names.len() {
            few if few < EVENTS_FROM => (None, None),
            _ => events_of(look, &seen.namespace, wanted.clone(), (!dense).then_some(EVENT_PAGES)).await,
        };
        let mut suspect = |name: String, pod: Option<Pod>| {
            let events = events.as_mut().map(|e| e.remove(&name).unwrap_or_default());
            Suspect { limit: lens.limit_of(&name), known: Known { pod, events }, name }
        };
        let mut judged = Vec::new();
        let mut left = names.clone();
        while let Some(page) = came.next().await {
            let pods = read_whole(look.conn, page).await.into_iter().filter(|pod| left.remove(&pod.name).is_some());
            let page = pods.map(|pod| suspect(pod.name.clone(), Some(pod)));
            judged.extend(judge_all(look, &seen.namespace, page.collect()).await);
        }
        let others = left.into_keys().map(|name| (name.clone(), whole.remove(&name))).map(|(name, pod)| suspect(name, pod));
        judged.extend(judge_all(look, &seen.namespace, others.collect()).await);
        (judged, gap)
    };
    // Selectors choose pods; a workflow's books know no labels of its pods.
    let chosen = look.options.selector.is_some() || look.options.field_selector.is_some();
    let absent = async {
        let mut gaps = Vec::new();
        let mut found = never_created(look, &seen, &mut gaps).await;
        if seen.readable && !chosen && !look.no_workflows.load(Ordering::Relaxed) {
            found.extend(failed_steps(look, &seen, &mut gaps).await);
        }
        (found, gaps)
    };
    let (unlisted, (mut all, unread), (absent, absent_gaps)) = tokio::join!(list, judged, absent);
    part.gaps.extend([unlisted, unread].into_iter().flatten().chain(absent_gaps));
    all.sort_by(|a, b| a.0.as_ref().map(|f| &f.pod).cmp(&b.0.as_ref().map(|f| &f.pod)));
    for (finding, gaps) in all {
        part.unread += usize::from(is_unread(&finding, &gaps));
        part.findings.extend(finding);
        part.gaps.extend(gaps);
    }
    part.findings.extend(absent);
    let window = Window::new(look.conn.now().unwrap_or(Time::UNIX_EPOCH), look.options.since_seconds);
    remember(look, &seen.namespace, &mut part.findings, window, &mut part.gaps).await;
    replaced(&mut part.findings, &seen.rows, window);
    part
}

/// Reads the objects of a page, beside the work of the network.
async fn read_whole(conn: &Connection, page: Vec<Object>) -> Vec<Pod> {
    conn.beside(|| page.into_iter().map(Pod::from_object).collect()).await.unwrap_or_default()
}

async fn judge_all(look: &Look<'_>, namespace: &str, suspects: Vec<Suspect>) -> Vec<Judged> {
    let (known, unknown): (Vec<_>, Vec<_>) = suspects.into_iter().partition(|s| s.known.pod.is_some() && s.known.events.is_some());
    let mut groups: Vec<Vec<Suspect>> = unknown.into_iter().map(|suspect| vec![suspect]).collect();
    let mut known = known.into_iter().peekable();
    while known.peek().is_some() {
        groups.push(known.by_ref().take(TOGETHER).collect());
    }
    let judged = groups.into_iter().map(|group| look.judge_together(namespace, group));
    futures::stream::iter(judged).buffer_unordered(AT_ONCE).flat_map(futures::stream::iter).collect().await
}

/// Whether a suspect could not be read, so that nothing is known of it.
pub(super) fn is_unread(finding: &Option<Finding>, gaps: &[Gap]) -> bool {
    finding.is_none() && gaps.iter().any(|g| g.resource == "pods" && g.verb == "get")
}

/// All events about the suspects, by pod; none where there are too many to read.
async fn events_of(
    look: &Look<'_>,
    namespace: &str,
    wanted: Arc<BTreeSet<String>>,
    most: Option<usize>,
) -> (Option<BTreeMap<String, Vec<Object>>>, Option<Gap>) {
    let (sender, came) = mpsc::channel(0);
    let gather = came.fold(BTreeMap::<String, Vec<Object>>::new(), |mut by_pod, page| async {
        for event in page {
            by_pod.entry(about(&event).to_owned()).or_default().push(event);
        }
        by_pod
    });
    match tokio::join!(collect::objects_among(look.conn, namespace, "events", wanted, most, sender, look.deadline), gather) {
        (Ok(true), by_pod) => (Some(by_pod), None),
        // Half of the events are worse than asking again for each.
        (Ok(false), _) => (None, None),
        (Err(gap), _) => (None, Some(gap)),
    }
}

/// The name of the object that an event is about.
fn about(event: &Object) -> &str {
    event.text("/involvedObject/name").or_else(|| event.text("/regarding/name")).unwrap_or_default()
}
