//! The timeline as a picture: time runs down, each actor has a lane, what happened stands beside it.

use super::layout::{Page, columns, fit, pad_left, wrap};
use super::palette::paint;
use crate::evidence::Time;
use crate::report::json::v1::{Investigation, TimelineRow};
use crate::report::{phrases, words};

/// Order of the lanes.
const ACTORS: [&str; 6] = ["container", "kubelet", "node", "owner", "sibling", "user"];
/// Rows shown in a report that is not wide.
const ROWS: usize = 20;
/// Lines of one entry; of one that tells of trouble, since the cause stands at the end of such messages.
const LINES: usize = 2;
const LINES_OF_TROUBLE: usize = 4;
/// A silence at least this long, in seconds, gets a row of its own.
const LONG: i64 = 60;

/// The picture.
pub fn timeline(page: &mut Page, document: &Investigation, wide: bool) {
    let rows = &document.timeline;
    if rows.is_empty() {
        return;
    }
    let (zero, remark) = phrases::zero(document);
    page.section("TIMELINE", &remark);
    let kept: Vec<&TimelineRow> = rows.iter().filter(|r| wide || !is_routine(r, rows)).collect();
    let routine = rows.len() - kept.len();
    let rows = kept;
    let lanes: Vec<&str> = ACTORS.into_iter().filter(|a| rows.iter().any(|r| r.actor == *a)).collect();
    let (from, to) = window(&rows, zero.0, wide);
    let shown: Vec<&TimelineRow> = rows.iter().skip(from).take(to - from).copied().collect();
    let time_width = shown.iter().map(|r| columns(&words::relative(r.time.0, zero.0))).chain([columns(&now(document, zero.0))]).max().unwrap_or(0) + 2;
    heads(page, &lanes, time_width);
    if from > 0 {
        page.line(&format!("{}  {}  {}", " ".repeat(time_width), bars(&lanes, "┊", None), words::plural(from as u64, "earlier entry", "earlier entries")));
    }
    let mut before: Option<&TimelineRow> = None;
    for row in shown {
        if let Some(previous) = before {
            let pause = (row.time.0 - previous.time.0).num_seconds();
            if pause >= LONG {
                let text = paint(page.palette.faint, &format!("{} later", words::span(pause)));
                page.line(&format!("{}  {}  {text}", " ".repeat(time_width), bars(&lanes, "┊", None)));
            }
        }
        one(page, row, &lanes, time_width, zero.0, end_of(row, document));
        before = Some(row);
    }
    if to < rows.len() {
        page.line(&format!("{}  {}  {} later entries", " ".repeat(time_width), bars(&lanes, "┊", None), rows.len() - to));
    }
    let last = format!("{}  {}  now", pad_left(&now(document, zero.0), time_width), bars(&lanes, "┴", None));
    page.line(&paint(page.palette.faint, &last));
    if routine > 0 {
        let entries = words::plural(routine as u64, "routine entry", "routine entries");
        page.line(&paint(page.palette.faint, &format!("  {entries} (pulled, created, started) not shown; -o wide shows all")));
    }
}

/// Events of an ordinary start say nothing that the start itself does not; where nothing else tells of a container,
/// they stay.
fn is_routine(row: &TimelineRow, rows: &[TimelineRow]) -> bool {
    let Some((container, rest)) = row.what.split_once(": ") else { return false };
    let reason = rest.split([':', ' ']).next().unwrap_or_default();
    let told = |actor: &str, lead: &str| rows.iter().any(|r| r.actor == actor && r.what.strip_prefix(container).is_some_and(|rest| rest.starts_with(lead)));
    row.actor == "kubelet"
        && match reason {
            "Pulling" | "Pulled" | "Created" => told("container", " ") || told("kubelet", ": Started"),
            "Started" => told("container", " "),
            _ => false,
        }
}

/// Whether a row tells of an end, and whether that end was a failure.
fn end_of(row: &TimelineRow, document: &Investigation) -> Option<bool> {
    if !row.what.contains(" ended") {
        return None;
    }
    let death = document.deaths.iter().find(|d| d.finished_at == Some(row.time) && d.evidence.contains(&row.evidence))?;
    Some(death.exit_code != Some(0) || death.mechanism != "exited")
}

fn now(document: &Investigation, zero: Time) -> String {
    words::relative(document.observed_at.0, zero)
}

/// Names of the lanes, one a line, each above its lane.
fn heads(page: &mut Page, lanes: &[&str], time_width: usize) {
    for (i, lane) in lanes.iter().enumerate() {
        let line = format!("{}  {}{lane}", " ".repeat(time_width), "│ ".repeat(i));
        page.line(&paint(page.palette.faint, &line));
    }
}

fn bars(lanes: &[&str], through: &str, mark: Option<(&str, &str)>) -> String {
    lanes.iter().map(|lane| mark.filter(|(actor, _)| actor == lane).map_or(through, |(_, m)| m)).collect::<Vec<_>>().join(" ")
}

fn one(page: &mut Page, row: &TimelineRow, lanes: &[&str], time_width: usize, zero: Time, end: Option<bool>) {
    let lower = row.what.to_lowercase();
    let (mark, style) = match () {
        () if lower.contains("killing") || lower.contains("stopping container") => ("▼", page.palette.doubt),
        () if end == Some(true) => ("✖", page.palette.bad),
        () if end == Some(false) => ("✔", page.palette.good),
        () if lower.contains("evict") || lower.contains("preempt") => ("▼", page.palette.doubt),
        () if lower.contains("probe") || lower.contains("fail") || lower.contains("back-off") => ("!", page.palette.doubt),
        () => ("●", anstyle::Style::new()),
    };
    let lead = format!("{}  {}  ", pad_left(&words::relative(row.time.0, zero), time_width), bars(lanes, "│", Some((&row.actor, mark))));
    let id = format!(" [{}]", row.evidence);
    let room = page.width.saturating_sub(columns(&lead) + columns(&id));
    let mut lines = wrap(&row.what, room);
    let most = if mark == "!" || mark == "▼" { LINES_OF_TROUBLE } else { LINES };
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = fit(&format!("{last} …"), room);
        }
    }
    for (i, text) in lines.iter().enumerate() {
        let text = paint(style, text);
        if i == 0 {
            let fill = " ".repeat(room.saturating_sub(lines.first().map_or(0, |l| columns(l))));
            page.line(&format!("{lead}{text}{fill}{}", paint(page.palette.faint, &id)));
        } else {
            page.line(&format!("{}  {}  {text}", " ".repeat(time_width), bars(lanes, "│", None)));
        }
    }
}

/// Which rows to show: all, or those around the moment that matters.
fn window(rows: &[&TimelineRow], zero: Time, wide: bool) -> (usize, usize) {
    if wide || rows.len() <= ROWS {
        return (0, rows.len());
    }
    let middle = rows.iter().position(|r| r.time.0 >= zero).unwrap_or(rows.len());
    let from = middle.saturating_sub(ROWS * 3 / 5).min(rows.len() - ROWS);
    (from, from + ROWS)
}
