//! Broken rule files: each error names the line and the mend.

use a2::rules::{RuleError, RuleSet};

const GOOD: &str = "\
cause: config.invalid
title: Bad config
subject: death
requires: { death.mechanism: exited }
evidence:
  - when: { log.root_cause: config.invalid, death.exit_code: 1 }
    weight: strong
    group: log
    says: \"the log of {container} says so\"
explains: [ { cause: error.unhandled } ]
remedy:
  - { do: mend it, priority: high, risk: change }
examples:
  yes:
    - death: { exit_code: 1 }
";

fn refused(from: &str, to: &str) -> RuleError {
    let text = GOOD.replacen(from, to, 1);
    assert_ne!(text, GOOD, "nothing was broken");
    RuleSet::parse([("own.yaml", text.as_str())]).expect_err(&format!("accepted {to}"))
}

#[test]
fn the_sound_file_is_accepted() {
    assert_eq!(RuleSet::parse([("own.yaml", GOOD)]).map(|s| s.len()), Ok(1));
}

#[test]
fn broken_files_name_the_line_and_the_mend() {
    for (from, to, line, column, told) in [
        ("title:", "titel:", 2, 1, "did you mean `title`?"),
        ("subject: death", "subject: deth", 3, 10, "did you mean `death`?"),
        ("death.mechanism: exited", "death.mechanism: exitd", 4, 30, "did you mean `exited`?"),
        ("death.mechanism:", "death.mecanizms:", 4, 13, "did you mean `death.mechanism`?"),
        ("death.mechanism:", "death.mechansm:", 4, 13, "did you mean `death.mechanism`?"),
        ("death.exit_code: 1 }", "exit_code: 1 }", 6, 45, "did you mean `death.exit_code`?"),
        ("death.exit_code: 1 }", "death.exit_code: one }", 6, 62, "takes a whole number, not the text `one`"),
        ("death.exit_code: 1 }", "death.exit_code: { mn: 1 } }", 6, 64, "did you mean `min`?"),
        ("death.exit_code: 1 }", "death.exit_code: { min: 5, max: 2 } }", 6, 0, "min 5 is above max 2"),
        ("weight: strong", "weight: stong", 7, 13, "did you mean `strong`?"),
        ("    group: log\n", "", 8, 0, "needs a `group`"),
        ("{container}", "{contaner}", 9, 0, "did you mean `container`?"),
        ("cause: config.invalid", "cause: config.invaild", 1, 8, "did you mean `config.invalid`?"),
        ("log.root_cause: config.invalid", "log.root_cause: config.invlid", 6, 0, "did you mean `config.invalid`?"),
        ("{ cause: error.unhandled }", "{ cause: error.unhandeld }", 10, 0, "did you mean `error.unhandled`?"),
        ("priority: high", "priority: urgent", 12, 0, "expected one of `high`, `medium`, `low`"),
        ("death: { exit_code: 1 }", "death: { exit_cod: 1 }", 15, 0, "did you mean `death.exit_code`?"),
        ("title: Bad config", "title: [", 2, 0, "expected a string"),
        ("{ log.root_cause: config.invalid, death.exit_code: 1 }", "{}", 6, 0, "empty condition"),
        ("{ death.mechanism: exited }", "{ any: [] }", 4, 0, "empty list"),
        ("weight: strong", "weight: against", 5, 0, "no sign speaks for this cause"),
        ("cause: config.invalid", "cause: unknown", 1, 0, "has no rule"),
    ] {
        let error = refused(from, to);
        assert_eq!(error.line, line, "{error}");
        assert!(column == 0 || error.column == column, "column of\n{error}");
        assert!(error.message.contains(told), "{told:?} is not in\n{error}");
    }
}

#[test]
fn the_error_shows_the_line_with_a_caret() {
    let error = refused("death.mechanism:", "death.mechansm:").to_string();
    let want = "\
own.yaml:4:13: requires: unknown fact `death.mechansm`; did you mean `death.mechanism`?
  |
4 | requires: { death.mechansm: exited }
  |             ^";
    assert_eq!(error, want);
}

#[test]
fn circles_are_refused() {
    let one = "cause: crash.panic\ntitle: t\nsubject: death\nevidence: [ { when: { log.cause: crash.panic }, weight: strong, group: log, says: s } ]\nexplains: [ { cause: error.startup } ]\n";
    let two = one.replace("crash.panic", "error.startup").replace("explains: [ { cause: error.startup } ]", "explains: [ { cause: crash.panic } ]");
    let error = RuleSet::parse([("one.yaml", one), ("two.yaml", &two)]).unwrap_err();
    assert!(error.message.contains("crash.panic → error.startup → crash.panic"), "{error}");
}
