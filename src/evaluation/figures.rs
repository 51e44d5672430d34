//! Figures over outcomes.

use std::collections::BTreeMap;

use super::outcome::Outcome;
use crate::rules::Confidence;

/// A share of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// How many were right.
    pub right: usize,
    /// Of how many.
    pub of: usize,
}

impl Rate {
    /// Counts what is known.
    pub fn over<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>, what: impl Fn(&Outcome) -> Option<bool>) -> Self {
        let mut rate = Self::default();
        for held in outcomes.into_iter().filter_map(what) {
            rate.of += 1;
            rate.right += usize::from(held);
        }
        rate
    }

    /// The share; `None` of nothing.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.right as f64 / self.of as f64)
    }
}

/// The figures of some outcomes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Labelled stages.
    pub count: usize,
    /// The first cause is right.
    pub top1: Rate,
    /// One of the first three is.
    pub top3: Rate,
    /// A right answer where there is one.
    pub answered: Rate,
    /// `unknown` where nobody can know.
    pub abstained: Rate,
    /// `confirmed` or `probable` where there is an answer.
    pub decided: Rate,
    /// Mechanism.
    pub mechanism: Rate,
    /// Container.
    pub container: Rate,
    /// Silent failure or not.
    pub silent: Rate,
    /// Who took the pod away.
    pub removal: Rate,
    /// Mean squared distance between probability and outcome.
    pub brier: f64,
    /// Sure, and wrong, where nobody could know.
    pub overclaimed: usize,
    /// Median time of one, in milliseconds.
    pub median_milliseconds: f64,
    /// The slowest, in milliseconds.
    pub slowest_milliseconds: f64,
}

impl Figures {
    /// Counts.
    pub fn over<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let all: Vec<&Outcome> = outcomes.into_iter().collect();
        let rate = |what: &dyn Fn(&Outcome) -> Option<bool>| Rate::over(all.iter().copied(), what);
        let mut times: Vec<f64> = all.iter().map(|o| o.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let squares: f64 = all.iter().map(|o| (o.probability - if o.right { 1.0 } else { 0.0 }).powi(2)).sum();
        Self {
            count: all.len(),
            top1: rate(&|o| Some(o.right)),
            top3: rate(&|o| Some(o.among_three)),
            answered: rate(&|o| o.answered),
            abstained: rate(&|o| o.abstained),
            decided: rate(&|o| o.decided),
            mechanism: rate(&|o| o.mechanism),
            container: rate(&|o| o.container),
            silent: rate(&|o| o.silent),
            removal: rate(&|o| o.removal),
            brier: if all.is_empty() { 0.0 } else { squares / all.len() as f64 },
            overclaimed: all.iter().filter(|o| o.overclaimed).count(),
            median_milliseconds: times.get(times.len() / 2).copied().unwrap_or(0.0),
            slowest_milliseconds: times.last().copied().unwrap_or(0.0),
        }
    }

    /// Figures of groups, by name.
    pub fn by(outcomes: &[Outcome], group: impl Fn(&Outcome) -> String) -> Vec<(String, Self)> {
        let mut groups: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
        for outcome in outcomes {
            groups.entry(group(outcome)).or_default().push(outcome);
        }
        groups.into_iter().map(|(name, list)| (name, Self::over(list))).collect()
    }
}

/// How often a word of confidence is right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// The word.
    pub word: Confidence,
    /// Verdicts with it that are right.
    pub right: Rate,
}

/// Precision of each word, the surest first.
pub fn words(outcomes: &[Outcome]) -> Vec<Word> {
    [Confidence::Confirmed, Confidence::Probable, Confidence::Possible, Confidence::None]
        .into_iter()
        .map(|word| Word { word, right: Rate::over(outcomes.iter().filter(|o| o.word == word), |o| Some(o.right)) })
        .collect()
}

/// Verdicts whose probability falls between two bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// From, included.
    pub from: f64,
    /// To, excluded but for 1.
    pub to: f64,
    /// Mean of the probabilities.
    pub mean: f64,
    /// How many are right.
    pub right: Rate,
}

/// Bounds of the bins, in tenths of a percent: finer where most verdicts are.
const BOUNDS: [u32; 8] = [0, 300, 500, 700, 800, 900, 950, 1000];

/// The reliability table.
pub fn bins(outcomes: &[Outcome]) -> Vec<Bin> {
    let bounds = BOUNDS.iter().zip(BOUNDS.iter().skip(1));
    bounds
        .map(|(from, to)| {
            let (from, to) = (f64::from(*from) / 1000.0, f64::from(*to) / 1000.0);
            let inside: Vec<&Outcome> = outcomes.iter().filter(|o| o.probability >= from && (o.probability < to || to >= 1.0)).collect();
            let sum: f64 = inside.iter().map(|o| o.probability).sum();
            let mean = if inside.is_empty() { 0.0 } else { sum / inside.len() as f64 };
            Bin { from, to, mean, right: Rate::over(inside, |o| Some(o.right)) }
        })
        .collect()
}

/// One cause taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// The labelled cause.
    pub truth: String,
    /// What was said.
    pub said: String,
    /// Where, as `case/stage`.
    pub stages: Vec<String>,
}

/// What was taken for what, the most frequent first.
pub fn confusion(outcomes: &[Outcome]) -> Vec<Confusion> {
    let mut pairs: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for o in outcomes.iter().filter(|o| !o.right) {
        pairs.entry((&o.truth, &o.said)).or_default().push(format!("{}/{}", o.case, o.stage));
    }
    let mut list: Vec<Confusion> =
        pairs.into_iter().map(|((truth, said), stages)| Confusion { truth: truth.to_owned(), said: said.to_owned(), stages }).collect();
    list.sort_by_key(|c| std::cmp::Reverse(c.stages.len()));
    list
}
