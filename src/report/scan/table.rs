//! The table of a scan.

use std::time::Duration;

use comfy_table::Cell;

use super::fold::{Group, fold};
use crate::report::RenderOptions;
use crate::report::json::v1;
use crate::report::table::layout::{Page, columns, fit, table as rows_of, wrap};
use crate::report::table::palette::{Palette, TALL_TABLE};
use crate::report::words;

/// Before the one pod of several that the headline speaks of.
const EXAMPLE: &str = "e.g. ";

/// Columns of a headline that are shown, over several lines.
const HEADLINE: usize = 240;

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
        let longest = groups.iter().map(|g| columns(&g.title()).max(g.example().map_or(0, |pod| columns(pod) + EXAMPLE.len()))).max().unwrap_or(0);
        let (sure, what) = (11, longest.clamp(22, if page.width < 100 { 26 } else { 44 }.min(page.width / 3)));
        let says = page.width.saturating_sub(sure + what + 10).max(20);
        let mut rows = rows_of(&palette, &[sure, what, says], &["", "what", "why"]);
        rows.load_style(TALL_TABLE);
        for group in &groups {
            rows.add_row(vec![
                Cell::new(mark(group.severity, group.silent())),
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
    for (count, word) in [(c.excluded, "excluded"), (c.unread, "unread"), (c.hidden, "more not shown")] {
        if count > 0 {
            summary.push_str(&format!(", {count} {word}"));
        }
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

/// Gaps that are one line: what is missing of whom, for which reason.
struct Missing<'a> {
    what: String,
    of: Vec<&'a str>,
    /// What they have in common, and the reason of the first.
    key: String,
    why: String,
}

/// The gaps as lines. What is missing of several namespaces or pods for one reason is one line.
fn gaps(document: &v1::Scan, wide: bool) -> Vec<String> {
    let mut folded: Vec<Missing<'_>> = Vec::new();
    for gap in &document.gaps {
        let kind = gap.kind.replace('-', " ");
        let why = format!("({kind}): {}", gap.why);
        let parted = |between: &str| gap.what.split_once(between).filter(|_| !wide).map(|(what, of)| (format!("{what}{between}"), of));
        let (what, of, key) = match (parted(" of namespace "), parted(" of pod ")) {
            (Some((what, namespace)), _) => (what, vec![namespace], why.clone()),
            // The reason names each container's id; of many it is enough what kind of reason it is.
            (None, Some((what, pod))) => (what, vec![pod], format!("({kind})")),
            (None, None) => (gap.what.clone(), Vec::new(), why.clone()),
        };
        match folded.iter_mut().find(|m| m.what == what && m.key == key && !m.of.is_empty()) {
            Some(same) => same.of.extend(of),
            None => folded.push(Missing { what, of, key, why }),
        }
    }
    folded.iter().map(Missing::line).collect()
}

impl Missing<'_> {
    fn line(&self) -> String {
        match (self.of.as_slice(), self.what.strip_suffix(" of pod ")) {
            ([], _) => format!("{} {}", self.what, self.why),
            ([one], _) => format!("{}{one} {}", self.what, self.why),
            (pods, Some(what)) => format!("{what} of {} pods {}", pods.len(), self.key),
            (names, None) => format!("{}s {} {}", self.what.trim_end(), names.join(", "), self.why),
        }
    }
}

/// What it is, and since when.
fn name(group: &Group<'_>, width: usize, document: &v1::Scan) -> String {
    let Some(first) = group.members.first() else { return String::new() };
    let mut lines = wrap(&group.title(), width);
    // Where all findings lie in one namespace, the last line names it.
    if of_one_namespace(document).is_none() {
        lines.push(fit(&format!("in {}", first.namespace), width));
    }
    let container = first.container.as_ref().map(|c| c.to_owned());
    let now = document.observed_at.0;
    // Of several it is the time of the first.
    let since = group.since.map(|since| match group.members.len() {
        1 => format!("{} ago", words::span((now - since).num_seconds().max(0))),
        _ if (now - since).num_hours() < 20 => format!("since {} UTC", since.format("%H:%M")),
        _ => format!("since {}", words::since(since, now)),
    });
    let both: Vec<String> = [container, since].into_iter().flatten().collect();
    if !both.is_empty() {
        lines.extend(wrap(&both.join(", "), width));
    }
    if let Some(pod) = group.example() {
        lines.extend(wrap(&format!("{EXAMPLE}{pod}"), width));
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
    let most = if wide { usize::MAX } else { (HEADLINE / width.max(1) + 1).max(4) };
    lines.extend(shortened(&first.headline, width, most));
    lines.join("\n")
}

/// As much of a text in a narrow column as in a wide one. What is left out is its middle: it begins with what happened, and
/// names last to whom.
fn shortened(text: &str, width: usize, most: usize) -> Vec<String> {
    let whole = wrap(text, width);
    if whole.len() <= most {
        return whole;
    }
    let (front, back) = (most * 2 / 5, most - most * 2 / 5);
    let mut lines: Vec<String> = whole.iter().take(front).cloned().collect();
    lines.extend(whole.iter().skip(whole.len() - back).cloned());
    if let Some(cut) = lines.get_mut(front) {
        *cut = fit(&format!("… {cut}"), width);
    }
    lines
}
