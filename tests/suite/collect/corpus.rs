//! Every recorded stage is collected: none panics, none errs, and the number of requests stays inside the bounds.

use std::time::Instant;

use a2::collect::{Extras, collect};
use a2::diagnosis::is_troubled;
use a2::evidence::{Budget, GapKind, Options, Target};
use a2::source::bundle;

use crate::bundles;

#[tokio::test]
async fn every_stage_is_collected_inside_the_bounds() {
    let Some(root) = bundles::cases() else { return };
    let (mut stages, mut slowest, mut total) = (0, 0.0f64, 0.0f64);
    let mut worst = (0, 0);
    for (dir, namespace, target) in bundles::stages(&root) {
        let Some(name) = target else { continue };
        let conn = bundle::open(&dir).expect("a bundle");
        let start = Instant::now();
        let target = Target { namespace, name, uid: None };
        let case = collect(&conn, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case");
        let took = start.elapsed().as_secs_f64() * 1000.0;
        let shown = dir.strip_prefix(&root).expect("inside").display().to_string();
        let logs = case.logs.len() as u64;
        let rest = case.cost.requests - logs;
        if std::env::var_os("A2_SHOW").is_some() {
            println!(
                "{shown}: {took:.1} ms, {} requests ({logs} logs), {} owners {} siblings {} peers {} related {} events {} gaps; absent {}",
                case.cost.requests,
                case.owners.len(),
                case.siblings.len(),
                case.peers.len(),
                case.related.len(),
                case.events.len(),
                case.gaps.len(),
                case.pod_absent
            );
            for gap in &case.gaps {
                println!("    {:?} {} {}: {} ({})", gap.kind, gap.verb, gap.resource, gap.what, gap.why);
            }
        }
        assert!(case.pod.is_some() || case.pod_absent, "{shown}: the pod was asked");
        for gap in &case.gaps {
            assert!(gap.kind != GapKind::Malformed && gap.kind != GapKind::TimedOut, "{shown}: {gap:?}");
            assert!(!gap.verb.is_empty() && !gap.resource.is_empty(), "{shown}: {gap:?}");
        }
        if is_troubled(&case) {
            assert!(rest <= 20 + 10 + 5, "{shown}: {rest} requests beside logs");
            worst.1 = worst.1.max(rest);
        } else {
            let containers = case.pod.as_ref().map_or(0, |p| p.containers.len() as u64);
            assert!(rest <= 9 && logs <= containers, "{shown}: healthy, {rest} requests beside {logs} logs of {containers} containers");
            worst.0 = worst.0.max(rest);
        }
        stages += 1;
        total += took;
        slowest = slowest.max(took);
    }
    println!(
        "{stages} stages, mean {:.1} ms, slowest {slowest:.1} ms; most requests beside logs: healthy {}, failed {}",
        total / f64::from(stages),
        worst.0,
        worst.1
    );
    assert!(stages > 100);
}
