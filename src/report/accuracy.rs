//! An evaluation as tables: what `a2 evaluate` prints, and what docs/accuracy.md is made of.

use super::grid::Grid;
use super::json::v1::{Evaluation, Figures, Share};

/// The tables of an evaluation, the most telling first. Times are left out where `times` is false: a page that is kept must not change with the machine.
pub fn tables(found: &Evaluation, times: bool) -> Vec<Grid> {
    let mut tables = vec![overall(found, times), groups("By stage", "stage", found), groups("By family", "family", found), words(found), bins(found)];
    if !found.confusion.is_empty() {
        let mut grid = Grid::new("What was taken for what", "Labelled cause, what was said instead, and where.", &["labelled", "said", "n", "where"]);
        for row in &found.confusion {
            grid.rows.push(vec![row.truth.clone(), row.said.clone(), row.stages.len().to_string(), row.stages.join(", ")]);
        }
        tables.push(grid);
    }
    if !found.left_out.is_empty() {
        let note = "What the other rules say of a family whose rules are taken away. Honest is `unknown`, another accepted cause, or a cause that the missing one would stand behind; overclaimed is anything else, said `confirmed` or `probable`.";
        let mut grid = Grid::new("Without its rules", note, &["family", "stages", "honest", "overclaimed", "said instead"]);
        for row in &found.left_out {
            let said = row.said.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
            grid.rows.push(vec![row.family.clone(), row.count.to_string(), percent(row.honest), row.overclaimed.to_string(), said]);
        }
        tables.push(grid);
    }
    tables
}

fn percent(share: Share) -> String {
    share.share.map_or_else(|| "-".to_owned(), |s| format!("{:.1} %", s * 100.0))
}

fn of(share: Share) -> String {
    if share.of == 0 { "-".to_owned() } else { format!("{} ({} of {})", percent(share), share.right, share.of) }
}

fn overall(found: &Evaluation, times: bool) -> Grid {
    let Figures { top1, top3, answered, abstained, decided, mechanism, container, silent, removal, .. } = found.figures;
    let mut grid = Grid::new("Over all", "", &["figure", "value", "what it says"]);
    let mut row = |name: &str, value: String, says: &str| grid.rows.push(vec![name.to_owned(), value, says.to_owned()]);
    row("top-1", of(top1), "the cause named first is right");
    row("top-3", of(top3), "a right one is among the first three");
    row("answered", of(answered), "a right answer where there is one");
    row("abstained", of(abstained), "`unknown` where nobody could know");
    row("decided", of(decided), "`confirmed` or `probable` where there is an answer");
    row("mechanism", of(mechanism), "how it stopped");
    row("container", of(container), "which container it is about");
    row("silent", of(silent), "whether it looks alive and is dead");
    row("removal", of(removal), "who took the pod away");
    row("Brier score", format!("{:.4}", found.figures.brier), "mean squared distance between probability and outcome; 0 is perfect");
    row("overclaimed", found.figures.overclaimed.to_string(), "sure, and wrong, where nobody could know");
    if times {
        row("median time", format!("{:.0} ms", found.figures.median_milliseconds), "reading one recorded stage and judging it");
        row("slowest", format!("{:.0} ms", found.figures.slowest_milliseconds), "");
    }
    grid
}

fn groups(title: &str, column: &str, found: &Evaluation) -> Grid {
    let mut grid = Grid::new(
        title,
        "",
        &[column, "stages", "top-1", "top-3", "answered", "abstained", "decided", "mechanism", "silent", "removal", "Brier", "overclaimed"],
    );
    let list = if column == "stage" { &found.by_stage } else { &found.by_family };
    for group in list {
        let f = group.figures;
        let mut row = vec![group.name.clone(), f.count.to_string()];
        row.extend([f.top1, f.top3, f.answered, f.abstained, f.decided, f.mechanism, f.silent, f.removal].map(percent));
        row.extend([format!("{:.3}", f.brier), f.overclaimed.to_string()]);
        grid.rows.push(row);
    }
    grid
}

fn words(found: &Evaluation) -> Grid {
    let mut grid = Grid::new("Confidence words", "How often a verdict with each word is right.", &["word", "verdicts", "right"]);
    for row in &found.words {
        grid.rows.push(vec![row.word.clone(), row.right.of.to_string(), percent(row.right)]);
    }
    grid
}

fn bins(found: &Evaluation) -> Grid {
    let mut grid = Grid::new(
        "Calibration",
        "Verdicts by their probability: how sure they were on average, and how often they are right.",
        &["probability", "verdicts", "mean", "right"],
    );
    for bin in &found.bins {
        let mean = if bin.right.of == 0 { "-".to_owned() } else { format!("{:.1} %", bin.mean * 100.0) };
        grid.rows.push(vec![format!("{:.0} to {:.0} %", bin.from * 100.0, bin.to * 100.0), bin.right.of.to_string(), mean, percent(bin.right)]);
    }
    grid
}
