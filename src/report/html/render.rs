//! The page from top to bottom.

use super::escape::{element, ids, text};
use super::{memory::memory, picture, style::STYLE};
use crate::report::json::v1::{Investigation, Sign};
use crate::report::table::{fit, percent};
use crate::report::{RenderOptions, describe, phrases, words};

/// Renders the page of an investigation.
pub fn render(document: &Investigation, options: &RenderOptions) -> String {
    let mut out = String::new();
    let title = format!("{}/{}: {}", document.target.namespace, document.target.name, document.verdict.cause);
    out.push_str("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    out.push_str(&element("title", "", &title));
    out.push_str(&format!("<style>{STYLE}</style></head><body>\n"));
    verdict(&mut out, document);
    if !options.quiet {
        situation(&mut out, document);
        causes(&mut out, document);
        timeline(&mut out, document);
        charts(&mut out, document);
        logs(&mut out, document);
        suspects(&mut out, document);
        siblings(&mut out, document);
        gaps(&mut out, document);
        next(&mut out, document);
        done(&mut out, document);
        evidence(&mut out, document);
        if options.explain {
            block(&mut out, "How the probabilities came about", &document.explanation.join("\n"));
        }
        if options.describe {
            block(&mut out, "Describe", &describe::render(document));
        }
        let footer = format!("{}; observed at {}", phrases::ledger(document), words::moment(document.observed_at.0));
        out.push_str(&element("footer", "faint", &footer));
    }
    out.push_str("\n</body></html>\n");
    out
}

fn heading(out: &mut String, name: &str) {
    out.push('\n');
    out.push_str(&element("h2", "", name));
}

fn block(out: &mut String, name: &str, content: &str) {
    heading(out, name);
    out.push_str(&element("pre", "", content));
}

fn style_of(confidence: &str) -> &'static str {
    match confidence {
        "confirmed" => "bad",
        "probable" => "doubt",
        _ => "faint",
    }
}

fn bar(probability: f64, class: &str) -> String {
    let width = probability.clamp(0.0, 1.0) * 100.0;
    format!("<span class=\"bar {class}\"><i style=\"width:{width:.0}%\"></i></span> {}", text(&percent(probability)))
}

fn verdict(out: &mut String, document: &Investigation) {
    let verdict = &document.verdict;
    let class = if phrases::is_failure(document) { style_of(&verdict.confidence) } else { "good" };
    out.push_str(&element("p", "faint", &format!("{}/{}", document.target.namespace, document.target.name)));
    out.push_str(&format!("<span class=\"badge {class}\">{}</span> <code>{}</code> ", phrases::badge(document), text(&verdict.cause)));
    let word = if verdict.confidence == "none" { "unexplained" } else { verdict.confidence.as_str() };
    out.push_str(&format!("{} {}", bar(verdict.probability, class), text(word)));
    out.push_str(&element("h1", "", &verdict.headline));
}

fn situation(out: &mut String, document: &Investigation) {
    out.push_str("<dl>");
    let mut pair = |key: &str, value: &str, links: &[String]| {
        out.push_str(&format!("{}<dd>{}{}</dd>", element("dt", "", key), text(value), ids(links)));
    };
    pair("phase says", &phrases::phase_says(document), &[]);
    pair("containers say", &phrases::containers_say(document), &[]);
    if let Some(silence) = phrases::silence(document) {
        pair("silent", &silence, &document.silence.evidence);
    }
    if let Some(since) = document.silence.recovered_since {
        pair("recovered", &format!("running and ready again since {}", words::moment(since.0)), &[]);
    }
    if let Some(removal) = &document.removal {
        let note = if removal.note.is_empty() { String::new() } else { format!(": {}", removal.note) };
        pair("taken away", &format!("{}{note}", removal.kind), &removal.evidence);
    }
    for other in phrases::other_incarnations(document) {
        pair("also of this name", &other, &[]);
    }
    if let Some(pod) = &document.pod {
        pair("node", pod.node.as_deref().unwrap_or("none"), &[]);
        if let Some(owner) = &pod.owner {
            pair("owner", owner, &[]);
        }
    }
    for link in &document.links {
        pair("behind it", &format!("{} {}", link.object, link.what), &link.evidence);
    }
    for (key, value) in phrases::work(document) {
        pair(key, &value, &[]);
    }
    for impact in &document.impact {
        pair("impact", &format!("{}: {}", impact.object, impact.what), &[]);
    }
    for l in &document.retry_loops {
        pair("repeats", &format!("{} about every {}, {} times", l.what, words::span(l.period_seconds), l.count), std::slice::from_ref(&l.evidence));
    }
    if let Some(primary) = &document.primary {
        pair("primary", &format!("{}: {}", primary.container, primary.why), &[]);
    }
    out.push_str("</dl>");
}

