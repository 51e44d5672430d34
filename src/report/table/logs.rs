//! The decisive log lines.

use super::layout::{Page, fit, wrap};
use super::palette::paint;
use crate::report::json::v1::{Excerpt, Investigation};

/// Lines of one excerpt in a report that is not wide.
const LINES: usize = 14;

/// Excerpts with their causal lines marked.
pub fn logs(page: &mut Page, document: &Investigation, wide: bool) {
    let limit = if wide { usize::MAX } else { 2 };
    for excerpt in document.log_excerpt.iter().filter(|e| !e.lines.is_empty()).take(limit) {
        let pod = excerpt.pod.as_ref().map(|p| format!("{p}/")).unwrap_or_default();
        let which = if excerpt.previous { " (previous instance)" } else { "" };
        let marked = if excerpt.decisive.is_empty() { "" } else { "; ▶ marks what names the cause" };
        page.section("LOG", &format!("{pod}{}{which}{marked}", excerpt.container));
        one(page, excerpt, if wide { usize::MAX } else { LINES });
    }
}

fn one(page: &mut Page, excerpt: &Excerpt, limit: usize) {
    let (from, to) = window(excerpt, limit);
    if from > 0 {
        page.line(&paint(page.palette.faint, &format!("    ⋮ {from} lines before")));
    }
    for (i, line) in excerpt.lines.iter().enumerate().skip(from).take(to - from) {
        if excerpt.decisive.contains(&i) {
            // A decisive line is worth more than one row, but not a page.
            for (n, part) in wrap(line, page.width.saturating_sub(4)).iter().take(4).enumerate() {
                let lead = if n == 0 { "  ▶ " } else { "    " };
                page.line(&paint(page.palette.strong, &format!("{lead}{part}")));
            }
        } else {
            let line = fit(line, page.width.saturating_sub(4));
            page.line(&format!("    {}", paint(page.palette.faint, &line)));
        }
    }
    if to < excerpt.lines.len() {
        page.line(&paint(page.palette.faint, &format!("    ⋮ {} lines after", excerpt.lines.len() - to)));
    }
}

/// Which lines to show: all, or those that hold the decisive ones (the end, when there are none).
fn window(excerpt: &Excerpt, limit: usize) -> (usize, usize) {
    let count = excerpt.lines.len();
    if count <= limit {
        return (0, count);
    }
    let first = excerpt.decisive.first().copied().unwrap_or(count);
    let from = first.saturating_sub(limit / 2).min(count - limit);
    (from, from + limit)
}
