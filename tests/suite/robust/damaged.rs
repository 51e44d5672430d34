//! Recorded cases, damaged at random, diagnosed, and rendered in every format.

use proptest::prelude::*;

use super::mutate::{Parts, Script, answer, case_of, load_all, mutate};
use crate::support::{corpus, root};

/// All formats.
const ALL: usize = 0x3f;

fn cases() -> Vec<Parts> {
    load_all(&corpus().unwrap_or_else(|| root().join("fixtures")))
}

#[test]
fn a_damaged_case_is_still_answered_and_twice_alike() {
    let cases = cases();
    assert!(cases.len() >= 20, "{} cases", cases.len());
    let count = std::env::var("A2_DAMAGE").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() });
    let script = (any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..400));
    runner
        .run(&script, |(which, bytes)| {
            let mut parts = which.get(&cases).clone();
            let mut script = Script(&bytes);
            while script.goes_on() {
                mutate(&mut parts, &mut script);
            }
            let case = case_of(&parts);
            prop_assert_eq!(answer(&case, ALL), answer(&case, ALL));
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_empty_script_damages_nothing() {
    let cases = cases();
    let parts = &cases[0];
    let mut same = parts.clone();
    let script = Script(&[]);
    if script.goes_on() {
        mutate(&mut same, &mut Script(&[]));
    }
    assert_eq!(answer(&case_of(parts), ALL), answer(&case_of(&same), ALL));
}

#[test]
fn counts_beyond_their_type_add_up() {
    let events = |reason: &str| {
        ["a", "b"].map(|name| {
            let mut event = crate::bundles::event(&format!("{reason}-{name}"), "Pod", "web-5d9c7b6f4-x7k2p", reason, "Pulled, or Liveness probe failed: x");
            event["count"] = serde_json::json!(i64::MAX);
            event["series"] = serde_json::json!({ "count": i64::MAX });
            event
        })
    };
    let all = ["Pulled", "Unhealthy", "Killing", "BackOff"].map(events).concat();
    let made = crate::bundles::crashed().list("/api/v1/namespaces/shop/events", all).done();
    let path = made.path().to_str().unwrap();
    let ran = crate::support::run(["investigate", "web-5d9c7b6f4-x7k2p", "-n", "shop", "-o", "json", "--from", path]);
    assert_eq!((ran.code, ran.json()["kind"].as_str()), (Some(0), Some("Investigation")), "{ran:?}");
}
