//! A scan of pods that were kept: each is judged by what was true when it was kept.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::time::{Duration, Instant};

use super::judge::{Look, Suspect};
use super::options::ScanOptions;
use super::run::{Counts, Scan, order};
use crate::evidence::{Cost, Gap, GapKind, SourceStatus, Time};
use crate::rules::RuleSet;
use crate::source::{bundle, kept};

/// Judges the pods that are kept in a directory, those of the namespaces asked for. A bundle that cannot be read is a gap.
pub async fn scan_kept(directory: &Path, rules: &RuleSet, options: &ScanOptions) -> Scan {
    let deadline = Instant::now() + Duration::from_millis(options.budget.milliseconds);
    let mut pods = kept::kept(directory);
    pods.retain(|p| options.namespaces.is_empty() || options.namespaces.contains(&p.namespace));
    let namespaces: BTreeSet<String> = pods.iter().map(|p| p.namespace.clone()).collect();
    let mut scan = Scan {
        namespaces: namespaces.into_iter().collect(),
        observed_at: Time::UNIX_EPOCH,
        counts: Counts { pods: pods.len(), ..Counts::default() },
        findings: Vec::new(),
        sources: Vec::new(),
        gaps: Vec::new(),
        cost: Cost::default(),
    };
    let rules = Arc::new(rules.clone());
    for pod in &pods {
        let what = format!("pod {}/{}", pod.namespace, pod.name);
        let conn = match bundle::open(&pod.path) {
            Ok(conn) => conn,
            Err(error) => {
                scan.gaps.push(Gap::new(GapKind::Malformed, "get", "pods", what, error.to_string()));
                continue;
            }
        };
        let look = Look { conn: &conn, rules: Arc::clone(&rules), options, deadline, no_workflows: AtomicBool::new(true) };
        let limit = options.max_age_seconds.map(|limit| (limit, false));
        let (finding, gaps) = look.judge(&pod.namespace, Suspect { name: pod.name.clone(), limit, ..Suspect::default() }).await;
        scan.observed_at = scan.observed_at.max(conn.now().unwrap_or(Time::UNIX_EPOCH));
        let cost = conn.meter.read();
        scan.cost = Cost { requests: scan.cost.requests + cost.requests, bytes: scan.cost.bytes + cost.bytes };
        scan.findings.extend(finding);
        // What a recording does not hold was told when it was made.
        scan.gaps.extend(gaps.into_iter().filter(|g| g.kind != GapKind::NotAsked));
    }
    let failed: BTreeSet<_> = scan.findings.iter().map(|f| (&f.namespace, &f.pod)).collect();
    scan.counts.healthy = scan.counts.pods.saturating_sub(failed.len());
    scan.findings.retain(|f| f.severity >= options.severity && (!options.silent_only || f.silent));
    scan.findings.sort_by(order);
    scan.gaps.sort();
    scan.gaps.dedup();
    scan.counts.findings = scan.findings.len();
    scan.counts.silent = scan.findings.iter().filter(|f| f.silent).count();
    scan.sources.push(SourceStatus { name: "pods that were kept".to_owned(), gap: None, empty: pods.is_empty(), detail: format!("{} bundles", pods.len()) });
    scan
}
