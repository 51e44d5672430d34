//! Every recorded stage, collected once and diagnosed once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use a2::collect::{Extras, collect};
use a2::diagnosis::{Investigation, diagnose, peers_named};
use a2::evidence::{Budget, CaseFile, Options, Target};
use a2::rules::RuleSet;
use a2::source::{Connection, bundle};
use serde_json::Value;

use crate::support;

/// One labelled stage.
pub struct Stage {
    /// `case/stage`.
    pub id: String,
    /// The bundle.
    pub dir: PathBuf,
    /// Who it is about.
    pub target: Target,
    /// What is known to be true.
    pub truth: Value,
    /// What was collected.
    pub case: CaseFile,
    /// What was made of it.
    pub base: Investigation,
}

static STAGES: LazyLock<Vec<Stage>> = LazyLock::new(read);

/// All stages: the fixtures always, the corpus where it is.
pub fn stages() -> &'static [Stage] {
    &STAGES
}

fn read() -> Vec<Stage> {
    let mut seen = BTreeSet::new();
    let cases = support::corpus().iter().flat_map(|root| support::cases(root)).chain(support::fixtures()).collect::<Vec<_>>();
    let mut all = Vec::new();
    for case in cases {
        let Some(name) = case.target() else { continue };
        if !seen.insert(case.id().to_owned()) {
            continue;
        }
        for stage in case.stages() {
            let dir = case.path.join(&stage);
            let target = Target { namespace: case.namespace().to_owned(), name: name.to_owned(), uid: None };
            let collected = gather(&dir, &target);
            let base = diagnose(collected.clone(), RuleSet::builtin());
            all.push(Stage { id: format!("{}/{stage}", case.id()), dir, target, truth: case.truth["truth"][&stage].clone(), case: collected, base });
        }
    }
    assert!(all.len() >= 13, "the fixtures are there");
    all
}

/// Collects one target of a bundle as the command line does.
pub fn gather(dir: &Path, target: &Target) -> CaseFile {
    with_runtime(|| bundle::open(dir).expect("a bundle"), target)
}

/// Collects one target over a connection made inside a runtime.
pub fn with_runtime(open: impl FnOnce() -> Connection, target: &Target) -> CaseFile {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
        collect(&open(), target.clone(), Options::default(), Budget { milliseconds: 600_000, ..Budget::default() }, extras).await.expect("a case")
    })
}

/// Runs a check over stages; every violation is told, not only the first.
#[track_caller]
pub fn over<'a>(gate: &str, stages: impl IntoIterator<Item = &'a Stage>, check: impl Fn(&Stage) -> Vec<String>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for stage in stages {
        count += 1;
        wrong.extend(check(stage).into_iter().map(|w| format!("{}: {w}", stage.id)));
    }
    println!("gate {gate}: {count} stages, {} violations", wrong.len());
    assert!(wrong.is_empty(), "{gate}: {} violations over {count} stages\n{}", wrong.len(), wrong.join("\n"));
}
