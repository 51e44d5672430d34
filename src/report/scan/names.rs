//! Names alone, for other commands.

use crate::report::json::v1;

/// `namespace/pod` a line, as `a2 investigate` takes it; findings about pods that were never created have no name.
pub fn names(document: &v1::Scan) -> String {
    let mut names: Vec<String> = document.findings.iter().filter_map(|f| Some(format!("{}/{}\n", f.namespace, f.pod.as_deref()?))).collect();
    names.dedup();
    names.concat()
}
