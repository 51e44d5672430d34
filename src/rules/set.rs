//! The rules in force: the built-in ones, and those of one's own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::causes;
use super::example::Examples;
use super::parse::{self, RuleError};
use super::rule::Rule;
use super::signature_file;
use super::weights::Weight;
use crate::signatures::{MADE_HERE, Own, signatures};

/// Rules by cause id, with the signatures of one's own.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: BTreeMap<String, Rule>,
    signatures: Own,
    files: BTreeMap<String, Vec<String>>,
    notes: Vec<String>,
    warnings: Vec<String>,
}

/// Whether a file holds signatures instead of a rule. Read from its lines, so that a broken file is told the right thing.
pub fn is_signature_file(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("signatures:"))
}

/// What people read of a rule, and its examples. Kept apart from the built-in rules, so that a run that explains nothing does not read it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Prose {
    /// What it means and how it comes about.
    #[serde(default)]
    pub why: String,
    /// Where the facts behind it are documented.
    #[serde(default)]
    pub references: Vec<String>,
    /// Facts that must, and that must not, lead to it.
    #[serde(default)]
    pub examples: Examples,
}

/// Made by the build script from `builtin/*.yaml`: the YAML is read once, when a2 is built.
const BUILTIN: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.json"));
const PROSE: &str = include_str!(concat!(env!("OUT_DIR"), "/rules_prose.json"));

