//! Runs of the binary against a server that misbehaves, and what must hold of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::fault::Fault;
use super::proxy::{Asked, Manners, Proxy, Upstream, serve};

/// The time that is allowed, and what a run may take beyond it: starting, reading 50 MB, and waiting for a busy machine. Less than the time
/// itself, so that a limit that counts anew for each step is noticed.
pub const BUDGET: Duration = Duration::from_secs(4);
const GRACE: Duration = Duration::from_millis(3500);
/// No answer is worth more memory; the largest that is accepted is 64 MiB of JSON.
const MAX_MEGABYTES: usize = 400;
/// Runs at once: most of them wait.
const AT_ONCE: usize = 6;

/// How one run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
    /// Peak of the resident memory.
    pub megabytes: usize,
}

/// Runs a command to its end, or, with `until`, to an interrupt.
pub fn run(mut command: Command, until: Option<&dyn Fn() -> bool>) -> Ran {
    let started = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let id = child.id();
    let (done, peak) = (AtomicBool::new(false), AtomicUsize::new(0));
    let output = std::thread::scope(|scope| {
        let (done, peak) = (&done, &peak);
        scope.spawn(move || {
            let status = format!("/proc/{id}/status");
            while !done.load(Ordering::SeqCst) {
                // The kernel keeps the peak itself: only what grows in the very last moment is missed.
                // Until it has become a2, what is started shares the memory of the test.
                let text = std::fs::read_to_string(&status).ok().filter(|text| text.starts_with("Name:\ta2\n")).unwrap_or_default();
                let kilobytes = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<usize>().ok());
                peak.fetch_max(kilobytes.unwrap_or(0), Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(4));
            }
        });
        let waiting = scope.spawn(move || child.wait_with_output());
        if let Some(until) = until {
            while !until() && !waiting.is_finished() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _sent = Command::new("kill").args(["-INT", &id.to_string()]).stderr(Stdio::null()).status();
        }
        let output = waiting.join().expect("no panic").expect("the binary ends");
        done.store(true, Ordering::SeqCst);
        output
    });
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let megabytes = peak.load(Ordering::SeqCst) / 1024;
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr), took: started.elapsed(), megabytes }
}

/// What is wrong with a run.
#[derive(Debug)]
pub enum Problem {
    Wrong(String),
    /// Which a busy machine may be guilty of.
    Late(String),
}

impl Problem {
    fn text(self) -> String {
        match self {
            Self::Wrong(text) | Self::Late(text) => text,
        }
    }
}

/// What holds for every run; gives the answer: exactly one JSON document on stdout, a report or an error with a hint.
pub fn sound(ran: &Ran, what: &str) -> Result<Value, Problem> {
    let wrong = |why: &str| Err(Problem::Wrong(format!("{what}: {why}\n{ran:#?}")));
    let Ok(answer) = serde_json::from_str::<Value>(&ran.stdout) else { return wrong("stdout is not one JSON document") };
    if ran.stderr.contains("panicked") || !matches!(ran.code, Some(0 | 3 | 4)) {
        return wrong("no orderly end");
    }
    if (ran.code == Some(4)) != (answer["kind"] == "Error") {
        return wrong("code and answer do not fit");
    }
    if ran.code == Some(4) {
        let lines: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with("note: ")).collect();
        let one_line = lines.first().is_some_and(|line| line.starts_with("error: ")) && lines.iter().skip(1).all(|line| line.starts_with("hint: "));
        if !one_line || lines.len() < 2 || !answer["hint"].is_string() {
            return wrong("not one line of error with a hint");
        }
    }
    bounded(ran, what)?;
    Ok(answer)
}

/// Time and memory.
pub fn bounded(ran: &Ran, what: &str) -> Result<(), Problem> {
    if ran.megabytes > MAX_MEGABYTES {
        return Err(Problem::Wrong(format!("{what}: {} MB", ran.megabytes)));
    }
    if ran.took > BUDGET + GRACE {
        return Err(Problem::Late(format!("{what}: took {:?}\n{}", ran.took, ran.stderr)));
    }
    Ok(())
}

