//! The ticket from top to bottom.

use super::escape::{block, cell, code, inline};
use crate::report::json::v1::{Cause, Investigation, Sign};
use crate::report::table::percent;
use crate::report::{RenderOptions, describe, phrases, words};

/// Renders the ticket of an investigation.
pub fn render(document: &Investigation, options: &RenderOptions) -> String {
    let mut out = Ticket::default();
    title(&mut out, document, options);
    if options.quiet {
        return out.text;
    }
    condition(&mut out, document);
    causes(&mut out, document);
    timeline(&mut out, document);
    crash_point(&mut out, document);
    siblings(&mut out, document);
    gaps(&mut out, document);
    remediation(&mut out, document);
    done(&mut out, document);
    ledger(&mut out, document);
    evidence(&mut out, document);
    if options.explain {
        out.heading("How the probabilities came about");
        out.raw(&block("text", &document.explanation.join("\n")));
    }
    if options.describe {
        out.heading("Describe");
        out.raw(&block("text", &describe::render(document)));
    }
    out.text
}

#[derive(Default)]
struct Ticket {
    text: String,
}

impl Ticket {
    fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(&format!("## {text}"));
        self.line("");
    }

    fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn table(&mut self, header: &[&str]) {
        self.line(&format!("| {} |", header.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(header.len())));
    }
}

fn title(out: &mut Ticket, document: &Investigation, options: &RenderOptions) {
    let mark = if document.verdict.silent == Some(true) && phrases::is_failure(document) { "[A2] " } else { "" };
    out.line(&format!("# {mark}{}: {}", inline(&phrases::short_headline(document)), code(&document.target.name)));
    if let Some(issue) = &options.issue {
        out.line("");
        out.line(&format!("Issue: {}", issue_link(issue)));
    }
}

/// `#12` and `owner/repository#12` are left to the forge to link; an address is one; anything else is text.
fn issue_link(issue: &str) -> String {
    let issue = issue.trim();
    let number = issue.rsplit('#').next().unwrap_or_default();
    let repository = issue.strip_suffix(number).unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_repository = repository.is_empty()
        || (repository.ends_with('#') && repository.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b'#')));
    if is_number && is_repository {
        return if repository.is_empty() { format!("#{number}") } else { issue.to_owned() };
    }
    let is_address = (issue.starts_with("https://") || issue.starts_with("http://"))
        && issue.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'`' | b'\\' | b'|' | b'(' | b')'));
    if is_address { format!("<{issue}>") } else { code(issue) }
}

fn condition(out: &mut Ticket, document: &Investigation) {
    out.heading("Condition");
    let verdict = &document.verdict;
    let mut bullet = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            out.line(&format!("- **{key}**: {value}"));
        }
    };
    let coded = |value: &Option<String>| value.as_deref().map(code);
    let percent = inline(&percent(verdict.probability));
    let whole = (phrases::short_headline(document) != verdict.headline).then(|| inline(&verdict.headline));
    bullet("In one line", whole);
    let sure = if verdict.cause == "unknown" { format!("{percent} unexplained") } else { format!("{}, {percent}", verdict.confidence) };
    bullet("Cause", Some(format!("{} ({sure})", code(&verdict.cause))));
    bullet("Pod", Some(code(&document.target.name)));
    bullet("Namespace", Some(code(&document.target.namespace)));
    bullet("UID", coded(&document.target.uid));
    bullet("Phase at last sight", Some(inline(&phrases::phase_says(document))));
    bullet("Containers say", Some(inline(&phrases::containers_say(document))));
    bullet("Container", coded(&verdict.container));
    bullet("Mechanism", Some(verdict.mechanism.clone()));
    bullet("Exit code", verdict.exit_code.map(|c| format!("{c} ({})", describe::exit_meaning(c, verdict.reason.as_deref().unwrap_or_default()))));
    bullet("Signal", coded(&verdict.signal));
    bullet("Reason", coded(&verdict.reason));
    bullet("Died at", verdict.died_at.map(|t| words::moment(t.0)));
    bullet("Held up by", (!verdict.held_up_by.is_empty()).then(|| verdict.held_up_by.iter().map(|c| code(c)).collect::<Vec<_>>().join(", ")));
    bullet("Silent", phrases::silence(document).map(|s| inline(&s)));
    if let Some(since) = document.silence.recovered_since {
        bullet("Running and ready again since", Some(words::moment(since.0)));
    }
    bullet("Taken away", document.removal.as_ref().map(|r| inline(&[r.kind.as_str(), r.note.as_str()].join(" ")).trim_end().to_owned()));
    for other in phrases::other_incarnations(document) {
        bullet("Also of this name", Some(inline(&other)));
    }
    bullet("Node", document.pod.as_ref().and_then(|p| coded(&p.node)));
    bullet("Owner", document.pod.as_ref().and_then(|p| coded(&p.owner)));
    for (key, value) in phrases::work(document) {
        let mut name = key.to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        bullet(&name, Some(code(&value)));
    }
    for impact in &document.impact {
        bullet("Impact", Some(format!("{}: {}", code(&impact.object), inline(&impact.what))));
    }
    for link in &document.links {
        bullet("Behind it", Some(format!("{} {}{}", code(&link.object), inline(&link.what), ids(&link.evidence))));
    }
    for l in &document.retry_loops {
        bullet("Repeats", Some(format!("{} about every {}, {} times", code(&l.what), words::span(l.period_seconds), l.count)));
    }
}

