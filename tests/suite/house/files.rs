//! Files are short, and `mod.rs` holds no logic.

use crate::support::{root, rust_files};

/// Lines a file may have.
const LIMIT: usize = 400;

/// Longer files, each with the reason why it is not cut.
const LONG: [(&str, &str); 0] = [];

/// Files called `mod.rs` with functions, each with the reason.
const BUSY: [(&str, &str); 0] = [];

#[test]
fn files_stay_short() {
    let mut problems = Vec::new();
    for path in ["src", "tests/suite", "tests/faults"].map(|folder| rust_files(&root().join(folder))).concat() {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        let reason = LONG.iter().find(|(long, _)| *long == name);
        match reason {
            None if lines > LIMIT => problems.push(format!("{name} has {lines} lines, more than {LIMIT}")),
            Some(_) if lines <= LIMIT => problems.push(format!("{name} has {lines} lines and needs no exception any more")),
            _ => {}
        }
    }
    problems.extend(LONG.iter().filter(|(name, _)| !root().join(name).exists()).map(|(name, _)| format!("{name} is excepted and gone")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn mod_files_only_declare() {
    let mut problems = Vec::new();
    for path in rust_files(&root().join("src")).into_iter().filter(|path| path.ends_with("mod.rs")) {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
        if BUSY.iter().any(|(busy, _)| *busy == name) {
            continue;
        }
        for (number, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            if ["fn ", "impl ", "impl<", "struct ", "enum ", "trait ", "async fn "].iter().any(|start| code.starts_with(start)) {
                problems.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    assert!(problems.is_empty(), "mod.rs declares, documents and re-exports; logic lives in named files:\n{}", problems.join("\n"));
}
