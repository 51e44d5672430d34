//! `a2 explain WORD`.

use super::args::{ExplainArgs, GlobalArgs, TextOutput};
use super::suggest::nearest;
use super::{Exit, Failure, rule_files, rules, terminal};
use crate::report::{json, knowledge};
use crate::rules::{RuleSet, Topic, explain, words};

/// Tells what a word means. Offline.
pub fn run(args: &ExplainArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let word = args.word.join(" ");
    let set = rule_files::load(&args.rules)?;
    let topics = explain(&set, &word);
    if topics.is_empty() {
        let known = words(&set);
        let failure = Failure::usage(format!("nothing is known by the name {word:?}"));
        return Err(match near(&word, &known) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("a2 explain takes a cause, an exit code, a reason, a signal, a signature or a fact; a2 rules list shows the causes"),
        });
    }
    show(&word, &topics, args.output, global)
}

/// Shows the rule of a cause.
pub(super) fn show_rule(cause: &str, set: &RuleSet, output: TextOutput, global: &GlobalArgs) -> Result<Exit, Failure> {
    let topics: Vec<Topic> = explain(set, cause).into_iter().filter(|t| t.kind == "cause").collect();
    if topics.is_empty() {
        let failure = Failure::usage(format!("no rule for {cause:?}"));
        return Err(match near(cause, &set.iter().map(|r| r.cause.clone()).collect::<Vec<_>>()) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("a2 rules list shows those there are"),
        });
    }
    show(cause, &topics, output, global)
}

fn show(word: &str, topics: &[Topic], output: TextOutput, global: &GlobalArgs) -> Result<Exit, Failure> {
    let document = json::explanation(word, topics);
    rules::print(output, global, &json::render(&document), || knowledge::explanation(&document, terminal::width()))?;
    Ok(Exit::Ran)
}

/// The known word nearest to what was typed: a slip, whatever its case, or the part after the dot.
fn near<'a>(word: &str, known: &'a [String]) -> Option<&'a str> {
    let lower = word.to_ascii_lowercase();
    let tail = |k: &&String| k.rsplit_once('.').is_some_and(|(_, tail)| tail == lower) || k.ends_with(&format!("-{lower}"));
    nearest(word, known.iter().map(String::as_str)).or_else(|| known.iter().find(tail).map(String::as_str))
}
