//! The worked example of docs/writing-rules.md, as a reader would follow it.

use std::path::Path;

use serde_json::json;

use crate::bundles::{Bundle, exited, pod};
use crate::support::{root, run};

/// The files that the page shows: a comment with the name, then a block.
fn shown() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(root().join("docs/writing-rules.md")).unwrap();
    let mut files = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        assert_eq!(lines.next(), Some("```yaml"), "{name}");
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        files.push((name.to_owned(), text.join("\n") + "\n"));
    }
    files
}

/// The log that the page shows.
fn log() -> String {
    let page = std::fs::read_to_string(root().join("docs/writing-rules.md")).unwrap();
    let (_, rest) = page.split_once("```text\n").unwrap();
    let (lines, _) = rest.split_once("```").unwrap();
    lines.lines().enumerate().map(|(n, line)| format!("2030-01-02T03:01:{:02}.5Z {line}\n", 58 + n)).collect()
}

fn case() -> Bundle {
    let mut target = pod("report-7", json!({}), None, "Failed", exited(78));
    target["spec"]["restartPolicy"] = json!("Never");
    Bundle::new().list("/api/v1/namespaces/shop/pods", vec![target]).file("api/v1/namespaces/shop/pods/report-7/log/main.log", log().as_bytes()).usual().done()
}

fn investigate(case: &Path, rules: Option<&Path>) -> serde_json::Value {
    let mut args = vec!["investigate", "report-7", "-n", "shop", "-o", "json", "--from", case.to_str().unwrap()];
    if let Some(rules) = rules {
        args.extend(["--rules", rules.to_str().unwrap()]);
    }
    let run = run(args);
    assert_eq!(run.code, Some(0), "{run:#?}");
    run.json()
}

#[test]
fn a_failure_that_a2_does_not_know_is_taught_without_recompiling() {
    let case = case();
    let before = investigate(case.path(), None);
    assert_eq!(before["verdict"]["mechanism"], "exited");
    assert!(!before["verdict"]["cause"].as_str().unwrap().starts_with("licence."), "{}", before["verdict"]);

    let folder = tempfile::tempdir().unwrap();
    let files = shown();
    assert_eq!(files.len(), 2);
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let check = run(["rules", "check", path, "-o", "json"]);
    assert_eq!((check.code, check.json()["ok"].as_bool()), (Some(0), Some(true)), "{check:#?}");
    let test = run(["rules", "test", path, "-o", "json"]);
    assert_eq!((test.code, test.json()["ok"].as_bool()), (Some(0), Some(true)), "{}", test.stdout);
    assert_eq!(test.json()["examples"].as_array().unwrap().len(), 5);

    let after = investigate(case.path(), Some(folder.path()));
    let verdict = &after["verdict"];
    assert_eq!((verdict["cause"].as_str(), verdict["confidence"].as_str()), (Some("licence.no-seat"), Some("probable")), "{verdict}");
    let signs = after["causes"][0]["signs"].to_string();
    assert!(signs.contains("the refusal of lic.corp.example:5093"), "{signs}");
    assert!(after["nextSteps"].to_string().contains("Run fewer of these jobs"), "{}", after["nextSteps"]);

    let explained = run(["explain", "licence.no-seat", "--rules", path]);
    assert!(explained.stdout.contains("No licence seat was free") && explained.stdout.contains("lic"), "{explained:#?}");
}

#[test]
fn rules_in_the_configuration_folder_count_without_being_named() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a2/rules");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in shown() {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let case = case();
    let args = ["investigate", "report-7", "-n", "shop", "-o", "json", "--from", case.path().to_str().unwrap()];
    let output = crate::support::a2().args(args).env("XDG_CONFIG_HOME", home.path()).output().unwrap();
    let run: crate::support::Run = output.into();
    assert_eq!(run.json()["verdict"]["cause"], "licence.no-seat", "{run:#?}");
}
