//! A throw-away copy of a2 with the mutants in it, built once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::list::Mutant;
use crate::rewrite::rewrite;

/// Added to `lib.rs` of the copy: which mutant lives, told by a file that is named after the process group, since the tests clear the
/// environment of the binary they start. `reach` instead of a number writes down which mutants are come by.
const SWITCH: &str = r#"
pub(crate) fn mutant(id: u32) -> bool {
    static MODE: std::sync::OnceLock<(String, u32)> = std::sync::OnceLock::new();
    static SEEN: std::sync::Mutex<std::collections::BTreeSet<u32>> = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let (reach, living) = MODE.get_or_init(|| {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let group = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(2).unwrap_or_default().to_owned();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/living/").to_owned() + &group;
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if text.starts_with("reach") { (file, 0) } else { (String::new(), text.trim().parse().unwrap_or(0)) }
    });
    if !reach.is_empty() && SEEN.lock().is_ok_and(|mut seen| seen.insert(id)) {
        use std::io::Write as _;
        let _ = std::fs::OpenOptions::new().append(true).open(reach).and_then(|mut file| file.write_all(format!("{id}\n").as_bytes()));
    }
    *living == id
}
"#;

/// Where the copy is, and what is built of it.
pub struct Tree {
    /// Its root.
    pub root: PathBuf,
    /// The files of `src`.
    sources: Vec<String>,
    /// Where those that did not compile are kept.
    unviable: PathBuf,
    target: PathBuf,
    /// The optimisation of a2 itself.
    opt_level: String,
}

impl Tree {
    /// Copies what git knows of, as it lies there now. What has not changed since an earlier copy is left alone, and not built again.
    pub fn copy(from: &Path, work: &Path) -> Self {
        let root = work.join("tree");
        let output = Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(from).output().expect("git");
        let files = String::from_utf8(output.stdout).unwrap();
        let files: BTreeSet<&str> = files.split_terminator('\0').filter(|file| from.join(file).is_file()).collect();
        for file in &files {
            let mut bytes = fs::read(from.join(file)).unwrap();
            if *file == "Cargo.toml" {
                // Only the library is taken from elsewhere: tests that read the sources, and the build script, find them as they are.
                bytes = String::from_utf8(bytes).unwrap().replacen("path = \"src/lib.rs\"", "path = \"mutated/lib.rs\"", 1).into_bytes();
            }
            put(&root.join(file), &bytes);
        }
        let before = fs::read_to_string(work.join("files.txt")).unwrap_or_default();
        for gone in before.lines().filter(|file| !files.contains(file)) {
            let _ = fs::remove_file(root.join(gone));
        }
        fs::write(work.join("files.txt"), files.iter().map(|file| format!("{file}\n")).collect::<String>()).unwrap();
        let _ = fs::remove_dir_all(root.join("living"));
        fs::create_dir_all(root.join("living")).unwrap();
        let sources = files.iter().filter(|file| file.starts_with("src/")).map(|file| (*file).to_owned()).collect();
        let opt_level = std::env::var("A2_MUTANTS_OPT").unwrap_or_else(|_| "1".to_owned());
        Self { root, sources, unviable: work.join("unviable.txt"), target: work.join("target"), opt_level }
    }

    /// Puts the mutants in and builds the suite, again without those that do not compile. Returns its binary; those that do compile, up to
    /// `wanted`; and of those before the last of them, the ones that do not and the ones that cannot be switched.
    pub fn fill(&self, mutants: &[Mutant], wanted: usize) -> (PathBuf, Vec<Mutant>, Vec<Mutant>, Vec<Mutant>) {
        let known: BTreeSet<u64> = fs::read_to_string(&self.unviable).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect();
        let mut unviable: BTreeSet<u32> = mutants.iter().filter(|mutant| known.contains(&mutant.hash)).map(|mutant| mutant.id).collect();
        let mut impossible = BTreeSet::new();
        let mut left: Vec<&Mutant> = mutants.iter().filter(|mutant| !unviable.contains(&mutant.id)).collect();
        let binary = loop {
            let mut lines = Vec::new();
            for file in &self.sources {
                let path = format!("mutated/{}", &file[4..]);
                let mut bytes = fs::read(self.root.join(file)).unwrap();
                let here: Vec<&Mutant> = left.iter().copied().filter(|mutant| mutant.file == *file).collect();
                if file == "src/lib.rs" {
                    bytes.extend(SWITCH.as_bytes());
                } else if !here.is_empty() {
                    let rewritten = rewrite(&String::from_utf8(bytes).unwrap(), &here);
                    bytes = rewritten.text.into_bytes();
                    lines.extend(rewritten.lines.into_iter().map(|(id, lines)| (path.clone(), id, lines)));
                    impossible.extend(rewritten.impossible);
                }
                put(&self.root.join(&path), &bytes);
            }
            left.retain(|mutant| !impossible.contains(&mutant.id));
            let said = self.build();
            if let Some(binary) = said.iter().find(|line| line["target"]["name"] == "suite").and_then(|line| line["executable"].as_str()) {
                break PathBuf::from(binary);
            }
            let errors: Vec<&Value> = said.iter().filter(|line| line["message"]["level"] == "error").collect();
            assert!(!errors.is_empty(), "the build fails");
            let mut dropped = BTreeSet::new();
            for error in &errors {
                let spans = error["message"]["spans"].as_array().cloned().unwrap_or_default();
                let mut guilty: Vec<(bool, u32)> = Vec::new();
                for span in &spans {
                    let line = span["line_start"].as_u64().unwrap() as usize;
                    let holds = |(path, _, lines): &&(String, u32, std::ops::Range<usize>)| span["file_name"] == path.as_str() && lines.contains(&line);
                    guilty.extend(lines.iter().find(holds).map(|(_, id, _)| (span["is_primary"] != true, *id)));
                }
                dropped.extend(guilty.iter().min().map(|(_, id)| *id));
            }
            assert!(!dropped.is_empty(), "errors outside of the mutants: {}", errors[0]["message"]["rendered"].as_str().unwrap_or_default());
            println!("{} do not compile", dropped.len());
            left.retain(|mutant| !dropped.contains(&mutant.id));
            unviable.extend(dropped);
            let hashes = mutants.iter().filter(|mutant| unviable.contains(&mutant.id)).map(|mutant| format!("{}\n", mutant.hash));
            fs::write(&self.unviable, hashes.collect::<String>()).unwrap();
        };
        let kept: Vec<Mutant> = left.into_iter().take(wanted).cloned().collect();
        let last = kept.last().map_or(0, |mutant| mutant.id);
        let among = |ids: &BTreeSet<u32>| mutants.iter().filter(|mutant| mutant.id < last && ids.contains(&mutant.id)).cloned().collect();
        (binary, kept, among(&unviable), among(&impossible))
    }

    /// What cargo says while it builds the suite.
    fn build(&self) -> Vec<Value> {
        let profile = format!("profile.dev.package.a2.opt-level={}", self.opt_level);
        let mut command = Command::new("cargo");
        command.args(["test", "--no-run", "--test", "suite", "--locked", "--message-format=json", "--config", &profile]).current_dir(&self.root);
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "0").stderr(std::process::Stdio::inherit());
        let output = command.output().expect("cargo");
        String::from_utf8(output.stdout).unwrap().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

fn put(path: &Path, bytes: &[u8]) {
    if fs::read(path).is_ok_and(|before| before == bytes) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
