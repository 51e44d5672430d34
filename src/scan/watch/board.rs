//! What is known to be wrong now, and how that changes.

use std::collections::BTreeMap;

use crate::evidence::Time;
use crate::scan::Finding;

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

/// The findings that stand.
#[derive(Default)]
pub(super) struct Board {
    pub(super) findings: BTreeMap<Key, Finding>,
}

impl Board {
    /// Takes what a pod amounts to now.
    pub(super) fn set(&mut self, key: Key, now: Option<Finding>, time: Time, gone: bool) -> Option<Change> {
        let before = match &now {
            Some(finding) => self.findings.insert(key, finding.clone()),
            None => self.findings.remove(&key),
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

    /// Takes what a look at everything found; what it could not see stays. Findings about pods that are gone from the
    /// rows are not told apart from those that are well again: the watch tells.
    pub(super) fn replace(&mut self, found: Vec<Finding>, unseen: &dyn Fn(&str) -> bool, time: Time) -> Vec<Change> {
        let mut now: BTreeMap<Key, Finding> = found.into_iter().map(|f| (key_of(&f), f)).collect();
        let gone: Vec<Key> = self.findings.keys().filter(|k| !now.contains_key(*k) && !unseen(&k.0)).cloned().collect();
        let mut changes: Vec<Change> = gone.into_iter().filter_map(|key| self.set(key, None, time, false)).collect();
        while let Some((key, finding)) = now.pop_first() {
            changes.extend(self.set(key, Some(finding), time, false));
        }
        changes
    }
}

/// Wording and times may differ from look to look; what somebody would be woken for may not.
fn same(a: &Finding, b: &Finding) -> bool {
    (&a.cause, a.severity, a.silent, &a.container) == (&b.cause, b.severity, b.silent, &b.container)
}
