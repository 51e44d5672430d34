//! Names alone, for other commands.

use std::collections::BTreeSet;

use crate::report::json::v1;

/// `namespace/pod` a line, as `a2 investigate` takes it; findings about pods that were never created have no name.
pub fn names(document: &v1::Scan) -> String {
    let mut told = BTreeSet::new();
    let names = document.findings.iter().filter_map(|f| Some(format!("{}/{}\n", f.namespace, f.pod.as_deref()?)));
    names.filter(|name| told.insert(name.clone())).collect()
}