fn ids(ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) }
}

fn causes(out: &mut Ticket, document: &Investigation) {
    out.heading("Causes");
    if document.causes.is_empty() {
        out.line("None has any evidence.");
        return;
    }
    for (i, cause) in document.causes.iter().enumerate() {
        let because = if cause.on_path && i > 0 { ", following from the one above" } else { "" };
        let siblings = if cause.from_siblings { ", carried over from siblings" } else { "" };
        let title = if cause.title.is_empty() { String::new() } else { format!(" — {}", inline(&cause.title)) };
        out.line(&format!("{}. **{}**{title} ({}, {}{because}{siblings})", i + 1, code(&cause.cause), cause.confidence, inline(&percent(cause.probability))));
        signs(out, "for", &cause.signs);
        signs(out, "against", &cause.signs_against);
        for gap in &cause.unseen {
            out.line(&format!("   - not seen: {} ({})", inline(&gap.what), gap.kind));
        }
        confirm(out, cause);
    }
}

fn signs(out: &mut Ticket, word: &str, signs: &[Sign]) {
    for sign in signs {
        out.line(&format!("   - {word}: {}{}", inline(&sign.says), ids(&sign.evidence)));
    }
}

fn confirm(out: &mut Ticket, cause: &Cause) {
    if cause.confidence != "confirmed" {
        for command in &cause.would_confirm {
            out.line(&format!("   - would settle it: {}", code(command)));
        }
    }
}

fn timeline(out: &mut Ticket, document: &Investigation) {
    if document.timeline.is_empty() {
        return;
    }
    out.heading("Timeline");
    let (zero, remark) = phrases::zero(document);
    out.line(&format!("{}.", inline(&remark)));
    out.line("");
    out.table(&["when", "time (UTC)", "who", "what", "evidence"]);
    for row in &document.timeline {
        out.row(&[words::relative(row.time.0, zero.0), words::clock(row.time.0), row.actor.clone(), cell(&row.what), row.evidence.clone()]);
    }
}

fn crash_point(out: &mut Ticket, document: &Investigation) {
    let excerpts: Vec<_> = document.log_excerpt.iter().filter(|e| !e.lines.is_empty()).collect();
    let message = document.deaths.iter().find(|d| d.subject).and_then(|d| d.message.as_deref());
    if excerpts.is_empty() && message.is_none() {
        return;
    }
    out.heading("Crash point");
    if let Some(message) = message {
        out.line("Message of the container's end:");
        out.line("");
        out.raw(&block("text", &message.replace(crate::report::clean::LINE_END, "\n")));
        out.line("");
    }
    for excerpt in excerpts {
        let pod = excerpt.pod.as_ref().map(|p| format!(" of {}", code(p))).unwrap_or_default();
        let which = if excerpt.previous { ", previous instance" } else { "" };
        out.line(&format!("Log of {}{pod}{which}; `▶` marks what names the cause:", code(&excerpt.container)));
        out.line("");
        let lines: Vec<String> =
            excerpt.lines.iter().enumerate().map(|(i, l)| format!("{} {l}", if excerpt.decisive.contains(&i) { "▶" } else { " " })).collect();
        out.raw(&block("text", &lines.join("\n")));
        out.line("");
    }
}

