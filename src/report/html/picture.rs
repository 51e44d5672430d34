//! Pictures: the timeline, and how siblings fared.

use std::fmt::Write as _;

use super::escape::text;
use crate::evidence::Time;
use crate::report::json::v1::{Investigation, TimelineRow};
use crate::report::table::fit;
use crate::report::{phrases, words};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 130.0;
const LANE: f64 = 34.0;
/// Actors with a lane of their own, below those of the containers.
const ACTORS: [&str; 5] = ["kubelet", "node", "owner", "sibling", "user"];
/// Containers with a lane of their own.
const CONTAINERS: usize = 8;

/// One life of a container instance; one without an end goes on.
struct Life<'a> {
    container: &'a str,
    from: Time,
    to: Option<Time>,
}

/// The timeline as SVG: a lane for each container, with a bar for each life, and one for each actor; empty without a
/// timeline.
///
/// Positions follow order more than proportion: a death within seconds and a silence of hours must both be seen.
pub fn timeline(document: &Investigation) -> String {
    if document.timeline.is_empty() {
        return String::new();
    }
    let now = document.observed_at.0;
    let (zero, _) = phrases::zero(document);
    let lives = lives(document);
    let mut moments: Vec<Time> = document.timeline.iter().map(|r| r.time.0).chain([now]).collect();
    moments.extend(lives.iter().flat_map(|l| [l.from, l.to.unwrap_or(now)]));
    moments.sort();
    moments.dedup();
    let x = |time: Time| LEFT + (WIDTH - LEFT - 40.0) * place(&moments, time);
    let lanes = lanes(document, &lives);
    let y = |lane: usize| LANE * lane as f64 + 20.0;
    let height = y(lanes.len()) + 20.0;
    let mut svg = String::new();
    let _ = write!(svg, "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"timeline\">");
    for (i, lane) in lanes.iter().enumerate() {
        let y = y(i);
        let _ = write!(svg, "<text class=\"faint\" x=\"0\" y=\"{:.0}\">{}</text>", y + 4.0, text(&fit(lane, 20)));
        let _ = write!(svg, "<line class=\"lane\" x1=\"{LEFT}\" y1=\"{y:.0}\" x2=\"{:.0}\" y2=\"{y:.0}\"/>", WIDTH - 20.0);
    }
    for life in &lives {
        let Some(lane) = lanes.iter().position(|l| *l == life.container) else { continue };
        let (a, b) = (x(life.from), x(life.to.unwrap_or(now)));
        let end = life.to.map_or_else(|| "still runs".to_owned(), words::moment);
        let title = text(&format!("{}: {} to {end}", life.container, words::moment(life.from)));
        let (top, width) = (y(lane) - 6.0, (b - a).max(1.0));
        let _ = write!(svg, "<rect class=\"life\" x=\"{a:.1}\" y=\"{top:.0}\" width=\"{width:.1}\" height=\"12\"><title>{title}</title></rect>");
    }
    let is_end = |row: &TimelineRow| {
        row.what.contains(" ended") && document.deaths.iter().any(|d| d.finished_at == Some(row.time) && d.evidence.contains(&row.evidence))
    };
    // Ends are drawn last: a restart within the same second must not hide them.
    let (ends, others): (Vec<&TimelineRow>, Vec<&TimelineRow>) = document.timeline.iter().partition(|r| is_end(r));
    for (row, class) in others.into_iter().map(|r| (r, "dot")).chain(ends.into_iter().map(|r| (r, "end"))) {
        let Some(lane) = lane_of(row, &lanes) else { continue };
        let title = text(&format!("{} {} [{}]", words::relative(row.time.0, zero.0), row.what, row.evidence));
        let (at, y) = (x(row.time.0), y(lane));
        let _ = write!(svg, "<circle class=\"{class}\" cx=\"{at:.1}\" cy=\"{y:.0}\" r=\"5\"><title>{title}</title></circle>");
    }
    let bottom = y(lanes.len()) + 4.0;
    let mut taken: Vec<f64> = Vec::new();
    for moment in [zero.0, now].iter().chain(&moments) {
        let at = x(*moment);
        if taken.iter().all(|t| (t - at).abs() > 104.0) {
            let label = if *moment == now { "now".to_owned() } else { words::relative(*moment, zero.0) };
            let _ = write!(svg, "<text class=\"faint\" x=\"{at:.1}\" y=\"{bottom:.0}\">{label}</text>");
            taken.push(at);
        }
    }
    svg.push_str("</svg>");
    svg
}

