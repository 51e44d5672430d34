//! `a2 rules`, `a2 explain` and `a2 evaluate` from the outside.

use crate::support::{Run, root, run};

const RULE: &str = "\
cause: config.invalid
title: Bad config
subject: death
evidence:
  - when: { log.root_cause: config.invalid, death.exit_code: 1 }
    weight: strong
    group: log
    says: the log says so
";

const SIGNATURES: &str = "\
scope: log
signatures:
  - id: own.thing
    pattern: 'the thing broke at \\d+'
    cause: config.invalid
    why: 'The thing broke.'
";

fn check(text: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.yaml");
    std::fs::write(&file, text).unwrap();
    run(["rules", "check", file.to_str().unwrap()])
}

#[test]
fn sound_files_pass() {
    for text in [RULE, SIGNATURES] {
        let run = check(text);
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert!(run.stdout.contains("1 file, 0 problems"), "{run:#?}");
    }
}

#[test]
fn broken_files_name_the_line_and_the_mend() {
    for (sound, from, to, line, mend) in [
        (RULE, "title:", "titel:", 2, "did you mean `title`?"),
        (RULE, "subject: death", "subject: deaht", 3, "did you mean `death`?"),
        (RULE, "log.root_cause:", "log.rootcause:", 5, "did you mean `log.root_cause`?"),
        (RULE, "death.exit_code: 1", "death.exit_code: one", 5, "takes a whole number"),
        (RULE, "death.exit_code: 1", "log.signature: unreachable.refusd", 5, "did you mean `unreachable.refused`?"),
        (RULE, "weight: strong", "weight: stronk", 6, "did you mean `strong`?"),
        (RULE, "    group: log\n", "", 7, "needs a `group`"),
        (RULE, "cause: config.invalid\n", "cause: config.invalidd\n", 1, "did you mean `config.invalid`?"),
        (SIGNATURES, "pattern:", "patern:", 4, "did you mean `pattern`?"),
        (SIGNATURES, "scope: log", "scope: logs", 1, "did you mean `log`?"),
        (SIGNATURES, "at \\d+'", "at (\\d+'", 4, "does not parse"),
        (SIGNATURES, "'the thing broke at \\d+'", "'(?:the thing)?'", 4, "matches an empty text"),
        (SIGNATURES, "'the thing broke at \\d+'", "'(?:a{1,1000}){1,1000}'", 4, "when compiled; use smaller repetitions"),
        (SIGNATURES, "own.thing", "unreachable.refused", 3, "exists already"),
        (SIGNATURES, "cause: config.invalid", "cause: config.invald", 5, "did you mean `config.invalid`?"),
        (SIGNATURES, "    cause: config.invalid\n", "", 3, "add `cause: …`"),
    ] {
        let text = sound.replacen(from, to, 1);
        assert_ne!(text, sound, "nothing was broken: {from}");
        let run = check(&text);
        assert_eq!(run.code, Some(2), "{to}: {run:#?}");
        assert!(run.stdout.contains(&format!("own.yaml:{line}:")), "{to}: line {line} is not named\n{}", run.stdout);
        assert!(run.stdout.contains(mend), "{to}: {mend:?} is not said\n{}", run.stdout);
        assert!(run.stdout.lines().any(|l| l.trim_end().ends_with('^')), "{to}: no caret\n{}", run.stdout);
    }
}

#[test]
fn every_broken_file_is_named_not_only_the_first() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), RULE.replace("title:", "titel:")).unwrap();
    std::fs::write(folder.path().join("b.yaml"), SIGNATURES.replace("why:", "wy:")).unwrap();
    let run = run(["rules", "check", folder.path().to_str().unwrap(), "-o", "json"]);
    assert_eq!(run.code, Some(2));
    let problems = run.json()["problems"].clone();
    assert_eq!(problems.as_array().unwrap().len(), 2, "{problems:#}");
    assert_eq!((problems[0]["line"].as_u64(), problems[1]["line"].as_u64()), (Some(2), Some(6)), "{problems:#}");
}

