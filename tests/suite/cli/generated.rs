//! What is generated and kept: help, completions, manual pages. `BLESS=1` writes them anew.

use crate::support::{fresh, nothing_but, root, run};

/// Every subcommand as typed, `config show` and the like included.
fn subcommands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        found.push(path.to_vec());
        for sub in command.get_subcommands() {
            below(sub, &[path, &[sub.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    below(&a2::cli::command(), &[], &mut found);
    found
}

#[test]
fn every_help_is_as_kept() {
    let folder = root().join("tests/suite/cli/help");
    let mut names = Vec::new();
    for path in subcommands() {
        let name = format!("{}.txt", [&["a2".to_owned()], path.as_slice()].concat().join("-"));
        let help = run(path.iter().map(String::as_str).chain(["--help"]));
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{path:?}");
        fresh(&folder.join(&name), &help.stdout);
        let too_wide = help.stdout.lines().find(|line| line.chars().count() > 100 && !line.contains("Usage:"));
        assert_eq!(too_wide, None, "{name}");
        names.push(name);
    }
    for topic in ["exit-codes", "environment", "config"] {
        let name = format!("topic-{topic}.txt");
        fresh(&folder.join(&name), &run(["help", topic]).stdout);
        names.push(name);
    }
    nothing_but(&folder, &names);
}

#[test]
fn help_and_dashed_help_agree() {
    for path in subcommands().into_iter().filter(|path| !matches!(path.first().map(String::as_str), Some("config" | "help"))) {
        let words = path.iter().map(String::as_str);
        let dashed = run(words.clone().chain(["--help"])).stdout;
        assert_eq!(run(["help"].into_iter().chain(words)).stdout, dashed, "{path:?}");
    }
}

#[test]
fn completions_are_fresh() {
    let folder = root().join("completions");
    let mut names = Vec::new();
    let files = [("bash", "a2.bash"), ("zsh", "_a2"), ("fish", "a2.fish"), ("powershell", "_a2.ps1"), ("elvish", "a2.elv"), ("kubectl", "kubectl_complete-a2")];
    for (shell, file) in files {
        let script = run(["completions", shell]);
        assert_eq!(script.code, Some(0));
        fresh(&folder.join(file), &script.stdout);
        names.push(file.to_owned());
    }
    nothing_but(&folder, &names);
}

#[test]
fn manual_pages_are_fresh() {
    let folder = root().join("docs/man");
    let mut names = Vec::new();
    for path in subcommands().into_iter().filter(|path| path.len() < 2) {
        let name = format!("{}.1", [&["a2".to_owned()], path.as_slice()].concat().join("-"));
        let page = run(["man"].into_iter().chain(path.iter().map(String::as_str)));
        assert_eq!(page.code, Some(0), "{page:?}");
        fresh(&folder.join(&name), &page.stdout);
        names.push(name);
    }
    nothing_but(&folder, &names);
}

#[test]
fn shells_accept_their_scripts() {
    for (shell, program) in [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let script = run(["completions", shell]).stdout;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("script");
        std::fs::write(&file, script).unwrap();
        match std::process::Command::new(program).arg("-n").arg(&file).output() {
            Ok(output) => assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => println!("not run: no {program}"),
        }
    }
}
