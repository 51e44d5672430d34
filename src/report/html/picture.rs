//! Pictures: the timeline, and how siblings fared.

use std::fmt::Write as _;

use super::escape::text;
use crate::evidence::Time;
use crate::report::json::v1::Investigation;
use crate::report::{phrases, words};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 90.0;
const LANE: f64 = 34.0;
const ACTORS: [&str; 6] = ["container", "kubelet", "node", "owner", "sibling", "user"];

/// The timeline as SVG, one lane an actor and one bar a life of a container; empty without a timeline.
///
/// Positions are in order of time, not in proportion: a death within seconds and a silence of hours must both be seen.
pub fn timeline(document: &Investigation) -> String {
    if document.timeline.is_empty() {
        return String::new();
    }
    let (zero, _) = phrases::zero(document);
    let mut moments: Vec<Time> = document.timeline.iter().map(|r| r.time.0).chain([document.observed_at.0]).collect();
    let lives: Vec<(Time, Time, &str)> = lives(document);
    moments.extend(lives.iter().flat_map(|(a, b, _)| [*a, *b]));
    moments.sort();
    moments.dedup();
    let x = |time: Time| LEFT + (WIDTH - LEFT - 40.0) * place(&moments, time);
    let lanes: Vec<&str> = ACTORS.into_iter().filter(|a| document.timeline.iter().any(|r| r.actor == *a) || (*a == "container" && !lives.is_empty())).collect();
    let height = LANE * lanes.len() as f64 + 40.0;
    let mut svg = String::new();
    let _ = write!(svg, "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"timeline\">");
    for (i, lane) in lanes.iter().enumerate() {
        let y = LANE * i as f64 + 20.0;
        let _ = write!(svg, "<text class=\"faint\" x=\"0\" y=\"{:.0}\">{lane}</text>", y + 4.0);
        let _ = write!(svg, "<line class=\"lane\" x1=\"{LEFT}\" y1=\"{y:.0}\" x2=\"{:.0}\" y2=\"{y:.0}\"/>", WIDTH - 20.0);
    }
    let lane_y = |actor: &str| lanes.iter().position(|l| *l == actor).map(|i| LANE * i as f64 + 20.0);
    for (from, to, container) in &lives {
        if let Some(y) = lane_y("container") {
            let (a, b) = (x(*from), x(*to));
            let title = format!("{container}: {} to {}", words::moment(*from), words::moment(*to));
            let _ = write!(
                svg,
                "<rect class=\"life\" x=\"{a:.1}\" y=\"{:.0}\" width=\"{:.1}\" height=\"12\"><title>{}</title></rect>",
                y - 6.0,
                (b - a).max(1.0),
                text(&title)
            );
        }
    }
    for row in &document.timeline {
        let Some(y) = lane_y(&row.actor) else { continue };
        let at = x(row.time.0);
        let class = if document.deaths.iter().any(|d| d.finished_at == Some(row.time) && d.evidence.contains(&row.evidence)) { "end" } else { "dot" };
        let title = format!("{} {} [{}]", words::relative(row.time.0, zero.0), row.what, row.evidence);
        let _ = write!(svg, "<circle class=\"{class}\" cx=\"{at:.1}\" cy=\"{y:.0}\" r=\"5\"><title>{}</title></circle>", text(&title));
    }
    let bottom = LANE * lanes.len() as f64 + 24.0;
    let mut last = f64::MIN;
    for moment in &moments {
        let at = x(*moment);
        if at - last > 76.0 {
            let _ = write!(svg, "<text class=\"faint\" x=\"{at:.1}\" y=\"{bottom:.0}\">{}</text>", words::relative(*moment, zero.0));
            last = at;
        }
    }
    svg.push_str("</svg>");
    svg
}

fn lives(document: &Investigation) -> Vec<(Time, Time, &str)> {
    document
        .deaths
        .iter()
        .filter_map(|d| Some((d.started_at?.0, d.finished_at?.0, d.container.as_str())))
        .filter(|(a, b, _)| a <= b && a.timestamp() > 0)
        .collect()
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
