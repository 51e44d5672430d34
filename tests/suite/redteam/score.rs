//! Every case is judged; the set as a whole has a floor.

use std::collections::BTreeMap;
use std::path::Path;

use a2::collect::{Extras, collect};
use a2::diagnosis::{Investigation, diagnose, peers_named};
use a2::evidence::{Budget, Options, Target};
use a2::rules::RuleSet;
use a2::source::bundle;

use super::shape::Case;
use super::world;

/// At least this share of the cases has its cause, or one that counts, first.
const TOP1: f64 = 0.93;
/// `probable` is right at least so often.
const PROBABLE: f64 = 0.90;

fn load() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/redteam/cases");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let read: Vec<Case> = serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        cases.extend(read);
    }
    cases
}

async fn judged(case: &Case) -> Investigation {
    let made = world::bundle(case);
    let conn = bundle::open(made.path()).expect("a bundle");
    let target = Target { namespace: "shop".to_owned(), name: world::name_of(&case.pod), uid: None };
    let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
    let found = collect(&conn, target, Options::default(), Budget::default(), extras).await.expect("a case");
    if let Some(keep) = std::env::var_os("A2_KEEP") {
        let to = Path::new(&keep).join(&case.id);
        let _ = std::fs::create_dir_all(to.parent().unwrap());
        let _ = std::process::Command::new("cp").arg("-rT").arg(made.path()).arg(&to).status();
    }
    diagnose(found, RuleSet::builtin())
}

#[tokio::test]
async fn what_was_never_recorded_is_told_right() {
    let only = std::env::var("A2_ONLY").ok();
    let show = std::env::var_os("A2_SHOW").is_some() || only.is_some();
    let (mut right, mut total, mut words) = (0u32, 0u32, BTreeMap::<String, (u32, u32)>::new());
    let mut problems = Vec::new();
    for case in load() {
        if only.as_ref().is_some_and(|o| !case.id.contains(o.as_str())) {
            continue;
        }
        let said = judged(&case).await;
        let verdict = &said.verdict;
        let hit = verdict.cause == case.want || case.ok.contains(&verdict.cause);
        let word = verdict.confidence.word().to_owned();
        total += 1;
        right += u32::from(hit);
        let entry = words.entry(word.clone()).or_default();
        entry.0 += u32::from(hit);
        entry.1 += 1;
        let mut wrong = Vec::new();
        if !hit {
            wrong.push(format!("cause {} ({word})", verdict.cause));
        }
        let mechanism = said.history.subject.mechanism.word().to_owned();
        for (name, want, is) in [
            ("mechanism", &case.mechanism, Some(mechanism)),
            ("container", &case.container, verdict.container.clone()),
            ("removal", &case.removal, said.history.removal.as_ref().map(|r| r.kind.to_owned())),
        ] {
            if want.is_some() && *want != is {
                wrong.push(format!("{name} {is:?}, not {want:?}"));
            }
        }
        let silent = said.history.silence.silent;
        if case.silent.is_some() && case.silent != silent {
            wrong.push(format!("silent {silent:?}, not {:?}", case.silent));
        }
        if show && (!wrong.is_empty() || only.is_some()) {
            let causes: Vec<String> = said.causes.iter().take(4).map(|c| format!("{} {:.2} {}", c.cause, c.probability, c.confidence.word())).collect();
            println!("{} wants {} {:?}: {}\n      {}\n      {}", case.id, case.want, case.ok, wrong.join("; "), verdict.headline, causes.join(", "));
        }
        match (&case.known_miss, wrong.is_empty()) {
            (Some(_), true) => problems.push(format!("{} is right now: it is no known miss any more", case.id)),
            (None, false) => problems.push(format!("{}: wants {}, {}", case.id, case.want, wrong.join("; "))),
            _ => {}
        }
    }
    let top1 = f64::from(right) / f64::from(total.max(1));
    println!("{right} of {total} right, top-1 {top1:.3}");
    for (word, (right, all)) in &words {
        println!("  {word}: {right} of {all}");
    }
    if only.is_some() {
        return;
    }
    let share = |word: &str| words.get(word).map_or(1.0, |(r, n)| f64::from(*r) / f64::from(*n));
    assert!(top1 >= TOP1, "top-1 {top1:.3}\n{}", problems.join("\n"));
    assert!((share("confirmed") - 1.0).abs() < f64::EPSILON, "confirmed and wrong\n{}", problems.join("\n"));
    assert!(share("probable") >= PROBABLE, "probable {:.3}\n{}", share("probable"), problems.join("\n"));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
