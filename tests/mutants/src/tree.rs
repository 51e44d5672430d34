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
    target: PathBuf,
    /// The optimisation of a2 itself.
    opt_level: String,
}

impl Tree {
    /// Copies what git knows of, as it lies there now.
    pub fn copy(from: &Path, work: &Path) -> Self {
        let root = work.join("tree");
        let _ = fs::remove_dir_all(&root);
        let output = Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(from).output().expect("git");
        for file in String::from_utf8(output.stdout).unwrap().split_terminator('\0').filter(|file| from.join(file).is_file()) {
            put(&from.join(file), &root.join(file));
            if file.starts_with("src/") {
                put(&from.join(file), &root.join("mutated").join(&file[4..]));
            }
        }
        // Only the library is taken from elsewhere: tests that read the sources, and the build script, find them as they are.
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        fs::write(root.join("Cargo.toml"), manifest.replacen("path = \"src/lib.rs\"", "path = \"mutated/lib.rs\"", 1)).unwrap();
        let lib = root.join("mutated/lib.rs");
        fs::write(&lib, fs::read_to_string(&lib).unwrap() + SWITCH).unwrap();
        fs::create_dir_all(root.join("living")).unwrap();
        Self { root, target: work.join("target"), opt_level: std::env::var("A2_MUTANTS_OPT").unwrap_or_else(|_| "1".to_owned()) }
    }

    /// Puts the mutants in and builds the suite, again without those that do not compile. Returns its binary; those that do compile, up to
    /// `wanted`; and of those before the last of them, the ones that do not and the ones that cannot be switched.
    pub fn fill(&self, mutants: &[Mutant], wanted: usize) -> (PathBuf, Vec<Mutant>, Vec<Mutant>, Vec<Mutant>) {
        let mut left: Vec<&Mutant> = mutants.iter().collect();
        let (mut unviable, mut impossible) = (BTreeSet::new(), BTreeSet::new());
        let binary = loop {
            let mut lines = Vec::new();
            for file in mutants.iter().map(|mutant| &mutant.file).collect::<BTreeSet<_>>() {
                let here: Vec<&Mutant> = left.iter().copied().filter(|mutant| mutant.file == *file).collect();
                let rewritten = rewrite(&fs::read_to_string(self.root.join(file)).unwrap(), &here);
                let path = format!("mutated/{}", &file[4..]);
                fs::write(self.root.join(&path), rewritten.text).unwrap();
                lines.extend(rewritten.lines.into_iter().map(|(id, lines)| (path.clone(), id, lines)));
                impossible.extend(rewritten.impossible);
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

fn put(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}
