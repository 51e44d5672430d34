//! Every way to get no answer: an exit code, one line and a hint, one JSON object when asked for.

use std::process::Stdio;

use crate::support::{a2, run};

#[test]
fn usage_errors_are_json_when_json_was_asked_for() {
    for args in [
        vec!["nonsense", "-o", "json"],
        vec!["-ojson"],
        vec!["completions", "-o=json"],
        vec!["completions", "tcsh", "--output", "json"],
        vec!["config", "show", "--output=json", "--nope"],
        vec!["help", "nothing", "-vo", "json"],
    ] {
        let refused = run(&args);
        assert_eq!(refused.code, Some(2), "{args:?}: {refused:#?}");
        let object = refused.json();
        assert_eq!((object["apiVersion"].as_str(), object["kind"].as_str(), object["code"].as_i64()), (Some("a2/v1"), Some("Error"), Some(2)), "{args:?}");
        let message = object["message"].as_str().unwrap();
        assert!(!message.is_empty() && !message.contains('\n') && !message.starts_with("error"), "{args:?}: {message:?}");
        assert!(object["hint"].is_string(), "{args:?}");
        assert!(refused.stderr.starts_with("error: "), "people read stderr: {args:?}: {}", refused.stderr);
    }
}

#[test]
fn usage_errors_are_text_otherwise() {
    for args in [vec!["nonsense"], vec!["nonsense", "-o", "table"], vec!["nonsense", "-o", "json", "-o", "yaml"], vec!["nonsense", "--", "-o", "json"]] {
        let refused = run(&args);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(refused.stderr.starts_with("error: "), "{args:?}");
    }
}

#[test]
fn a_configuration_that_wants_json_gets_it() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("a2")).unwrap();
    std::fs::write(home.path().join("a2/config.yaml"), "output: json\n").unwrap();
    let output = a2().env("XDG_CONFIG_HOME", home.path()).arg("nonsense").output().unwrap();
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["kind"], "Error");
}

#[test]
fn a_misspelt_subcommand_is_corrected() {
    let refused = run(["help", "completion"]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.stderr, "error: no subcommand or topic \"completion\"\nhint: did you mean completions?\n");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = a2().args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = a2().args(["help", "exit-codes"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: cannot write the answer: "));
}

#[test]
fn colour_is_asked_for_or_absent() {
    assert!(!run(["nonsense"]).stderr.contains('\u{1b}'));
    assert!(run(["nonsense", "--color", "always"]).stderr.contains('\u{1b}'));
    let forced = a2().env("CLICOLOR_FORCE", "1").arg("nonsense").output().unwrap();
    assert!(forced.stderr.contains(&0x1b));
    let never = a2().env("CLICOLOR_FORCE", "1").args(["nonsense", "--color=never"]).output().unwrap();
    assert!(!never.stderr.contains(&0x1b));
    let no_color = a2().env("NO_COLOR", "1").env("CLICOLOR_FORCE", "0").arg("nonsense").output().unwrap();
    assert!(!no_color.stderr.contains(&0x1b));
}

#[test]
#[cfg(unix)]
fn under_kubectl_it_speaks_of_itself_so() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("kubectl-a2");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_a2"), &plugin).unwrap();
    let output = std::process::Command::new(&plugin).env_clear().args(["config", "--help"]).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("Usage: kubectl a2 config"), "kubectl runs plugins by their file name");
}

#[test]
fn requests_are_logged_when_asked_for_and_nowhere_else() {
    let plain = run(["scan", "--from", "fixtures/wf-resume-oom/live", "-A", "-o", "name"]);
    let told = run(["scan", "--from", "fixtures/wf-resume-oom/live", "-A", "-o", "name", "-v"]);
    assert_eq!((told.code, &told.stdout), (plain.code, &plain.stdout));
    assert!(!plain.stderr.contains("GET "), "{}", plain.stderr);
    let lines: Vec<&str> = told.stderr.lines().filter(|l| l.contains("GET /api/v1/namespaces/") && l.contains(" 200 after ")).collect();
    assert!(lines.iter().any(|l| l.contains("/pods?limit=")), "{}", told.stderr);
}
