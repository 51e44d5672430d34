//! One suspect: read whole, judged, let go.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::TimeDelta;
use tokio::time::Instant;

use super::finding::{self, Finding};
use super::options::ScanOptions;
use super::severity::Measure;
use crate::collect::{self, Extras, Known, Shared};
use crate::diagnosis::{Investigation, diagnose};
use crate::evidence::{Budget, CaseFile, Container, Gap, GapKind, Options, Target};
use crate::reconstruct::{Mechanism, SubjectKind};
use crate::rules::{Confidence, RuleSet};
use crate::source::{Connection, SourceError};

/// A pod that looks wrong.
#[derive(Default)]
pub(super) struct Suspect {
    pub(super) name: String,
    /// What need not be asked again.
    pub(super) known: Known,
    /// How long it may run, in seconds, and whether its labels say so.
    pub(super) limit: Option<(i64, bool)>,
}

/// What was found, and what could not be seen.
pub(super) type Judged = (Option<Finding>, Vec<Gap>);

/// A case after its judgement.
struct Diagnosed {
    finding: Option<Finding>,
    gaps: Vec<Gap>,
    /// What to judge again with logs, where they are wanted and could change the finding.
    again: Option<(Suspect, Measure)>,
}

/// What every look of one scan shares.
pub(super) struct Look<'a> {
    pub(super) conn: &'a Connection,
    pub(super) rules: Arc<RuleSet>,
    pub(super) options: &'a ScanOptions,
    pub(super) deadline: Instant,
    /// The cluster does not know the kind Workflow: found out once.
    pub(super) no_workflows: AtomicBool,
    /// Nodes and owners that several suspects have in common.
    pub(super) shared: Shared,
}

impl Look<'_> {
    /// Milliseconds that are left of the scan's budget.
    fn left(&self) -> u64 {
        self.deadline.saturating_duration_since(Instant::now()).as_millis() as u64
    }

    /// The window of an investigation, so that it is about the same end. Which ends are history of the scan is decided after it.
    pub(super) fn window(&self) -> i64 {
        self.options.options.since_seconds.max(self.options.since_seconds)
    }

    async fn read(&self, namespace: &str, name: &str, known: Known, logs: bool) -> Result<CaseFile, SourceError> {
        let target = Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None };
        let options = Options { logs, since_seconds: self.window(), ..self.options.options.clone() };
        let extras = Extras { namespace_given: true, name_peers: None, known, brief: true, shared: Some(&self.shared) };
        let mut case = collect::collect(self.conn, target, options, Budget { rounds: 2, concurrency: 2, milliseconds: self.left() }, extras).await?;
        if let Some(node) = by_its_own_hand(&case).filter(|_| case.node_events.is_empty()) {
            match self.shared.kernel_lines(self.conn, &node, self.deadline).await {
                Ok(lines) => case.node_events = lines,
                Err(gap) => case.gaps.push(gap),
            }
        }
        Ok(case)
    }

    /// Judges one suspect: without logs first, and with them where they can change the answer.
    pub(super) async fn judge(&self, namespace: &str, suspect: Suspect) -> Judged {
        self.judge_together(namespace, vec![suspect]).await.pop().unwrap_or_default()
    }

    /// Judges suspects one after the other; those of whom all is known on one thread at one go.
    pub(super) async fn judge_together(&self, namespace: &str, suspects: Vec<Suspect>) -> Vec<Judged> {
        let (mut judged, mut cases) = (Vec::new(), Vec::new());
        for suspect in suspects {
            match self.case_of(namespace, suspect).await {
                Ok(case) => cases.push(case),
                Err(missed) => judged.push(missed),
            }
        }
        let names: Vec<_> = cases.iter().map(|(case, _)| case.target.name.clone()).collect();
        match self.diagnose(cases).await {
            Ok(diagnosed) => {
                for one in diagnosed {
                    judged.push(self.look_into_logs(namespace, one).await);
                }
            }
            Err(_) => judged.extend(names.iter().map(|name| missed(name, "it could not be judged"))),
        }
        judged
    }

    async fn case_of(&self, namespace: &str, suspect: Suspect) -> Result<(CaseFile, Measure), Judged> {
        if self.left() == 0 {
            return Err(missed(&suspect.name, "the time allowed was spent"));
        }
        let case = self.read(namespace, &suspect.name, suspect.known, false).await.map_err(|error| missed(&suspect.name, &error.to_string()))?;
        if case.pod.is_none() {
            // Gone since the rows were printed, or not to be read: then the gap says so.
            let gaps = gaps_of(&case, self.options.options.logs).into_iter().filter(|g| g.kind != GapKind::NotFound).collect();
            return Err((None, gaps));
        }
        Ok((case, Measure { since: self.options.since_seconds, grace: self.options.grace_seconds, limit: suspect.limit }))
    }

    /// Judges again with logs, where they can change the answer.
    async fn look_into_logs(&self, namespace: &str, one: Diagnosed) -> Judged {
        let Diagnosed { mut finding, mut gaps, again } = one;
        if let Some((suspect, measure)) = again
            && let Ok(case) = self.read(namespace, &suspect.name, suspect.known, true).await
        {
            gaps.extend(case.gaps.iter().cloned());
            if let Some(better) = self.diagnose(vec![(case, measure)]).await.ok().and_then(|mut d| d.pop()) {
                finding = better.finding;
            }
        }
        let mut gaps: Vec<Gap> = gaps.into_iter().filter_map(around).collect();
        gaps.sort();
        gaps.dedup();
        (finding, gaps)
    }

    /// The judgement itself, on a thread of its own: the network goes on meanwhile.
    async fn diagnose(&self, cases: Vec<(CaseFile, Measure)>) -> Result<Vec<Diagnosed>, tokio::task::JoinError> {
        let (rules, logs) = (self.rules.clone(), self.options.options.logs);
        let diagnosed = move |(case, measure): (CaseFile, Measure)| {
            let gaps = gaps_of(&case, logs);
            let investigation = diagnose(case, &rules);
            let finding = finding::of(&investigation, &measure).and_then(|found| present(found, &investigation, &rules, &measure));
            let again = (logs && log_tells(&investigation)).then(|| {
                let case = investigation.case;
                let known = Known { pod: case.pod, events: Some(case.events.into_iter().map(|e| e.object).collect()) };
                (Suspect { name: case.target.name, known, limit: measure.limit }, measure)
            });
            Diagnosed { finding, gaps, again }
        };
        self.conn.beside(move || cases.into_iter().map(diagnosed).collect()).await
    }
}

