//! Held, absent, unseen.

use a2::rules::condition::Condition;
use a2::rules::evaluate::{Outcome, evaluate};

use super::{Case, gap};

fn says(condition: &str, case: &Case) -> &'static str {
    let condition: Condition = serde_yaml::from_str(condition).unwrap_or_else(|e| panic!("{condition}: {e}"));
    match evaluate(&condition, &case.facts) {
        Outcome::Held(_) => "held",
        Outcome::Absent(_) => "absent",
        Outcome::Unseen(_) => "unseen",
    }
}

#[test]
fn the_table() {
    // death.reason is held, death.signal was read and is not there, death.exit_code could not be seen.
    let case = Case::of("death").kubelet("death.reason", "Error").kubelet("death.lived_seconds", 30).unseen("death.exit_code");
    let (h, a, u) = ("death.reason: Error", "death.signal: SIGKILL", "death.exit_code: 1");
    for (condition, want) in [
        (format!("{{ {h} }}"), "held"),
        (format!("{{ {a} }}"), "absent"),
        (format!("{{ {u} }}"), "unseen"),
        (format!("{{ not: {{ {h} }} }}"), "absent"),
        (format!("{{ not: {{ {a} }} }}"), "held"),
        (format!("{{ not: {{ {u} }} }}"), "unseen"),
        (format!("{{ all: [ {{ {h} }}, {{ {a} }} ] }}"), "absent"),
        (format!("{{ all: [ {{ {h} }}, {{ {u} }} ] }}"), "unseen"),
        (format!("{{ all: [ {{ {u} }}, {{ {a} }} ] }}"), "absent"),
        (format!("{{ any: [ {{ {h} }}, {{ {u} }} ] }}"), "held"),
        (format!("{{ any: [ {{ {a} }}, {{ {u} }} ] }}"), "unseen"),
        (format!("{{ any: [ {{ {a} }}, {{ {a} }} ] }}"), "absent"),
        (format!("{{ {h}, {a} }}"), "absent"),
        ("{ death.reason: [OOMKilled, Error] }".into(), "held"),
        ("{ death.reason: [OOMKilled] }".into(), "absent"),
        ("{ death.reason: { not_in: [OOMKilled] } }".into(), "held"),
        ("{ death.reason: { not_in: [Error] } }".into(), "absent"),
        ("{ death.signal: { not_in: [SIGKILL] } }".into(), "absent"),
        ("{ death.exit_code: { not_in: [0] } }".into(), "unseen"),
        ("{ death.reason: { exists: true } }".into(), "held"),
        ("{ death.reason: { exists: false } }".into(), "absent"),
        ("{ death.signal: { exists: false } }".into(), "held"),
        ("{ death.exit_code: { exists: false } }".into(), "unseen"),
        ("{ death.lived_seconds: { min: 30 } }".into(), "held"),
        ("{ death.lived_seconds: { min: 10, max: 29 } }".into(), "absent"),
        ("{ death.exit_code: { max: 5 } }".into(), "unseen"),
    ] {
        assert_eq!(says(&condition, &case), want, "{condition}");
    }
}

#[test]
fn a_value_that_is_there_is_held_although_the_rest_was_not_seen() {
    let case = Case::of("death").log("log.cause", "crash.panic").unseen("log.cause");
    assert_eq!(says("{ log.cause: crash.panic }", &case), "held");
    assert_eq!(says("{ log.cause: dependency.dns }", &case), "unseen");
}

#[test]
fn what_holds_is_cited_and_what_could_not_be_seen_is_named() {
    let case = Case::of("death").kubelet("death.reason", "Error").kubelet("death.reason", "OOMKilled").unseen("death.exit_code");
    let held: Condition = serde_yaml::from_str("{ death.reason: OOMKilled }").unwrap();
    let Outcome::Held(cited) = evaluate(&held, &case.facts) else { panic!("not held") };
    let texts: Vec<_> = cited.iter().map(|id| case.citations.get(*id).unwrap().text.as_str()).collect();
    assert_eq!(texts, ["OOMKilled"]);
    let unseen: Condition = serde_yaml::from_str("{ any: [ { death.exit_code: 1 }, { death.signal: SIGKILL } ] }").unwrap();
    assert_eq!(evaluate(&unseen, &case.facts), Outcome::Unseen(vec![gap("death.exit_code")]));
}
