//! Whom the decisive lines of the logs name: the peers worth a look.

use crate::evidence::CaseFile;
use crate::reconstruct::{Judged, reconstruct};
use crate::signatures::is_local;

/// Hosts and addresses that the decisive lines name, most telling first; not the pod itself. For `collect`, between rounds.
pub fn peers_named(case: &CaseFile) -> Vec<String> {
    let history = reconstruct(case, &Judged::default());
    let fact = history.facts.get("log.peer");
    let named = fact.into_iter().flat_map(|f| &f.values).map(|(v, _)| v.to_string());
    named.filter(|peer| !is_local(peer)).collect()
}
