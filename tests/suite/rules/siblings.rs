//! What siblings say of a pod that left nothing.

use a2::rules::Confidence::{None, Possible, Probable};

use super::{Case, cause};

fn gone(alike: i64, otherwise: i64, same_owner: bool) -> Case {
    Case::of("gone")
        .sibling("siblings.cause", "oom.container-limit")
        .sibling("siblings.failed_alike", alike)
        .sibling("siblings.fared_otherwise", otherwise)
        .sibling("siblings.same_owner", same_owner)
}

#[test]
fn two_alike_of_one_owner_name_the_cause() {
    let judged = gone(2, 0, true).judge();
    assert_eq!((judged.cause.as_str(), judged.confidence), ("oom.container-limit", Probable));
    assert!(cause(&judged, "oom.container-limit").from_siblings);
}

#[test]
fn one_is_possible() {
    let judged = gone(1, 0, true).judge();
    assert_eq!((judged.cause.as_str(), judged.confidence), ("oom.container-limit", Possible));
}

#[test]
fn another_outcome_or_a_task_in_common_is_a_hint() {
    for case in [gone(3, 1, true), gone(2, 0, false)] {
        let judged = case.judge();
        assert_eq!((judged.cause.as_str(), judged.confidence), ("unknown", None), "{:?}", judged.explanation);
        assert_eq!(cause(&judged, "oom.container-limit").confidence, Possible);
    }
}

#[test]
fn siblings_do_not_speak_for_a_pod_that_tells_its_own_story() {
    let own = Case::of("death")
        .kubelet("death.mechanism", "exited")
        .kubelet("death.exit_code", 1)
        .sibling("siblings.cause", "oom.container-limit")
        .sibling("siblings.failed_alike", 4)
        .sibling("siblings.same_owner", true)
        .judge();
    assert_eq!(own.cause, "error.unhandled");
    let stopped = gone(4, 0, true).kubelet("death.mechanism", "stopped").kubelet("death.stopped_by", "deleted").judge();
    assert_eq!(stopped.cause, "disruption.deleted");
}

#[test]
fn healthy_siblings_say_nothing() {
    let judged = Case::of("gone").sibling("siblings.cause", "healthy.running").sibling("siblings.failed_alike", 3).sibling("siblings.same_owner", true).judge();
    assert_eq!(judged.cause, "unknown");
}
