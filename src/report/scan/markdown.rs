//! A table for a ticket.

use super::fold::fold;
use crate::report::json::v1;
use crate::report::markdown::escape::cell;
use crate::report::words;

/// Renders a scan as Markdown: a summary line, one row per group, gaps.
pub fn markdown(document: &v1::Scan, all: bool) -> String {
    let c = &document.counts;
    let mut text = format!("{} pods, {} healthy, {} findings, {} silent, {} excluded\n\n", c.pods, c.healthy, c.findings, c.silent, c.excluded);
    text.push_str("| severity | what | cause | confidence | since | why |\n|---|---|---|---|---|---|\n");
    for group in fold(&document.findings, !all) {
        let Some(first) = group.members.first() else { continue };
        let example = group.example().map(|pod| format!(", e.g. {pod}")).unwrap_or_default();
        let what = format!("{}/{}{example}", first.namespace, group.title());
        let silent = if group.silent() { ", silent" } else { "" };
        let since = group.since.map(words::moment).unwrap_or_default();
        let headline = group.runs().map_or_else(|| first.headline.clone(), |runs| format!("{} ({runs})", first.headline));
        let row = [format!("{}{silent}", group.severity), what, first.cause.clone(), first.confidence.clone(), since, headline];
        text.push_str(&format!("| {} |\n", row.map(|v| cell(&v)).join(" | ")));
    }
    if !document.gaps.is_empty() {
        text.push_str("\nNot seen:\n\n");
        for gap in &document.gaps {
            text.push_str(&format!("- {} ({}): {}\n", cell(&gap.what), gap.kind, cell(&gap.why)));
        }
    }
    text
}