fn signs(out: &mut String, mark: &str, signs: &[Sign]) {
    for sign in signs {
        out.push_str(&format!("<li>{mark} {}{}</li>", text(&sign.says), ids(&sign.evidence)));
    }
}

fn causes(out: &mut String, document: &Investigation) {
    if document.causes.is_empty() {
        return;
    }
    heading(out, "Causes");
    out.push_str("<table><tr><th>cause</th><th>how sure</th><th>what shows it</th></tr>");
    for (i, cause) in document.causes.iter().enumerate() {
        let lead = if cause.on_path && i > 0 { "↳ " } else { "" };
        let class = style_of(&cause.confidence);
        out.push_str(&format!("<tr><td>{lead}<code>{}</code><br>{}</td>", text(&cause.cause), text(&cause.title)));
        out.push_str(&format!("<td class=\"n\">{}<br>{}</td><td><ul class=\"signs\">", bar(cause.probability, class), text(&cause.confidence)));
        signs(out, "+", &cause.signs);
        signs(out, "−", &cause.signs_against);
        for gap in &cause.unseen {
            out.push_str(&format!("<li>? not seen: {} ({})</li>", text(&gap.what), text(&gap.kind)));
        }
        out.push_str("</ul></td></tr>");
    }
    out.push_str("</table>");
}

fn timeline(out: &mut String, document: &Investigation) {
    if document.timeline.is_empty() {
        return;
    }
    heading(out, "Timeline");
    let (zero, remark) = phrases::zero(document);
    out.push_str(&element("p", "faint", &remark));
    out.push_str(&picture::timeline(document));
    out.push_str("<table><tr><th>when</th><th>who</th><th>what</th></tr>");
    for row in &document.timeline {
        let when = words::relative(row.time.0, zero.0);
        out.push_str(&format!(
            "<tr><td class=\"n\">{when}</td><td class=\"n\">{}</td><td>{}{}</td></tr>",
            text(&row.actor),
            text(&row.what),
            ids(std::slice::from_ref(&row.evidence))
        ));
    }
    out.push_str("</table>");
}

/// Pictures beside the timeline, where there is something to draw.
fn charts(out: &mut String, document: &Investigation) {
    for (name, picture) in [("Restarts", picture::restarts(document)), ("Memory", memory(document))] {
        if !picture.is_empty() {
            out.push_str(&element("h3", "", name));
            out.push_str(&picture);
        }
    }
}

fn logs(out: &mut String, document: &Investigation) {
    for excerpt in document.log_excerpt.iter().filter(|e| !e.lines.is_empty()) {
        let pod = excerpt.pod.as_ref().map(|p| format!("{p}/")).unwrap_or_default();
        let which = if excerpt.previous { " (previous instance)" } else { "" };
        heading(out, &format!("Log of {pod}{}{which}", excerpt.container));
        out.push_str("<pre>");
        for (i, line) in excerpt.lines.iter().enumerate() {
            if excerpt.decisive.contains(&i) {
                out.push_str(&format!("<span class=\"cause\">▶ {}</span>\n", text(line)));
            } else {
                out.push_str(&format!("  {}\n", text(line)));
            }
        }
        out.push_str("</pre>");
    }
}

fn suspects(out: &mut String, document: &Investigation) {
    if document.suspects.is_empty() {
        return;
    }
    heading(out, "Suspects");
    out.push_str("<table><tr><th>suspect</th><th>standing</th><th>why</th></tr>");
    for s in &document.suspects {
        out.push_str(&format!(
            "<tr><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}{}</td></tr>",
            text(&s.family),
            text(&s.standing.replace('-', " ")),
            text(&s.note),
            ids(&s.evidence)
        ));
    }
    out.push_str("</table>");
}

