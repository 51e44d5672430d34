//! From an evaluation to its document.

use std::collections::BTreeMap;

use super::v1;
use crate::evaluation::{self as domain, LeftOut, Outcome};

/// The document of an evaluation.
pub fn evaluation(found: &domain::Evaluation) -> v1::Evaluation {
    let outcomes = &found.outcomes;
    let group = |(name, figures): (String, domain::Figures)| v1::Group { name, figures: self::figures(&figures) };
    v1::Evaluation {
        api_version: v1::API_VERSION,
        kind: "Evaluation",
        cases: found.cases,
        recorded_from: found.recorded.map(|(from, _)| v1::Stamp(from)),
        recorded_to: found.recorded.map(|(_, to)| v1::Stamp(to)),
        servers: found.servers.clone(),
        figures: figures(&domain::Figures::over(outcomes)),
        by_stage: domain::Figures::by(outcomes, |o| o.stage.clone()).into_iter().map(group).collect(),
        by_family: domain::Figures::by(outcomes, |o| o.family().to_owned()).into_iter().map(group).collect(),
        words: domain::words(outcomes).into_iter().map(|w| v1::WordRow { word: w.word.word().to_owned(), right: share(w.right) }).collect(),
        bins: domain::bins(outcomes).into_iter().map(|b| v1::BinRow { from: b.from, to: b.to, mean: round(b.mean), right: share(b.right) }).collect(),
        confusion: domain::confusion(outcomes).into_iter().map(|c| v1::ConfusionRow { truth: c.truth, said: c.said, stages: c.stages }).collect(),
        left_out: left_out(&found.left_out),
        outcomes: outcomes.iter().map(outcome).collect(),
    }
}

fn share(rate: domain::Rate) -> v1::Share {
    v1::Share { right: rate.right, of: rate.of, share: rate.share().map(round) }
}

/// Four digits: more would only be noise of the floating point.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn figures(f: &domain::Figures) -> v1::Figures {
    v1::Figures {
        count: f.count,
        top1: share(f.top1),
        top3: share(f.top3),
        answered: share(f.answered),
        abstained: share(f.abstained),
        decided: share(f.decided),
        mechanism: share(f.mechanism),
        container: share(f.container),
        silent: share(f.silent),
        removal: share(f.removal),
        brier: round(f.brier),
        overclaimed: f.overclaimed,
        median_milliseconds: round(f.median_milliseconds),
        slowest_milliseconds: round(f.slowest_milliseconds),
    }
}

fn left_out(all: &[LeftOut]) -> Vec<v1::LeftOutRow> {
    let mut groups: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
    for one in all {
        groups.entry(&one.left_out).or_default().push(one);
    }
    let row = |(family, list): (&str, Vec<&LeftOut>)| {
        let mut said: BTreeMap<String, usize> = BTreeMap::new();
        for one in &list {
            *said.entry(format!("{} ({})", one.said, one.word.word())).or_default() += 1;
        }
        let mut said: Vec<(usize, String)> = said.into_iter().map(|(what, n)| (n, what)).collect();
        said.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let honest = domain::Rate { right: list.iter().filter(|l| l.honest).count(), of: list.len() };
        v1::LeftOutRow {
            family: family.to_owned(),
            count: list.len(),
            honest: share(honest),
            overclaimed: list.iter().filter(|l| l.overclaimed).count(),
            said: said.into_iter().map(|(n, what)| if n > 1 { format!("{n} × {what}") } else { what }).collect(),
        }
    };
    groups.into_iter().map(row).collect()
}

fn outcome(o: &Outcome) -> v1::OutcomeRow {
    v1::OutcomeRow {
        case: o.case.clone(),
        stage: o.stage.clone(),
        truth: o.truth.clone(),
        said: o.said.clone(),
        confidence: o.word.word().to_owned(),
        probability: round(o.probability),
        right: o.right,
        milliseconds: round(o.milliseconds),
    }
}
