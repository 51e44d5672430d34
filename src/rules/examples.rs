//! Trying the examples that rules and signatures carry.

use super::judge::judge;
use super::set::RuleSet;
use super::signature_file::SignatureFile;
use crate::signatures::{Scope, hits, with_own};

/// What came of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Cause or signature id.
    pub of: String,
    /// `yes 1`, `no 2`.
    pub example: String,
    /// Whether it led where it says.
    pub passed: bool,
    /// What it led to.
    pub led_to: String,
}

/// Tries the examples of the rules of these causes, and of these files of signatures, with all rules of the set.
pub fn try_examples(rules: &RuleSet, causes: &[&str], files: &[SignatureFile]) -> Vec<Tried> {
    let mut tried = Vec::new();
    for rule in causes.iter().filter_map(|cause| rules.get(cause)) {
        // Of a rule that a file of one's own adds to, that file's examples are meant.
        let own = !rules.files_of(&rule.cause).is_empty();
        let examples = if own { rule.examples.clone() } else { rules.prose(&rule.cause).examples };
        for (list, want, word) in [(&examples.yes, true, "yes"), (&examples.no, false, "no")] {
            for (n, example) in list.iter().enumerate() {
                let (facts, citations) = example.facts(rule.subject.first());
                let judged = judge(rules, &facts, &citations);
                tried.push(Tried {
                    of: rule.cause.clone(),
                    example: format!("{word} {}", n + 1),
                    passed: (judged.cause == rule.cause) == want,
                    led_to: format!("{}, {}: {}", judged.cause, judged.confidence.word(), judged.explanation.join("; ")),
                });
            }
        }
    }
    with_own(rules.signatures(), || {
        for signature in files.iter().flat_map(|f| &f.signatures) {
            for (list, want, word) in [(&signature.examples.yes, true, "yes"), (&signature.examples.no, false, "no")] {
                for (n, line) in list.iter().enumerate() {
                    let found = matching(line);
                    tried.push(Tried {
                        of: signature.id.clone(),
                        example: format!("{word} {}", n + 1),
                        passed: found.contains(&signature.id.as_str()) == want,
                        led_to: if found.is_empty() { "no signature matches".to_owned() } else { format!("matched by {}", found.join(", ")) },
                    });
                }
            }
        }
    });
    tried
}

fn matching(line: &str) -> Vec<&'static str> {
    [Scope::Log, Scope::Platform, Scope::Kernel].into_iter().flat_map(|scope| hits(scope, line, 0)).map(|hit| hit.signature.id).collect()
}
