//! What a word means: a cause, an exit code, a reason, a signal, a signature, a fact. Offline, from the same data that judges.

use super::causes::{self, CAUSES};
use super::condition::Matcher;
use super::parse::conditions;
use super::phrase::phrase;
use super::rule::Rule;
use super::set::RuleSet;
use super::signals::{self, SIGNALS};
use crate::reconstruct::Value;
use crate::reconstruct::facts::{self, Kind, REGISTRY};
use crate::signatures::{self, MADE_HERE, ReasonOf, Role, Scope, Signature};

/// One thing that a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// `cause`, `family`, `exit code`, `reason`, `signal`, `signature`, `fact`, `mechanism` or `confidence`.
    pub kind: &'static str,
    /// Its name as it is written.
    pub name: String,
    /// One line.
    pub title: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// Lists with their headings.
    pub lists: Vec<(&'static str, Vec<String>)>,
}

/// All meanings of a word; none for a word that nothing knows.
pub fn explain(rules: &RuleSet, word: &str) -> Vec<Topic> {
    let word = word.trim();
    let lower = word.to_ascii_lowercase();
    let mut topics = Vec::new();
    if let Some(rule) = rules.get(&lower) {
        topics.push(of_rule(rules, rule));
    } else if lower == causes::UNKNOWN {
        topics.push(unknown());
    }
    topics.extend(family(rules, &lower));
    topics.extend(signals::confidence(&lower));
    topics.extend(signals::mechanism(&lower));
    let number = ["exit code ", "exit-code ", "exit ", "code "].iter().find_map(|p| lower.strip_prefix(p)).unwrap_or(&lower);
    if let Ok(code) = number.trim().parse::<i64>() {
        topics.push(exit_code(rules, code));
    }
    topics.extend(signal(rules, &lower));
    topics.extend(reasons(rules, &lower));
    topics.extend(signature(rules, &lower));
    topics.extend(facts::spec(&lower).map(|spec| fact(rules, spec)));
    topics
}

/// All words that mean something, for suggestions.
pub fn words(rules: &RuleSet) -> Vec<String> {
    let mut all: Vec<String> = rules.iter().map(|r| r.cause.clone()).chain(families(rules)).chain([causes::UNKNOWN.to_owned()]).collect();
    all.extend(signatures::reasons().iter().map(|r| r.reason.to_owned()));
    all.extend(signals::mechanisms().map(str::to_owned));
    all.extend(SIGNALS.iter().map(|s| s.name.to_owned()));
    all.extend(rules.signature_ids().map(str::to_owned));
    all.extend(REGISTRY.iter().map(|s| s.name.to_owned()));
    all.sort();
    all.dedup();
    all
}

fn families(rules: &RuleSet) -> Vec<String> {
    let mut all: Vec<String> = rules.iter().filter_map(|r| r.cause.split_once('.')).map(|(family, _)| family.to_owned()).collect();
    all.dedup();
    all
}

fn list(heading: &'static str, items: Vec<String>) -> Option<(&'static str, Vec<String>)> {
    (!items.is_empty()).then_some((heading, items))
}

