//! Signatures of one's own: where they count, and where they stop.

use a2::evidence::LogLine;
use a2::rules::RuleSet;
use a2::signatures::{MOST, ReadContext, Scope, classify, hits, read, with_own};

const FILE: &str = "\
scope: log
signatures:
  - id: own.broke
    pattern: 'the (?P<object>\\w+) broke'
    cause: config.invalid
    why: 'It broke.'
";

fn set(text: &str) -> RuleSet {
    RuleSet::builtin().with_user_files([("own.yaml", text)]).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn they_are_in_force_only_where_asked_for() {
    let set = set(FILE);
    let found = || hits(Scope::Log, "the wheel broke", 0).len();
    assert_eq!(found(), 0);
    assert_eq!(with_own(set.signatures(), found), 1);
    assert_eq!(found(), 0, "and not after it");
    let kernel = || hits(Scope::Kernel, "the wheel broke", 0).len();
    assert_eq!(with_own(set.signatures(), kernel), 0, "its scope is the log");
}

#[test]
fn logs_and_messages_are_read_with_them() {
    let set = set(FILE);
    let lines: Vec<LogLine> = ["starting", "the wheel broke"].iter().map(|t| LogLine { time: None, text: (*t).to_owned() }).collect();
    let context = ReadContext { exit_code: Some(1), ..ReadContext::default() };
    let reading = with_own(set.signatures(), || read(&lines, &context));
    let finding = &reading.ending.expect("an ending").findings[0];
    assert_eq!((finding.cause, finding.signature), ("config.invalid", "own.broke"));
    assert_eq!(finding.entities[0].value, "wheel");
    assert_eq!(with_own(set.signatures(), || classify("the wheel broke"))[0].signature, "own.broke");
}

#[test]
fn a_rule_may_name_them() {
    let rule = "cause: config.invalid\ntitle: t\nsubject: death\nevidence: [ { when: { log.signature: own.broke }, weight: strong, group: log, says: s } ]\n";
    let both = [("rule.yaml", rule), ("own.yaml", FILE)];
    assert!(RuleSet::builtin().with_user_files(both).is_ok(), "whatever the order of the files");
    let error = RuleSet::builtin().with_user_files([("rule.yaml", rule)]).unwrap_err();
    assert!(error.message.contains("unknown signature `own.broke`"), "{error}");
}

#[test]
fn noise_of_ones_own_is_said_aloud() {
    let set = set(&FILE.replace("    cause: config.invalid\n", "    role: noise\n"));
    assert!(set.warnings().iter().any(|w| w.contains("own.broke are read as harmless")), "{:?}", set.warnings());
}

#[test]
fn a_pattern_that_does_not_parse_is_shown_where_it_stands() {
    let error = RuleSet::builtin().with_user_files([("own.yaml", FILE.replace("broke'\n", "(broke'\n").as_str())]).unwrap_err();
    assert_eq!((error.line, error.column), (4, 5), "{error}");
}

#[test]
fn an_id_that_is_taken_is_shown_where_it_is_given_again() {
    let again = format!("# own.broke-down is another, and so is not-own.broke\n{FILE}");
    let error = RuleSet::builtin().with_user_files([("a.yaml", FILE), ("b.yaml", again.as_str())]).unwrap_err();
    assert_eq!((error.line, error.column), (4, 9), "{error}");
}

#[test]
fn number_and_text_are_bounded() {
    let one = |n: usize| format!("  - {{ id: own.n{n}, pattern: 'number {n} broke', cause: config.invalid, why: w }}\n");
    let many: String = (0..=MOST).map(one).collect();
    let error = RuleSet::builtin().with_user_files([("own.yaml", format!("scope: log\nsignatures:\n{many}").as_str())]).unwrap_err();
    assert!(error.message.contains("more than"), "{error}");
    let long = format!("{FILE}  - {{ id: own.long, pattern: '{}', cause: config.invalid, why: w }}\n", "x".repeat(3000));
    let error = RuleSet::builtin().with_user_files([("own.yaml", long.as_str())]).unwrap_err();
    assert!(error.message.contains("3000 bytes long"), "{error}");

    // A pattern that backtracking engines never finish, on a line of megabytes.
    let nasty = set(&FILE.replace("the (?P<object>\\w+) broke", "(?:a+)+(?:a+)+b"));
    let line = "a".repeat(4 << 20);
    let started = std::time::Instant::now();
    assert_eq!(with_own(nasty.signatures(), || hits(Scope::Log, &line, 0).len()), 0);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
