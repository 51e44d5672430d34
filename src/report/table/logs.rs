//! The decisive log lines.

use super::layout::{Page, columns, fit, wrap};
use super::palette::paint;
use crate::report::json::v1::{Excerpt, Investigation};

/// Lines of one excerpt in a report that is not wide.
const LINES: usize = 14;
/// Rows of a line that is not decisive.
const CONTEXT_ROWS: usize = 2;

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
    let mut lines = excerpt.lines.iter().enumerate().skip(from).take(to - from).peekable();
    while let Some((i, line)) = lines.next() {
        let mut times: usize = 1;
        let mut decisive = excerpt.decisive.contains(&i);
        while let Some((next, _)) = lines.next_if(|(_, l)| *l == line) {
            times += 1;
            decisive |= excerpt.decisive.contains(&next);
        }
        let again = if times > 1 { format!("  (×{times})") } else { String::new() };
        let room = page.width.saturating_sub(6 + columns(&again));
        if decisive {
            // A decisive line is worth more than one row, but not a page.
            let parts = wrap(line, room);
            let last = parts.len().min(4) - 1;
            for (n, part) in parts.iter().take(4).enumerate() {
                let lead = if n == 0 { "  ▶ " } else { "    " };
                let again = if n == last { again.as_str() } else { "" };
                page.line(&format!("{}{again}", paint(page.palette.strong, &format!("{lead}{part}"))));
            }
        } else {
            // On a narrow terminal one row holds little more than the time of a line.
            let mut parts = wrap(line, room);
            if parts.len() > CONTEXT_ROWS {
                parts.truncate(CONTEXT_ROWS);
                if let Some(last) = parts.last_mut() {
                    *last = fit(&format!("{last} …"), room);
                }
            }
            let last = parts.len() - 1;
            for (n, part) in parts.iter().enumerate() {
                let (lead, again) = (if n == 0 { "    " } else { "      " }, if n == last { again.as_str() } else { "" });
                page.line(&format!("{lead}{}{again}", paint(page.palette.faint, &fit(part, page.width.saturating_sub(columns(lead) + columns(again))))));
            }
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
