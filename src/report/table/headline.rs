//! What a tired person reads first, and perhaps only.

use super::layout::{Page, bar, columns, ids, percent};
use super::palette::paint;
use crate::report::json::v1::Investigation;
use crate::report::{phrases, words};

/// The verdict: badge, cause, confidence, probability, and the sentence.
pub fn verdict(page: &mut Page, document: &Investigation) {
    let verdict = &document.verdict;
    let palette = page.palette;
    let failed = phrases::is_failure(document);
    let badge = phrases::badge(document);
    let style = if !failed { palette.good } else { palette.confidence(&verdict.confidence) };
    let mark = if !failed {
        "✔"
    } else if verdict.cause == "unknown" {
        "?"
    } else {
        "✖"
    };
    let sure = match verdict.confidence.as_str() {
        "none" => format!("{} {} unexplained", bar(verdict.probability, 10), percent(verdict.probability)),
        word => format!("{word} {} {}", bar(verdict.probability, 10), percent(verdict.probability)),
    };
    let left = if badge.eq_ignore_ascii_case(&verdict.cause) { format!("{mark} {badge}") } else { format!("{mark} {badge}  {}", verdict.cause) };
    if columns(&left) + 2 + columns(&sure) <= page.width {
        page.line(&format!("{}  {}", paint(style, &left), sure));
    } else {
        page.line(&paint(style, &left));
        page.line(&format!("  {sure}"));
    }
    page.paragraph("  ", &verdict.headline, palette.strong);
}

/// What stands around the verdict.
pub fn situation(page: &mut Page, document: &Investigation, wide: bool) {
    let target = &document.target;
    page.line("");
    page.labelled("pod", &format!("{}/{}{}", target.namespace, target.name, place(document)));
    page.labelled("phase says", &phrases::phase_says(document));
    page.labelled("containers say", &phrases::containers_say(document));
    if let Some(silence) = phrases::silence(document) {
        page.labelled("silent", &format!("{silence}{}", ids(&document.silence.evidence)));
    }
    if let Some(since) = document.silence.recovered_since {
        let ago = words::span((document.observed_at.0 - since.0).num_seconds());
        page.labelled("recovered", &format!("running and ready again for {ago}, since {}", words::moment(since.0)));
    }
    if let Some(removal) = &document.removal {
        let note = if removal.note.is_empty() { String::new() } else { format!(": {}", removal.note) };
        page.labelled("taken away", &format!("{}{note}{}", removal.kind, ids(&removal.evidence)));
    }
    for link in &document.links {
        let cause = link.cause.as_ref().map(|c| format!(" ({c})")).unwrap_or_default();
        page.labelled("behind it", &format!("{} {}{cause}{}", link.object, link.what, ids(&link.evidence)));
    }
    let work: Vec<String> = phrases::work(document).iter().map(|(k, v)| format!("{k} {v}")).collect();
    if !work.is_empty() {
        page.labelled("work", &work.join(" · "));
    }
    for impact in &document.impact {
        page.labelled("impact", &format!("{}: {}", impact.object, impact.what));
    }
    for l in &document.retry_loops {
        let times = words::plural(l.count as u64, "time", "times");
        page.labelled(
            "repeats",
            &format!("{} about every {}, {times} until {} [{}]", l.what, words::span(l.period_seconds), words::moment(l.last.0), l.evidence),
        );
    }
    if let Some(primary) = &document.primary
        && (wide || document.containers.len() > 1)
    {
        page.labelled("primary", &format!("{}: {}", primary.container, primary.why));
    }
    if target.incarnations.len() > 1 {
        let uid = target.uid.as_deref().unwrap_or("unknown");
        page.labelled("incarnation", &format!("{uid}, one of {} with this name", target.incarnations.len()));
        for other in phrases::other_incarnations(document) {
            page.labelled("also", &other);
        }
    }
}

fn place(document: &Investigation) -> String {
    let Some(pod) = &document.pod else { return String::new() };
    let node = pod.node.as_ref().map(|n| format!(" on {n}")).unwrap_or_default();
    let owner = pod.owner.as_ref().map(|o| format!(", of {o}")).unwrap_or_default();
    format!("{node}{owner}")
}
