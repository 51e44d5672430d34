//! Logs of the recorded cases: nothing but secrets may change.

use std::path::{Path, PathBuf};
use std::time::Instant;

use a2::redact::{redact, show};

fn logs(dir: &Path, into: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(dir).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path())) {
        if path.is_dir() {
            logs(&path, into);
        } else if path.extension().is_some_and(|e| e == "log") {
            into.push(path);
        }
    }
    into.sort();
}

#[test]
fn ordinary_lines_stay() {
    let root = std::env::var_os("A2_CASES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"), PathBuf::from);
    let mut files = Vec::new();
    logs(&root, &mut files);
    if files.is_empty() {
        println!("not run: no logs below {}", root.display());
        return;
    }
    let (mut lines, mut changed) = (0, Vec::new());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for line in String::from_utf8_lossy(&bytes).lines() {
            lines += 1;
            if redact(line) != line {
                changed.push(format!("{line}\n    -> {}", redact(line)));
            }
        }
    }
    changed.sort();
    changed.dedup();
    println!("{} of {lines} lines change\n{}", changed.len(), changed.join("\n"));
    assert!(changed.len() * 500 <= lines, "{} of {lines} lines change", changed.len());
}

#[test]
fn a_large_log_takes_little_time() {
    let line = "2026-01-02T03:04:05Z INFO request id=0f0f0f0f-1111-2222-3333-444444444444 key=user:42 path=/v1/items?page=2 token_count=17 status=200\n";
    let text = line.repeat((256 << 10) / line.len());
    let start = Instant::now();
    let shown = show(&text);
    println!("{} KiB in {:?}", text.len() >> 10, start.elapsed());
    assert_eq!(shown, text);
}
