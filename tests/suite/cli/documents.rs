//! Every command that README and docs show is run, and its output held to what they say.

use crate::bundles::Bundle;
use crate::server::serve_bundle;
use crate::shown::{Desk, blocks, world, wrong};
use crate::support::{root, run};

#[test]
fn shown_commands_do_what_is_shown() {
    trycmd::TestCases::new()
        .register_bin("a2", std::path::PathBuf::from(env!("CARGO_BIN_EXE_a2")))
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "0")
        .env("COLUMNS", "100")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("KUBECONFIG", "/nonexistent")
        .case(root().join("README.md"))
        .case(root().join("docs/*.md"));
}

/// A kubeconfig for a server without a lock.
fn kubeconfig(folder: &std::path::Path, server: &str) -> std::path::PathBuf {
    let path = folder.join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters: [{{name: t, cluster: {{server: '{server}'}}}}]\ncontexts: [{{name: t, context: {{cluster: t, user: t, namespace: shop}}}}]\nusers: [{{name: t, user: {{}}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// Every `sh` block that is not yet shown to work by another test is run as it stands, against a server with the pods that the pages
/// speak of. Those that call kubectl or watch are run against a real API server (tests/apiserver, `documents`).
#[tokio::test(flavor = "multi_thread")]
async fn shown_scripts_run() {
    let world: Bundle = world().done();
    let server = serve_bundle(world.path()).await;
    let tried = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let config = kubeconfig(folder.path(), &server);
        let (mut problems, mut ran, mut elsewhere) = (Vec::new(), 0, Vec::new());
        for block in blocks() {
            if block.file == "docs/writing-rules.md" {
                // Its files are those of the page: cli::writing_rules follows it.
                let followed = std::fs::read_to_string(root().join("tests/suite/cli/writing_rules.rs")).unwrap();
                for word in block.text.lines().filter_map(|line| line.split_whitespace().nth(1)) {
                    assert!(followed.contains(&format!("\"{word}\"")), "{}: a2 {word} is run by no test", block.name());
                }
            } else if block.measures() {
                for script in block.text.split_whitespace().filter(|word| word.starts_with("tests/bench/")) {
                    assert!(root().join(script).is_file(), "{}: no {script}", block.name());
                }
                elsewhere.push(block.name());
            } else if block.needs_a_server() {
                elsewhere.push(block.name());
            } else {
                let (called, output) = Desk::new(env!("CARGO_BIN_EXE_a2")).run(&block, &config);
                problems.extend(wrong(&block, &called, &output));
                ran += 1;
            }
        }
        println!("{ran} blocks run; not run here: {elsewhere:?}");
        assert!(ran >= 8, "{ran} blocks only: is the pattern still theirs?");
        problems
    });
    let problems = tried.await.unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Commands in running text, such as `a2 help config`: their subcommand and flags exist.
#[test]
fn commands_in_running_text_can_be_typed() {
    let mut pages: Vec<_> =
        std::fs::read_dir(root().join("docs")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    pages.push(root().join("README.md"));
    let mut seen = std::collections::BTreeSet::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for command in text.split('`').skip(1).step_by(2).filter(|code| code.starts_with("a2 ") && !code.contains('\n')) {
            seen.insert(command.trim_end_matches('…').trim().to_owned());
        }
    }
    let mut problems = Vec::new();
    for command in &seen {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let path: Vec<&str> = words
            .iter()
            .copied()
            .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()))
            .take(if words.first() == Some(&"rules") { 2 } else { 1 })
            .collect();
        let help = run(path.iter().copied().chain(["--help"]));
        if help.code != Some(0) {
            problems.push(format!("{command}: {}", help.stderr));
        }
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            let flag = flag.split(['=', '[']).next().unwrap();
            if !help.stdout.contains(flag) {
                problems.push(format!("{command}: no {flag}"));
            }
        }
    }
    assert!(seen.len() > 10 && problems.is_empty(), "{seen:#?}\n{}", problems.join("\n"));
}