/// Logs that are left out where no log can change the answer were not switched off by anyone.
fn gaps_of(case: &CaseFile, logs: bool) -> Vec<Gap> {
    let left_out = |g: &Gap| logs && g.kind == GapKind::NotAsked && g.resource == "pods/log";
    case.gaps.iter().filter(|g| !left_out(g)).cloned().collect()
}

fn missed(name: &str, why: &str) -> Judged {
    (None, vec![Gap::new(GapKind::TimedOut, "get", "pods", format!("pod {name}"), why)])
}

/// The node of a pod with a container that has a memory limit and ended by its own hand: a child of it may have been killed for memory.
fn by_its_own_hand(case: &CaseFile) -> Option<String> {
    let pod = case.pod.as_ref()?;
    let ended = |c: &Container| [&c.state, &c.last_state].into_iter().filter_map(|s| s.terminated()).any(|t| t.exit_code != 137);
    let limited = |c: &Container| pod.memory_limit.is_some() || c.limits.contains_key("memory");
    pod.node.clone().filter(|_| pod.phase != "Succeeded" && pod.containers.iter().any(|c| ended(c) && limited(c)))
}

/// What was survived before the window of the scan is no finding, unless something is wrong now: then the finding is about what an
/// investigation is about, as bad as what is wrong now, and says both.
fn present(mut found: Finding, investigation: &Investigation, rules: &RuleSet, measure: &Measure) -> Option<Finding> {
    let history = &investigation.history;
    let ended = history.subject.death.and_then(|i| history.deaths.get(i)?.finished).filter(|_| history.subject.recovered_since.is_some());
    let from = investigation.case.observed_at - TimeDelta::seconds(measure.since.clamp(0, 1 << 33));
    if ended.is_none_or(|end| end >= from) {
        return Some(found);
    }
    let mut case = investigation.case.clone();
    case.options.since_seconds = measure.since;
    let now = finding::of(&diagnose(case, rules), measure)?;
    found.severity = now.severity;
    if now.cause != found.cause {
        found.headline = format!("{}; now: {}", found.headline, now.headline);
    }
    Some(found)
}

/// What stands around a suspect and could not be read. That it is not there, or was never recorded, is as it may be; that it
/// may not be read is told once for all suspects.
fn around(gap: Gap) -> Option<Gap> {
    let what = match gap.resource.as_str() {
        "nodes" => "nodes that suspects run on",
        "events" if gap.what.starts_with("events about node ") => "events about nodes that suspects run on",
        "jobs.batch" | "workflows.argoproj.io" => "owners of suspects",
        _ => return Some(gap),
    };
    match gap.kind {
        GapKind::NotFound | GapKind::NotAsked => None,
        GapKind::Forbidden => Some(Gap::new(gap.kind, &gap.verb, &gap.resource, what, "may not be read: what they did to their pods is not seen")),
        _ => Some(gap),
    }
}

/// Whether a log can change the answer. A suspect that turns out green still has a log: a thread or worker may have died
/// in it, and something made it a suspect.
fn log_tells(investigation: &Investigation) -> bool {
    let (history, verdict) = (&investigation.history, &investigation.verdict);
    match history.subject.kind {
        // The kubelet says itself why it took the pod away, whatever the program wrote.
        _ if verdict.cause.starts_with("eviction.") && verdict.confidence == Confidence::Confirmed => false,
        SubjectKind::Death => {
            !matches!(history.subject.mechanism, Mechanism::OomKilled | Mechanism::NotStarted | Mechanism::Lost) || history.facts.is("subject.recovered")
        }
        // What everything waits for runs, and may say in its log what it waits for.
        SubjectKind::Waiting => history.subject.mechanism == Mechanism::Running,
        SubjectKind::Running => history.subject.mechanism == Mechanism::Running && !history.facts.is("pod.deleting"),
        _ => false,
    }
}
