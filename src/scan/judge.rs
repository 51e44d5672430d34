//! One suspect: read whole, judged, let go.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::time::Instant;

use super::finding::{self, Finding, Measure};
use super::options::ScanOptions;
use crate::collect::{self, Extras, Known};
use crate::diagnosis::{Investigation, diagnose};
use crate::evidence::{Budget, CaseFile, Gap, GapKind, Options, Target};
use crate::reconstruct::{Mechanism, SubjectKind};
use crate::rules::RuleSet;
use crate::source::{Connection, SourceError};

/// What every look of one scan shares.
pub(super) struct Look<'a> {
    pub(super) conn: &'a Connection,
    pub(super) rules: Arc<RuleSet>,
    pub(super) options: &'a ScanOptions,
    pub(super) deadline: Instant,
    /// The cluster does not know the kind Workflow: found out once.
    pub(super) no_workflows: AtomicBool,
}

impl Look<'_> {
    /// Milliseconds that are left of the scan's budget.
    fn left(&self) -> u64 {
        self.deadline.saturating_duration_since(Instant::now()).as_millis() as u64
    }

    async fn read(&self, namespace: &str, name: &str, known: &Known, logs: bool) -> Result<CaseFile, SourceError> {
        let target = Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None };
        let options = Options { logs, since_seconds: self.options.since_seconds, ..self.options.options.clone() };
        let extras = Extras { namespace_given: true, name_peers: None, known: Some(known), brief: true };
        collect::collect(self.conn, target, options, Budget { rounds: 2, concurrency: 2, milliseconds: self.left() }, extras).await
    }

    /// Judges one suspect: without logs first, and with them where they can change the answer.
    pub(super) async fn judge(&self, namespace: &str, name: &str, mut known: Known, limit: Option<(i64, bool)>) -> (Option<Finding>, Vec<Gap>) {
        let missed = |why: String| (None, vec![Gap::new(GapKind::TimedOut, "get", "pods", format!("pod {name}"), why)]);
        if self.left() == 0 {
            return missed("the time allowed was spent".to_owned());
        }
        let case = match self.read(namespace, name, &known, false).await {
            Ok(case) => case,
            Err(error) => return missed(error.to_string()),
        };
        let mut gaps = case.gaps.clone();
        if self.options.options.logs {
            // Left out where no log can change the answer; nobody switched them off.
            gaps.retain(|g| !(g.kind == GapKind::NotAsked && g.resource == "pods/log"));
        }
        if case.pod.is_none() {
            gaps.retain(|g| g.kind != GapKind::NotFound);
            return (None, gaps); // Gone since the rows were printed, or not to be read: then the gap says so.
        }
        let measure = Measure { since: self.options.since_seconds, grace: self.options.grace_seconds, limit };
        let Ok((case, mut finding, unread)) = self.diagnose(case, measure).await else { return missed("it could not be judged".to_owned()) };
        if self.options.options.logs && unread {
            known.pod = case.pod.as_ref().map(|p| p.object.clone());
            known.events = Some(case.events.iter().map(|e| e.object.clone()).collect());
            if let Ok(again) = self.read(namespace, name, &known, true).await {
                gaps.extend(again.gaps.iter().cloned());
                if let Ok((_, better, _)) = self.diagnose(again, measure).await {
                    finding = better;
                }
            }
        }
        gaps.sort();
        gaps.dedup();
        (finding, gaps)
    }

    /// The judgement itself, on a thread of its own: the network goes on meanwhile. Tells also whether a log could change it.
    async fn diagnose(&self, case: CaseFile, measure: Measure) -> Result<(CaseFile, Option<Finding>, bool), tokio::task::JoinError> {
        let rules = self.rules.clone();
        tokio::task::spawn_blocking(move || {
            let investigation = diagnose(&case, &rules);
            (finding::of(&investigation, &measure), log_tells(&investigation), case)
        })
        .await
        .map(|(finding, tells, case)| (case, finding, tells))
    }
}

/// Whether a log can change the answer. A suspect that turns out green still has a log: a thread or worker may have died
/// in it, and something made it a suspect.
fn log_tells(investigation: &Investigation) -> bool {
    let history = &investigation.history;
    match history.subject.kind {
        SubjectKind::Death => {
            !matches!(history.subject.mechanism, Mechanism::OomKilled | Mechanism::NotStarted | Mechanism::Lost) || history.facts.is("subject.recovered")
        }
        SubjectKind::Running => history.subject.mechanism == Mechanism::Running && !history.facts.is("pod.deleting"),
        _ => false,
    }
}
