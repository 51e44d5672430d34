//! Which mutants there are (cargo-mutants says), and which of them are tried.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The rooms that judge.
pub const ROOMS: [&str; 4] = ["redact", "signatures", "reconstruct", "rules"];

/// One mutant, as cargo-mutants describes it.
#[derive(Clone)]
pub struct Mutant {
    /// Its place in the order of the sample, from 1; the value of the switch.
    pub id: u32,
    /// What it is, whatever its line; decides the order.
    pub hash: u64,
    /// Relative to the root of a2.
    pub file: String,
    /// `src/x.rs:1:2: replace < with <= in f`.
    pub name: String,
    /// What is replaced: line and column of the start and of the end, from 1, in characters.
    pub span: [(usize, usize); 2],
    /// What is written there.
    pub replacement: String,
}

impl Mutant {
    /// The room it lives in.
    pub fn room(&self) -> &str {
        self.file.split('/').nth(1).unwrap_or_default()
    }
}

/// All mutants of the judging rooms in the order of the sample: by a hash of the seed and of what the mutant is, without its
/// line number, so that a change elsewhere in a file leaves the sample as it was.
pub fn shuffled(root: &Path, seed: u64) -> Vec<Mutant> {
    let mut command = Command::new("cargo");
    command.args(["mutants", "--list", "--json", "--no-config", "--dir"]).arg(root);
    for room in ROOMS {
        command.args(["-f", &format!("src/{room}/**")]);
    }
    let output = command.output().expect("cargo-mutants");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mut texts: HashMap<String, Vec<String>> = HashMap::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut mutants: Vec<Mutant> = list
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            let at = |end: &str| (entry["span"][end]["line"].as_u64().unwrap() as usize, entry["span"][end]["column"].as_u64().unwrap() as usize);
            let (file, name, span) = (text("file"), text("name"), [at("start"), at("end")]);
            let lines = texts.entry(file.clone()).or_insert_with(|| {
                let text = std::fs::read_to_string(root.join(&file)).unwrap();
                text.lines().map(|line| line.trim().to_owned()).collect()
            });
            let what = name.split_once(": ").map_or("", |(_, what)| what);
            let what = format!("{file}\n{what}\n{}", lines[span[0].0 - 1]);
            let again = seen.entry(what.clone()).or_default();
            *again += 1;
            Mutant { id: 0, hash: hash(seed, &format!("{what}\n{again}")), file, name, span, replacement: text("replacement") }
        })
        .collect();
    mutants.sort_by_key(|mutant| mutant.hash);
    (1..).zip(mutants).map(|(id, mutant)| Mutant { id, ..mutant }).collect()
}

/// FNV-1a, and the last step of splitmix64.
fn hash(seed: u64, text: &str) -> u64 {
    let mut h = text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}
