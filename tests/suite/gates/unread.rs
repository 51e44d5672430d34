//! What a scan leaves out of the pods that it reads by the hundred changes no verdict.

use a2::collect::NOT_JUDGED;
use a2::diagnosis::diagnose;
use a2::evidence::{Object, Pod};
use a2::rules::RuleSet;
use serde_json::Value;

use super::corpus::{over, stages};

/// Takes the entries out, at any depth; how many there were.
fn strip(value: &mut Value) -> usize {
    match value {
        Value::Object(map) => {
            let before = map.len();
            map.retain(|key, _| !NOT_JUDGED.contains(&key.as_str()));
            before - map.len() + map.values_mut().map(strip).sum::<usize>()
        }
        Value::Array(list) => list.iter_mut().map(strip).sum(),
        _ => 0,
    }
}

#[test]
fn what_is_left_out_of_a_spec_changes_no_verdict() {
    let with_pod: Vec<_> = stages().iter().filter(|s| s.case.pod.is_some()).collect();
    let taken = std::cell::Cell::new(0);
    over("unread", with_pod, |stage| {
        let mut raw = stage.case.pod.as_ref().expect("a pod").object.raw().clone();
        taken.set(taken.get() + strip(&mut raw["spec"]));
        let mut case = stage.case.clone();
        case.pod = Some(Pod::from_object(Object::new(raw)));
        let found = diagnose(case, RuleSet::builtin());
        let same = found.verdict == stage.base.verdict && found.explanation == stage.base.explanation;
        if same { Vec::new() } else { vec![format!("{:?} with all of it, {:?} without", stage.base.verdict, found.verdict)] }
    });
    assert!(taken.get() > 0, "nothing was left out of any spec");
}
