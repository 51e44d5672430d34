//! From rules and words to their documents.

use super::v1;
use crate::rules::{self as domain, RuleError, RuleSet, Tried, causes};

/// The document of what a word means.
pub fn explanation(word: &str, topics: &[domain::Topic]) -> v1::Explanation {
    let list = |(heading, items): &(&'static str, Vec<String>)| v1::TopicList { heading: (*heading).to_owned(), items: items.clone() };
    let topic = |t: &domain::Topic| v1::Topic {
        kind: t.kind.to_owned(),
        name: t.name.clone(),
        title: t.title.clone(),
        text: t.text.clone(),
        lists: t.lists.iter().map(list).collect(),
    };
    v1::Explanation { api_version: v1::API_VERSION, kind: "Explanation", word: word.to_owned(), topics: topics.iter().map(topic).collect() }
}

/// The document of the rules in force.
pub fn rules(set: &RuleSet) -> v1::Rules {
    let row = |rule: &domain::rule::Rule| v1::RuleRow {
        cause: rule.cause.clone(),
        title: rule.title.clone(),
        meaning: causes::meaning(&rule.cause).or(rule.meaning.as_deref()).unwrap_or_default().to_owned(),
        builtin: RuleSet::builtin().get(&rule.cause).is_some(),
        files: set.files_of(&rule.cause).to_vec(),
    };
    v1::Rules {
        api_version: v1::API_VERSION,
        kind: "Rules",
        rules: set.iter().map(row).collect(),
        own_signatures: set.signatures().iter().map(|s| s.id.to_owned()).collect(),
        notes: set.notes().iter().chain(set.warnings().iter().filter(|w| !set.notes().contains(w))).cloned().collect(),
    }
}

/// The document of files that were checked, and of the examples that were tried.
pub fn rule_check(files: &[String], problems: &[RuleError], notes: &[String], tried: &[Tried]) -> v1::RuleCheck {
    let problem = |e: &RuleError| v1::RuleProblem {
        file: e.file.clone(),
        line: (e.line > 0).then_some(e.line),
        column: (e.line > 0).then_some(e.column),
        message: e.message.clone(),
        source_line: e.source_line.clone(),
    };
    let example = |t: &Tried| v1::ExampleRow { of: t.of.clone(), example: t.example.clone(), passed: t.passed, led_to: t.led_to.clone() };
    v1::RuleCheck {
        api_version: v1::API_VERSION,
        kind: "RuleCheck",
        ok: problems.is_empty() && tried.iter().all(|t| t.passed),
        files: files.to_vec(),
        problems: problems.iter().map(problem).collect(),
        notes: notes.to_vec(),
        examples: tried.iter().map(example).collect(),
    }
}
