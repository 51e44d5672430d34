//! Whatever the facts: no panic, shares sum to 1, and no big word without a sign.

use a2::evidence::{Authority, Source};
use a2::reconstruct::Value;
use a2::reconstruct::facts::{Kind, REGISTRY, Spec};
use a2::rules::{Confidence, causes};
use proptest::prelude::*;

use super::Case;

fn value(spec: &Spec, n: u32) -> Value {
    match spec.kind {
        Kind::Bool => n.is_multiple_of(2).into(),
        Kind::Int => [-1, 0, 1, 2, 3, 101, 124, 126, 127, 137, 139, 143, 255, i64::MAX][n as usize % 14].into(),
        Kind::Word(words) => words[n as usize % words.len()].into(),
        Kind::Cause => causes::CAUSES[n as usize % causes::CAUSES.len()].0.into(),
        Kind::Text | Kind::Signature => ["OOMKilled", "Error", "Evicted", "DeadlineExceeded", "rollout", "{peer}", "\u{1b}[31m", ""][n as usize % 8].into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_facts_are_judged_soundly(picks in prop::collection::vec((0..REGISTRY.len(), any::<u32>(), 0..4u8), 0..40)) {
        let mut case = Case::default();
        for (i, n, how) in picks {
            let spec = &REGISTRY[i];
            case = match how {
                0 => case.unseen(spec.name),
                1 => case.by(spec.name, value(spec, n), Source::Log, Authority::Workload),
                2 => case.by(spec.name, value(spec, n), Source::Sibling, Authority::Kubelet),
                _ => case.kubelet(spec.name, value(spec, n)),
            };
        }
        let judged = case.judge();
        let sum: f64 = judged.causes.iter().map(|c| c.probability).sum::<f64>() + judged.unknown;
        prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let mut seen = Vec::new();
        for c in &judged.causes {
            prop_assert!(!c.supporting.is_empty(), "{} has nothing for it", c.cause);
            prop_assert!(c.probability.is_finite() && (0.0..=1.0 + 1e-9).contains(&c.probability));
            prop_assert!(c.on_path || c.confidence <= Confidence::Possible, "{} is a rival and {:?}", c.cause, c.confidence);
            prop_assert!(!seen.contains(&c.cause), "{} is listed twice", c.cause);
            seen.push(c.cause.clone());
        }
        let on_path: Vec<_> = judged.causes.iter().take_while(|c| c.on_path).map(|c| c.cause.clone()).collect();
        prop_assert_eq!(&on_path, &judged.path);
        let rivals: Vec<f64> = judged.causes.iter().skip(judged.path.len()).map(|c| c.probability).collect();
        prop_assert!(rivals.windows(2).all(|w| w[0] >= w[1]));
        match judged.path.first() {
            Some(root) => {
                prop_assert_eq!(root, &judged.cause);
                prop_assert_eq!(judged.probability, judged.causes[0].probability);
                prop_assert!(judged.confidence >= Confidence::Possible);
            }
            None => {
                prop_assert_eq!(&judged.cause, causes::UNKNOWN);
                prop_assert_eq!(judged.confidence, Confidence::None);
                prop_assert_eq!(judged.probability, judged.unknown);
            }
        }
        prop_assert_eq!(case.judge(), judged, "the same facts give the same judgement");
    }
}
