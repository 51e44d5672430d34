//! docs/rules.md is written from the rules.

use a2::report::{json, knowledge};
use a2::rules::{RuleSet, causes, explain};

use crate::support::{fresh, root};

const HEAD: &str = "\
# Rules

Every cause that a2 can name, with what speaks for it and against it. This page is written from the rule files
(`src/rules/builtin`); `a2 explain CAUSE` shows the same on a terminal, and [writing-rules](writing-rules.md) how to add to it.

A sign counts as much as its word says: `decisive`, `strong`, `supporting`, `weak` speak for a cause; `against-weak`, `against`,
`against-strong` against it; `excludes` rules it out. In brackets stand the facts that must hold.

";

#[test]
fn the_page_of_rules_is_fresh() {
    let rules = RuleSet::builtin();
    let causes = causes::CAUSES.iter().map(|(id, _)| *id);
    let topics: Vec<_> = causes.flat_map(|id| explain(rules, id)).filter(|t| t.kind == "cause").collect();
    assert_eq!(topics.len(), causes::CAUSES.len());
    let page = knowledge::page(&json::explanation("", &topics).topics);
    fresh(&root().join("docs/rules.md"), &format!("{HEAD}{page}"));
}

#[test]
fn schemas_take_what_the_reader_takes() {
    let rule = jsonschema::validator_for(&json::schema(json::Document::RuleFile)).unwrap();
    for (path, text) in super::builtin_files() {
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let errors: Vec<String> = rule.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {}", path.display(), errors.join("\n"));
    }
    let refuses = |text: &str| !rule.is_valid(&serde_yaml::from_str::<serde_json::Value>(text).unwrap());
    let sound = "{ cause: oom.node, title: t, subject: death, evidence: [ { when: { death.exit_code: 137 }, weight: weak, group: g, says: s } ] }";
    assert!(!refuses(sound));
    for (from, to) in [("exit_code: 137", "exit_code: many"), ("exit_code", "exit_cod"), ("weak", "weakish"), ("death,", "deth,"), ("title", "titel")] {
        assert!(refuses(&sound.replacen(from, to, 1)), "{to} is accepted");
    }
    let described = json::schema(json::Document::RuleFile).to_string();
    for spec in a2::reconstruct::facts::REGISTRY {
        assert!(described.contains(spec.name) && described.contains(spec.doc), "{}", spec.name);
    }
    let signature = jsonschema::validator_for(&json::schema(json::Document::SignatureFile)).unwrap();
    let sound: serde_json::Value = serde_yaml::from_str("{ scope: log, signatures: [ { id: a.b, pattern: x, cause: oom.node, why: w } ] }").unwrap();
    assert!(signature.is_valid(&sound));
    let unsound: serde_json::Value = serde_yaml::from_str("{ scope: log, signatures: [ { id: a.b, patern: x, cause: oom.node, why: w } ] }").unwrap();
    assert!(!signature.is_valid(&unsound));
}
