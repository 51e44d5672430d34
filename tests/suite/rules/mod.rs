//! The engine and its built-in rules.

mod builtin;
mod chains;
mod conditions;
mod documents;
mod errors;
mod own_signatures;
mod properties;
mod provenance;
mod remedies;
mod siblings;
mod texts;
mod user_rules;

use std::path::{Path, PathBuf};

use a2::evidence::{Authority, Citation, Gap, GapKind, Source};
use a2::reconstruct::{CitationId, Citations, Facts, Value};
use a2::rules::{Judgement, RankedCause, RuleSet, judge};

/// The files of the built-in rules: `(path, text)`, by name.
pub fn builtin_files() -> Vec<(PathBuf, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/builtin");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|p| (p.clone(), std::fs::read_to_string(&p).unwrap())).collect()
}

/// Facts under construction, each value with a citation of its own.
#[derive(Default)]
pub struct Case {
    pub facts: Facts,
    pub citations: Citations,
}

impl Case {
    /// A case about this kind of subject.
    pub fn of(kind: &str) -> Self {
        Self::default().kubelet("subject.kind", kind)
    }

    pub fn kubelet(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.by(name, value, Source::Pod, Authority::Kubelet)
    }

    pub fn log(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.by(name, value, Source::Log, Authority::Workload)
    }

    pub fn sibling(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.by(name, value, Source::Sibling, Authority::Kubelet)
    }

    pub fn by(mut self, name: &'static str, value: impl Into<Value>, source: Source, authority: Authority) -> Self {
        let value = value.into();
        let id = self.cite(name, &value.to_string(), source, authority);
        self.facts.hold(name, value, [id]);
        self
    }

    pub fn unseen(mut self, name: &'static str) -> Self {
        self.facts.unseen(name, gap(name));
        self
    }

    fn cite(&mut self, field: &str, text: &str, source: Source, authority: Authority) -> CitationId {
        self.citations.cite(Citation { source, object: "Pod/ns/p".into(), field: field.into(), time: None, text: text.into(), authority })
    }

    /// By the built-in rules.
    pub fn judge(&self) -> Judgement {
        self.judge_by(RuleSet::builtin())
    }

    pub fn judge_by(&self, rules: &RuleSet) -> Judgement {
        judge(rules, &self.facts, &self.citations)
    }
}

pub fn gap(what: &str) -> Gap {
    Gap::new(GapKind::Forbidden, "list", "events", what, "forbidden")
}

/// One cause of a judgement.
pub fn cause<'a>(judgement: &'a Judgement, id: &str) -> &'a RankedCause {
    judgement.causes.iter().find(|c| c.cause == id).unwrap_or_else(|| panic!("{id} is not listed: {:?}", judgement.explanation))
}

/// A set of one rule: what matters of it, the rest filled in.
pub fn rules(texts: &[&str]) -> RuleSet {
    RuleSet::parse(texts.iter().map(|t| ("test.yaml", *t))).unwrap_or_else(|e| panic!("{e}"))
}