fn lanes<'a>(document: &'a Investigation, lives: &[Life<'a>]) -> Vec<&'a str> {
    let mut lanes: Vec<&str> = Vec::new();
    for life in lives {
        if lanes.len() < CONTAINERS && !lanes.contains(&life.container) {
            lanes.push(life.container);
        }
    }
    if lanes.is_empty() && document.timeline.iter().any(|r| r.actor == "container") {
        lanes.push("container");
    }
    lanes.extend(ACTORS.into_iter().filter(|a| document.timeline.iter().any(|r| r.actor == *a)));
    lanes
}

/// A container's rows begin with its name.
fn lane_of(row: &TimelineRow, lanes: &[&str]) -> Option<usize> {
    if row.actor != "container" {
        return lanes.iter().rposition(|l| *l == row.actor);
    }
    lanes.iter().position(|l| row.what.strip_prefix(*l).is_some_and(|rest| rest.starts_with([' ', ':']))).or(Some(0))
}

fn lives(document: &Investigation) -> Vec<Life<'_>> {
    let ended = document.deaths.iter().filter_map(|d| Some(Life { container: &d.container, from: d.started_at?.0, to: Some(d.finished_at?.0) }));
    let running = document.containers.iter().filter_map(|c| Some(Life { container: &c.name, from: c.state.running.as_ref()?.started_at?.0, to: None }));
    let mut all: Vec<Life<'_>> = ended.chain(running).filter(|l| l.from.timestamp() > 0 && l.to.is_none_or(|to| l.from <= to)).collect();
    all.sort_by_key(|l| (l.from, l.container));
    all
}

/// Where a moment stands among all of them: half by rank, half by time.
fn place(moments: &[Time], time: Time) -> f64 {
    let (Some(first), Some(last)) = (moments.first(), moments.last()) else { return 0.0 };
    let steps = moments.len().saturating_sub(1).max(1) as f64;
    let rank = moments.iter().position(|m| *m >= time).unwrap_or(moments.len() - 1) as f64 / steps;
    let whole = (*last - *first).num_milliseconds().max(1) as f64;
    let share = (time - *first).num_milliseconds() as f64 / whole;
    0.7 * rank + 0.3 * share.clamp(0.0, 1.0)
}

/// Restarts by container as bars; empty when nothing was restarted.
pub fn restarts(document: &Investigation) -> String {
    let counts: Vec<(&str, i64)> = document.containers.iter().filter_map(|c| Some((c.name.as_str(), c.restarts?))).filter(|(_, n)| *n > 0).collect();
    let Some(most) = counts.iter().map(|c| c.1).max() else { return String::new() };
    let height = 22.0 * counts.len() as f64 + 6.0;
    let mut svg = String::new();
    let _ = write!(svg, "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"restarts\">");
    for (i, (name, count)) in counts.iter().enumerate() {
        let y = 22.0 * i as f64;
        let width = 400.0 * *count as f64 / most as f64;
        let _ = write!(svg, "<text x=\"0\" y=\"{:.0}\">{}</text>", y + 15.0, text(name));
        let _ = write!(svg, "<rect class=\"end\" x=\"240\" y=\"{:.0}\" width=\"{width:.0}\" height=\"14\"/>", y + 4.0);
        let _ = write!(svg, "<text x=\"{:.0}\" y=\"{:.0}\">{count}</text>", 248.0 + width, y + 15.0);
    }
    svg.push_str("</svg>");
    svg
}
