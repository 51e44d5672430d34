//! Every world is scanned twice, by the server's rows and by its plain list, and every finding is asked about again.

use std::collections::BTreeSet;

use a2::collect::{Extras, collect};
use a2::diagnosis::{diagnose, peers_named};
use a2::evidence::{Budget, Options, Target};
use a2::rules::RuleSet;
use a2::scan::{Finding, Scan, ScanOptions, scan};
use a2::source::bundle;

use super::world::World;

pub fn options() -> ScanOptions {
    ScanOptions { namespaces: vec!["shop".to_owned()], ..ScanOptions::default() }
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Scans a world: rows and list must tell the same, the counts must add up, and an investigation must not contradict.
#[track_caller]
pub fn scanned(world: &World, options: &ScanOptions) -> Scan {
    let (rows, list) = (world.bundle(true), world.bundle(false));
    let (by_rows, by_list) = block(async {
        let (rows, list) = (bundle::open(rows.path()).unwrap(), bundle::open(list.path()).unwrap());
        let of = |conn| async move { scan(conn, RuleSet::builtin(), options).await.expect("a scan") };
        (of(&rows).await, of(&list).await)
    });
    assert_eq!(by_rows.findings, by_list.findings, "rows and the list tell different things");
    let pods: BTreeSet<&str> = world.pods.iter().filter_map(|p| p["metadata"]["name"].as_str()).collect();
    let found: BTreeSet<&str> = by_rows.findings.iter().filter_map(|f| f.pod.as_deref()).filter(|p| pods.contains(p)).collect();
    let counts = by_rows.counts;
    assert_eq!(counts.findings, by_rows.findings.len());
    if counts.hidden == 0 {
        assert_eq!(counts.pods, counts.healthy + counts.unread + found.len(), "{counts:?}");
    }
    for finding in by_rows.findings.iter().filter(|f| f.pod.is_some()) {
        agrees(&rows, finding, options);
    }
    by_rows
}

/// What an investigation says of the same pod at the same moment.
#[track_caller]
fn agrees(bundle: &crate::bundles::Bundle, finding: &Finding, options: &ScanOptions) {
    let said = block(async {
        let conn = bundle::open(bundle.path()).unwrap();
        let target = Target { namespace: "shop".to_owned(), name: finding.pod.clone().unwrap(), uid: None };
        let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
        let asked = Options { since_seconds: options.since_seconds, ..options.options.clone() };
        diagnose(collect(&conn, target, asked, Budget::default(), extras).await.expect("a case"), RuleSet::builtin())
    });
    let silent = said.history.silence.silent == Some(true);
    let (of_scan, of_investigation) = ((&finding.cause, finding.silent, &finding.fingerprint), (&said.verdict.cause, silent, &said.fingerprint));
    assert_eq!(of_scan, of_investigation, "an investigation of {:?} says otherwise: {}", finding.pod, said.verdict.headline);
}

/// Holds a world to its findings, each `<pod or owner> <cause>[|<cause>] <severity> [<container>]`; `silent` stands before a critical
/// one. Nothing else may be found.
#[track_caller]
pub fn expect(world: World, wanted: &[&str]) -> Scan {
    expect_with(world, &options(), wanted)
}

/// The same under other options.
#[track_caller]
pub fn expect_with(world: World, options: &ScanOptions, wanted: &[&str]) -> Scan {
    let scan = scanned(&world, options);
    let told: Vec<String> = scan.findings.iter().map(tell).collect();
    assert_eq!(scan.findings.len(), wanted.len(), "wanted {wanted:#?}\ntold {told:#?}");
    for want in wanted {
        let words: Vec<&str> = want.split(' ').filter(|w| *w != "silent").collect();
        let [who, cause, severity, container @ ..] = words.as_slice() else { panic!("{want:?} is no expectation") };
        let is = |f: &&Finding| f.pod.as_deref().or(f.owner.as_deref()) == Some(who);
        let finding = scan.findings.iter().find(is).unwrap_or_else(|| panic!("{who} is not found: {told:#?}"));
        let right = cause.split('|').any(|c| c == finding.cause || c == "*")
            && *severity == finding.severity.word()
            && finding.silent == want.contains(" silent")
            && container.first().is_none_or(|c| Some(*c) == finding.container.as_deref());
        assert!(right, "wanted {want}, told {}", tell(finding));
    }
    scan
}

fn tell(f: &Finding) -> String {
    let silent = if f.silent { " silent" } else { "" };
    format!(
        "{} {} {}{silent} {}: {}",
        f.pod.as_deref().or(f.owner.as_deref()).unwrap_or_default(),
        f.cause,
        f.severity.word(),
        f.container.as_deref().unwrap_or("-"),
        f.headline
    )
}
