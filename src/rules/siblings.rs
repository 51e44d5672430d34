//! What siblings say of a target that left too little to be judged by itself. Carrying a cause over is the engine's doing, so that no rule has to.

use super::hypothesis::Hypothesis;
use super::ranking::{Confidence, Sign};
use super::set::RuleSet;
use super::weights::Weight;
use crate::reconstruct::{CitationId, Facts, Value};

/// Group of the signs made here.
const GROUP: &str = "siblings";

/// How far a sibling's cause reaches (taxonomy: how far evidence reaches).
struct Reach {
    weight: Weight,
    word: Confidence,
    only_listed: bool,
}

fn reach(facts: &Facts) -> Option<Reach> {
    let alike = facts.int("siblings.failed_alike").unwrap_or(0);
    let otherwise = facts.int("siblings.fared_otherwise").unwrap_or(0);
    let full = |weight, word| Some(Reach { weight, word, only_listed: false });
    match (facts.is("siblings.same_owner"), alike, otherwise) {
        (_, ..=0, _) => None,
        (true, 2.., ..=0) => full(Weight::Strong, Confidence::Probable),
        (true, _, ..=0) => full(Weight::Supporting, Confidence::Possible),
        _ => Some(Reach { weight: Weight::Weak, word: Confidence::Possible, only_listed: true }),
    }
}

/// Whether the target itself left nothing that tells how it ended.
fn left_nothing(facts: &Facts) -> bool {
    match facts.text("subject.kind") {
        Some("gone") => !matches!(facts.text("death.mechanism"), Some("stopped" | "lost" | "oom-killed" | "not-started")),
        Some("death") => facts.text("death.mechanism") == Some("unknown") && facts.get("death.exit_code").is_none_or(|f| f.values.is_empty()),
        _ => false,
    }
}

/// Adds what the siblings say to the hypotheses.
pub fn carry_over<'a>(rules: &'a RuleSet, facts: &Facts, hypotheses: &mut Vec<Hypothesis<'a>>) {
    let Some(fact) = facts.get("siblings.cause") else { return };
    for (value, cited) in &fact.values {
        let Value::Text(cause) = value else { continue };
        // That siblings are well, or were taken away on purpose, says nothing of this one.
        let Some(rule) = rules.get(cause).filter(|_| !cause.starts_with("healthy.") && !cause.starts_with("disruption.")) else { continue };
        let own = hypotheses.iter_mut().find(|h| h.rule.cause == *cause);
        match own {
            // It was read by the same rules from the same kind of evidence, so it corroborates little.
            Some(own) if own.supporting.iter().any(|s| s.group == GROUP) => {}
            Some(own) => {
                let sign = sign(cited, Weight::Weak, facts);
                own.own += sign.weight;
                own.supporting.push(sign);
            }
            None if left_nothing(facts) => {
                let Some(reach) = reach(facts) else { continue };
                let sign = sign(cited, reach.weight, facts);
                hypotheses.push(Hypothesis {
                    rule,
                    own: rule.prior.log_odds() + sign.weight,
                    supporting: vec![sign],
                    against: Vec::new(),
                    unseen: fact.gap.iter().cloned().collect(),
                    word: reach.word,
                    cap: reach.word,
                    groups: vec![GROUP.to_owned()],
                    from_siblings: true,
                    only_listed: reach.only_listed,
                });
            }
            None => {}
        }
    }
}

fn sign(cited: &[CitationId], weight: Weight, facts: &Facts) -> Sign {
    let alike = facts.int("siblings.failed_alike").unwrap_or(1).max(1);
    let otherwise = facts.int("siblings.fared_otherwise").unwrap_or(0);
    let of = if facts.is("siblings.same_owner") { "of the same owner" } else { "that run the same kind of task" };
    let pods = if alike == 1 { "pod" } else { "pods" };
    let but = if otherwise > 0 { format!("; {otherwise} fared otherwise") } else { String::new() };
    Sign { says: format!("{alike} other {pods} {of} failed of this{but}"), cited: cited.to_vec(), weight: weight.log_odds(), group: GROUP.to_owned() }
}
