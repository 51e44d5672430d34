//! What happened, from bundles to histories.

mod argo;
mod chains;
mod edges;
mod events;
mod ghost;
mod hand;
mod horizon;
mod incarnations;
mod lints;
mod mechanism;
mod probes;
mod runtimes;
mod siblings;
mod tekton;
mod trace;

use std::path::Path;

use a2::collect::{Extras, collect};
use a2::diagnosis::{Investigation, diagnose};
use a2::evidence::{Budget, Options, Target};
use a2::report::{Cleaner, json};
use a2::rules::RuleSet;
use a2::source::bundle;

use crate::bundles::Bundle;

/// Investigates a target of a bundle or a recorded stage.
pub async fn investigate(path: &Path, namespace: &str, name: &str, uid: Option<&str>) -> Investigation {
    let conn = bundle::open(path).expect("a bundle");
    let target = Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: uid.map(str::to_owned) };
    let extras = Extras { namespace_given: true, name_peers: Some(&a2::diagnosis::peers_named), ..Extras::default() };
    let case = collect(&conn, target, Options::default(), Budget::default(), extras).await.expect("a case");
    diagnose(case, RuleSet::builtin())
}

/// The same for a bundle made on the spot.
pub async fn of(bundle: &Bundle, name: &str) -> Investigation {
    investigate(bundle.path(), "shop", name, None).await
}

/// The document of an investigation, unredacted.
pub fn document(investigation: &Investigation) -> json::v1::Investigation {
    let same = |text: &str| text.to_owned();
    json::investigation(investigation, &Cleaner::new(&same))
}
