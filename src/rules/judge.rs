//! The verdict: the root of the path that the evidence carries best, or `unknown`.

use std::collections::BTreeMap;

use super::causes::UNKNOWN;
use super::chain::{self, Path};
use super::evaluate::{evaluate, extend};
use super::hints::remarks;
use super::hypothesis::{self, Hypothesis};
use super::ranking::{Confidence, RankedCause, Remedy};
use super::set::RuleSet;
use super::siblings;
use super::template;
use super::weights::{CLOSE, CONVINCING, UNKNOWN_BASELINE, Weight};
use crate::reconstruct::{Citations, Facts};

/// What the rules make of the facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Cause id, or `unknown`.
    pub cause: String,
    /// Of that cause; for `unknown` its own share.
    pub probability: f64,
    /// Word.
    pub confidence: Confidence,
    /// The winning path, root first, then rivals by falling probability. With the share of `unknown` their probabilities sum to 1.
    pub causes: Vec<RankedCause>,
    /// Ids of the winning path, root first; empty for `unknown`.
    pub path: Vec<String>,
    /// Share of `unknown`.
    pub unknown: f64,
    /// Remarks on the spec, tied to the verdict.
    pub hints: Vec<String>,
    /// How the sum came about, one line a hypothesis.
    pub explanation: Vec<String>,
}

/// Judges a case. Pure: the same facts give the same judgement.
pub fn judge(rules: &RuleSet, facts: &Facts, citations: &Citations) -> Judgement {
    let mut hypotheses: Vec<Hypothesis> = rules.iter().filter_map(|rule| hypothesis::weigh(rule, facts, citations)).collect();
    siblings::carry_over(rules, facts, &mut hypotheses);
    let (paths, unknown) = chain::paths(&hypotheses, facts);
    let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
    for path in &paths {
        if let Some(root) = path.links.first() {
            *shares.entry(*root).or_default() += path.probability;
        }
    }
    let share = |i: usize| shares.get(&i).copied().unwrap_or(0.0);
    let mut order: Vec<usize> = (0..hypotheses.len()).collect();
    order.sort_by(|a, b| share(*b).total_cmp(&share(*a)).then_with(|| id(&hypotheses, *a).cmp(id(&hypotheses, *b))));

    let winner = order.iter().copied().find(|i| !hypotheses.get(*i).is_none_or(|h| h.only_listed)).filter(|i| share(*i) > unknown && share(*i) >= CONVINCING);
    let path = winner.and_then(|w| best_path(&paths, w)).map(|p| p.links.clone()).unwrap_or_default();
    let mut listed = path.clone();
    extend(&mut listed, order.iter().copied());

    let runner_up = order.iter().copied().filter(|i| Some(*i) != winner).map(share).fold(0.0, f64::max);
    let causes: Vec<RankedCause> = listed
        .iter()
        .filter_map(|i| {
            let h = hypotheses.get(*i)?;
            let on_path = path.contains(i);
            let word = match winner {
                Some(w) if w == *i => verdict_word(h, &path, &hypotheses, share(w) - runner_up),
                _ if on_path => h.word.min(h.cap),
                // Two answers cannot both be sure: a rival is possible at most.
                _ => h.word.min(h.cap).min(Confidence::Possible),
            };
            Some(ranked(h, share(*i), word, on_path, facts))
        })
        .collect();
    let confidence = winner.and(causes.first()).map_or(Confidence::None, |c| c.confidence);
    let hints = path.iter().filter_map(|i| hypotheses.get(*i)).flat_map(|h| h.rule.hints.iter());
    let mut said: Vec<String> = Vec::new();
    extend(&mut said, hints.filter(|hint| evaluate(&hint.when, facts).is_held()).map(|hint| template::sentence(&hint.says, facts)));
    let named: Vec<&str> = path.iter().map(|i| id(&hypotheses, *i)).collect();
    extend(&mut said, remarks(named.first().copied().unwrap_or(UNKNOWN), &named, facts));
    Judgement {
        cause: winner.map_or(UNKNOWN, |w| id(&hypotheses, w)).to_owned(),
        probability: winner.map_or(unknown, share),
        confidence,
        path: path.iter().map(|i| id(&hypotheses, *i).to_owned()).collect(),
        explanation: explain(&hypotheses, &paths, &listed, &share, unknown),
        causes,
        unknown,
        hints: said,
    }
}

