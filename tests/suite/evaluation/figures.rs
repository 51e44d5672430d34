//! The figures themselves, on made-up outcomes.

use a2::evaluation::{Figures, Outcome, bins, confusion, words};
use a2::rules::Confidence;

fn outcome(truth: &str, said: &str, word: Confidence, probability: f64) -> Outcome {
    let right = truth == said;
    let known = truth != "unknown";
    Outcome {
        case: format!("{truth}-as-{said}"),
        stage: "live".to_owned(),
        truth: truth.to_owned(),
        said: said.to_owned(),
        word,
        probability,
        right,
        among_three: right,
        answered: known.then_some(right && said != "unknown"),
        abstained: (!known).then_some(right),
        decided: known.then_some(word >= Confidence::Probable),
        mechanism: None,
        container: None,
        silent: None,
        removal: None,
        overclaimed: false,
        milliseconds: 1.0,
    }
}

fn three() -> Vec<Outcome> {
    vec![
        outcome("oom.container-limit", "oom.container-limit", Confidence::Confirmed, 0.97),
        outcome("dependency.dns", "dependency.unreachable", Confidence::Possible, 0.4),
        outcome("unknown", "unknown", Confidence::None, 0.8),
    ]
}

#[test]
fn shares_are_counted_over_what_is_known() {
    let figures = Figures::over(&three());
    assert_eq!(figures.count, 3);
    assert_eq!((figures.top1.right, figures.top1.of), (2, 3));
    assert_eq!((figures.answered.right, figures.answered.of), (1, 2));
    assert_eq!((figures.abstained.right, figures.abstained.of), (1, 1));
    assert_eq!((figures.decided.right, figures.decided.of), (1, 2));
    assert_eq!(figures.mechanism.share(), None, "nothing is labelled");
    let want = (0.03f64.powi(2) + 0.4f64.powi(2) + 0.2f64.powi(2)) / 3.0;
    assert!((figures.brier - want).abs() < 1e-12, "{}", figures.brier);
}

#[test]
fn each_word_and_each_bin_is_held_to_what_it_says() {
    let words = words(&three());
    assert_eq!(
        words.iter().map(|w| (w.word.word(), w.right.right, w.right.of)).collect::<Vec<_>>(),
        [("confirmed", 1, 1), ("probable", 0, 0), ("possible", 0, 1), ("none", 1, 1)]
    );
    let bins = bins(&three());
    assert_eq!(bins.iter().map(|b| b.right.of).sum::<usize>(), 3, "each verdict falls into one bin");
    assert_eq!((bins[0].from, bins[bins.len() - 1].to), (0.0, 1.0));
    let top = bins.last().unwrap();
    assert_eq!((top.right.right, top.right.of, top.mean), (1, 1, 0.97));
}

#[test]
fn what_was_taken_for_what() {
    let confused = confusion(&three());
    assert_eq!(confused.len(), 1);
    assert_eq!((confused[0].truth.as_str(), confused[0].said.as_str()), ("dependency.dns", "dependency.unreachable"));
    assert_eq!(confused[0].stages, ["dependency.dns-as-dependency.unreachable/live"]);
}