fn siblings(out: &mut String, document: &Investigation) {
    let siblings = &document.siblings;
    if siblings.pods.is_empty() {
        return;
    }
    heading(out, "Siblings");
    out.push_str(&element("p", "", &format!("{} of {} failed alike: {}", siblings.failed_alike, siblings.total, siblings.pattern)));
    out.push_str("<table><tr><th>pod</th><th>alike</th><th>exit</th><th>reason</th><th>ended</th><th>node</th><th>image</th></tr>");
    for s in &siblings.pods {
        let code = s.exit_code.map(|c| c.to_string()).unwrap_or_default();
        let ended = s.ended_at.map(|t| words::moment(t.0)).unwrap_or_default();
        let reason = s.reason.as_deref().or(s.phase.as_deref()).unwrap_or_default();
        let cells = [
            s.name.as_str(),
            if s.alike { "yes" } else { "no" },
            code.as_str(),
            reason,
            ended.as_str(),
            s.node.as_deref().unwrap_or_default(),
            &fit(s.image.as_deref().unwrap_or_default(), 40),
        ];
        out.push_str("<tr>");
        for (i, cell) in cells.into_iter().enumerate() {
            // Names may break, the rest is short.
            out.push_str(&element("td", if i == 0 || i == 6 { "" } else { "n" }, cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>");
    for change in &siblings.changes {
        out.push_str(&element("p", "", &format!("changed: {change}")));
    }
}

fn gaps(out: &mut String, document: &Investigation) {
    let gaps = phrases::gaps(document);
    if gaps.is_empty() && document.horizon.is_empty() {
        return;
    }
    heading(out, "What could not be seen");
    out.push_str("<ul>");
    for gap in gaps {
        out.push_str(&format!("<li>{}: {}, {}", text(&gap.what), text(&gap.kind), text(&gap.why)));
        if let Some(command) = &gap.capture {
            out.push_str(&element("pre", "", command));
        }
        out.push_str("</li>");
    }
    for row in &document.horizon {
        out.push_str(&element("li", "", &phrases::horizon(row)));
    }
    if let Some(command) = phrases::keep(document) {
        out.push_str(&element("pre", "", command));
    }
    out.push_str("</ul>");
}

fn next(out: &mut String, document: &Investigation) {
    let steps = phrases::steps(document);
    if steps.is_empty() && document.hints.is_empty() {
        return;
    }
    heading(out, "Next");
    out.push_str("<ol>");
    for step in &steps {
        out.push_str(&format!("<li>({}) {}", text(&step.priority), text(&step.what)));
        if let Some(command) = &step.command {
            out.push_str(&element("pre", "", command));
        }
        if let Some(patch) = &step.patch {
            out.push_str(&element("pre", "", &crate::report::yaml::render(patch)));
        }
        out.push_str("</li>");
    }
    out.push_str("</ol>");
    for hint in &document.hints {
        out.push_str(&element("p", "faint", &format!("hint: {hint}")));
    }
}

fn done(out: &mut String, document: &Investigation) {
    if document.definition_of_done.is_empty() {
        return;
    }
    heading(out, "Definition of done");
    let mut group = "";
    for item in &document.definition_of_done {
        if item.group != group {
            group = &item.group;
            out.push_str(&element("h3", "", group));
        }
        let mark = if item.state == "done" { "☑" } else { "☐" };
        out.push_str(&format!("<div>{mark} {}{}</div>", text(&item.item), ids(&item.evidence)));
    }
}

fn evidence(out: &mut String, document: &Investigation) {
    if document.evidence.is_empty() {
        return;
    }
    heading(out, "Evidence");
    out.push_str("<table><tr><th>id</th><th>object and field</th><th>time</th><th>says</th><th>by</th></tr>");
    for e in &document.evidence {
        let time = e.time.map(|t| words::moment(t.0)).unwrap_or_default();
        out.push_str(&format!(
            "<tr id=\"{0}\"><td>{0}</td><td>{1}<br><code>{2}</code></td><td class=\"n\">{time}</td><td>{3}</td><td>{4}</td></tr>",
            text(&e.id),
            text(&e.object),
            text(&e.field),
            text(&e.text),
            text(&e.authority)
        ));
    }
    out.push_str("</table>");
}
