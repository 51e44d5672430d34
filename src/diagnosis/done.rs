//! The definition of done: thirteen boxes in three groups, ticked only where the cluster proves it.

use super::investigation::DoneBox;
use crate::reconstruct::{CitationId, History};
use crate::rules::{Confidence, Judgement};

/// The boxes. Commands of a Rust project stand there only when the evidence says Rust.
pub(super) fn definition_of_done(history: &History, judgement: &Judgement) -> Vec<DoneBox> {
    let decided = judgement.confidence == Confidence::Confirmed;
    let cited: Vec<CitationId> = judgement.causes.first().filter(|_| decided).into_iter().flat_map(|c| &c.supporting).flat_map(|s| s.cited.clone()).collect();
    let rust = history.facts.text("log.language") == Some("rust");
    let item = |group, item: &str, state| DoneBox { group, item: item.to_owned(), state, cited: Vec::new() };
    let (format, lint, test) = if rust {
        ("cargo fmt --all --check passes", "cargo clippy --all-targets -- -D warnings passes", "cargo test --workspace passes")
    } else {
        ("the formatter of the project passes", "the linter of the project passes", "the tests of the project pass")
    };
    let recovered = history.subject.recovered_since.is_some();
    let healthy = history.siblings.rows.iter().any(|r| r.exit_code == Some(0) && !r.failed && r.source == "live");
    vec![
        DoneBox {
            group: "Code fix",
            item: "the root cause is identified beyond doubt, with evidence".to_owned(),
            state: if decided { "done" } else { "open" },
            cited,
        },
        item("Code fix", "a fix keeps it from happening again", "not-checkable"),
        item("Code fix", "errors on this path are handled and reported", "not-checkable"),
        item("Code fix", format, "not-checkable"),
        item("Code fix", lint, "not-checkable"),
        item("Code fix", test, "not-checkable"),
        item("Deployment", "the change is linked to its issue", "not-checkable"),
        item("Deployment", "CI passes and the change is merged", "not-checkable"),
        item("Deployment", "the deployment is in sync", "not-checkable"),
        item("Deployment", "the new version runs", "open"),
        item("Verification", "the container ends with 0, or runs and stays ready", if recovered || healthy { "open" } else { "not-checkable" }),
        item("Verification", "later runs show no silent failure", "open"),
        item("Verification", "no new alert for the same failure", "not-checkable"),
    ]
}
