//! The recorded cases, with all rules and with each family of rules taken away.

use std::sync::OnceLock;

use a2::evaluation::{Evaluation, evaluate};
use a2::rules::{RuleSet, causes};

use crate::support::corpus;

/// Families in the order of the taxonomy.
pub fn families() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for family in causes::CAUSES.iter().filter_map(|(id, _)| id.split_once('.')).map(|(family, _)| family) {
        if all.last().is_none_or(|last| last != family) {
            all.push(family.to_owned());
        }
    }
    all
}

/// The corpus by the built-in rules, and without each family and each single cause; judged once for all tests.
pub fn evaluated() -> Option<&'static Evaluation> {
    static ALL: OnceLock<Option<Evaluation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let causes = RuleSet::builtin().iter().map(|r| r.cause.clone());
        let left_out: Vec<String> = families().into_iter().chain(causes).collect();
        corpus().map(|folder| runtime.block_on(evaluate(&folder, RuleSet::builtin(), &left_out)).unwrap())
    })
    .as_ref()
}

#[test]
fn without_its_rules_a_family_or_cause_is_not_taken_for_another_in_a_confident_voice() {
    let Some(evaluation) = evaluated() else { return };
    let wrong: Vec<String> = evaluation
        .left_out
        .iter()
        .filter(|l| l.overclaimed)
        .map(|l| format!("without {}: {}/{} is {}, said {} ({})", l.left_out, l.case, l.stage, l.truth, l.said, l.word.word()))
        .collect();
    println!("{} stages judged without their family, {} with something else in a confident voice", evaluation.left_out.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