/// A command, and a server for it.
pub struct Matrix<'a> {
    /// What runs: investigate or scan with its arguments, without the cluster.
    pub command: &'a (dyn Fn() -> Command + Sync),
    /// What answers where no fault is wanted.
    pub upstream: Upstream,
    /// How the server treats connections.
    pub manners: Manners,
    /// A kubeconfig for an address.
    pub kubeconfig: &'a (dyn Fn(&str) -> String + Sync),
    /// A place for files.
    pub folder: &'a Path,
    /// Faults that need no gap, because they say something: that there is no such object, for instance.
    pub excused: &'a (dyn Fn(&Asked, Fault) -> bool + Sync),
}

/// What a command did without a fault.
pub struct Plain {
    pub answer: Value,
    /// One request for each endpoint.
    pub endpoints: Vec<Asked>,
}

/// How many runs there were, and how they ended.
#[derive(Debug, Default)]
pub struct Figures {
    pub cells: usize,
    pub reports: usize,
    pub errors: usize,
    pub megabytes: usize,
    pub slowest: Duration,
    /// Time by fault, summed up: where a matrix spends it.
    pub by_fault: BTreeMap<Fault, Duration>,
    pub problems: Vec<String>,
}

impl Figures {
    fn take(&mut self, faults: &[(Asked, Fault)], ran: &Ran, answer: &Value) {
        self.cells += 1;
        for (_, fault) in faults {
            *self.by_fault.entry(*fault).or_default() += ran.took;
        }
        self.megabytes = self.megabytes.max(ran.megabytes);
        self.slowest = self.slowest.max(ran.took);
        *(if answer["kind"] == "Error" { &mut self.errors } else { &mut self.reports }) += 1;
    }
}