fn id<'a>(hypotheses: &'a [Hypothesis], i: usize) -> &'a str {
    hypotheses.get(i).map_or("", |h| h.rule.cause.as_str())
}

fn best_path(paths: &[Path], root: usize) -> Option<&Path> {
    let better = |a: &&Path, b: &&Path| a.score.total_cmp(&b.score).then(b.links.len().cmp(&a.links.len())).then_with(|| b.links.cmp(&a.links));
    paths.iter().filter(|p| p.links.first() == Some(&root)).max_by(better)
}

/// The word follows provenance: who states it, how many independent signs there are, and whether something contradicts.
fn verdict_word(root: &Hypothesis, path: &[usize], hypotheses: &[Hypothesis], margin: f64) -> Confidence {
    let mut word = root.word;
    if word == Confidence::Possible && !root.against.iter().any(|s| s.weight <= Weight::Against.log_odds()) {
        // What the root explains was seen independently of it, and agrees.
        let mut groups = root.groups.clone();
        extend(&mut groups, path.iter().skip(1).filter_map(|i| hypotheses.get(*i)).flat_map(|h| h.groups.iter().cloned()));
        if !root.groups.is_empty() && groups.len() >= 2 {
            word = Confidence::Probable;
        }
    }
    if margin < CLOSE {
        word = match word {
            Confidence::Confirmed => Confidence::Probable,
            _ => Confidence::Possible,
        };
    }
    word.min(root.cap)
}

fn ranked(h: &Hypothesis, probability: f64, confidence: Confidence, on_path: bool, facts: &Facts) -> RankedCause {
    let mut remedy: Vec<Remedy> = h
        .rule
        .remedy
        .iter()
        .filter(|r| r.when.as_ref().is_none_or(|when| evaluate(when, facts).is_held()))
        .map(|r| Remedy {
            action: template::sentence(&r.action, facts),
            priority: r.priority.into(),
            risk: r.risk.word(),
            patch: r.patch.as_ref().map(|p| template::patch(p, facts)),
        })
        .collect();
    remedy.sort_by_key(|r| r.priority);
    RankedCause {
        cause: h.rule.cause.clone(),
        title: h.rule.title.clone(),
        probability,
        confidence,
        supporting: h.supporting.clone(),
        against: h.against.clone(),
        unseen: h.unseen.clone(),
        would_confirm: h.rule.confirm_with.iter().map(|c| template::command(c, facts)).collect(),
        remedy,
        on_path,
        from_siblings: h.from_siblings,
    }
}

fn explain(hypotheses: &[Hypothesis], paths: &[Path], listed: &[usize], share: &impl Fn(usize) -> f64, unknown: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for i in listed {
        let Some(h) = hypotheses.get(*i) else { continue };
        let mut line = format!("{}: prior {:+.1}", h.rule.cause, h.rule.prior.log_odds());
        for sign in h.supporting.iter().chain(&h.against).filter(|s| s.weight != 0.0) {
            line.push_str(&format!(" {} {:+.1}", sign.group, sign.weight));
        }
        line.push_str(&format!(" = {:+.1}", h.own));
        if let Some(best) = best_path(paths, *i).filter(|p| p.links.len() > 1) {
            let behind: Vec<&str> = best.links.iter().skip(1).map(|l| id(hypotheses, *l)).collect();
            line.push_str(&format!("; behind {} {:+.1}", behind.join(" and "), best.score));
        }
        line.push_str(&format!("; probability {:.3}", share(*i)));
        lines.push(line);
    }
    lines.push(format!("unknown: baseline {UNKNOWN_BASELINE:+.1}; probability {unknown:.3}"));
    lines
}
