//! The table of a scan.

use std::time::Duration;

use comfy_table::Cell;

use super::fold::{Group, fold};
use crate::report::RenderOptions;
use crate::report::json::v1;
use crate::report::table::layout::{Page, columns, fit, table as rows_of, wrap};
use crate::report::table::palette::{Palette, TALL_TABLE};
use crate::report::words;

/// How a severity is marked, so that no colour is needed.
pub(super) fn mark(severity: &str, silent: bool) -> &'static str {
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
        // A pod's name is copied: it should stand on one line where there is room.
        let longest = groups.iter().map(|g| columns(&title(g))).max().unwrap_or(0);
        let (sure, what) = (11, longest.clamp(22, if page.width < 100 { 26 } else { 44 }.min(page.width / 3)));
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
    let (pods, findings) = (words::plural(c.pods as u64, "pod", "pods"), words::plural(c.findings as u64, "finding", "findings"));
    let mut summary = format!("{pods}, {} healthy, {findings}, {} silent", c.healthy, c.silent);
    if let Some(namespace) = of_one_namespace(document).filter(|_| document.scope.namespaces.len() > 1) {
        summary.push_str(&format!(", all in {namespace}"));
    }
    if c.excluded > 0 {
        summary.push_str(&format!(", {} excluded", c.excluded));
    }
    page.paragraph("", &summary, palette.strong);
    if !document.gaps.is_empty() {
        page.section("NOT SEEN", "a gap is no evidence of absence");
        let lines = gaps(document, options.wide);
        for line in lines.iter().take(if options.wide { usize::MAX } else { 6 }) {
            let line = if options.wide { line.clone() } else { fit(line, page.width.saturating_sub(4)) };
            page.paragraph("  ! ", &line, palette.doubt);
        }
        if lines.len() > 6 && !options.wide {
            page.line(&format!("  and {} more; -o wide shows all", lines.len() - 6));
        }
    }
    page.paragraph(
        "",
        &format!(
            "{} seen, {}, {}{}",
            words::plural((c.pods + c.excluded) as u64, "pod", "pods"),
            words::plural(document.cost.requests, "request", "requests"),
            words::bytes(document.cost.bytes),
            seconds(took)
        ),
        palette.faint,
    );
    page.finish()
}

fn seconds(took: Option<Duration>) -> String {
    took.map(|t| format!(", {:.2} s", t.as_secs_f64())).unwrap_or_default()
}

/// The gaps as lines. What is missing of several namespaces for one reason is one line.
fn gaps(document: &v1::Scan, wide: bool) -> Vec<String> {
    let mut folded: Vec<(String, String, Vec<&str>)> = Vec::new();
    for gap in &document.gaps {
        let reason = format!("({}): {}", gap.kind.replace('-', " "), gap.why);
        match gap.what.split_once(" of namespace ").filter(|_| !wide) {
            Some((what, namespace)) => match folded.iter_mut().find(|(w, r, names)| *w == what && *r == reason && !names.is_empty()) {
                Some((.., names)) => names.push(namespace),
                None => folded.push((what.to_owned(), reason, vec![namespace])),
            },
            None => folded.push((gap.what.clone(), reason, Vec::new())),
        }
    }
    let line = |(what, reason, names): (String, String, Vec<&str>)| match names.as_slice() {
        [] => format!("{what} {reason}"),
        [name] => format!("{what} of namespace {name} {reason}"),
        names => format!("{what} of namespaces {} {reason}", names.join(", ")),
    };
    folded.into_iter().map(line).collect()
}

/// The pod's own name, or `Deployment/checkout ×7`.
fn title(group: &Group<'_>) -> String {
    let Some(first) = group.members.first() else { return String::new() };
    match (group.members.len(), &first.pod, &first.owner) {
        (1, Some(pod), _) => pod.clone(),
        (1, None, Some(owner)) => format!("{owner} (no pod)"),
        (n, _, owner) => format!("{} ×{n}", owner.as_deref().unwrap_or(&first.group)),
    }
}

/// What it is, and since when.
fn name(group: &Group<'_>, width: usize, document: &v1::Scan) -> String {
    let Some(first) = group.members.first() else { return String::new() };
    let mut lines = wrap(&title(group), width);
    // Where all findings lie in one namespace, the last line names it.
    if of_one_namespace(document).is_none() {
        lines.push(fit(&format!("in {}", first.namespace), width));
    }
    let container = first.container.as_ref().map(|c| c.to_owned());
    let since = group.since.map(|since| format!("{} ago", words::span((document.observed_at.0 - since).num_seconds().max(0))));
    let both: Vec<String> = [container, since].into_iter().flatten().collect();
    if !both.is_empty() {
        lines.extend(wrap(&both.join(", "), width));
    }
    lines.join("\n")
}

/// The namespace that all findings share.
fn of_one_namespace(document: &v1::Scan) -> Option<&str> {
    let first = document.findings.first()?.namespace.as_str();
    document.findings.iter().all(|f| f.namespace == first).then_some(first)
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
