//! Paths, shares and order.

use a2::rules::chain::softmax;
use a2::rules::weights::{LINK_COST, UNKNOWN_BASELINE, Weight};

use super::{Case, cause, rules};

const ROOT: &str = "cause: dependency.dns\ntitle: t\nsubject: any\nprior: common\nevidence: [ { when: { log.root_cause: dependency.dns }, weight: strong, group: log, says: s } ]\nexplains: [ { cause: crash.panic, when: { log.cause: dependency.dns } } ]\n";
const FORM: &str = "cause: crash.panic\ntitle: t\nsubject: any\nprior: common\nevidence: [ { when: { death.exit_code: 101 }, weight: supporting, group: status, says: s } ]\nexplains: [ { cause: error.unhandled } ]\n";
const LAST: &str = "cause: error.unhandled\ntitle: t\nsubject: any\nprior: common\nevidence: [ { when: { death.exit_code: { not_in: [0] } }, weight: weak, group: status, says: s } ]\n";

#[test]
fn softmax_shares_sum_to_one_and_keep_the_order() {
    let shares = softmax(&[1.0, 3.0, 2.0]);
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(shares[1] > shares[2] && shares[2] > shares[0]);
    assert!((shares[1] / shares[2] - 1f64.exp()).abs() < 1e-9);
    assert_eq!(softmax(&[f64::NEG_INFINITY, f64::NEG_INFINITY]), [0.5, 0.5]);
    assert_eq!(softmax(&[1e6, -1e6]), [1.0, 0.0]);
}

#[test]
fn a_path_is_worth_its_root_and_what_it_explains() {
    let set = rules(&[ROOT, FORM]);
    let case = Case::of("death").log("log.root_cause", "dependency.dns").log("log.cause", "dependency.dns").kubelet("death.exit_code", 101);
    let judged = case.judge_by(&set);
    let (root, form) = (Weight::Strong.log_odds(), Weight::Supporting.log_odds());
    let shares = softmax(&[root, root + form - LINK_COST, form, UNKNOWN_BASELINE]);
    assert_eq!(judged.cause, "dependency.dns");
    assert_eq!(judged.path, ["dependency.dns", "crash.panic"]);
    assert!((judged.probability - shares[0] - shares[1]).abs() < 1e-12);
    assert!((cause(&judged, "crash.panic").probability - shares[2]).abs() < 1e-12);
    assert!((judged.unknown - shares[3]).abs() < 1e-12);
}

#[test]
fn an_edge_whose_condition_does_not_hold_is_none() {
    let set = rules(&[ROOT, FORM]);
    let case = Case::of("death").log("log.root_cause", "dependency.dns").kubelet("death.exit_code", 101);
    assert_eq!(case.judge_by(&set).path, ["dependency.dns"]);
}

#[test]
fn the_winning_path_comes_first_then_rivals_by_falling_probability() {
    let rival = ROOT
        .replace("dependency.dns", "dependency.tls")
        .replace("root_cause: dependency.tls", "earlier_cause: dependency.tls")
        .replace("weight: strong", "weight: supporting");
    let small = ROOT
        .replace("dependency.dns", "dependency.auth")
        .replace("root_cause: dependency.auth", "earlier_cause: dependency.auth")
        .replace("weight: strong", "weight: weak");
    let set = rules(&[ROOT, FORM, LAST, &rival, &small]);
    let case = Case::of("death")
        .log("log.root_cause", "dependency.dns")
        .log("log.cause", "dependency.dns")
        .kubelet("death.exit_code", 101)
        .log("log.earlier_cause", "dependency.tls")
        .log("log.earlier_cause", "dependency.auth");
    let judged = case.judge_by(&set);
    let order: Vec<_> = judged.causes.iter().map(|c| c.cause.as_str()).collect();
    // The chain to error.unhandled brings less than its link costs, so the best story ends at the panic.
    assert_eq!(judged.path, ["dependency.dns", "crash.panic"]);
    assert_eq!(order[..2], ["dependency.dns", "crash.panic"]);
    let rivals: Vec<f64> = judged.causes.iter().skip(2).map(|c| c.probability).collect();
    assert!(rivals.windows(2).all(|w| w[0] >= w[1]), "{:?}", judged.explanation);
    let sum: f64 = judged.causes.iter().map(|c| c.probability).sum::<f64>() + judged.unknown;
    assert!((sum - 1.0).abs() < 1e-9);
}

#[test]
fn one_group_counts_once() {
    let two = "cause: dependency.dns\ntitle: t\nsubject: any\nprior: common\nevidence:\n  - { when: { log.root_cause: dependency.dns }, weight: strong, group: log, says: a }\n  - { when: { log.cause: dependency.dns }, weight: supporting, group: log, says: b }\n";
    let case = Case::of("death").log("log.root_cause", "dependency.dns").log("log.cause", "dependency.dns");
    let judged = case.judge_by(&rules(&[two]));
    let weights: Vec<f64> = judged.causes[0].supporting.iter().map(|s| s.weight).collect();
    assert_eq!(weights, [Weight::Strong.log_odds(), 0.0], "both are shown, one weighs");
    assert!((judged.probability - softmax(&[Weight::Strong.log_odds(), UNKNOWN_BASELINE])[0]).abs() < 1e-12);
}

#[test]
fn nothing_for_a_cause_means_that_it_is_not_listed() {
    let judged = Case::of("death").kubelet("death.exit_code", 137).kubelet("death.reason", "Error").kubelet("death.mechanism", "unknown").judge();
    assert_eq!(judged.cause, "unknown");
    assert!(judged.causes.is_empty(), "{:?}", judged.explanation);
    assert_eq!(judged.probability, 1.0);
    assert_eq!(judged.confidence.word(), "none");
}
