//! A scan of pods that were kept: each is judged by what was true when it was kept.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::time::{Duration, Instant};

use super::judge::{Look, Suspect};
use super::options::ScanOptions;
use super::run::{Counts, Scan, is_unread};
use super::seen::Seen;
use crate::collect::{self, Known, Shared};
use crate::evidence::{Cost, Gap, GapKind, Object, Pod, SourceStatus, Time};
use crate::rules::RuleSet;
use crate::source::bundle::{self, FieldSelector, LabelSelector};
use crate::source::kept;

/// Which of the kept pods are meant, which a server would choose.
struct Choice {
    labels: Option<LabelSelector>,
    fields: Option<FieldSelector>,
    exclude: Vec<LabelSelector>,
}

enum Chosen {
    Yes,
    No,
    Excluded,
}

impl Choice {
    fn new(options: &ScanOptions) -> Result<Self, String> {
        Ok(Self {
            labels: options.selector.as_deref().map(LabelSelector::parse).transpose()?,
            fields: options.field_selector.as_deref().map(FieldSelector::parse).transpose()?,
            exclude: options.exclude.iter().map(|label| LabelSelector::parse(label)).collect::<Result<_, _>>()?,
        })
    }

    fn of(&self, pod: &Object) -> Chosen {
        let meant = self.labels.as_ref().is_none_or(|s| s.matches(pod.raw())) && self.fields.as_ref().is_none_or(|s| s.matches(pod.raw()));
        match (meant, self.exclude.iter().any(|s| s.matches(pod.raw()))) {
            (false, _) => Chosen::No,
            (true, true) => Chosen::Excluded,
            (true, false) => Chosen::Yes,
        }
    }
}

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
        seen: Seen::default(),
    };
    let rules = Arc::new(rules.clone());
    let chosen = match Choice::new(options) {
        Ok(chosen) => chosen,
        Err(why) => {
            // As a server refuses it.
            scan.gaps.push(Gap::new(GapKind::Malformed, "list", "pods", "pods that were kept", format!("400: {why}")));
            return scan;
        }
    };
    for pod in &pods {
        let what = format!("pod {}/{}", pod.namespace, pod.name);
        let conn = match bundle::open(&pod.path) {
            Ok(conn) => conn,
            Err(error) => {
                scan.gaps.push(Gap::new(GapKind::Malformed, "get", "pods", what, error.to_string()));
                scan.counts.unread += 1;
                continue;
            }
        };
        let object = collect::objects_of(&conn, &pod.namespace, "pods", Some(&pod.name), deadline).await.ok().and_then(|all| all.into_iter().next());
        match object.as_ref().map_or(Chosen::Yes, |pod| chosen.of(pod)) {
            Chosen::Yes => {}
            Chosen::No => {
                scan.counts.pods -= 1;
                continue;
            }
            Chosen::Excluded => {
                (scan.counts.pods, scan.counts.excluded) = (scan.counts.pods - 1, scan.counts.excluded + 1);
                continue;
            }
        }
        let known = Known { pod: object.map(Pod::from_object), events: None };
        let look = Look { conn: &conn, rules: Arc::clone(&rules), options, deadline, no_workflows: AtomicBool::new(true), shared: Shared::default() };
        let limit = options.max_age_seconds.map(|limit| (limit, false));
        let (finding, gaps) = look.judge(&pod.namespace, Suspect { name: pod.name.clone(), known, limit }).await;
        scan.observed_at = scan.observed_at.max(conn.now().unwrap_or(Time::UNIX_EPOCH));
        let cost = conn.meter.read();
        scan.cost = Cost { requests: scan.cost.requests + cost.requests, bytes: scan.cost.bytes + cost.bytes };
        scan.counts.unread += usize::from(is_unread(&finding, &gaps));
        scan.findings.extend(finding);
        // What a recording does not hold was told when it was made.
        scan.gaps.extend(gaps.into_iter().filter(|g| g.kind != GapKind::NotAsked));
    }
    if pods.is_empty() {
        scan.observed_at = kept::begun(directory).map_or(Time::UNIX_EPOCH, Time::from);
    }
    let failed: BTreeSet<_> = scan.findings.iter().map(|f| (&f.namespace, &f.pod)).collect();
    scan.counts.healthy = scan.counts.pods.saturating_sub(failed.len() + scan.counts.unread);
    scan.settle(options);
    scan.sources.push(SourceStatus { name: "pods that were kept".to_owned(), gap: None, empty: pods.is_empty(), detail: format!("{} bundles", pods.len()) });
    scan
}
