//! The table of a watched scan: one page that fits the terminal, drawn anew when something changes.

use std::time::Duration;

use chrono::TimeDelta;

use super::fold::{Group, fold};
use super::table::mark;
use crate::report::RenderOptions;
use crate::report::json::v1;
use crate::report::table::layout::{columns, fit};
use crate::report::table::palette::{Palette, paint};
use crate::report::words;

/// Columns of the mark, and of the time since.
const MARK: usize = 10;
const SINCE: usize = 9;
/// Troubles that are shown.
const TROUBLES: usize = 2;

/// In a window lower than this, what could not be seen and all but the latest change make room.
const LOW: usize = 14;

/// What is shown.
pub struct Live<'a> {
    /// What is watched.
    pub title: &'a str,
    /// The scan, and how long ago it came; `None` before the first answer.
    pub scan: Option<(&'a v1::Scan, Duration)>,
    /// The latest changes, the newest last.
    pub recent: &'a [v1::Change],
    /// What the watch cannot hear or keep.
    pub troubles: &'a [String],
    /// One row per pod instead of one per owner and cause.
    pub all: bool,
    /// Lines of the terminal.
    pub height: usize,
}

/// Renders a page of at most `height` lines, none of them wider than the terminal.
pub fn live(live: &Live<'_>, options: &RenderOptions) -> String {
    let palette = Palette::new(options.color);
    let width = options.width;
    let mut lines = Vec::new();
    let clock = live.scan.map(|(scan, ago)| {
        let now = scan.observed_at.0 + TimeDelta::seconds(i64::try_from(ago.as_secs()).unwrap_or(0));
        format!("{} UTC", words::clock(now))
    });
    lines.push(ends(live.title, clock.as_deref().unwrap_or_default(), width, palette.strong));
    let Some((scan, _)) = live.scan else {
        lines.push(paint(palette.faint, &fit("waiting for the first answer; Ctrl-C ends it", width)));
        return page(lines, live.height);
    };
    let c = &scan.counts;
    let excluded = if c.excluded > 0 { format!(", {} excluded", c.excluded) } else { String::new() };
    let counts = format!("{} pods, {} healthy, {} findings, {} silent{excluded}", c.pods, c.healthy, c.findings, c.silent);
    let (state, style) = if live.troubles.is_empty() { ("watching", palette.good) } else { ("see below", palette.doubt) };
    lines.push(ends(&counts, state, width, style));
    for trouble in live.troubles.iter().take(TROUBLES) {
        lines.push(paint(palette.doubt, &fit(&format!("! {trouble}"), width)));
    }
    if live.troubles.len() > TROUBLES {
        lines.push(paint(palette.doubt, &format!("! and {} more of the kind", live.troubles.len() - TROUBLES)));
    }
    if let Some(gap) = scan.gaps.first().filter(|_| live.height >= LOW) {
        let more = if scan.gaps.len() > 1 { format!(", and {} more", scan.gaps.len() - 1) } else { String::new() };
        lines.push(paint(palette.doubt, &fit(&format!("! not seen: {} ({}){more}: {}", gap.what, gap.kind, gap.why), width)));
    }
    lines.push(paint(palette.faint, &"─".repeat(width)));
    let foot = foot(live, width, &palette);
    let room = live.height.saturating_sub(lines.len() + foot.len());
    let groups = fold(&scan.findings, !live.all);
    if groups.is_empty() {
        let well = if scan.gaps.is_empty() { "nothing is dead that should live" } else { "nothing found in what could be seen" };
        lines.push(paint(palette.good, &fit(well, width)));
    } else {
        lines.extend(rows(&groups, room, scan, options, &palette));
    }
    lines.extend(foot);
    page(lines, live.height)
}

fn page(mut lines: Vec<String>, height: usize) -> String {
    lines.truncate(height);
    lines.join("\n")
}

/// A text on the left, and one on the right that is never cut.
fn ends(left: &str, right: &str, width: usize, style: anstyle::Style) -> String {
    let left = fit(left, width.saturating_sub(columns(right) + 2));
    let gap = width.saturating_sub(columns(&left) + columns(right));
    format!("{left}{}{}", " ".repeat(gap), paint(style, right))
}

/// The latest changes.
fn foot(live: &Live<'_>, width: usize, palette: &Palette) -> Vec<String> {
    if live.recent.is_empty() {
        return Vec::new();
    }
    let most = if live.height >= LOW { usize::MAX } else { 1 };
    let told = live.recent.iter().rev().take(most).map(|change| {
        let what = change.finding.pod.as_deref().or(change.finding.owner.as_deref()).unwrap_or_default();
        paint(
            palette.faint,
            &fit(&format!("{} {:<7} {}/{what}  {}", words::clock(change.time.0), change.change, change.finding.namespace, change.finding.cause), width),
        )
    });
    std::iter::once(paint(palette.faint, &"─".repeat(width))).chain(told).collect()
}

/// As many groups as there is room for: with why, where that leaves none out; the last line says how many are not shown.
fn rows(groups: &[Group<'_>], room: usize, scan: &v1::Scan, options: &RenderOptions, palette: &Palette) -> Vec<String> {
    let tall = groups.len() * 2 <= room || options.wide;
    let each = if tall { 2 } else { 1 };
    let fits = groups.len() * each <= room;
    let shown = if fits { groups.len() } else { room.saturating_sub(1) / each };
    let mut lines = Vec::new();
    for group in groups.iter().take(shown) {
        lines.extend(row(group, scan, options.width, tall, palette));
    }
    if shown < groups.len() {
        let left: usize = groups.iter().skip(shown).map(|g| g.members.len()).sum();
        let text = format!("and {} more, {left} findings, not shown: this window is too low; a2 scan shows all", groups.len() - shown);
        lines.push(paint(palette.strong, &fit(&text, options.width)));
    }
    lines
}

/// Its mark, who, since when and what; below it, where there is room, why.
fn row(group: &Group<'_>, scan: &v1::Scan, width: usize, tall: bool, palette: &Palette) -> Vec<String> {
    let Some(first) = group.members.first() else { return Vec::new() };
    let silent = group.silent();
    let name = group.title();
    let name = if scan.scope.namespaces.len() > 1 { format!("{}/{name}", first.namespace) } else { name };
    let left = width.saturating_sub(MARK + SINCE + 3);
    let who = (left / 2).min(48);
    let code = first.exit_code.map(|c| format!(", exit {c}")).unwrap_or_default();
    let what = format!("{} ({}){code}", first.cause, first.confidence);
    let since = group.since.map(|t| words::since(t, scan.observed_at.0)).unwrap_or_default();
    let style = match group.severity {
        _ if silent => palette.bad,
        "critical" | "error" => palette.bad,
        "warning" => palette.doubt,
        _ => palette.faint,
    };
    let pad = |text: &str, to: usize| {
        let text = fit(text, to);
        let blank = " ".repeat(to.saturating_sub(columns(&text)));
        format!("{text}{blank}")
    };
    let mut lines = vec![format!(
        "{} {} {} {}",
        paint(style, &pad(mark(group.severity, silent), MARK)),
        pad(&name, who),
        paint(palette.faint, &pad(&since, SINCE)),
        fit(&what, left.saturating_sub(who))
    )];
    if tall {
        let runs = group.runs().map(|runs| format!("{runs}; ")).unwrap_or_default();
        lines.push(paint(palette.faint, &format!("{}{}", " ".repeat(MARK + 1), fit(&format!("{runs}{}", first.headline), width.saturating_sub(MARK + 1)))));
    }
    lines
}
