//! What is known to be wrong now, and how that changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::Time;
use crate::scan::{Finding, Severity};

/// How a finding changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Found,
    /// Its cause, severity or silence is another.
    Changed,
    /// The pod is there, and well.
    Cleared,
    /// The pod went away.
    Gone,
}

impl ChangeKind {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Changed => "changed",
            Self::Cleared => "cleared",
            Self::Gone => "gone",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// When, by the server's clock.
    pub time: Time,
    /// The finding: as it is now, or as it was last.
    pub finding: Finding,
}

/// A pod, or an owner that has none: what there can be one finding about.
pub(super) type Key = (String, String);

pub(super) fn key_of(finding: &Finding) -> Key {
    let name = finding.pod.clone().unwrap_or_else(|| format!("{}/", finding.owner.as_deref().unwrap_or_default()));
    (finding.namespace.clone(), name)
}

/// Pods that are remembered as gone.
const MOST_GONE: usize = 5000;

/// The findings that stand.
#[derive(Default)]
pub(super) struct Board {
    pub(super) findings: BTreeMap<Key, Finding>,
    /// Pods that were told as gone. A workflow's books tell of their failure long after: that is no news.
    gone: BTreeSet<Key>,
}

impl Board {
    /// Takes what a pod amounts to now.
    pub(super) fn set(&mut self, key: Key, now: Option<Finding>, time: Time, gone: bool) -> Option<Change> {
        let mut now = now.filter(is_news);
        let before = match &mut now {
            Some(finding) => {
                // What an owner remembers is asked only by a look at everything.
                finding.runs = finding.runs.or_else(|| self.findings.get(&key)?.runs);
                self.findings.insert(key, finding.clone())
            }
            None => {
                let before = self.findings.remove(&key);
                if gone && before.is_some() {
                    if self.gone.len() >= MOST_GONE {
                        self.gone.pop_first();
                    }
                    self.gone.insert(key);
                }
                before
            }
        };
        let kind = match (&before, &now) {
            (None, None) => return None,
            (None, Some(_)) => ChangeKind::Found,
            (Some(a), Some(b)) if same(a, b) => return None,
            (Some(_), Some(_)) => ChangeKind::Changed,
            (Some(_), None) if gone => ChangeKind::Gone,
            (Some(_), None) => ChangeKind::Cleared,
        };
        now.or(before).map(|finding| Change { kind, time, finding })
    }

    /// What a look at one pod found: whether another took its place, or a later run ended well, only a look at everything sees.
    pub(super) fn as_known(&self, key: &Key, mut found: Finding) -> Finding {
        if let Some(known) = self.findings.get(key).filter(|k| k.ended && found.ended && k.cause == found.cause && k.severity < found.severity) {
            found.severity = known.severity;
            found.headline.clone_from(&known.headline);
        }
        found
    }

    /// A pod of this name is there (again).
    pub(super) fn is_there(&mut self, key: &Key) {
        self.gone.remove(key);
    }

    pub(super) fn is_gone(&self, key: &Key) -> bool {
        self.gone.contains(key)
    }

    /// What stands here and is not among these.
    pub(super) fn missing(&self, found: &[Finding]) -> Vec<Key> {
        let now: BTreeSet<Key> = found.iter().map(key_of).collect();
        self.findings.keys().filter(|k| !now.contains(*k)).cloned().collect()
    }

    /// Takes what a look at everything found.
    pub(super) fn take(&mut self, found: Vec<Finding>, time: Time) -> Vec<Change> {
        let now: BTreeMap<Key, Finding> = found.into_iter().map(|f| (key_of(&f), f)).filter(|(key, _)| !self.gone.contains(key)).collect();
        now.into_iter().filter_map(|(key, finding)| self.set(key, Some(finding), time, false)).collect()
    }
}

/// A pod that ends as it was asked to, or is held back or on its way, is worth a line in a look at everything; told each time, it
/// would drown what is wrong.
fn is_news(finding: &Finding) -> bool {
    finding.severity > Severity::Info || !matches!(finding.cause.as_str(), "disruption.deleted" | "unknown")
}

/// Wording and times may differ from look to look; what somebody would be woken for may not.
fn same(a: &Finding, b: &Finding) -> bool {
    (&a.cause, a.severity, a.silent, &a.container) == (&b.cause, b.severity, b.silent, &b.container)
}
