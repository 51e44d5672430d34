//! The table of a scan.

use std::time::Duration;

use comfy_table::Cell;

use super::fold::{Group, fold};
use crate::report::RenderOptions;
use crate::report::json::v1;
use crate::report::table::layout::{Page, fit, table as rows_of, wrap};
use crate::report::table::palette::{Palette, TALL_TABLE};
use crate::report::words;

/// How a severity is marked, so that no colour is needed.
fn mark(severity: &str, silent: bool) -> &'static str {
    match (severity, silent) {
        (_, true) => "✖ silent",
        ("critical", _) => "✖ critical",
        ("error", _) => "✖ error",
        ("warning", _) => "! warning",
        _ => "· info",
    }
}

/// Renders a scan for a terminal. `all`: one row per pod instead of one per group. `took` is told in the last line only:
/// the document itself holds nothing that differs from run to run.
pub fn table(document: &v1::Scan, options: &RenderOptions, all: bool, took: Option<Duration>) -> String {
    let palette = Palette::new(options.color);
    let mut page = Page::new(options.width, palette);
    let groups = fold(&document.findings, !all);
    if groups.is_empty() {
        let (style, text) =
            if document.gaps.is_empty() { (palette.good, "nothing is dead that should live") } else { (palette.doubt, "nothing found in what could be seen") };
        page.paragraph("", text, style);
    } else {
        let (sure, what) = (11, 26);
        let says = page.width.saturating_sub(sure + what + 10).max(20);
        let mut rows = rows_of(&palette, &[sure, what, says], &["", "what", "why"]);
        rows.load_style(TALL_TABLE);
        for group in &groups {
            rows.add_row(vec![
                Cell::new(mark(group.severity, group.members.iter().any(|f| f.silent))),
                Cell::new(name(group, what, document)),
                Cell::new(why(group, says, options.wide)),
            ]);
        }
        page.table(&rows);
    }
    page.line("");
    let c = &document.counts;
    let mut summary = format!("{} pods, {} healthy, {} findings, {} silent", c.pods, c.healthy, c.findings, c.silent);
    if c.excluded > 0 {
        summary.push_str(&format!(", {} excluded", c.excluded));
    }
    page.paragraph("", &summary, palette.strong);
    if !document.gaps.is_empty() {
        page.section("NOT SEEN", "a gap is no evidence of absence");
        for gap in document.gaps.iter().take(if options.wide { usize::MAX } else { 6 }) {
            page.paragraph("  ! ", &format!("{} ({}): {}", gap.what, gap.kind, gap.why), palette.doubt);
        }
        if document.gaps.len() > 6 && !options.wide {
            page.line(&format!("  and {} more; -o wide shows all", document.gaps.len() - 6));
        }
    }
    page.paragraph(
        "",
        &format!("{} pods seen, {} requests, {}{}", c.pods + c.excluded, document.cost.requests, words::bytes(document.cost.bytes), seconds(took)),
        palette.faint,
    );
    page.finish()
}

fn seconds(took: Option<Duration>) -> String {
    took.map(|t| format!(", {:.2} s", t.as_secs_f64())).unwrap_or_default()
}

/// `checkout ×7, since 14:02`, or the pod's own name.
fn name(group: &Group<'_>, width: usize, document: &v1::Scan) -> String {
    let Some(first) = group.members.first() else { return String::new() };
    let mut lines = Vec::new();
    let many = document.scope.namespaces.len() > 1;
    let title = match (group.members.len(), &first.pod, &first.owner) {
        (1, Some(pod), _) => pod.clone(),
        (1, None, Some(owner)) => format!("{owner} (no pod)"),
        (n, _, owner) => format!("{} ×{n}", owner.as_deref().unwrap_or(&first.group)),
    };
    if many {
        lines.push(fit(&first.namespace, width));
    }
    lines.extend(wrap(&title, width));
    if let Some(container) = &first.container {
        lines.push(fit(&format!("container {container}"), width));
    }
    if let Some(since) = group.since {
        lines.push(format!("since {}", words::moment(since)));
    }
    lines.join("\n")
}

fn why(group: &Group<'_>, width: usize, wide: bool) -> String {
    let Some(first) = group.members.first() else { return String::new() };
    let code = first.exit_code.map(|c| format!(", exit {c}")).unwrap_or_default();
    let mut lines = wrap(&format!("{} ({}){code}", first.cause, first.confidence), width);
    lines.extend(group.runs().map(|runs| fit(&runs, width)));
    let text = wrap(&first.headline, width);
    let most = if wide { usize::MAX } else { 4 };
    lines.extend(text.iter().take(most).cloned());
    if text.len() > most
        && let Some(last) = lines.last_mut()
    {
        *last = fit(&format!("{last} …"), width);
    }
    lines.join("\n")
}
