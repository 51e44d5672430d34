//! Conditions in words, for people.

use super::condition::{Condition, Matcher};
use crate::reconstruct::Value;

/// A condition as one line: `death.reason is OOMKilled, and death.exit_code is not 137`.
pub fn phrase(condition: &Condition) -> String {
    match condition {
        Condition::Fact(spec, matcher) => format!("{} {}", spec.name, matched(matcher)),
        Condition::All(list) => join(list, ", and "),
        Condition::Any(list) => join(list, ", or "),
        Condition::Not(inner) => format!("not ({})", phrase(inner)),
    }
}

fn join(list: &[Condition], with: &str) -> String {
    let parts: Vec<String> = list
        .iter()
        .map(|part| match part {
            Condition::All(inner) | Condition::Any(inner) if inner.len() > 1 => format!("({})", phrase(part)),
            _ => phrase(part),
        })
        .collect();
    parts.join(with)
}

fn matched(matcher: &Matcher) -> String {
    let listed = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    match matcher {
        Matcher::In(values) => format!("is {}", listed(values)),
        Matcher::NotIn(values) => format!("is known and not {}", listed(values)),
        Matcher::Range(Some(min), Some(max)) => format!("is from {min} to {max}"),
        Matcher::Range(Some(min), None) => format!("is at least {min}"),
        Matcher::Range(None, Some(max)) => format!("is at most {max}"),
        Matcher::Range(None, None) => "is a number".to_owned(),
        Matcher::Exists(true) => "is known".to_owned(),
        Matcher::Exists(false) => "has no value".to_owned(),
    }
}
