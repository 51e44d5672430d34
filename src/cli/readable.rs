//! Whether a scan saw anything, and what to type where it did not.

use super::Failure;
use crate::evidence::{Gap, GapKind};
use crate::scan::{Scan, ScanOptions};
use crate::source::Connection;

/// A scan that chose other pods than it was asked for is a wrong answer: whoever excludes pods by a selector with a slip of the pen
/// must not be told of all of them.
pub fn understood(scanned: &Scan, options: &ScanOptions) -> Result<(), Failure> {
    let refused = |g: &&Gap| g.resource == "pods" && g.verb == "list" && g.why.starts_with("400: ");
    if let Some(gap) = scanned.gaps.iter().find(refused).filter(|_| has_selectors(options)) {
        let why = gap.why.trim_start_matches("400: ");
        return Err(Failure::usage(format!("a selector is not understood: {why}"))
            .hint("-l, --exclude-label and the configuration's scan.maxAgeByLabel take labels as kubectl does, --field-selector fields of pods")
            .gaps(scanned.gaps.iter().cloned()));
    }
    Ok(())
}

/// A scan that could list no pods at all is no answer.
pub fn readable(scanned: &Scan, options: &ScanOptions, connection: &Connection) -> Result<(), Failure> {
    understood(scanned, options)?;
    let absent: Vec<&str> =
        scanned.gaps.iter().filter(|g| g.resource == "namespaces" && g.kind == GapKind::NotFound).filter_map(|g| g.what.strip_prefix("namespace ")).collect();
    if absent.len() == scanned.namespaces.len() && !absent.is_empty() {
        return Err(Failure::unreadable(anyhow::anyhow!("there is no namespace {} in {}", absent.join(", "), connection.description))
            .hint("kubectl get namespaces")
            .gaps(scanned.gaps.iter().cloned()));
    }
    if scanned.counts.pods > 0 || scanned.sources.iter().any(|s| s.gap.is_none() && s.name.starts_with("pods")) {
        return Ok(());
    }
    // What was said of pods tells more than what was said of events.
    let gap = scanned.gaps.iter().find(|g| g.resource == "pods").or(scanned.gaps.first());
    let why = gap.map_or_else(|| "no answer".to_owned(), |gap| format!("{}: {}", gap.what, gap.why));
    Err(Failure::unreadable(anyhow::anyhow!("no pods could be listed from {}: {why}", connection.description))
        .hint(hint(scanned, gap, connection))
        .gaps(scanned.gaps.iter().cloned()))
}

fn has_selectors(options: &ScanOptions) -> bool {
    options.selector.is_some() || options.field_selector.is_some() || !options.exclude.is_empty() || !options.limits.is_empty()
}

fn hint(scanned: &Scan, gap: Option<&Gap>, connection: &Connection) -> String {
    let namespace = scanned.namespaces.first().map_or("default", String::as_str);
    let unnamed = scanned.gaps.iter().any(|g| g.resource == "namespaces" && g.verb == "list");
    match gap.map(|g| g.kind) {
        Some(GapKind::NotAsked) if connection.server.is_empty() => {
            format!("the bundle is about namespace {}, which is taken when -n is left out", connection.default_namespace)
        }
        Some(GapKind::Forbidden) if unnamed => "namespaces may not be listed either: name those that you may read, -n one -n two".to_owned(),
        Some(GapKind::TimedOut) => "is the VPN up and the context the right one? kubectl cluster-info; --timeout allows more time".to_owned(),
        _ => format!("kubectl auth can-i list pods -n {namespace} shows what is allowed"),
    }
}
