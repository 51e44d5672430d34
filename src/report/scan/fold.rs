//! Folding: one line per owner and cause.

use std::collections::BTreeMap;

use crate::evidence::Time;
use crate::report::json::v1;
use crate::report::words;

/// Findings that are the same thing.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Worst severity of its members.
    pub severity: &'a str,
    /// Its members, by pod.
    pub members: Vec<&'a v1::Finding>,
    /// Earliest since.
    pub since: Option<Time>,
}

impl Group<'_> {
    /// The pod's own name, `Deployment/checkout ×7`, or `Deployment/checkout (no pod)`.
    pub fn title(&self) -> String {
        let Some(first) = self.members.first() else { return String::new() };
        let none = if self.members.iter().all(|f| f.pod.is_none()) { " (no pod)" } else { "" };
        match (self.members.len(), &first.pod, &first.owner) {
            (1, Some(pod), _) => pod.clone(),
            (1, None, Some(owner)) => format!("{owner}{none}"),
            (n, ..) => format!("{} ×{n}{none}", first.family),
        }
    }

    /// Of several pods the one that the headline speaks of.
    pub fn example(&self) -> Option<&str> {
        self.members.first().filter(|_| self.members.len() > 1)?.pod.as_deref()
    }

    /// Whether any of it is silent.
    pub fn silent(&self) -> bool {
        self.members.iter().any(|f| f.silent)
    }

    /// What the owner remembers: `12 failed, 3 succeeded, median 41 s`.
    pub fn runs(&self) -> Option<String> {
        // The members share an owner or a template; the one that remembers most tells.
        let runs = self.members.iter().filter_map(|f| f.runs).max_by_key(|r| r.failed + r.succeeded)?;
        let median = runs.median_seconds.map(|s| format!(", median {}", words::span(s))).unwrap_or_default();
        Some(format!("{} failed, {} succeeded{median}", runs.failed, runs.succeeded))
    }
}

/// Rank of a severity word, worst first.
fn rank(severity: &str) -> usize {
    ["critical", "error", "warning", "info"].iter().position(|s| *s == severity).unwrap_or(4)
}

/// Folds findings into groups: worst first, then the most members, then by name. Not folded, each finding is its own group.
pub fn fold(findings: &[v1::Finding], folded: bool) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(String, usize), Vec<&v1::Finding>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        groups.entry((finding.group.clone(), if folded { 0 } else { index })).or_default().push(finding);
    }
    let mut list: Vec<((String, usize), Group<'_>)> = groups
        .into_iter()
        .map(|(key, mut members)| {
            // The first one speaks for all: one of the worst, and of these the one that it befell last.
            members.sort_by(|a, b| (rank(&a.severity), &b.since, &a.pod).cmp(&(rank(&b.severity), &a.since, &b.pod)));
            let severity = members.iter().map(|f| f.severity.as_str()).min_by_key(|s| rank(s)).unwrap_or("info");
            let since = members.iter().filter_map(|f| f.since.as_ref().map(|s| s.0)).min();
            (key, Group { severity, members, since })
        })
        .collect();
    list.sort_by(|(ka, a), (kb, b)| rank(a.severity).cmp(&rank(b.severity)).then(b.members.len().cmp(&a.members.len())).then(ka.cmp(kb)));
    list.into_iter().map(|(_, group)| group).collect()
}
