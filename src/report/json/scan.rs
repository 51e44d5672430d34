//! From a scan to its document.

use super::convert::{gap_row, source_row};
use super::v1;
use crate::report::Cleaner;
use crate::scan::{Change, Finding, Scan};

/// The document of a scan, every text cleaned.
pub fn scan(scan: &Scan, clean: &Cleaner<'_>) -> v1::Scan {
    v1::Scan {
        api_version: v1::API_VERSION,
        kind: "Scan",
        scope: v1::Scope { namespaces: scan.namespaces.iter().map(|n| clean.line(n)).collect() },
        observed_at: v1::Stamp(scan.observed_at),
        counts: v1::Counts {
            pods: scan.counts.pods,
            healthy: scan.counts.healthy,
            findings: scan.counts.findings,
            silent: scan.counts.silent,
            excluded: scan.counts.excluded,
            unread: scan.counts.unread,
            hidden: scan.counts.hidden,
        },
        findings: scan.findings.iter().map(|f| finding(f, clean)).collect(),
        sources: scan.sources.iter().map(|s| source_row(s, clean)).collect(),
        gaps: scan.gaps.iter().map(|g| gap_row(g, clean)).collect(),
        cost: v1::Cost { requests: scan.cost.requests, bytes: scan.cost.bytes },
    }
}

/// The line of a change.
pub fn change(change: &Change, clean: &Cleaner<'_>) -> v1::Change {
    v1::Change { change: change.kind.word(), time: v1::Stamp(change.time), finding: finding(&change.finding, clean) }
}

fn finding(finding: &Finding, clean: &Cleaner<'_>) -> v1::Finding {
    v1::Finding {
        namespace: clean.line(&finding.namespace),
        pod: clean.some(finding.pod.as_deref()),
        container: clean.some(finding.container.as_deref()),
        severity: finding.severity.word().to_owned(),
        silent: finding.silent,
        exit_code: finding.exit_code,
        cause: finding.cause.clone(),
        confidence: finding.confidence.word().to_owned(),
        mechanism: finding.mechanism.to_owned(),
        since: finding.since.map(v1::Stamp),
        held_up_by: finding.held_up_by.iter().map(|c| clean.line(c)).collect(),
        owner: clean.some(finding.owner.as_deref()),
        family: clean.line(&finding.family),
        runs: finding.runs.map(|r| v1::Runs { succeeded: r.succeeded, failed: r.failed, median_seconds: r.median_seconds }),
        group: clean.line(&finding.group),
        headline: clean.line(&finding.headline),
        fingerprint: finding.fingerprint.clone(),
    }
}
