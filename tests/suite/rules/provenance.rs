//! The word follows provenance.

use a2::evidence::{Authority, Source};
use a2::rules::Confidence::{Confirmed, None, Possible, Probable};

use super::{Case, cause, rules};

fn oom() -> Case {
    Case::of("death").kubelet("death.reason", "OOMKilled").kubelet("death.exit_code", 137).kubelet("death.mechanism", "oom-killed")
}

#[test]
fn what_the_kubelet_states_is_confirmed() {
    let judged = oom().kubelet("death.memory_limit", "64Mi").judge();
    assert_eq!((judged.cause.as_str(), judged.confidence), ("oom.container-limit", Confirmed), "{:?}", judged.explanation);
}

#[test]
fn what_was_required_and_not_seen_cannot_be_confirmed_and_is_shown() {
    let judged = oom().unseen("death.memory_limit").judge();
    assert_eq!(judged.cause, "oom.container-limit");
    assert_eq!(judged.confidence, Probable.min(judged.confidence));
    assert!(!cause(&judged, "oom.container-limit").unseen.is_empty());
}

#[test]
fn a_limit_that_does_not_exist_was_not_reached() {
    let judged = oom().judge();
    assert!(judged.causes.iter().all(|c| c.cause != "oom.container-limit"));
    assert_eq!(judged.cause, "oom.node");
}

#[test]
fn the_workload_alone_never_confirms() {
    for (name, id) in [("log.root_cause", "oom.runtime-heap"), ("message.cause", "crash.panic"), ("log.root_cause", "dependency.auth")] {
        let judged = Case::of("death").log(name, id).kubelet("death.exit_code", 1).kubelet("death.mechanism", "exited").judge();
        assert!(judged.confidence < Confirmed, "{id}: {:?}", judged.explanation);
    }
    // The same words as the kubelet's, by the workload: a spoof.
    let spoof = Case::of("death")
        .by("death.reason", "OOMKilled", Source::Log, Authority::Workload)
        .by("death.exit_code", 137, Source::Log, Authority::Workload)
        .by("death.mechanism", "oom-killed", Source::Log, Authority::Workload)
        .kubelet("death.memory_limit", "64Mi");
    assert!(spoof.judge().confidence < Confirmed);
}

#[test]
fn another_pods_status_never_confirms() {
    let judged = Case::of("death")
        .sibling("death.reason", "OOMKilled")
        .sibling("death.exit_code", 137)
        .sibling("death.mechanism", "oom-killed")
        .kubelet("death.memory_limit", "64Mi")
        .judge();
    assert!(judged.confidence < Confirmed);
}

#[test]
fn log_and_status_are_two_signs_and_one_alone_is_possible() {
    let both = Case::of("death")
        .log("log.root_cause", "dependency.dns")
        .log("log.cause", "dependency.dns")
        .kubelet("death.mechanism", "exited")
        .kubelet("death.exit_code", 1);
    assert_eq!((both.judge().cause.as_str(), both.judge().confidence), ("dependency.dns", Probable));
    let one = Case::of("death").kubelet("death.mechanism", "exited").kubelet("death.exit_code", 1).judge();
    assert_eq!((one.cause.as_str(), one.confidence), ("error.unhandled", Possible));
}

const RULE: &str = "cause: storage.full\ntitle: t\nsubject: any\nevidence:\n  - { when: { death.reason: Error }, weight: decisive, group: status, says: a }\n  - { when: { node.pressure: disk }, weight: against, says: b }\n  - { when: { node.pressure: memory }, weight: against-weak, says: c }\n";

#[test]
fn a_contradiction_takes_confirmed_away() {
    let set = rules(&[RULE]);
    assert_eq!(Case::of("death").kubelet("death.reason", "Error").judge_by(&set).confidence, Confirmed);
    assert_eq!(Case::of("death").kubelet("death.reason", "Error").kubelet("node.pressure", "memory").judge_by(&set).confidence, Confirmed);
    assert_eq!(Case::of("death").kubelet("death.reason", "Error").kubelet("node.pressure", "disk").judge_by(&set).confidence, Possible);
}

#[test]
fn caps_bind_when_held_and_when_unseen() {
    let set = rules(&[&format!("{RULE}cap: {{ when: {{ death.from: events }}, at: possible }}\n")]);
    let case = || Case::of("death").kubelet("death.reason", "Error");
    assert_eq!(case().judge_by(&set).confidence, Confirmed);
    assert_eq!(case().kubelet("death.from", "events").judge_by(&set).confidence, Possible);
    assert_eq!(case().unseen("death.from").judge_by(&set).confidence, Possible);
}

#[test]
fn a_close_rival_steps_the_word_down() {
    let rival = RULE.replace("storage.full", "storage.mount");
    let judged = Case::of("death").kubelet("death.reason", "Error").judge_by(&rules(&[RULE, &rival]));
    assert_eq!((judged.cause.as_str(), judged.confidence), ("storage.full", Probable));
    assert_eq!(cause(&judged, "storage.mount").confidence, Possible, "a rival is possible at most");
}

#[test]
fn a_veto_holds_only_when_absent() {
    let set = rules(&[&format!("{RULE}requires: {{ death.tmpfs: true }}\n")]);
    assert_eq!(Case::of("death").kubelet("death.reason", "Error").judge_by(&set).cause, "unknown");
    let unseen = Case::of("death").kubelet("death.reason", "Error").unseen("death.tmpfs").judge_by(&set);
    assert_eq!((unseen.cause.as_str(), unseen.confidence), ("storage.full", Probable));
}

#[test]
fn what_is_not_convincing_is_unknown() {
    let weak = RULE.replace("decisive", "weak");
    let judged = Case::of("death").kubelet("death.reason", "Error").judge_by(&rules(&[&weak]));
    assert_eq!((judged.cause.as_str(), judged.confidence), ("unknown", None));
    assert!(judged.probability > 0.5 && judged.path.is_empty());
    assert_eq!(cause(&judged, "storage.full").confidence, Possible, "it is listed all the same");
}

#[test]
fn exit_code_137_alone_is_not_memory() {
    let judged = Case::of("death")
        .kubelet("death.reason", "Error")
        .kubelet("death.exit_code", 137)
        .kubelet("death.mechanism", "unknown")
        .kubelet("death.memory_limit", "64Mi")
        .log("log.status", "empty")
        .judge();
    assert_eq!(judged.cause, "unknown", "{:?}", judged.explanation);
}
