//! Chains: one cause may stand behind another. Hypotheses that compete are paths, from the root to the last thing it explains.

use super::evaluate::evaluate;
use super::hypothesis::Hypothesis;
use super::weights::{LINK_COST, UNKNOWN_BASELINE};
use crate::reconstruct::Facts;

/// A path: indexes of hypotheses, root first.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Root first.
    pub links: Vec<usize>,
    /// The root's own sum, that of all it explains, and the cost of each link.
    pub score: f64,
    /// Its share of the whole, with `unknown`.
    pub probability: f64,
}

/// Longest story told: a root and what it explains, step by step.
const LONGEST: usize = 4;
/// More paths than any real case has; a bound against rules that explain everything.
const MOST: usize = 4096;

/// All paths through the evidenced hypotheses, with their probabilities, and the share of `unknown`.
pub fn paths(hypotheses: &[Hypothesis], facts: &Facts) -> (Vec<Path>, f64) {
    let edges: Vec<Vec<usize>> = hypotheses
        .iter()
        .map(|h| {
            // A mere fit may be a rival, never what stands behind another.
            if h.groups.is_empty() {
                return Vec::new();
            }
            let held = h.rule.explains.iter().filter(|e| e.when.as_ref().is_none_or(|when| evaluate(when, facts).is_held()));
            held.filter_map(|e| hypotheses.iter().position(|other| other.rule.cause == e.cause)).collect()
        })
        .collect();
    let mut all = Vec::new();
    for root in 0..hypotheses.len() {
        grow(&mut vec![root], hypotheses, &edges, &mut all);
    }
    let scores: Vec<f64> = all.iter().map(|p| p.score).chain([UNKNOWN_BASELINE]).collect();
    let mut shares = softmax(&scores);
    let unknown = shares.pop().unwrap_or(1.0);
    for (path, share) in all.iter_mut().zip(shares) {
        path.probability = share;
    }
    (all, unknown)
}

fn grow(links: &mut Vec<usize>, hypotheses: &[Hypothesis], edges: &[Vec<usize>], all: &mut Vec<Path>) {
    if all.len() >= MOST {
        return;
    }
    let sum: f64 = links.iter().filter_map(|i| hypotheses.get(*i)).map(|h| h.own).sum();
    let cost = LINK_COST * (links.len() as f64 - 1.0);
    all.push(Path { links: links.clone(), score: sum - cost, probability: 0.0 });
    if links.len() >= LONGEST {
        return;
    }
    for next in links.last().and_then(|last| edges.get(*last)).into_iter().flatten() {
        if !links.contains(next) {
            links.push(*next);
            grow(links, hypotheses, edges, all);
            links.pop();
        }
    }
}

/// Shares that sum to 1.
pub fn softmax(scores: &[f64]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return vec![1.0 / scores.len().max(1) as f64; scores.len()];
    }
    let raw: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|r| r / sum).collect()
}
