//! One cause against the facts: what speaks for it, what against, and what could not be seen.

use super::evaluate::{Outcome, evaluate, extend};
use super::ranking::{Confidence, Sign};
use super::rule::{Evidence, Rule};
use super::template;
use super::weights::Weight;
use crate::evidence::{Gap, Source};
use crate::reconstruct::{CitationId, Citations, Facts};

/// A cause that has something for it.
#[derive(Clone, Debug)]
pub struct Hypothesis<'a> {
    /// Its rule.
    pub rule: &'a Rule,
    /// Signs for it, strongest first. Of one group only the strongest weighs.
    pub supporting: Vec<Sign>,
    /// Signs against it, strongest first.
    pub against: Vec<Sign>,
    /// What could not be seen.
    pub unseen: Vec<Gap>,
    /// Sum: prior, groups for, groups against.
    pub own: f64,
    /// The strongest word that provenance allows this cause by itself.
    pub word: Confidence,
    /// The strongest word that its caps allow.
    pub cap: Confidence,
    /// Groups that hold a sign of at least `supporting`.
    pub groups: Vec<String>,
    /// Carried over from siblings.
    pub from_siblings: bool,
    /// Listed as possible, never the verdict.
    pub only_listed: bool,
}

/// Weighs a rule. `None`: it does not speak about this subject, a veto holds, or nothing speaks for it.
pub fn weigh<'a>(rule: &'a Rule, facts: &Facts, citations: &Citations) -> Option<Hypothesis<'a>> {
    if !rule.subject.include(facts.text("subject.kind")) {
        return None;
    }
    let mut unseen = Vec::new();
    let mut cap = Confidence::Confirmed;
    if let Some(required) = &rule.requires {
        match evaluate(required, facts) {
            Outcome::Held(_) => {}
            Outcome::Absent(_) => return None,
            // What was required could not be looked at: nobody can state this cause for certain.
            Outcome::Unseen(gaps) => {
                extend(&mut unseen, gaps);
                cap = cap.min(Confidence::Probable);
            }
        }
    }
    let (mut supporting, mut against, mut decided) = (Vec::new(), Vec::new(), false);
    let mut contradicted = false;
    for (n, sign) in rule.evidence.iter().enumerate() {
        match evaluate(&sign.when, facts) {
            Outcome::Absent(_) => {}
            Outcome::Unseen(gaps) => extend(&mut unseen, gaps),
            Outcome::Held(_) if sign.weight == Weight::Excludes => return None,
            Outcome::Held(cited) => {
                decided |= sign.weight == Weight::Decisive && stated(&cited, citations);
                contradicted |= sign.weight <= Weight::Against;
                let list = if sign.weight.is_for() { &mut supporting } else { &mut against };
                list.push(shown(sign, n, cited, facts));
            }
        }
    }
    if supporting.is_empty() {
        return None;
    }
    for limit in &rule.cap.0 {
        match evaluate(&limit.when, facts) {
            Outcome::Absent(_) => {}
            Outcome::Held(_) => cap = cap.min(limit.at.into()),
            Outcome::Unseen(gaps) => {
                extend(&mut unseen, gaps);
                cap = cap.min(limit.at.into());
            }
        }
    }
    let groups = independent(&supporting);
    let word = match (decided, contradicted) {
        (true, false) => Confidence::Confirmed,
        (false, false) if groups.len() >= 2 => Confidence::Probable,
        _ => Confidence::Possible,
    };
    let own = rule.prior.log_odds() + count_once(&mut supporting) + count_once(&mut against);
    Some(Hypothesis { rule, supporting, against, unseen, own, word, cap, groups, from_siblings: false, only_listed: false })
}

/// Whether a component with authority states it about this very container: nothing of it rests on the workload's word or on another pod.
fn stated(cited: &[CitationId], citations: &Citations) -> bool {
    let mut each = cited.iter().filter_map(|id| citations.get(*id)).peekable();
    each.peek().is_some() && each.all(|c| c.authority.is_authoritative() && c.source != Source::Sibling)
}

fn shown(sign: &Evidence, n: usize, cited: Vec<CitationId>, facts: &Facts) -> Sign {
    let group = sign.group.clone().unwrap_or_else(|| format!("sign {}", n + 1));
    Sign { says: template::sentence(&sign.says, facts), cited, weight: sign.weight.log_odds(), group }
}

/// Groups with a sign that is more than a passing fit.
fn independent(signs: &[Sign]) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    extend(&mut groups, signs.iter().filter(|s| s.weight >= Weight::Supporting.log_odds()).map(|s| s.group.clone()));
    groups
}

/// Orders signs by weight, leaves each group its strongest, and sums up. The others of a group stay visible and weigh nothing.
pub fn count_once(signs: &mut [Sign]) -> f64 {
    signs.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    let mut counted: Vec<String> = Vec::new();
    let mut sum = 0.0;
    for sign in signs {
        if counted.contains(&sign.group) {
            sign.weight = 0.0;
        } else {
            counted.push(sign.group.clone());
            sum += sign.weight;
        }
    }
    sum
}