fn siblings(out: &mut Ticket, document: &Investigation) {
    let siblings = &document.siblings;
    if siblings.pods.is_empty() {
        return;
    }
    out.heading("Siblings");
    out.line(&format!("{} of {} failed alike: {}.", siblings.failed_alike, siblings.total, siblings.pattern));
    out.line("");
    out.table(&["pod", "alike", "phase", "exit code", "reason", "started", "ended", "node", "image"]);
    let moment = |t: Option<crate::report::json::v1::Stamp>| t.map_or_else(|| " ".to_owned(), |t| words::moment(t.0));
    for s in &siblings.pods {
        let text = |t: &Option<String>| cell(t.as_deref().unwrap_or_default());
        out.row(&[
            cell(&s.name),
            if s.alike { "yes" } else { "no" }.to_owned(),
            text(&s.phase),
            s.exit_code.map_or_else(|| " ".to_owned(), |c| c.to_string()),
            text(&s.reason),
            moment(s.started_at),
            moment(s.ended_at),
            text(&s.node),
            text(&s.image),
        ]);
    }
    for change in &siblings.changes {
        out.line("");
        out.line(&format!("Changed: {}", inline(change)));
    }
}

fn gaps(out: &mut Ticket, document: &Investigation) {
    out.heading("What could not be seen");
    let gaps = phrases::gaps(document);
    if gaps.is_empty() && document.horizon.is_empty() {
        out.line("Nothing that was asked for is missing.");
    }
    for gap in gaps {
        out.line(&format!("- {}: {}, {}", inline(&gap.what), gap.kind, inline(&gap.why)));
        if let Some(command) = &gap.capture {
            out.line(&format!("  - next time: {}", code(command)));
        }
    }
    for row in &document.horizon {
        out.line(&format!("- {}", inline(&phrases::horizon(row))));
    }
    if let Some(command) = phrases::keep(document) {
        out.line(&format!("  - to keep it: {}", code(command)));
    }
}

fn remediation(out: &mut Ticket, document: &Investigation) {
    let steps = phrases::steps(document);
    if steps.is_empty() && document.hints.is_empty() {
        return;
    }
    out.heading("Remediation");
    for (i, step) in steps.iter().enumerate() {
        out.line(&format!("{}. ({}) {}", i + 1, step.priority, inline(&step.what)));
        if let Some(command) = &step.command {
            out.line(&format!("   - {}", code(command)));
        }
        if let Some(patch) = &step.patch {
            out.line("");
            for line in block("yaml", &crate::report::yaml::render(patch)).lines() {
                out.line(&format!("   {line}"));
            }
            out.line("");
        }
    }
    for hint in &document.hints {
        out.line("");
        out.line(&format!("Hint: {}", inline(hint)));
    }
}

fn done(out: &mut Ticket, document: &Investigation) {
    if document.definition_of_done.is_empty() {
        return;
    }
    out.heading("Definition of done");
    let mut group = "";
    for item in &document.definition_of_done {
        if item.group != group {
            if !group.is_empty() {
                out.line("");
            }
            group = &item.group;
            out.line(&format!("### {}", inline(group)));
            out.line("");
        }
        let tick = if item.state == "done" { "x" } else { " " };
        out.line(&format!("- [{tick}] {}{}", inline(&item.item), ids(&item.evidence)));
    }
}

fn ledger(out: &mut Ticket, document: &Investigation) {
    out.heading("Sources");
    out.table(&["source", "answer", "detail"]);
    for source in &document.sources {
        out.row(&[cell(&source.name), source.status.clone(), cell(&source.detail)]);
    }
    out.line("");
    let server = document.server_version.as_ref().map(|v| format!(", server {}", code(v))).unwrap_or_default();
    let cost = words::plural(document.cost.requests, "request", "requests");
    out.line(&format!(
        "Observed at {}{server}; {cost}, {}; fingerprint {}",
        words::moment(document.observed_at.0),
        words::bytes(document.cost.bytes),
        code(&document.fingerprint)
    ));
}

fn evidence(out: &mut Ticket, document: &Investigation) {
    if document.evidence.is_empty() {
        return;
    }
    out.heading("Evidence");
    out.table(&["id", "object", "field", "time (UTC)", "says", "vouched for by"]);
    for e in &document.evidence {
        let time = e.time.map_or_else(|| " ".to_owned(), |t| words::moment(t.0));
        out.row(&[e.id.clone(), cell(&e.object), cell(&e.field), time, cell(&e.text), e.authority.clone()]);
    }
}