#[test]
fn an_example_that_does_not_hold_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = format!("{RULE}examples:\n  yes:\n    - death: {{ exit_code: 137, mechanism: oom-killed }}\n");
    std::fs::write(folder.path().join("own.yaml"), wrong).unwrap();
    let run = run(["rules", "test", folder.path().to_str().unwrap()]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(run.stdout.contains("config.invalid example yes 1"), "{run:#?}");
}

#[test]
fn a_veto_that_stays_is_said_on_every_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.yaml");
    let text =
        "cause: healthy.running\ntitle: Ours\nsubject: running\nevidence:\n  - { when: { run.ready: false }, weight: strong, group: mine, says: never mind }\n";
    std::fs::write(&file, text).unwrap();
    let run = run(["rules", "list", "--rules", file.to_str().unwrap()]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("a veto of healthy.running stays"), "{run:#?}");
}

#[test]
fn rules_are_listed_and_shown() {
    let list = run(["rules", "list", "-o", "json"]).json();
    assert_eq!(list["rules"].as_array().unwrap().len(), a2::rules::RuleSet::builtin().len());
    let shown = run(["rules", "show", "oom.container-limit"]);
    assert!(shown.stdout.contains("Speaks against it") && shown.stdout.contains("kubectl get pod <pod>"), "{shown:#?}");
    let missing = run(["rules", "show", "oom.container-limt"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("did you mean oom.container-limit?"), "{missing:#?}");
}

#[test]
fn words_are_explained_offline() {
    let text = |word: &str| {
        let run = run(["explain", word]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{word}: {run:#?}");
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let killed = text("137");
    assert!(killed.contains("SIGKILL") && killed.contains("not \"out of memory\" by itself") && killed.contains("grace period"), "{killed}");
    assert!(text("CrashLoopBackOff").contains("not a cause"));
    assert!(text("crashloopbackoff").contains("not a cause"), "case does not matter");
    assert!(text("SIGTERM").contains("143") && text("sigterm") == text("term"));
    assert!(text("oom").contains("oom.child-process"));
    assert!(text("unreachable.refused").contains("dependency.unreachable"));
    assert!(text("death.exit_code").contains("whole number"));
    assert!(text("unknown").contains("not enough"));
    let unknown = run(["explain", "OOMKiled"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("did you mean OOMKilled?"), "{unknown:#?}");
    let json = run(["explain", "137", "-o", "json"]).json();
    assert_eq!((json["kind"].as_str(), json["topics"][0]["kind"].as_str()), (Some("Explanation"), Some("exit code")));
}

#[test]
fn evaluation_holds_bounds() {
    let fixtures = root().join("fixtures");
    let folder = fixtures.to_str().unwrap();
    let met = run(["evaluate", folder, "--min-top1", "0.9", "--min-confirmed", "0.99", "--max-overclaimed", "0", "--leave-out", "all", "-o", "json"]);
    assert_eq!((met.code, met.stderr.as_str()), (Some(0), ""), "{}", met.stderr);
    let json = met.json();
    assert!(json["figures"]["count"].as_u64().unwrap() >= 20, "{}", json["figures"]);
    assert!(json["leftOut"].as_array().unwrap().iter().any(|l| l["family"] == "oom"), "{}", json["leftOut"]);
    let missed = run(["evaluate", folder, "--min-decided", "1.01"]);
    assert_eq!(missed.code, Some(1), "{missed:#?}");
    assert!(missed.stderr.contains("falls short: decided"), "{missed:#?}");
    assert!(missed.stdout.contains("CALIBRATION") && missed.stdout.contains("BY FAMILY"), "{missed:#?}");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(run(["evaluate", empty.path().to_str().unwrap()]).code, Some(4));
    let slip = run(["evaluate", folder, "--leave-out", "oomm"]);
    assert!(slip.code == Some(2) && slip.stderr.contains("did you mean oom?"), "{slip:#?}");
}
