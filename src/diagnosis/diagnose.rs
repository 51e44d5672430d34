//! From a case to an investigation: synchronous, no I/O, no clock; the same case gives the same bytes.

use std::collections::BTreeSet;

use super::done::definition_of_done;
use super::fingerprint::fingerprint;
use super::headline::headline;
use super::investigation::{Investigation, Verdict};
use super::kin;
use super::steps::next_steps;
use super::suspects::suspects;
use crate::evidence::{CaseFile, Gap, Pod, Target};
use crate::reconstruct::{History, Judged, JudgedPod, SubjectKind, Value, reconstruct, signal_of};
use crate::rules::{Judgement, RuleSet, judge};
use crate::signatures::with_own;

/// Diagnoses a case. Siblings and peers are judged first, each as its own subject; their causes are facts about the target.
pub fn diagnose(case: CaseFile, rules: &RuleSet) -> Investigation {
    with_own(rules.signatures(), || {
        let case = case.in_order();
        let judged = judge_others(&case, rules);
        let history = reconstruct(&case, &judged);
        let judgement = judge(rules, &history.facts, &history.citations);
        investigation(case, history, judgement)
    })
}

/// Judges the other pods of the case (depth one, same rules).
fn judge_others(case: &CaseFile, rules: &RuleSet) -> Judged {
    let mut judged = Judged::default();
    let peers = case.peers.iter().filter_map(|p| p.pod.as_ref());
    for pod in case.siblings.iter().chain(peers) {
        judged.pods.entry(pod.name.clone()).or_insert_with(|| judge_one(case, pod, rules));
    }
    judged
}

fn judge_one(case: &CaseFile, pod: &Pod, rules: &RuleSet) -> JudgedPod {
    let target = Target { namespace: pod.namespace.clone(), name: pod.name.clone(), uid: Some(pod.uid.clone()) };
    let mut options = case.options.clone();
    options.container = None;
    let mut sub = CaseFile::new(target, options, case.observed_at);
    sub.pod = Some(pod.clone());
    sub.events = case.events.iter().filter(|e| e.about.name == pod.name || e.about.kind != "Pod").cloned().collect();
    if case.node.as_ref().map(|n| &n.name) == pod.node.as_ref() {
        sub.node.clone_from(&case.node);
        sub.node_events.clone_from(&case.node_events);
    }
    sub.logs = case.logs.iter().filter(|l| l.pod == pod.name).cloned().collect();
    // Nobody asked for these: it is no gap of the target's.
    let history = reconstruct(&sub, &Judged::default());
    let judgement = judge(rules, &history.facts, &history.citations);
    let death = history.subject.death.and_then(|i| history.deaths.get(i));
    let failed = !judgement.cause.starts_with("healthy.") && matches!(history.subject.kind, SubjectKind::Death | SubjectKind::Waiting | SubjectKind::Rejected);
    let mut said = BTreeSet::new();
    for name in ["log.cause", "log.live_cause", "log.repeated_cause", "log.earlier_cause"] {
        for (value, _) in history.facts.get(name).into_iter().flat_map(|f| &f.values) {
            if let Value::Text(cause) = value {
                said.insert(cause.clone());
            }
        }
    }
    JudgedPod {
        cause: judgement.cause,
        mechanism: history.subject.mechanism.word(),
        exit_code: death.and_then(|d| d.exit_code),
        reason: death.and_then(|d| d.reason.clone()),
        ended: death.and_then(|d| d.finished),
        said: said.into_iter().collect(),
        failed,
    }
}

fn investigation(case: CaseFile, mut history: History, judgement: Judgement) -> Investigation {
    let death = history.subject.death.and_then(|i| history.deaths.get(i));
    let exit_code = death.and_then(|d| d.exit_code);
    let mechanism_has_signal = death.is_some_and(|d| !matches!(d.mechanism, crate::reconstruct::Mechanism::NotStarted | crate::reconstruct::Mechanism::Lost));
    let verdict = Verdict {
        headline: headline(&case, &history, &judgement),
        cause: judgement.cause.clone(),
        confidence: judgement.confidence,
        probability: judgement.probability,
        container: history.subject.container.clone(),
        exit_code,
        signal: exit_code.filter(|_| mechanism_has_signal).and_then(signal_of).map(str::to_owned),
        reason: death.and_then(|d| d.reason.clone()),
    };
    let mut gaps: Vec<Gap> = case.gaps.iter().chain(&history.gaps).chain(judgement.causes.iter().flat_map(|c| &c.unseen)).cloned().collect();
    gaps.sort();
    gaps.dedup_by(|a, b| (a.kind, &a.resource, &a.what) == (b.kind, &b.resource, &b.what));
    let kin = kin::of(&case, &history);
    let definition_of_done = definition_of_done(&case, &mut history, &judgement);
    Investigation {
        suspects: suspects(&history, &judgement),
        next_steps: next_steps(&case, &history, &judgement, &gaps),
        definition_of_done,
        fingerprint: fingerprint(&case.target.namespace, &kin, verdict.container.as_deref(), &judgement.cause),
        kin,
        sources: case.sources.clone(),
        gaps,
        hints: judgement.hints,
        explanation: judgement.explanation,
        causes: judgement.causes,
        verdict,
        history,
        case,
    }
}
