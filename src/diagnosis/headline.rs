//! One line that a person can paste into a ticket.

use chrono::TimeDelta;

use crate::evidence::{CaseFile, Citation, Source, Time};
use crate::reconstruct::{CitationId, History, Mechanism, SubjectKind, signal_of};
use crate::rules::Judgement;

/// `12s`, `12m29s`, `3h5m`, `6d4h`: two units at most.
pub fn age(delta: TimeDelta) -> String {
    let s = delta.num_seconds().max(0);
    match s {
        0..60 => format!("{s}s"),
        60..3600 if s % 60 == 0 => format!("{}m", s / 60),
        60..3600 => format!("{}m{}s", s / 60, s % 60),
        3600..86_400 if (s / 60) % 60 == 0 => format!("{}h", s / 3600),
        3600..86_400 => format!("{}h{}m", s / 3600, (s / 60) % 60),
        _ if (s / 3600) % 24 == 0 => format!("{}d", s / 86_400),
        _ => format!("{}d{}h", s / 86_400, (s / 3600) % 24),
    }
}

/// Composes the headline: what happened, why, what holds the pod up, whether it runs again.
pub(super) fn headline(case: &CaseFile, history: &History, judgement: &Judgement) -> String {
    let mut text = match judgement.causes.first().filter(|_| judgement.cause != "unknown") {
        Some(cause) => {
            let mut says = cause.supporting.first().map_or_else(|| cause.title.clone(), |s| s.says.clone());
            // The chain: what the deepest cause led to.
            // (That it then ended by an error is no news.)
            if let Some(outer) = judgement.causes.get(1).filter(|c| c.on_path && c.cause != "error.unhandled")
                && let Some(sign) = outer.supporting.first().filter(|sign| !says_same(&says, &sign.says))
            {
                says = format!("{says}; {}", sign.says);
            }
            if let Some(words) = cause.supporting.first().and_then(|s| obstacle(history, &s.cited, &says)) {
                says.push_str(&format!(": {words}"));
            }
            if let Some(words) = last_words(history, &cause.cause).filter(|_| !cause.from_siblings) {
                says.push_str(&format!(": \"{words}\""));
            }
            match (cause.from_siblings, says_same(&says, &cause.title)) {
                (true, _) => format!("{} (by analogy with siblings): {says}", cause.title),
                (false, true) => begun(says),
                (false, false) => format!("{}: {says}", cause.title),
            }
        }
        None => unknown(case, history),
    };
    if !history.traced && judgement.cause != "unknown" {
        text.push_str("; nothing is left of the pod itself, its name alone points at this owner");
    }
    for link in history.links.iter().filter(|_| judgement.cause.starts_with("dependency.")).take(1) {
        text.push_str(&format!("; {} {}", link.object, link.what));
    }
    let now = case.observed_at;
    let since = |t: Option<Time>| t.map(|t| age(now - t));
    if history.silence.silent == Some(true) {
        let by = history.silence.held_up_by.join(", ");
        let (has, keeps) = if history.silence.held_up_by.len() > 1 { ("have", "keep") } else { ("has", "keeps") };
        let held = since(history.silence.dead_since).filter(|_| history.exists);
        match (history.exists, held) {
            (true, Some(held)) => text.push_str(&format!("; silent: {by} {has} kept the pod Running for {held}, nothing restarts it")),
            (true, None) => text.push_str(&format!("; silent: {by} {keeps} the pod Running, nothing restarts it")),
            (false, _) => text.push_str(&format!("; it was silent: {by} kept the pod Running")),
        }
        let fresh = history.silence.dead_since.is_some_and(|t| now - t <= TimeDelta::seconds(60));
        if history.exists && fresh && history.silence.held_up_by.iter().any(|c| c == "wait") {
            text.push_str(" (wait may still be saving artifacts)");
        }
    } else if history.silence.silent == Some(false) && history.subject.kind == SubjectKind::Completed && !history.silence.held_up_by.is_empty() {
        text.push_str(&format!("; {} still keeps the pod Running", history.silence.held_up_by.join(", ")));
    }
    if let Some(t) = history.subject.recovered_since {
        text.push_str(&format!("; running and ready again since {}", crate::evidence::show_time(t)));
    }
    if history.subject.role == "companion"
        && !judgement.cause.starts_with("healthy.")
        && let (Some(primary), Some(companion)) = (&history.primary, &history.subject.container)
        && primary.container != *companion
    {
        text.push_str(&format!("; {companion} is a companion, {} itself is well", primary.container));
    }
    if let Some(removal) = history.removal.as_ref().filter(|_| !history.exists) {
        match text.strip_prefix(GONE) {
            Some(rest) => text = format!("{GONE} ({}){rest}", removal.kind),
            None if text.contains(&removal.kind.replace('-', " ")) => text.push_str("; the pod is gone"),
            None => text.push_str(&format!("; the pod is gone ({})", removal.kind)),
        }
    }
    text
}

