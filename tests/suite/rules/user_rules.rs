//! Rules of one's own.

use a2::rules::RuleSet;

use super::{Case, cause};

const LICENCE: &str = "\
cause: config.licence-expired
meaning: the product's licence ran out
title: The licence ran out
subject: death
evidence:
  - when: { death.exit_code: 78, log.ends_the_instance: true }
    weight: strong
    group: status
    says: \"{container} ended with {exit_code}, which our products keep for the licence\"
explains: [ { cause: error.unhandled } ]
";

#[test]
fn a_cause_of_ones_own_works_without_recompiling() {
    let set = RuleSet::builtin().with_user_files([("licence.yaml", LICENCE)]).unwrap();
    let judged = Case::of("death").kubelet("death.exit_code", 78).kubelet("death.mechanism", "exited").log("log.ends_the_instance", true).judge_by(&set);
    assert_eq!(judged.cause, "config.licence-expired", "{:?}", judged.explanation);
    assert_eq!(judged.path, ["config.licence-expired", "error.unhandled"]);
    let undeclared = LICENCE.replace("meaning: the product's licence ran out\n", "");
    assert!(RuleSet::builtin().with_user_files([("licence.yaml", undeclared.as_str())]).unwrap_err().message.contains("needs `meaning"));
}

#[test]
fn a_file_for_a_known_cause_adds_and_never_takes_a_veto_away() {
    let weaker = "\
cause: oom.container-limit
title: Ours
subject: death
requires: { death.exit_code: 137 }
evidence:
  - { when: { death.reason: OOMKilled, death.exit_code: 137 }, weight: supporting, group: status, says: ours }
";
    let set = RuleSet::builtin().with_user_files([("mine.yaml", weaker)]).unwrap();
    let oom = || Case::of("death").kubelet("death.reason", "OOMKilled").kubelet("death.exit_code", 137).kubelet("death.mechanism", "oom-killed");
    assert!(oom().judge_by(&set).causes.iter().all(|c| c.cause != "oom.container-limit"), "the built-in requirement of a limit stays");
    let judged = oom().kubelet("death.memory_limit", "1Gi").judge_by(&set);
    assert!(cause(&judged, "oom.container-limit").supporting.iter().any(|s| s.says == "ours"));
    assert!(set.notes().iter().any(|n| n.contains("mine.yaml adds to the rule of oom.container-limit")));

    let veto = "\
cause: healthy.running
title: Ours
subject: running
evidence:
  - { when: { run.ready: false }, weight: strong, group: mine, says: never mind }
";
    let set = RuleSet::builtin().with_user_files([("veto.yaml", veto)]).unwrap();
    assert!(set.notes().iter().any(|n| n.contains("a veto of healthy.running stays")), "{:?}", set.notes());
    assert_ne!(Case::of("running").kubelet("run.ready", false).kubelet("run.healthy", true).judge_by(&set).cause, "healthy.running");
}

#[test]
fn without_a_family_the_parent_or_unknown_is_said() {
    let set = RuleSet::builtin().without("dependency");
    let judged = Case::of("death")
        .log("log.root_cause", "dependency.dns")
        .log("log.cause", "dependency.dns")
        .kubelet("death.mechanism", "exited")
        .kubelet("death.exit_code", 1)
        .judge_by(&set);
    assert!(["unknown", "error.unhandled"].contains(&judged.cause.as_str()));
    assert!(judged.confidence.word() != "confirmed");
}
