//! Three answers to a condition: held, absent, or unseen. Not having looked is not the same as having found nothing.

use super::condition::{Condition, Matcher};
use crate::evidence::Gap;
use crate::reconstruct::{CitationId, Facts, Value};

/// What the facts say of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds, and these show it.
    Held(Vec<CitationId>),
    /// The source was read completely and says no; these show it, where anything does.
    Absent(Vec<CitationId>),
    /// These gaps stand in the way.
    Unseen(Vec<Gap>),
}

impl Outcome {
    /// Whether it is held.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Held(_))
    }
}

/// Judges a condition.
pub fn evaluate(condition: &Condition, facts: &Facts) -> Outcome {
    match condition {
        Condition::Fact(spec, matcher) => fact(spec.name, matcher, facts),
        Condition::All(list) => all(list.iter().map(|c| evaluate(c, facts))),
        Condition::Any(list) => any(list.iter().map(|c| evaluate(c, facts))),
        Condition::Not(inner) => negate(evaluate(inner, facts)),
    }
}

fn negate(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Held(cited) => Outcome::Absent(cited),
        Outcome::Absent(cited) => Outcome::Held(cited),
        unseen @ Outcome::Unseen(_) => unseen,
    }
}

/// One absent part settles it, whatever could not be seen of the others.
fn all(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let (mut held, mut gaps) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Held(cited) => extend(&mut held, cited),
            Outcome::Unseen(more) => extend(&mut gaps, more),
            absent @ Outcome::Absent(_) => return absent,
        }
    }
    if gaps.is_empty() { Outcome::Held(held) } else { Outcome::Unseen(gaps) }
}

/// One held part settles it, whatever could not be seen of the others.
fn any(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let (mut held, mut absent, mut gaps, mut holds) = (Vec::new(), Vec::new(), Vec::new(), false);
    for outcome in outcomes {
        match outcome {
            Outcome::Held(cited) => {
                holds = true;
                extend(&mut held, cited);
            }
            Outcome::Absent(cited) => extend(&mut absent, cited),
            Outcome::Unseen(more) => extend(&mut gaps, more),
        }
    }
    match (holds, gaps.is_empty()) {
        (true, _) => Outcome::Held(held),
        (false, false) => Outcome::Unseen(gaps),
        (false, true) => Outcome::Absent(absent),
    }
}

fn fact(name: &str, matcher: &Matcher, facts: &Facts) -> Outcome {
    let Some(fact) = facts.get(name) else {
        return if *matcher == Matcher::Exists(false) { Outcome::Held(Vec::new()) } else { Outcome::Absent(Vec::new()) };
    };
    let cited_by = |want: bool, matches: &dyn Fn(&Value) -> bool| {
        let mut cited = Vec::new();
        for (_, by) in fact.values.iter().filter(|(v, _)| matches(v) == want) {
            extend(&mut cited, by.iter().copied());
        }
        cited
    };
    let search = |matches: &dyn Fn(&Value) -> bool| {
        if fact.values.iter().any(|(v, _)| matches(v)) {
            return Outcome::Held(cited_by(true, matches));
        }
        match &fact.gap {
            Some(gap) => Outcome::Unseen(vec![gap.clone()]),
            None => {
                let mut cited = fact.shown_absent_by.clone();
                extend(&mut cited, cited_by(false, matches));
                Outcome::Absent(cited)
            }
        }
    };
    match matcher {
        Matcher::Exists(true) => search(&|_| true),
        Matcher::Exists(false) => negate(search(&|_| true)),
        Matcher::In(values) => search(&|v| values.contains(v)),
        Matcher::Range(min, max) => search(&|v| matches!(v, Value::Int(i) if min.is_none_or(|m| *i >= m) && max.is_none_or(|m| *i <= m))),
        Matcher::NotIn(values) if fact.values.iter().any(|(v, _)| values.contains(v)) => Outcome::Absent(cited_by(true, &|v| values.contains(v))),
        Matcher::NotIn(_) => search(&|_| true),
    }
}

/// Appends what is not there yet, in order.
pub fn extend<T: PartialEq>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for item in more {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}