/// Of a longer quotation in a headline so many characters of its beginning and of its end are kept: the one names the thing, the
/// other says what is wrong with it.
const QUOTED: (usize, usize) = (64, 72);

/// What keeps a container from starting, in the words of whoever refused: they name the image, the Secret, the resource.
fn obstacle(history: &History, cited: &[CitationId], says: &str) -> Option<String> {
    if history.subject.mechanism != Mechanism::NotStarted {
        return None;
    }
    let told = |source: Source| {
        let of = |c: &&Citation| c.source == source && c.authority.is_authoritative() && c.text.contains(' ');
        cited.iter().filter_map(|id| history.citations.get(*id)).find(of)
    };
    let citation = told(Source::Event).or_else(|| told(Source::Pod))?;
    // The scheduler says first which nodes lack what, and then what preemption would not mend.
    let text = citation.text.split(". ").next().unwrap_or_default();
    let text = text.rsplit_once(" (x").map_or(text, |(front, _)| front).trim();
    (!text.is_empty() && !says_same(says, text)).then(|| middle_out(text))
}

/// What the program said of an error of its own: without its words the headline tells nobody anything.
fn last_words(history: &History, cause: &str) -> Option<String> {
    let own = cause.starts_with("crash.") || cause.starts_with("error.");
    let excerpt = history.excerpts.iter().filter(|_| own).find(|e| e.pod.is_none() && Some(&e.container) == history.subject.container.as_ref())?;
    // The last of them is the deepest: the message of a panic, the root of a chain of exceptions. Frames of a stack tell a reader less.
    let frame = |line: &&str| ["at ", "File ", "[", "^", "#", "note: ", "goroutine "].iter().any(|start| line.starts_with(start));
    let telling = |line: &&str| !frame(line) && line.chars().filter(|c| c.is_alphanumeric()).count() > 3;
    let line = excerpt.decisive.iter().rev().filter_map(|at| excerpt.lines.get(*at)).map(|line| line.trim()).find(telling)?;
    // Its own quotation marks must not end ours.
    Some(middle_out(&line.replace('"', "'")))
}

/// The text, with its middle left out where it is long; words stay whole.
fn middle_out(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= QUOTED.0 + QUOTED.1 {
        return text.to_owned();
    }
    let front: String = letters.iter().take(QUOTED.0).collect();
    let back: String = letters.iter().skip(letters.len() - QUOTED.1).collect();
    let front = front.rsplit_once(' ').map_or(front.as_str(), |(whole, _)| whole);
    let back = back.split_once(' ').map_or(back.as_str(), |(_, whole)| whole);
    format!("{front} … {back}")
}

/// A sentence that begins with an article stands at the beginning now; a name keeps its letters.
fn begun(says: String) -> String {
    let articles = [("the ", "The "), ("a ", "A "), ("an ", "An "), ("its ", "Its ")];
    articles.iter().find_map(|(small, large)| says.strip_prefix(small).map(|rest| format!("{large}{rest}"))).unwrap_or(says)
}

/// Whether a sentence adds nothing to what was said: the same words, but for the part that names the container.
fn says_same(said: &str, more: &str) -> bool {
    let words =
        |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2).map(str::to_lowercase).collect::<std::collections::BTreeSet<_>>();
    let (said, more) = (words(said), words(more));
    more.difference(&said).count() <= more.len() / 5
}

/// How the headline begins where nothing more is known.
const GONE: &str = "Unknown: the pod is gone";

fn unknown(case: &CaseFile, history: &History) -> String {
    let container = history.subject.container.as_deref().unwrap_or("the pod");
    let death = history.subject.death.and_then(|i| history.deaths.get(i));
    if !history.traced {
        return "Unknown: no trace of this pod is left".to_owned();
    }
    match death {
        Some(d) => {
            let how = match (d.exit_code, &d.reason) {
                (Some(code), Some(reason)) => {
                    format!("ended with {reason}, exit code {code}{}", signal_of(code).map(|s| format!(" ({s})")).unwrap_or_default())
                }
                (Some(code), None) => format!("ended with exit code {code}"),
                _ if d.mechanism == Mechanism::Stopped => "was stopped".to_owned(),
                _ => "ended".to_owned(),
            };
            format!("Unknown: {container} {how}; what is left does not say why")
        }
        None if history.facts.is("events.missing_from_killing") => format!(
            "Unknown: {container} was dead before the pod was deleted (it is missing among the containers that were stopped); with which code, nothing says"
        ),
        None if history.subject.kind == SubjectKind::Gone && history.exists => "Unknown: what was handed over does not say how it ended".to_owned(),
        None if history.exists => format!("Unknown: {container} stands {}; nothing says why", history.subject.kind.word()),
        None if case.unseen().is_some() => "Unknown: the pod could not be seen, and what could be does not say what became of it".to_owned(),
        None => format!("{GONE}, and what is left does not say how it ended"),
    }
}