impl Matrix<'_> {
    /// The command with a kubeconfig for this server.
    pub fn command(&self, proxy: &Proxy) -> Command {
        let path: PathBuf = self.folder.join(format!("kubeconfig-{}", proxy.address.rsplit(':').next().unwrap_or_default()));
        std::fs::write(&path, (self.kubeconfig)(&proxy.address)).expect("a kubeconfig");
        let mut command = (self.command)();
        command.args(["--timeout", &format!("{}s", BUDGET.as_secs()), "--kubeconfig"]).arg(path);
        command
    }

    /// A server that does as told.
    pub fn serve(&self, manners: Manners, picks: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) -> Proxy {
        serve(self.upstream.clone(), Manners { tls: self.manners.tls.clone(), ..manners }, picks)
    }

    /// A run without a fault: its answer, and one request for each endpoint.
    pub fn plain(&self) -> Plain {
        let proxy = self.serve(self.manners.clone(), |_, _| None);
        let ran = run(self.command(&proxy), None);
        let answer = sound(&ran, "no fault").unwrap_or_else(|problem| panic!("{}", problem.text()));
        let mut endpoints = BTreeMap::new();
        for asked in proxy.asked() {
            endpoints.entry(asked.endpoint()).or_insert(asked);
        }
        Plain { answer, endpoints: endpoints.into_values().collect() }
    }

    /// A run in which some requests get a fault.
    fn run(&self, faults: &[(Asked, Fault)], plain: &Plain) -> Result<(Ran, Value), Problem> {
        let what = faults.iter().map(|(asked, fault)| format!("{fault:?} at {}", asked.shape())).collect::<Vec<_>>().join(" and ");
        let at: Vec<(String, Fault)> = faults.iter().map(|(asked, fault)| (asked.shape(), *fault)).collect();
        let proxy = self.serve(self.manners.clone(), move |asked, _| {
            let shape = asked.shape();
            at.iter().find(|(at, _)| *at == shape).map(|(_, fault)| *fault)
        });
        let ran = run(self.command(&proxy), None);
        let answer = sound(&ran, &what)?;
        // What cannot be answered at all is an error; of what is answered, each fault is told.
        for (asked, fault) in faults.iter().filter(|_| answer["kind"] != "Error") {
            // A fault may keep a2 from asking for what the second one is about.
            let met = proxy.asked().iter().any(|a| a.shape() == asked.shape());
            if met && self.leaves_a_gap(asked, *fault) && !names(&answer, asked, plain) {
                return Err(Problem::Wrong(format!("{what}: no gap names {}: {:#}", asked.resource(), answer["gaps"])));
            }
        }
        Ok((ran, answer))
    }

    /// Whether the fault must leave a gap.
    fn leaves_a_gap(&self, asked: &Asked, fault: Fault) -> bool {
        let is_log = asked.path.ends_with("/log") || asked.path.contains("/proxy/logs");
        // A large list is a list.
        let is_list = fault == Fault::Huge && asked.query.contains("limit=");
        !(asked.resource().is_empty() || is_list || is_log && fault.is_any_text() || (self.excused)(asked, fault))
    }

    /// Every endpoint with every fault.
    pub fn every_cell(&self, plain: &Plain) -> Figures {
        let cells: Vec<Vec<(Asked, Fault)>> = plain.endpoints.iter().flat_map(|asked| Fault::ALL.map(|fault| vec![(asked.clone(), fault)])).collect();
        self.all(&cells, plain)
    }

    /// So many pairs of faults, always the same ones.
    pub fn pairs(&self, plain: &Plain, count: usize, seed: u64) -> Figures {
        let mut state = seed;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut cell = || (plain.endpoints[next(plain.endpoints.len())].clone(), Fault::ALL[next(Fault::ALL.len())]);
        let pairs: Vec<Vec<(Asked, Fault)>> = std::iter::repeat_with(|| vec![cell(), cell()]).filter(|pair| pair[0].0 != pair[1].0).take(count).collect();
        self.all(&pairs, plain)
    }

    fn all(&self, jobs: &[Vec<(Asked, Fault)>], plain: &Plain) -> Figures {
        let (next, figures, late) = (AtomicUsize::new(0), Mutex::new(Figures::default()), Mutex::new(Vec::new()));
        let figures_of = || figures.lock().unwrap_or_else(PoisonError::into_inner);
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                        match self.run(job, plain) {
                            Ok((ran, answer)) => figures_of().take(job, &ran, &answer),
                            Err(Problem::Late(_)) => late.lock().unwrap_or_else(PoisonError::into_inner).push(job),
                            Err(Problem::Wrong(text)) => figures_of().problems.push(text),
                        }
                    }
                });
            }
        });
        // A second time, with the machine to itself.
        for job in late.into_inner().unwrap_or_default() {
            match self.run(job, plain) {
                Ok((ran, answer)) => figures_of().take(job, &ran, &answer),
                Err(problem) => figures_of().problems.push(problem.text()),
            }
        }
        figures.into_inner().unwrap_or_default()
    }

    /// A server that is gone after every number of requests: something is missing, and that is said.
    pub fn dies_at_every_step(&self, plain: &Plain) -> Figures {
        let mut figures = Figures::default();
        let proxy = self.serve(self.manners.clone(), |_, _| None);
        run(self.command(&proxy), None);
        for step in 0..proxy.asked().len() {
            let proxy = self.serve(Manners { dies_after: Some(step), ..self.manners.clone() }, |_, _| None);
            let ran = run(self.command(&proxy), None);
            match sound(&ran, &format!("dies after {step}")) {
                Ok(answer) => {
                    if answer["kind"] != "Error" && answer["gaps"] == plain.answer["gaps"] {
                        figures.problems.push(format!("dies after {step}: nothing is missing\n{ran:#?}"));
                    }
                    figures.take(&[], &ran, &answer);
                }
                Err(problem) => figures.problems.push(problem.text()),
            }
        }
        figures
    }
}

/// Whether a gap that was not there before names what was asked for.
fn names(answer: &Value, asked: &Asked, plain: &Plain) -> bool {
    let gaps = |of: &Value| of["gaps"].as_array().cloned().unwrap_or_default();
    let before = gaps(&plain.answer);
    let resource = asked.resource();
    gaps(answer).iter().any(|gap| gap["resource"] == resource.as_str() && !before.contains(gap))
}
