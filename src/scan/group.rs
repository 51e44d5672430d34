//! Folding: one line per owner and cause.

use std::collections::BTreeMap;

use super::finding::{Finding, Severity};
use crate::evidence::Time;

/// Findings that are the same thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// Its name.
    pub name: &'a str,
    /// Worst severity of its members.
    pub severity: Severity,
    /// Its members, by name.
    pub members: Vec<&'a Finding>,
    /// Earliest since.
    pub since: Option<Time>,
}

/// Folds findings into groups: worst first, then the most members, then by name.
pub fn fold(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        groups.entry(finding.group.as_str()).or_default().push(finding);
    }
    let mut folded: Vec<Group<'_>> = groups
        .into_iter()
        .map(|(name, mut members)| {
            members.sort_by(|a, b| a.pod.cmp(&b.pod));
            let severity = members.iter().map(|f| f.severity).max().unwrap_or(Severity::Info);
            Group { name, severity, since: members.iter().filter_map(|f| f.since).min(), members }
        })
        .collect();
    folded.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.members.len().cmp(&a.members.len())).then(a.name.cmp(b.name)));
    folded
}
