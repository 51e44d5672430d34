//! The describe section says all that `kubectl describe pod` says.

use a2::report::{Cleaner, describe, json};

use super::{cases, fixture};

/// The value of `Name:` and `Namespace:` at the top.
fn head<'a>(text: &'a str, key: &str) -> &'a str {
    text.lines().find_map(|l| l.strip_prefix(key)).map(str::trim).unwrap_or_default()
}

/// A fact without its age, its padding and its rules of dashes; `None` for what is no fact.
fn fact(line: &str, in_events: bool) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.is_empty() || words.iter().all(|w| w.chars().all(|c| c == '-')) {
        return None;
    }
    let joined = words.join(" ");
    if joined.starts_with("Status: Terminating (lasts") {
        return Some("Status: Terminating (lasts".to_owned());
    }
    // `Type Reason Age From Message`: the age is the third column, `52m (x6 over 53m)` or `52m`.
    if in_events && words.len() > 4 && words.first().is_some_and(|t| *t == "Normal" || *t == "Warning") {
        let (rest, count) = if words.get(3).is_some_and(|w| w.starts_with("(x")) { (6, words.get(3).copied()) } else { (3, None) };
        let tail = words.get(rest..).unwrap_or_default().join(" ");
        return Some(format!("{} {} {} {tail}", words[0], words[1], count.unwrap_or_default()));
    }
    Some(joined)
}

fn facts(text: &str) -> Vec<String> {
    let mut in_events = false;
    let mut all = Vec::new();
    for line in text.lines() {
        in_events |= line.starts_with("Events:");
        // Lines that only a2 prints carry a `+`; what they say is not kubectl's fact.
        if !line.trim_start().starts_with("+ ") {
            all.extend(fact(line, in_events));
        }
    }
    all
}

#[test]
fn every_fact_of_kubectl_describe_is_said() {
    let stages = cases::described();
    if stages.is_empty() {
        eprintln!("not run: no recorded cases");
        return;
    }
    let mut missing = Vec::new();
    let (mut seen, mut count) = (0, 0);
    for stage in &stages {
        let expected = std::fs::read_to_string(stage.join("describe.txt")).expect("describe.txt");
        let case = cases::load(stage, head(&expected, "Name:"), head(&expected, "Namespace:"));
        if case.pod.is_none() {
            missing.push(format!("{}: no pod", stage.display()));
            continue;
        }
        let investigation = fixture::of_case(case);
        let redact = |text: &str| text.to_owned();
        let document = json::investigation(&investigation, &Cleaner::new(&redact));
        let said = facts(&describe::render(&document));
        seen += 1;
        for fact in facts(&expected) {
            count += 1;
            // A condition's cell may go on: a2 adds the reason that kubectl leaves out.
            if !said.iter().any(|s| *s == fact || s.strip_prefix(&fact).is_some_and(|rest| rest.starts_with(' '))) {
                missing.push(format!("{}: {fact}", stage.display()));
            }
        }
    }
    eprintln!("{seen} described pods, {count} facts, {} missing", missing.len());
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(seen >= 100, "only {seen} described pods were found");
}
