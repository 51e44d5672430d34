//! What could not be seen, what to do, and what it cost.

use super::layout::Page;
use crate::report::json::v1::Investigation;
use crate::report::phrases;

/// What could not be seen, why, and how to see it next time; then what can still be kept.
pub fn gaps(page: &mut Page, document: &Investigation, wide: bool) {
    let gaps = if wide { document.gaps.iter().collect() } else { phrases::gaps(document) };
    let (lost, going): (Vec<_>, Vec<_>) = document.horizon.iter().partition(|row| row.lost);
    if !gaps.is_empty() || !lost.is_empty() {
        page.section("NOT SEEN", "a gap is no evidence of absence");
    }
    for gap in gaps {
        page.paragraph("  ? ", &format!("{}: {}, {}", gap.what, gap.kind.replace('-', " "), gap.why), page.palette.doubt);
        if let Some(command) = &gap.capture {
            page.command(6, command);
        }
    }
    for row in lost {
        page.paragraph("  ! ", &phrases::horizon(row), page.palette.doubt);
    }
    if going.is_empty() {
        return;
    }
    page.section("SOON LOST", "what is still there, and for how long");
    for row in going {
        page.paragraph("  ! ", &phrases::horizon(row), page.palette.doubt);
    }
    if let Some(command) = phrases::keep(document) {
        page.command(6, command);
    }
}

/// Steps shown in a report that is not wide.
const STEPS: usize = 6;

/// What to do: steps, advice that goes with the verdict, and what would settle it.
pub fn next(page: &mut Page, document: &Investigation, wide: bool) {
    let mut steps = phrases::steps(document);
    if !wide {
        // The command that closes a gap stands beside the gap.
        steps.retain(|s| s.command.is_none() || !phrases::gaps(document).iter().any(|g| g.capture == s.command));
    }
    if steps.is_empty() {
        return;
    }
    page.section("NEXT", "");
    let limit = if wide { usize::MAX } else { STEPS };
    for (i, step) in steps.iter().take(limit).enumerate() {
        page.paragraph(&format!("{:>4}. {:<6}  ", i + 1, step.priority), &step.what, anstyle::Style::new());
        if let Some(command) = &step.command {
            page.command(8, command);
        }
    }
    if steps.len() > limit {
        page.line(&format!("      and {} more; -o wide shows all", steps.len() - limit));
    }
}

/// The definition of done.
pub fn checklist(page: &mut Page, document: &Investigation) {
    if document.definition_of_done.is_empty() {
        return;
    }
    page.section("DEFINITION OF DONE", "[-] cannot be checked from the cluster");
    let mut group = "";
    for item in &document.definition_of_done {
        if item.group != group {
            group = &item.group;
            page.line(&format!("  {group}"));
        }
        let mark = match item.state.as_str() {
            "done" => "[x]",
            "open" => "[ ]",
            _ => "[-]",
        };
        page.paragraph(&format!("    {mark} "), &format!("{}{}", item.item, super::layout::ids(&item.evidence)), anstyle::Style::new());
    }
}

/// Everything that the report points to.
pub fn evidence(page: &mut Page, document: &Investigation) {
    if document.evidence.is_empty() {
        return;
    }
    page.section("EVIDENCE", "");
    for e in &document.evidence {
        let time = e.time.map(|t| format!(" at {}", crate::report::words::moment(t.0))).unwrap_or_default();
        page.paragraph(&format!("  {:<4} ", e.id), &format!("{} {}{time}, by {}: {}", e.object, e.field, e.authority, e.text), anstyle::Style::new());
    }
}

/// How the probabilities came about.
pub fn explanation(page: &mut Page, document: &Investigation) {
    page.section("EXPLANATION", "");
    for line in &document.explanation {
        page.paragraph("  ", line, anstyle::Style::new());
    }
}

/// The last line.
pub fn ledger(page: &mut Page, document: &Investigation, wide: bool) {
    page.line("");
    let text = if wide { phrases::ledger(document) } else { phrases::short_ledger(document) };
    page.paragraph("", &text, page.palette.faint);
}