impl RuleSet {
    /// The built-in rules. What is wrong in them is found by the tests; a damaged build has no rules and says `unknown`.
    pub fn builtin() -> &'static Self {
        static SET: OnceLock<RuleSet> = OnceLock::new();
        SET.get_or_init(|| {
            let rules: Vec<Rule> = serde_json::from_str(BUILTIN).unwrap_or_default();
            Self { rules: rules.into_iter().map(|r| (r.cause.clone(), r)).collect(), ..Self::default() }
        })
    }

    /// A set of these rules alone: `(file name, text)`.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RuleError> {
        Self::default().with_user_files(files)
    }

    /// This set with files of one's own: `(file name, text)`. A file holds one rule or a list of signatures. A rule for a cause that has one already adds to
    /// it: it may change the weight of a sign, never take away a veto.
    ///
    /// # Errors
    /// The first file that cannot be used, with the place and the mend.
    pub fn with_user_files<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RuleError> {
        let (mut rules, mut signature_files) = (Vec::new(), Vec::new());
        for (file, text) in files {
            if is_signature_file(text) {
                signature_files.push((file, text, signature_file::parse(file, text)?));
            } else {
                rules.push((file, text, parse::parse(file, text)?));
            }
        }
        let declared = rules.iter().filter(|(_, _, r)| r.meaning.is_some()).map(|(_, _, r)| r.cause.as_str());
        let known: Vec<&str> = causes::CAUSES.iter().map(|(id, _)| *id).chain(self.rules.keys().map(String::as_str)).chain(declared).collect();
        let mut set = self.clone();
        for (file, text, parsed) in signature_files {
            signature_file::check(file, text, &parsed, &known)?;
            for noise in parsed.signatures.iter().filter(|s| s.role == signature_file::RoleWord::Noise) {
                set.warnings.push(format!("{file}: lines that match {} are read as harmless", noise.id));
            }
            signature_file::add(file, text, parsed, &mut set.signatures)?;
        }
        let ids: Vec<&str> = set.signature_ids().collect();
        for (file, text, rule) in &rules {
            parse::check_ids(file, text, rule, &known, &ids)?;
        }
        for (file, text, rule) in rules {
            let cause = rule.cause.clone();
            set.add(file, rule);
            if let Some(cycle) = set.cycle() {
                return Err(RuleError::at_word(file, text, &cause, format!("causes that explain each other in a circle: {}", cycle.join(" → "))));
            }
        }
        Ok(set)
    }

    /// Ids of all signatures that a condition may name.
    pub fn signature_ids(&self) -> impl Iterator<Item = &'static str> {
        signatures().iter().map(|s| s.id).chain(MADE_HERE.iter().map(|(id, _)| *id)).chain(self.signatures.iter().map(|s| s.id))
    }

    /// Signatures of one's own.
    pub fn signatures(&self) -> &Own {
        &self.signatures
    }

    /// The files of one's own that made or changed the rule of a cause.
    pub fn files_of(&self, cause: &str) -> &[String] {
        self.files.get(cause).map_or(&[], Vec::as_slice)
    }

    /// All rules, by cause id.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule of a cause.
    pub fn get(&self, cause: &str) -> Option<&Rule> {
        self.rules.get(cause)
    }

    /// Number of rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What was done with files that add to a rule, for the user.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What was not done as a file of one's own asked, or makes a2 see less: worth a word on every run.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// This set without the rules of a family (`oom`) or of one cause (`oom.node`), for `a2 evaluate --leave-out`.
    pub fn without(&self, what: &str) -> Self {
        let mut set = self.clone();
        set.rules.retain(|cause, _| cause != what && cause.split('.').next() != Some(what));
        set
    }

    /// Explanation, references and examples of a rule.
    pub fn prose(&self, cause: &str) -> Prose {
        static ALL: OnceLock<BTreeMap<String, Prose>> = OnceLock::new();
        let builtin = ALL.get_or_init(|| serde_json::from_str(PROSE).unwrap_or_default());
        let mut prose = builtin.get(cause).cloned().unwrap_or_default();
        if let Some(own) = self.rules.get(cause) {
            if !own.why.is_empty() {
                prose.why = own.why.clone();
            }
            prose.references.extend(own.references.iter().cloned());
            prose.examples.yes.extend(own.examples.yes.iter().cloned());
            prose.examples.no.extend(own.examples.no.iter().cloned());
        }
        prose
    }

    fn add(&mut self, file: &str, own: Rule) {
        self.files.entry(own.cause.clone()).or_default().push(file.to_owned());
        let Some(base) = self.rules.get_mut(&own.cause) else {
            self.rules.insert(own.cause.clone(), own);
            return;
        };
        self.notes.push(format!("{file} adds to the rule of {}", own.cause));
        for sign in own.evidence {
            match base.evidence.iter_mut().find(|e| e.when == sign.when) {
                Some(old) if old.weight == Weight::Excludes && sign.weight != Weight::Excludes => {
                    let warning = format!("{file}: a veto of {} stays: “{}” excludes it", own.cause, old.says);
                    self.notes.push(warning.clone());
                    self.warnings.push(warning);
                }
                Some(old) => *old = sign,
                None => base.evidence.push(sign),
            }
        }
        if let Some(requires) = own.requires {
            base.requires = Some(match base.requires.take() {
                Some(old) => super::condition::Condition::All(vec![old, requires]),
                None => requires,
            });
        }
        base.explains.extend(own.explains);
        base.cap.0.extend(own.cap.0);
        base.confirm_with.extend(own.confirm_with);
        base.remedy.extend(own.remedy);
        base.hints.extend(own.hints);
        base.title = own.title;
        base.why = own.why;
        base.references = own.references;
        base.examples = own.examples;
    }

    /// A circle in `explains`, if there is one.
    pub fn cycle(&self) -> Option<Vec<String>> {
        let mut done = Vec::new();
        self.rules.keys().find_map(|start| self.circle_from(start, &mut Vec::new(), &mut done))
    }

    fn circle_from<'a>(&'a self, at: &'a str, path: &mut Vec<&'a str>, done: &mut Vec<&'a str>) -> Option<Vec<String>> {
        if let Some(from) = path.iter().position(|p| *p == at) {
            return Some(path.iter().skip(from).chain([&at]).map(|s| (*s).to_owned()).collect());
        }
        if done.contains(&at) {
            return None;
        }
        path.push(at);
        let next = self.rules.get(at).into_iter().flat_map(|r| r.explains.iter());
        let found = next.map(|e| e.cause.as_str()).find_map(|cause| self.circle_from(cause, path, done));
        path.pop();
        done.push(at);
        found
    }
}
