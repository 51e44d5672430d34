//! The suite, once per mutant: only the tests that come by it, quick ones first, up to the first that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::list::Mutant;

/// Bytes of address space, in KiB, for a mutant that grows without end.
const MEMORY: &str = "8000000";
/// Seconds of tests in the first three runs of a mutant; what is left is the last.
const PORTIONS: [f64; 3] = [2.0, 8.0, 30.0];

/// The built suite.
pub struct Suite {
    /// The binary.
    pub binary: PathBuf,
    /// The copy it is run in.
    pub root: PathBuf,
    /// Recorded cases beside those in `fixtures/`: `A2_CASES`, wherever it was given from.
    pub cases: Option<PathBuf>,
    /// How many are run beside each other.
    pub jobs: usize,
}

/// What a test costs and which mutants it comes by.
pub struct Test {
    name: String,
    seconds: f64,
    reaches: BTreeSet<u32>,
}

/// How a run of some tests ended.
enum End {
    Passed,
    Failed(String),
    Aborted,
    TimedOut,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// By this test; empty when the whole process ended.
    Caught(String),
    /// A test did not end.
    TimedOut,
    /// This many tests come by it, and all pass.
    Missed(usize),
}

impl Suite {
    /// Every test alone, without a mutant, but those whose names start with one of `skip`. Those that fail in the copy are said and left out.
    pub fn survey(&self, skip: &[String]) -> Vec<Test> {
        let output = Command::new(&self.binary).args(["--list", "--format", "terse"]).current_dir(&self.root).output().unwrap();
        let names = String::from_utf8(output.stdout).unwrap();
        let names = names.lines().filter_map(|line| line.strip_suffix(": test")).filter(|name| !skip.iter().any(|skip| name.starts_with(skip.as_str())));
        let names: Vec<String> = names.map(str::to_owned).collect();
        let tests = self.beside(names, |name| {
            let since = Instant::now();
            let (end, group) = self.run("reach", &[name], Duration::from_secs(900));
            let file = self.root.join("living").join(group.to_string());
            let reaches = std::fs::read_to_string(file).unwrap_or_default().lines().filter_map(|line| line.parse().ok()).collect();
            if !matches!(end, End::Passed) {
                println!("fails without a mutant, left out: {name}");
                return None;
            }
            Some(Test { name: name.clone(), seconds: since.elapsed().as_secs_f64(), reaches })
        });
        let mut tests: Vec<Test> = tests.into_iter().flatten().collect();
        tests.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        tests
    }

    /// Every mutant against the tests that come by it: first the one that caught it the last time, then those of its room.
    pub fn judge(
        &self,
        mutants: Vec<&Mutant>,
        tests: &[Test],
        before: &BTreeMap<u64, String>,
        said: impl Fn(&Mutant, &Outcome) + Sync,
    ) -> BTreeMap<u32, Outcome> {
        let outcomes = self.beside(mutants, |mutant| {
            let id = mutant.id;
            let (first, mut reaching): (Vec<&Test>, Vec<&Test>) =
                tests.iter().filter(|test| test.reaches.contains(&id)).partition(|test| before.get(&mutant.hash) == Some(&test.name));
            reaching.sort_by_key(|test| !test.name.starts_with(mutant.room()) || test.seconds > PORTIONS[0]);
            let outcome = match self.one(id, first) {
                Outcome::Missed(more) => match self.one(id, reaching) {
                    Outcome::Missed(tests) => Outcome::Missed(tests + more),
                    other => other,
                },
                other => other,
            };
            said(mutant, &outcome);
            (id, outcome)
        });
        outcomes.into_iter().collect()
    }

    fn one(&self, id: u32, tests: Vec<&Test>) -> Outcome {
        let count = tests.len();
        let quick: BTreeSet<&String> = tests.iter().filter(|test| test.seconds < PORTIONS[0]).map(|test| &test.name).collect();
        let mut rest = tests.into_iter().peekable();
        for portion in PORTIONS.into_iter().chain([f64::MAX]) {
            let (mut names, mut seconds) = (Vec::new(), 0.0);
            while let Some(test) = rest.next_if(|test| names.is_empty() || seconds + test.seconds <= portion) {
                names.push(test.name.clone());
                seconds += test.seconds;
            }
            while !names.is_empty() {
                let limit = Duration::from_secs_f64(60.0 + 5.0 * seconds);
                let names_now: Vec<&String> = names.iter().collect();
                match self.run(&id.to_string(), &names_now, limit).0 {
                    End::Passed => break,
                    End::Aborted => return Outcome::Caught(String::new()),
                    End::TimedOut => return Outcome::TimedOut,
                    // A test that fails once by chance shows nothing; long ones do not depend on chance.
                    End::Failed(name) if quick.contains(&name) && matches!(self.run(&id.to_string(), &[&name], limit).0, End::Passed) => {
                        println!("fails now and then, with mutant {id}: {name}");
                        names.retain(|other| *other != name);
                    }
                    End::Failed(name) => return Outcome::Caught(name),
                }
            }
        }
        Outcome::Missed(count)
    }

    /// Runs some tests in a process group of their own, whose number it returns.
    fn run(&self, living: &str, names: &[&String], limit: Duration) -> (End, u32) {
        // The shell is the process that becomes the suite: its number is the group's.
        let script = "echo $1 >living/$$; ulimit -v $2; shift 2; exec \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", living, MEMORY]).arg(&self.binary).args(["--test-threads=1", "--exact"]).args(names);
        command.current_dir(&self.root).env("CARGO_MANIFEST_DIR", &self.root).env("RUST_BACKTRACE", "0").process_group(0);
        if let Some(cases) = &self.cases {
            command.env("A2_CASES", cases);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (group, stdout, until) = (child.id(), child.stdout.take().unwrap(), Instant::now() + limit);
        let (sender, lines) = channel();
        std::thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        let mut end = None;
        while end.is_none() {
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => end = line.strip_suffix(" ... FAILED").and_then(|line| line.strip_prefix("test ")).map(|name| End::Failed(name.to_owned())),
                Err(RecvTimeoutError::Timeout) => end = Some(End::TimedOut),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if end.is_some() {
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).stderr(Stdio::null()).status();
        }
        let success = child.wait().is_ok_and(|status| status.success());
        (end.unwrap_or(if success { End::Passed } else { End::Aborted }), group)
    }

    fn beside<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let (queue, done) = (Mutex::new(items.into_iter()), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    loop {
                        let Some(item) = queue.lock().unwrap().next() else { break };
                        let result = work(&item);
                        done.lock().unwrap().push(result);
                    }
                });
            }
        });
        done.into_inner().unwrap()
    }
}
