//! Mutation testing of the rooms that judge, with one build; see README.md.

mod list;
mod rewrite;
mod run;
mod tree;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use list::{Mutant, ROOMS};
use run::{Outcome, Suite};

/// `--name value` from the command line.
fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let number = |name: &str, default: u64| option(name).map_or(default, |text| text.parse().expect(name));
    let (wanted, seed, jobs) = (number("--sample", 300) as usize, number("--seed", 1), number("--jobs", 2) as usize);
    let work = option("--work").map_or_else(|| root.join("target/mutants"), PathBuf::from);
    let only: Option<Vec<u32>> = option("--only").map(|ids| ids.split(',').map(|id| id.parse().expect("--only")).collect());
    std::fs::create_dir_all(&work).unwrap();
    let started = Instant::now();

    let all = list::shuffled(&root, seed);
    println!("{} mutants, a sample of {wanted} with seed {seed}", all.len());
    let sample = all[..all.len().min(wanted + wanted / 4)].iter().map(|mutant| format!("{} {} {}\n", mutant.id, mutant.hash, mutant.name));
    std::fs::write(work.join("sample.txt"), sample.collect::<String>()).unwrap();
    let tree = tree::Tree::copy(&root, &work);
    let (binary, kept, unviable, impossible) = tree.fill(&all[..all.len().min(wanted + wanted / 4)], wanted);
    let cases = std::env::var_os("A2_CASES").map(|path| PathBuf::from(path).canonicalize().expect("A2_CASES"));
    let suite = Suite { binary, root: tree.root.clone(), cases, jobs };
    println!("built after {} s", started.elapsed().as_secs());
    let skip: Vec<String> = option("--skip").map(|names| names.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let tests = suite.survey(&skip);
    println!("{} tests, surveyed after {} s", tests.len(), started.elapsed().as_secs());

    // `id, hash, outcome, name`, as earlier runs left it.
    let path = work.join("outcomes.txt");
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let before = before.lines().filter_map(|line| {
        let mut fields = line.split('\t').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.strip_prefix("Caught(\"")?.trim_end_matches("\")").to_owned()))
    });
    let before: BTreeMap<u64, String> = before.collect();
    let log = std::sync::Mutex::new(std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap());
    let tried = kept.iter().filter(|mutant| only.as_ref().is_none_or(|only| only.contains(&mutant.id))).collect();
    let outcomes = suite.judge(tried, &tests, &before, |mutant, outcome| {
        writeln!(log.lock().unwrap(), "{}\t{}\t{outcome:?}\t{}", mutant.id, mutant.hash, mutant.name).unwrap();
    });
    report(&kept, &unviable, &impossible, &outcomes);
    println!("{} s", started.elapsed().as_secs());
}

/// The table for the documents, then the survivors.
fn report(kept: &[Mutant], unviable: &[Mutant], impossible: &[Mutant], outcomes: &BTreeMap<u32, Outcome>) {
    println!("\n| room | tried | caught | of these by timeout | missed | caught, % | not viable | cannot be switched |\n|---|---|---|---|---|---|---|---|");
    for room in ROOMS.into_iter().map(Some).chain([None]) {
        let here = |mutant: &&Mutant| room.is_none_or(|room| mutant.room() == room);
        let of: Vec<&Outcome> = kept.iter().filter(here).filter_map(|mutant| outcomes.get(&mutant.id)).collect();
        let missed = of.iter().filter(|outcome| matches!(outcome, Outcome::Missed(_))).count();
        let late = of.iter().filter(|outcome| ***outcome == Outcome::TimedOut).count();
        let (unviable, impossible) = (unviable.iter().filter(here).count(), impossible.iter().filter(here).count());
        let (tried, caught) = (of.len(), of.len() - missed);
        let share = 100.0 * caught as f64 / tried.max(1) as f64;
        println!("| {} | {tried} | {caught} | {late} | {missed} | {share:.1} | {unviable} | {impossible} |", room.unwrap_or("all"));
    }
    println!();
    for mutant in kept {
        if let Some(Outcome::Missed(tests)) = outcomes.get(&mutant.id) {
            println!("{:4} missed by {tests} tests: {}", mutant.id, mutant.name);
        }
    }
}
