//! Rule and signature files: any text, or a built-in rule with damage. Read, or refused with a place; what was read is told in a `Display` that ends.

use super::super::made::root;
use std::sync::LazyLock;

use super::super::mutate::{Script, damage};
use a2::rules::RuleSet;
use serde_json::{Value, json};

/// Built-in rules as they stand in their files, the short ones, and a file of signatures.
static FILES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = root().join("src/rules/builtin");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).filter(|text| text.len() < 2200);
    let signatures = json!({ "signatures": [{ "id": "mine.one", "pattern": "licen[cs]e (?P<object>\\S+) expired", "cause": "config.invalid", "why": "x", "rank": 70, "tags": ["a"], "examples": { "yes": ["licence x expired"] } }] });
    texts.map(|text| serde_yaml::from_str(&text).unwrap()).chain([signatures]).collect()
});

/// Feeds one input.
pub fn rules(data: &[u8]) {
    let Some((how, body)) = data.split_first() else { return };
    let text = if how % 4 == 0 {
        String::from_utf8_lossy(body).into_owned()
    } else {
        let [which, script @ ..] = body else { return };
        let mut file = FILES[usize::from(*which) % FILES.len()].clone();
        let mut script = Script(script);
        for _ in 0..6 {
            if !script.goes_on() {
                break;
            }
            damage(&mut file, &mut script);
        }
        // A file of signatures is told by a line that begins with the word.
        match file.get("signatures") {
            Some(list) if how % 4 == 1 => format!("signatures: {list}\n"),
            _ => file.to_string(),
        }
    };
    static NONE: LazyLock<RuleSet> = LazyLock::new(RuleSet::default);
    let base: &RuleSet = if how & 28 == 28 { RuleSet::builtin() } else { &NONE };
    match base.with_user_files([("mine.yaml", text.as_str())]) {
        Err(error) => assert!(!error.to_string().is_empty() && !error.message.is_empty()),
        Ok(set) => assert!(set.cycle().is_none()),
    }
}
