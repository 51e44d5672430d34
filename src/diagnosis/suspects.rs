//! The five usual suspects: every report says where each of them stands.

use super::investigation::Suspect;
use crate::reconstruct::{CitationId, Facts, History, Mechanism, SubjectKind};
use crate::rules::Judgement;

const FAMILIES: &[(&str, &[&str])] =
    &[("oom", &["oom."]), ("panic", &["crash."]), ("timeout", &["timeout.", "probe."]), ("dependency", &["dependency."]), ("error", &["error.", "config."])];

/// Places each suspect.
pub(super) fn suspects(history: &History, judgement: &Judgement) -> Vec<Suspect> {
    FAMILIES.iter().map(|(family, prefixes)| place(family, prefixes, history, judgement)).collect()
}

fn place(family: &'static str, prefixes: &[&str], history: &History, judgement: &Judgement) -> Suspect {
    let facts = &history.facts;
    let listed = judgement.causes.iter().find(|c| {
        prefixes.iter().any(|p| c.cause.starts_with(p)) && !c.supporting.is_empty() && c.probability >= 0.02
            || (c.on_path && prefixes.iter().any(|p| c.cause.starts_with(p)))
    });
    if let Some(cause) = listed.filter(|c| c.against.is_empty() || c.on_path) {
        let sign = cause.supporting.first();
        return Suspect {
            family,
            standing: "supported",
            note: sign.map_or_else(|| cause.title.clone(), |s| s.says.clone()),
            cited: sign.map(|s| s.cited.clone()).unwrap_or_default(),
        };
    }
    if let Some((note, cited)) = contradiction(family, history) {
        return Suspect { family, standing: "contradicted", note, cited };
    }
    let nothing_known = history.subject.kind == SubjectKind::Gone
        || (history.subject.kind == SubjectKind::Death && facts.get("death.exit_code").is_none() && history.subject.mechanism != Mechanism::Stopped);
    let needs_log = matches!(family, "dependency" | "error" | "panic" | "timeout");
    let blind = facts.text("log.status") == Some("unseen");
    if nothing_known || (needs_log && blind) {
        let note = if blind { "its log cannot be read" } else { "how it ended is not on record" };
        return Suspect { family, standing: "not-knowable", note: note.to_owned(), cited: Vec::new() };
    }
    Suspect { family, standing: "no-evidence", note: "nothing points there".to_owned(), cited: Vec::new() }
}

fn cited(facts: &Facts, name: &str) -> Vec<CitationId> {
    facts.get(name).and_then(|f| f.values.first()).map(|(_, c)| c.clone()).unwrap_or_default()
}

/// What speaks against a family, in one line.
fn contradiction(family: &str, history: &History) -> Option<(String, Vec<CitationId>)> {
    let facts = &history.facts;
    if history.subject.kind == SubjectKind::Running && facts.is("run.healthy") {
        return Some(("the container runs and is ready".to_owned(), cited(facts, "run.healthy")));
    }
    let code = facts.int("death.exit_code");
    let reason = facts.text("death.reason").unwrap_or("no reason");
    let status = || cited(facts, "death.exit_code");
    let stated = code.map(|c| format!("reason {reason}, exit {c}"));
    let killed = facts.text("death.stopped_by").map(|by| (format!("it was stopped from outside: {by}"), cited(facts, "death.stopped_by")));
    match family {
        "oom" => match code {
            Some(137) if reason == "OOMKilled" => None,
            // An OOM can be reported as a plain Error 137 when the runtime loses a race: only other codes contradict.
            Some(137) => killed,
            Some(_) if reason != "OOMKilled" => stated.map(|s| (s, status())),
            _ => None,
        },
        "panic" => match history.subject.mechanism {
            Mechanism::OomKilled | Mechanism::NotStarted | Mechanism::Lost => stated.map(|s| (s, status())),
            Mechanism::Stopped => killed,
            Mechanism::Exited if code == Some(0) => stated.map(|s| (s, status())),
            Mechanism::Exited if matches!(facts.text("log.status"), Some("read" | "empty")) && code.is_some_and(|c| c != 101 && c != 2) => {
                stated.map(|s| (format!("{s}, and no panic in its log"), status()))
            }
            _ => None,
        },
        "error" => match history.subject.mechanism {
            Mechanism::OomKilled | Mechanism::NotStarted | Mechanism::Lost | Mechanism::Signaled => stated.map(|s| (s, status())),
            Mechanism::Stopped => killed,
            Mechanism::Exited if code == Some(0) => stated.map(|s| (s, status())),
            _ => None,
        },
        "timeout" | "dependency" => match history.subject.mechanism {
            Mechanism::OomKilled | Mechanism::NotStarted => stated.map(|s| (s, status())),
            _ => None,
        },
        _ => None,
    }
}
