//! Every built-in rule: well-formed, complete, and true to its own examples.

use a2::rules::{RuleSet, causes, judge};

use super::builtin_files;

#[test]
fn every_file_passes_the_strict_reader() {
    let files = builtin_files();
    let named: Vec<(String, &str)> = files.iter().map(|(p, t)| (p.display().to_string(), t.as_str())).collect();
    let set = RuleSet::parse(named.iter().map(|(n, t)| (n.as_str(), *t))).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(set.len(), files.len());
    assert_eq!(RuleSet::builtin().len(), files.len(), "what the build prepared is what the files say");
    for rule in set.iter() {
        let prepared = RuleSet::builtin().get(&rule.cause).unwrap();
        assert_eq!(prepared.evidence, rule.evidence);
        assert_eq!(prepared.explains, rule.explains);
        assert_eq!(prepared.remedy, rule.remedy);
        assert_eq!(RuleSet::builtin().prose(&rule.cause).why, rule.why);
    }
}

#[test]
fn every_example_leads_where_it_says() {
    let rules = RuleSet::builtin();
    let mut wrong = Vec::new();
    for rule in rules.iter() {
        let examples = rules.prose(&rule.cause).examples;
        for (n, (example, want)) in examples.yes.iter().map(|e| (e, true)).chain(examples.no.iter().map(|e| (e, false))).enumerate() {
            let (facts, citations) = example.facts(rule.subject.first());
            let verdict = judge(rules, &facts, &citations);
            if (verdict.cause == rule.cause) != want {
                wrong.push(format!("{} example {}: {} instead\n  {}", rule.cause, n + 1, verdict.cause, verdict.explanation.join("\n  ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_has_a_complete_rule() {
    let rules = RuleSet::builtin();
    for (id, _) in causes::CAUSES.iter().filter(|(id, _)| *id != causes::UNKNOWN) {
        let rule = rules.get(id).unwrap_or_else(|| panic!("no rule for {id}"));
        let prose = rules.prose(id);
        assert!(!rule.title.is_empty() && rule.title.len() <= 70, "{id}: title");
        assert!(prose.why.len() > 80, "{id}: why");
        assert!(!prose.references.is_empty(), "{id}: references");
        assert!(!prose.examples.yes.is_empty() && !prose.examples.no.is_empty(), "{id}: examples");
        let healthy = id.starts_with("healthy.");
        assert!(healthy || !rule.remedy.is_empty(), "{id}: remedy");
        assert!(healthy || !rule.confirm_with.is_empty(), "{id}: confirm_with");
        assert!(rule.evidence.iter().any(|e| !e.weight.is_for()), "{id}: nothing could speak against it");
        for command in &rule.confirm_with {
            let read_only = ["kubectl get ", "kubectl logs ", "kubectl auth can-i ", "kubectl describe "];
            assert!(read_only.iter().any(|start| command.starts_with(start)), "{id}: {command} may change something");
        }
    }
    assert_eq!(rules.len() + 1, causes::CAUSES.len());
}

#[test]
fn each_file_is_named_after_its_cause() {
    for (path, text) in builtin_files() {
        let cause = text.lines().next().unwrap().strip_prefix("cause: ").unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), cause);
    }
}

#[test]
fn no_causes_explain_each_other_in_a_circle() {
    assert_eq!(RuleSet::builtin().cycle(), None);
}
