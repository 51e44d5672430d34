//! Order of causes, citations that exist, words that rest on something, and five suspects that are all placed.

use a2::diagnosis::Investigation;
use a2::reconstruct::CitationId;
use a2::rules::Confidence;

use super::corpus::{over, stages};

pub const SUSPECTS: [&str; 5] = ["oom", "panic", "timeout", "dependency", "error"];

#[test]
fn causes_are_in_order_and_rest_on_citations_that_exist() {
    over("integrity", stages(), |stage| sound(&stage.base));
}

#[test]
fn every_report_places_all_five_suspects() {
    over("suspects", stages(), |stage| placed(&stage.base));
}

/// What is wrong with the causes of a report.
pub fn sound(report: &Investigation) -> Vec<String> {
    let mut wrong = Vec::new();
    let known = report.history.citations.all().len();
    let exists = |id: &CitationId| id.0 < known;
    for cause in &report.causes {
        let id = &cause.cause;
        if cause.supporting.iter().chain(&cause.against).flat_map(|s| &s.cited).any(|c| !exists(c)) {
            wrong.push(format!("{id} cites what does not exist"));
        }
        if cause.confidence > Confidence::Possible && cause.supporting.iter().all(|s| s.cited.is_empty()) {
            wrong.push(format!("{id} is {} and cites nothing for it", cause.confidence.word()));
        }
        if cause.supporting.is_empty() {
            wrong.push(format!("{id} is listed with nothing for it"));
        }
    }
    let cited = report.history.facts.iter().flat_map(|(_, f)| f.values.iter().flat_map(|(_, c)| c).chain(&f.shown_absent_by));
    if cited.chain(report.history.timeline.iter().map(|t| &t.cited)).chain(report.suspects.iter().flat_map(|s| &s.cited)).any(|c| !exists(c)) {
        wrong.push("a fact, a suspect or the timeline cites what does not exist".to_owned());
    }
    let path = report.causes.iter().take_while(|c| c.on_path).count();
    if report.causes.iter().skip(path).any(|c| c.on_path) {
        wrong.push("the winning path does not come first".to_owned());
    }
    if report.verdict.cause == "unknown" {
        if path > 0 || report.verdict.confidence != Confidence::None {
            wrong.push(format!("unknown with a winning path or the word {}", report.verdict.confidence.word()));
        }
    } else if report.causes.first().is_none_or(|c| c.cause != report.verdict.cause || !c.on_path || c.confidence != report.verdict.confidence) {
        wrong.push("the verdict is not the root of the first path".to_owned());
    }
    let rivals: Vec<f64> = report.causes.iter().skip(path).map(|c| c.probability).collect();
    if rivals.windows(2).any(|w| w[0] < w[1]) {
        wrong.push(format!("rivals do not fall: {rivals:?}"));
    }
    let sum: f64 = report.causes.iter().map(|c| c.probability).sum();
    if sum > 1.0 + 1e-6 || report.causes.iter().any(|c| !(0.0..=1.0).contains(&c.probability)) {
        wrong.push(format!("probabilities sum to {sum}"));
    }
    wrong
}

/// What is wrong with the suspects of a report.
pub fn placed(report: &Investigation) -> Vec<String> {
    let mut wrong = Vec::new();
    let families: Vec<&str> = report.suspects.iter().map(|s| s.family).collect();
    if families != SUSPECTS {
        wrong.push(format!("suspects are {families:?}"));
    }
    for s in &report.suspects {
        let known = ["supported", "contradicted", "no-evidence", "not-knowable"].contains(&s.standing);
        if !known || s.note.trim().is_empty() {
            wrong.push(format!("{} stands {:?}: {:?}", s.family, s.standing, s.note));
        }
        if matches!(s.standing, "supported" | "contradicted") && s.cited.is_empty() {
            wrong.push(format!("{} is {} and cites nothing ({})", s.family, s.standing, s.note));
        }
    }
    // What the verdict says is not contradicted among the suspects.
    let prefix = report.verdict.cause.split('.').next().unwrap_or_default();
    let own = match prefix {
        "oom" => "oom",
        "crash" => "panic",
        "timeout" | "probe" => "timeout",
        "dependency" => "dependency",
        "error" | "config" => "error",
        _ => return wrong,
    };
    if report.suspects.iter().any(|s| s.family == own && s.standing != "supported") {
        wrong.push(format!("the verdict is {} and suspect {own} is not supported", report.verdict.cause));
    }
    wrong
}
