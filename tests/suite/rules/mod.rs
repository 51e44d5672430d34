//! The engine and its built-in rules.

mod builtin;

use std::path::{Path, PathBuf};

/// The files of the built-in rules: `(path, text)`, by name.
pub fn builtin_files() -> Vec<(PathBuf, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/builtin");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|p| (p.clone(), std::fs::read_to_string(&p).unwrap())).collect()
}
