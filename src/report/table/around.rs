//! Suspects, siblings and hints.

use comfy_table::Cell;

use super::layout::{Page, columns, fit, ids, table, wrap};
use crate::report::json::v1::{Investigation, Sibling};
use crate::report::words;

/// Lines of a suspect's note.
const NOTE: usize = 2;
/// Rows of siblings in a report that is not wide.
const ROWS: usize = 8;
/// Columns of a container's name.
const NAME: usize = 24;
/// Changes in a report that is not wide.
const CHANGES: usize = 4;

/// The five usual suspects, a line each.
pub fn suspects(page: &mut Page, document: &Investigation) {
    if document.suspects.is_empty() {
        return;
    }
    page.section("SUSPECTS", "");
    if let [first, rest @ ..] = document.suspects.as_slice()
        && first.standing != "supported"
        && rest.iter().all(|s| s.standing == first.standing && s.note == first.note && s.evidence == first.evidence)
    {
        let families: Vec<&str> = document.suspects.iter().map(|s| s.family.as_str()).collect();
        let text = format!("{}: {}, {}{}", families.join(", "), first.standing.replace('-', " "), first.note, ids(&first.evidence));
        page.paragraph("  · ", &text, page.palette.faint);
        return;
    }
    for suspect in &document.suspects {
        let (mark, style) = match suspect.standing.as_str() {
            "supported" => ("▶", page.palette.bad),
            "contradicted" => ("✘", page.palette.faint),
            "not-knowable" => ("?", page.palette.doubt),
            _ => ("·", page.palette.faint),
        };
        let standing = suspect.standing.replace('-', " ");
        let lead = format!("  {mark} {:<10}  {standing:<12}  ", suspect.family);
        let room = page.width.saturating_sub(columns(&lead));
        let id_text = ids(&suspect.evidence);
        let mut lines = wrap(&format!("{}{id_text}", suspect.note), room);
        if lines.len() > NOTE {
            // The ids stay: they lead to the rest.
            lines = wrap(&suspect.note, room);
            lines.truncate(NOTE);
            if let Some(last) = lines.last_mut() {
                *last = format!("{}{id_text}", fit(&format!("{last} …"), room.saturating_sub(columns(&id_text))));
            }
        }
        for (n, line) in lines.iter().enumerate() {
            let lead = if n == 0 { super::palette::paint(style, &lead) } else { " ".repeat(columns(&lead)) };
            page.line(&format!("{lead}{line}"));
        }
    }
}

/// Restarts by container, a block each while they fit; nothing for one restart, which the line about the containers tells.
pub fn restarts(page: &mut Page, document: &Investigation) {
    let counts: Vec<(&str, i64)> = document.containers.iter().filter_map(|c| Some((c.name.as_str(), c.restarts?))).filter(|(_, n)| *n > 0).collect();
    let most = counts.iter().map(|c| c.1).max().unwrap_or(0);
    if most < 2 {
        return;
    }
    page.section("RESTARTS", "");
    let room = page.width.saturating_sub(NAME + 14) as i64;
    let name = counts.iter().map(|c| columns(c.0)).max().unwrap_or(0).min(NAME);
    for (container, count) in counts {
        let blocks = if most <= room { count } else { (count.saturating_mul(room) / most).max(1) };
        let label = fit(container, name);
        let pad = " ".repeat(name.saturating_sub(columns(&label)));
        page.line(&format!("  {label}{pad}  {} {count}", "■".repeat(usize::try_from(blocks).unwrap_or(0))));
    }
}

/// How others that run the same thing fared.
pub fn siblings(page: &mut Page, document: &Investigation, wide: bool) {
    let siblings = &document.siblings;
    if siblings.pods.is_empty() {
        return;
    }
    let remark = format!("{} of {} failed alike: {}", siblings.failed_alike, siblings.total, siblings.pattern);
    page.section("SIBLINGS", &remark);
    if siblings.pods.len() > 1 {
        let chart: String = siblings.pods.iter().take(60).map(mark).collect::<Vec<_>>().join(" ");
        page.line(&format!("  {chart}"));
    }
    page.line(&super::palette::paint(page.palette.faint, "  ✖ failed alike  ✗ failed otherwise  ✔ fared well  · runs or unknown; by start"));
    let name = if page.width < 100 { 29 } else { 40 };
    let rest = page.width.saturating_sub(name + 2 + 6);
    let shown: &[(&str, usize)] =
        if rest >= 99 { &[("end", 26), ("age", 11), ("runs", 4), ("node", 16), ("image", 27)] } else { &[("end", 20), ("age", 11), ("runs", 4)] };
    let widths: Vec<usize> = std::iter::once(name).chain(shown.iter().map(|c| c.1)).collect();
    let header: Vec<&str> = std::iter::once("pod").chain(shown.iter().map(|c| c.0)).collect();
    let mut rows = table(&page.palette, &widths, &header);
    let limit = if wide { usize::MAX } else { ROWS };
    for sibling in siblings.pods.iter().rev().take(limit) {
        let cells = widths.iter().zip(&header).map(|(width, column)| Cell::new(fit(&cell(sibling, column, document), *width)));
        rows.add_row(cells.collect::<Vec<_>>());
    }
    page.table(&rows);
    if siblings.pods.len() > limit {
        page.line(&format!("  and {} older; -o wide shows all", siblings.pods.len() - limit));
    }
    let limit = if wide { usize::MAX } else { CHANGES };
    for change in siblings.changes.iter().take(limit) {
        page.paragraph("  changed: ", change, anstyle::Style::new());
    }
    if siblings.changes.len() > limit {
        page.line(&format!("  and {} more changes; -o wide shows all", siblings.changes.len() - limit));
    }
}

fn mark(sibling: &Sibling) -> &'static str {
    match (sibling.alike, sibling.failed, sibling.exit_code) {
        (true, ..) => "✖",
        (_, true, _) => "✗",
        (.., Some(0)) => "✔",
        _ if sibling.phase.as_deref() == Some("Succeeded") => "✔",
        _ => "·",
    }
}

fn cell(sibling: &Sibling, column: &str, document: &Investigation) -> String {
    match column {
        "pod" => format!("{} {}", mark(sibling), sibling.name),
        "end" => {
            let code = sibling.exit_code.map(|c| format!("exit {c}"));
            let parts: Vec<String> = [code, sibling.reason.clone()].into_iter().flatten().collect();
            if parts.is_empty() { sibling.phase.clone().unwrap_or_else(|| "unknown".to_owned()) } else { parts.join(" ") }
        }
        "age" => sibling.ended_at.or(sibling.started_at).map(|t| words::span((document.observed_at.0 - t.0).num_seconds())).unwrap_or_default(),
        "runs" => (sibling.restarts + 1).to_string(),
        "node" => sibling.node.clone().unwrap_or_default(),
        _ => sibling.image.clone().unwrap_or_default(),
    }
}

/// Remarks on the spec.
pub fn hints(page: &mut Page, document: &Investigation) {
    if document.hints.is_empty() {
        return;
    }
    page.section("HINTS", "not causes");
    for hint in &document.hints {
        page.paragraph("  · ", hint, anstyle::Style::new());
    }
}