fn of_rule(rules: &RuleSet, rule: &Rule) -> Topic {
    let prose = rules.prose(&rule.cause);
    let says = |s: &super::rule::Evidence| format!("{}: {} [{}]", s.weight.word(), plain(&s.says), phrase(&s.when));
    let meaning = causes::meaning(&rule.cause).or(rule.meaning.as_deref());
    let behind: Vec<String> = rules.iter().filter(|r| r.explains.iter().any(|e| e.cause == rule.cause)).map(|r| r.cause.clone()).collect();
    let requires = rule.requires.as_ref().map(phrase).into_iter().collect();
    let caps = rule.cap.0.iter().map(|c| format!("{} at most, when {}", super::ranking::Confidence::from(c.at).word(), phrase(&c.when))).collect();
    let explains = rule.explains.iter().map(|e| e.when.as_ref().map_or_else(|| e.cause.clone(), |when| format!("{} (when {})", e.cause, phrase(when))));
    Topic {
        kind: "cause",
        name: rule.cause.clone(),
        title: rule.title.clone(),
        text: meaning.map(str::to_owned).into_iter().chain([prose.why.trim().replace('\n', " ")]).filter(|t| !t.is_empty()).collect(),
        lists: [
            list("It is out of the question unless", requires),
            list("Speaks for it", rule.evidence.iter().filter(|e| e.weight.is_for()).map(says).collect()),
            list("Speaks against it", rule.evidence.iter().filter(|e| !e.weight.is_for()).map(says).collect()),
            list("How sure a2 may be", caps),
            list("It may stand behind", explains.collect()),
            list("Behind it may stand", behind),
            list("Settle it with", rule.confirm_with.iter().map(|c| plain(c)).collect()),
            list("What to do", remedies(rule)),
            list("Remarks beside it", rule.hints.iter().map(|h| format!("{} [{}]", plain(&h.says), phrase(&h.when))).collect()),
            list("Read more", prose.references),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn remedies(rule: &Rule) -> Vec<String> {
    let mut sorted: Vec<_> = rule.remedy.iter().collect();
    sorted.sort_by_key(|r| super::ranking::Priority::from(r.priority));
    let one = |r: &&super::rule::RemedyEntry| {
        let when = r.when.as_ref().map(|when| format!(" (when {})", phrase(when))).unwrap_or_default();
        format!("{}, risk {}: {}{when}", super::ranking::Priority::from(r.priority).word(), r.risk.word(), plain(&r.action))
    };
    sorted.iter().map(one).collect()
}

/// Names in braces as placeholders: `<container>`, `its peer`.
fn plain(text: &str) -> String {
    super::template::command(text, &facts::Facts::default())
}

fn unknown() -> Topic {
    Topic {
        kind: "cause",
        name: causes::UNKNOWN.to_owned(),
        title: "The evidence is not enough".to_owned(),
        text: vec![
            "No cause convinces: nothing was seen that could decide, or too many causes are left. It is an answer, always with confidence none, and it names what is missing.".to_owned(),
            "A gap is never read as proof that nothing was there.".to_owned(),
        ],
        lists: Vec::new(),
    }
}

fn family(rules: &RuleSet, word: &str) -> Option<Topic> {
    let members: Vec<String> = rules
        .iter()
        .filter(|r| r.cause.split_once('.').is_some_and(|(family, _)| family == word))
        .map(|r| format!("{}: {}", r.cause, CAUSES.iter().find(|(id, _)| *id == r.cause).map_or(r.title.as_str(), |(_, meaning)| meaning)))
        .collect();
    (!members.is_empty()).then(|| Topic {
        kind: "family",
        name: word.to_owned(),
        title: format!("{} causes", members.len()),
        text: Vec::new(),
        lists: vec![("Its causes", members)],
    })
}

fn exit_code(rules: &RuleSet, code: i64) -> Topic {
    let meaning = signatures::exit_code(code);
    let mut text: Vec<String> = Vec::new();
    if let Some(signal) = signals::of_code(code) {
        text.push(format!("{code} is 128 + {}: {}, {}. A program may also exit with {code} by itself.", signal.number, signal.name, signal.what));
    }
    text.extend(signals::about_code(code).iter().map(|s| (*s).to_owned()));
    text.push(
        match meaning.specificity {
            signatures::Specificity::Low => "By itself the code says next to nothing about the cause.",
            signatures::Specificity::Medium => "The code narrows the choice; it does not name the cause.",
            signatures::Specificity::High => "The code all but names how it ended.",
        }
        .to_owned(),
    );
    Topic {
        kind: "exit code",
        name: code.to_string(),
        title: meaning.meaning.to_owned(),
        text,
        lists: [
            list("What the code may come from", signals::senders(code).iter().map(|s| (*s).to_owned()).collect()),
            list("Rules that look at it", looking_at(rules, &["death.exit_code", "any_death.exit_code"], &Value::Int(code))),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn signal(rules: &RuleSet, word: &str) -> Option<Topic> {
    let bare = word.strip_prefix("signal ").unwrap_or(word);
    let signal = SIGNALS.iter().find(|s| {
        let name = s.name.to_ascii_lowercase();
        name == bare || name.strip_prefix("sig") == Some(bare) || (bare != word && bare.parse() == Ok(s.number))
    })?;
    let code = 128 + signal.number;
    Some(Topic {
        kind: "signal",
        name: signal.name.to_owned(),
        title: signal.what.to_owned(),
        text: vec![format!(
            "Signal {}; a container whose main process dies of it ends with exit code {code}. `a2 explain {code}` tells what that proves.",
            signal.number
        )],
        lists: list("Rules that look at it", looking_at(rules, &["death.signal"], &Value::Text(signal.name.to_owned()))).into_iter().collect(),
    })
}

fn reasons(rules: &RuleSet, word: &str) -> Vec<Topic> {
    let found = signatures::reasons().iter().filter(|r| r.reason.to_ascii_lowercase() == word);
    found
        .map(|r| {
            let (place, names): (&str, &[&str]) = match r.of {
                ReasonOf::Waiting => ("state.waiting.reason of a container", &["start.reason"]),
                ReasonOf::Terminated => ("state.terminated.reason of a container", &["death.reason", "any_death.reason"]),
                ReasonOf::Pod => ("status.reason of a pod", &["pod.reason", "pod.rejected"]),
                ReasonOf::Event => ("the reason of an event", &[]),
            };
            let mut text = vec![format!("Stands in {place}.")];
            text.extend(signals::about_reason(r.reason).iter().map(|s| (*s).to_owned()));
            Topic {
                kind: "reason",
                name: r.reason.to_owned(),
                title: r.meaning.to_owned(),
                text,
                lists: [
                    list("May come from", r.causes.iter().map(|c| (*c).to_owned()).collect()),
                    list("Rules that look at it", looking_at(rules, names, &Value::Text(r.reason.to_owned()))),
                ]
                .into_iter()
                .flatten()
                .collect(),
            }
        })
        .collect()
}

fn signature(rules: &RuleSet, word: &str) -> Option<Topic> {
    if let Some((id, what)) = MADE_HERE.iter().find(|(id, _)| *id == word) {
        return Some(Topic { kind: "signature", name: (*id).to_owned(), title: (*what).to_owned(), text: Vec::new(), lists: Vec::new() });
    }
    let all = signatures::signatures().iter().chain(rules.signatures().iter());
    let Signature { id, scope, pattern, cause, peer_cause, role, library, why, rank, .. } = all.into_iter().find(|s| s.id.eq_ignore_ascii_case(word))?;
    let place = match scope {
        Scope::Log => "lines that a program writes",
        Scope::Platform => "messages of kubelet, runtime, scheduler and controllers",
        Scope::Kernel => "lines of the kernel",
    };
    let worth = match role {
        Role::Cause => "it names a cause",
        Role::Generic => "it names a cause only for want of a better one",
        Role::Wrapper => "it carries another error, or reports the end of it",
        Role::Marker => "it tells something about the program, no cause",
        Role::Live => "it matters while the program still runs",
        Role::Noise => "it looks like a failure and is none",
    };
    let mut text = vec![format!("Looked for in {place}; {worth}; rank {rank}.")];
    text.extend(library.map(|l| format!("Written by {l}.")));
    text.extend(cause.map(|c| format!("Speaks for {c}.")));
    text.extend(peer_cause.map(|c| format!("Speaks for {c} when the text around it names a peer.")));
    Some(Topic { kind: "signature", name: (*id).to_owned(), title: (*why).to_owned(), text, lists: vec![("Pattern", vec![(*pattern).to_owned()])] })
}

fn fact(rules: &RuleSet, spec: &facts::Spec) -> Topic {
    let takes = match spec.kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Int => "a whole number".to_owned(),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Text => "text".to_owned(),
        Kind::Cause => "cause ids".to_owned(),
        Kind::Signature => "signature ids".to_owned(),
    };
    let named = |r: &&Rule| {
        let mut named = false;
        conditions(r).for_each(|c| c.visit(&mut |s, _| named |= s.name == spec.name));
        named
    };
    Topic {
        kind: "fact",
        name: spec.name.to_owned(),
        title: spec.doc.to_owned(),
        text: vec![format!("Its values: {takes}.")],
        lists: list("Rules that name it", rules.iter().filter(named).map(|r| r.cause.clone()).collect()).into_iter().collect(),
    }
}

/// Signs of all rules that name this value of one of these facts.
fn looking_at(rules: &RuleSet, names: &[&str], value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for rule in rules.iter() {
        for sign in &rule.evidence {
            let mut named = false;
            sign.when.visit(&mut |spec, matcher| named |= names.contains(&spec.name) && matches!(matcher, Matcher::In(values) if values.contains(value)));
            if named {
                found.push(format!("{}, {}: {}", rule.cause, sign.weight.word(), phrase(&sign.when)));
            }
        }
    }
    found
}
