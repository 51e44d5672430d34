//! The definition of done: thirteen boxes in three groups, ticked only where the cluster proves it.

use super::investigation::DoneBox;
use crate::evidence::{Authority, CaseFile, Citation, Source, Time, show_time};
use crate::reconstruct::{CitationId, History, SiblingRow};
use crate::rules::{Confidence, Judgement};

/// The boxes. Commands of a Rust project stand there only when the evidence says Rust.
pub(super) fn definition_of_done(case: &CaseFile, history: &mut History, judgement: &Judgement) -> Vec<DoneBox> {
    let decided = judgement.confidence == Confidence::Confirmed;
    let cited: Vec<CitationId> = judgement.causes.first().filter(|_| decided).into_iter().flat_map(|c| &c.supporting).flat_map(|s| s.cited.clone()).collect();
    let rust = history.facts.text("log.language") == Some("rust");
    let item = |group, item: &str, state| DoneBox { group, item: item.to_owned(), state, cited: Vec::new() };
    let (format, lint, test) = if rust {
        ("cargo fmt --all --check passes", "cargo clippy --all-targets -- -D warnings passes", "cargo test --workspace passes")
    } else {
        ("the formatter of the project passes", "the linter of the project passes", "the tests of the project pass")
    };
    let command = |own: &Option<String>, otherwise: &str| own.as_ref().map_or_else(|| otherwise.to_owned(), |c| format!("{c} passes"));
    let project = &case.options.project;
    let (format, lint, test) = (command(&project.format, format), command(&project.lint, lint), command(&project.test, test));
    let rollout = rolled_out(case, history);
    let well = ended_well(case, history);
    let mut proved = |group, item: &str, proof: Option<Proof>, otherwise| match proof {
        Some(Proof { says, citation }) => DoneBox { group, item: format!("{item}: {says}"), state: "done", cited: vec![history.citations.cite(citation)] },
        None => DoneBox { group, item: item.to_owned(), state: otherwise, cited: Vec::new() },
    };
    vec![
        DoneBox {
            group: "Code fix",
            item: "the root cause is identified beyond doubt, with evidence".to_owned(),
            state: if decided { "done" } else { "open" },
            cited,
        },
        item("Code fix", "a fix keeps it from happening again", "not-checkable"),
        item("Code fix", "errors on this path are handled and reported", "not-checkable"),
        item("Code fix", &format, "not-checkable"),
        item("Code fix", &lint, "not-checkable"),
        item("Code fix", &test, "not-checkable"),
        item("Deployment", "the change is linked to its issue", "not-checkable"),
        item("Deployment", "CI passes and the change is merged", "not-checkable"),
        item("Deployment", "the deployment is in sync", "not-checkable"),
        proved("Deployment", "the new version runs", rollout, "open"),
        proved("Verification", "the container ends with 0, or runs and stays ready", well, "open"),
        item("Verification", "later runs show no silent failure", "open"),
        item("Verification", "no new alert for the same failure", "not-checkable"),
    ]
}

/// How long a container must run and be ready before that counts. Seconds.
const STAYS_READY: i64 = 600;

fn after_the_death(history: &History) -> impl Iterator<Item = &SiblingRow> {
    let end = history.subject.death.and_then(|i| history.deaths.get(i)).and_then(|d| d.finished);
    history.siblings.rows.iter().filter(move |r| r.source == "live" && !r.failed && r.same_owner && end.is_some_and(|end| r.started.is_some_and(|s| s >= end)))
}

/// What ticks a box, and where it is written.
struct Proof {
    says: String,
    citation: Citation,
}

/// A pod of the same owner with another image that started after the death and has not failed.
fn rolled_out(case: &CaseFile, history: &History) -> Option<Proof> {
    let container = history.subject.container.as_deref()?;
    let own = history.pod.as_ref()?.container(container)?;
    // A name says nothing against a digest: like is compared with like.
    let differs = |other: &str| match own.image_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => is_digest(other) && other != id,
        None => !is_digest(other) && !own.image.is_empty() && other != own.image,
    };
    let row = after_the_death(history).find(|r| r.image.as_deref().is_some_and(differs))?;
    let other = row.image.clone().unwrap_or_default();
    let says = format!("pod {} has {other} since {}", row.name, row.started.map(show_time).unwrap_or_default());
    Some(Proof { says, citation: of_pod(case, Source::Sibling, &row.name, "spec.containers[].image", row.started, other) })
}

/// `sha256:…`, or a name with one behind it, as runtimes write `imageID`.
fn is_digest(image: &str) -> bool {
    image.contains("sha256:")
}

/// A later pod that ended with 0, or the container itself, up and ready for long enough.
fn ended_well(case: &CaseFile, history: &History) -> Option<Proof> {
    if let Some(row) = after_the_death(history).find(|r| r.exit_code == Some(0) && r.ended.is_some()) {
        let says = format!("pod {} ended with 0 at {}", row.name, row.ended.map(show_time).unwrap_or_default());
        let field = "status.containerStatuses[].state.terminated.exitCode";
        return Some(Proof { says, citation: of_pod(case, Source::Sibling, &row.name, field, row.ended, "exit code 0".to_owned()) });
    }
    let since = history.subject.recovered_since.filter(|t| (case.observed_at - *t).num_seconds() >= STAYS_READY)?;
    let says = format!("running and ready since {}", show_time(since));
    let citation = of_pod(case, Source::Pod, &case.target.name, "status.containerStatuses[].state.running.startedAt", Some(since), says.clone());
    Some(Proof { says, citation })
}

fn of_pod(case: &CaseFile, source: Source, name: &str, field: &str, time: Option<Time>, text: String) -> Citation {
    let object = format!("Pod/{}/{name}", case.target.namespace);
    Citation { source, object, field: field.to_owned(), time, text, authority: Authority::Kubelet }
}
