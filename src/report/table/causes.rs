//! Ranked causes.

use comfy_table::Cell;

use super::layout::{Page, bar, columns, ids, marked, percent, table, wrap};
use super::palette::TALL_TABLE;
use crate::report::json::v1::{Cause, Investigation, Sign};

/// Rivals below this are only shown in a wide report.
const NEGLIGIBLE: f64 = 0.02;

/// The table of causes with short sentences for (`+`), against (`−`) and unseen (`?`).
pub fn causes(page: &mut Page, document: &Investigation, wide: bool) {
    if document.causes.is_empty() {
        return;
    }
    let shown: Vec<&Cause> =
        document.causes.iter().enumerate().filter(|(i, c)| wide || c.on_path || *i == 0 || (*i < 5 && c.probability >= NEGLIGIBLE)).map(|(_, c)| c).collect();
    let remark = if shown.len() < document.causes.len() { format!("{} of {}; -o wide shows all", shown.len(), document.causes.len()) } else { String::new() };
    page.section("CAUSES", &remark);
    // An id is copied into `a2 explain`: it must not be broken.
    let id = |(i, c): (usize, &&Cause)| columns(&c.cause) + if c.on_path && i > 0 { 2 } else { 0 };
    let longest = shown.iter().enumerate().map(id).max().unwrap_or(0).min(30);
    let name = longest.max(if page.width < 100 { 19 } else { 27 });
    let sure = 12;
    // Three columns: four borders, and a blank on either side of each cell.
    let says = page.width.saturating_sub(name + sure + 4 + 6);
    let mut rows = table(&page.palette, &[name, sure, says], &["cause", "how sure", "what shows it"]);
    rows.load_style(TALL_TABLE);
    for (i, cause) in shown.iter().enumerate() {
        let lead = if cause.on_path && i > 0 { "↳ " } else { "" };
        let mut title = wrap(&format!("{lead}{}", cause.cause), name).join("\n");
        if !cause.title.is_empty() {
            title.push('\n');
            title.push_str(&wrap(&cause.title, name).join("\n"));
        }
        if cause.from_siblings {
            title.push_str("\n(from siblings)");
        }
        let how_sure = format!("{} {}\n{}", bar(cause.probability, 6), percent(cause.probability), cause.confidence);
        let mut cell = Cell::new(how_sure);
        if let Some(color) = page.palette.confidence_cell(&cause.confidence) {
            cell = cell.fg(color);
        }
        rows.add_row(vec![Cell::new(title), cell, Cell::new(sentences(cause, says, wide))]);
    }
    page.table(&rows);
}

fn sentences(cause: &Cause, width: usize, wide: bool) -> String {
    let limit = if wide { usize::MAX } else { 3 };
    let mut lines = Vec::new();
    let mut say = |mark: &str, signs: &[Sign]| {
        // Two signs may read the same and stand on other evidence: the first tells.
        let signs: Vec<&Sign> = signs.iter().enumerate().filter(|(i, s)| wide || !signs.iter().take(*i).any(|t| t.says == s.says)).map(|(_, s)| s).collect();
        for sign in signs.iter().take(limit) {
            lines.push(marked(mark, &format!("{}{}", sign.says, ids(&sign.evidence)), width));
        }
        if signs.len() > limit {
            lines.push(marked(mark, &format!("and {} more", signs.len() - limit), width));
        }
    };
    say("+", &cause.signs);
    say("−", &cause.signs_against);
    for gap in &cause.unseen {
        lines.push(marked("?", &format!("not seen: {} ({})", gap.what, gap.kind), width));
    }
    lines.join("\n")
}
