//! Every endpoint, every fault: a report or an error with a hint, in time, in bounded memory, and what is missing is named.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use a2::source::bundle::Bundle;
use serde_json::json;

use super::proxy::{Asked, Fault, Manners, Proxy, serve};
use crate::bundles::{Bundle as Made, crashed};
use crate::support::{Run, a2};

const POD: &str = "web-5d9c7b6f4-x7k2p";
/// The budget that is given, and what a run may take beyond it: starting, and waiting for a busy machine.
const BUDGET: Duration = Duration::from_secs(2);
const GRACE: Duration = Duration::from_secs(6);
/// No answer is worth more memory; the largest that is accepted is 64 MiB of JSON.
const MAX_MEGABYTES: u64 = 700;

/// One run against a server, its time and its peak of memory in MB.
fn run(proxy: &Proxy, folder: &Path) -> (Run, Duration, u64) {
    let path = folder.join(format!("kubeconfig-{}", proxy.address.rsplit(':').next().unwrap()));
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters: [{{name: t, cluster: {{server: '{}'}}}}]\ncontexts: [{{name: t, context: {{cluster: t, user: t}}}}]\nusers: [{{name: t, user: {{}}}}]\n",
        proxy.address
    );
    std::fs::write(&path, text).unwrap();
    let started = Instant::now();
    let child = a2()
        .args(["investigate", POD, "-n", "shop", "-o", "json", "--timeout", "2s", "--kubeconfig", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (done_in, peak) = (done.clone(), Arc::new(AtomicUsize::new(0)));
    let peak_in = peak.clone();
    let watch = std::thread::spawn(move || {
        while !done_in.load(Ordering::SeqCst) {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let kilobytes = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<usize>().ok());
            peak_in.fetch_max(kilobytes.unwrap_or(0), Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(4));
        }
    });
    let run = Run::from(child.wait_with_output().unwrap());
    let took = started.elapsed();
    done.store(true, Ordering::SeqCst);
    watch.join().unwrap();
    (run, took, peak.load(Ordering::SeqCst) as u64 / 1024)
}

/// What holds for every run; gives the answer.
fn sound(run: &Run, took: Duration, megabytes: u64, what: &str) -> Result<serde_json::Value, String> {
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).map_err(|error| format!("{what}: stdout is not one JSON document: {error}\n{run:#?}"))?;
    if run.stderr.contains("panicked") || !matches!(run.code, Some(0 | 3 | 4)) {
        return Err(format!("{what}: {run:#?}"));
    }
    if run.code == Some(4) && !(answer["kind"] == "Error" && answer["hint"].is_string() && run.stderr.contains("hint: ")) {
        return Err(format!("{what}: an error without a hint\n{run:#?}"));
    }
    if took > BUDGET + GRACE {
        return Err(format!("{what}: took {took:?}"));
    }
    if megabytes > MAX_MEGABYTES {
        return Err(format!("{what}: {megabytes} MB"));
    }
    Ok(answer)
}

/// The resource of a path, as gaps name it.
fn resource(path: &str) -> &'static str {
    match path {
        p if p.ends_with("/log") => "pods/log",
        p if p.contains("/events") => "events",
        p if p.contains("/replicasets") => "replicasets.apps",
        p if p.contains("/deployments") => "deployments.apps",
        p if p.contains("/nodes") => "nodes",
        p if p.contains("/services") => "services",
        p if p.contains("/endpointslices") => "endpointslices.discovery.k8s.io",
        p if p.contains("/persistentvolumeclaims") => "persistentvolumeclaims",
        p if p.contains("/pods") => "pods",
        _ => "",
    }
}

/// Whether the fault must leave a gap: a log may hold anything, and no answer to `/version` is needed.
fn leaves_a_gap(asked: &Asked, fault: Fault) -> bool {
    let is_log = asked.path.ends_with("/log");
    let any_text = matches!(
        fault,
        Fault::NotJson | Fault::Truncated | Fault::WrongKind | Fault::Huge | Fault::TooLarge | Fault::NotText | Fault::LongLines | Fault::GzipBomb
    );
    // A large list is a list.
    let is_list = fault == Fault::Huge && asked.query.contains("limit=");
    let needless = resource(&asked.path).is_empty();
    !(needless || is_list || is_log && any_text)
}

/// The crashed pod, and a Service that it left without an endpoint.
fn world() -> Made {
    let service = json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "selector": { "app": "web" } } });
    let slice = json!({ "metadata": { "name": "web-x1", "namespace": "shop", "labels": { "kubernetes.io/service-name": "web" } }, "endpoints": [] });
    let (services, slices) = ("/api/v1/namespaces/shop/services", "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices");
    crashed().list(services, vec![service]).list(slices, vec![slice]).done()
}

fn endpoints(bundle: &Arc<Bundle>, folder: &Path) -> Vec<Asked> {
    let proxy = serve(bundle.clone(), Manners::default(), |_, _| None);
    let (run, took, megabytes) = run(&proxy, folder);
    let answer = sound(&run, took, megabytes, "no fault").unwrap();
    assert_eq!(answer["gaps"].as_array().map(Vec::len), Some(0), "{:#}", answer["gaps"]);
    let seen: BTreeSet<Asked> = proxy.seen.lock().unwrap().iter().cloned().collect();
    assert!(seen.len() >= 8, "{seen:#?}");
    seen.into_iter().collect()
}

/// Runs the jobs on a few threads; gives the problems.
fn all<T: Send + Sync>(jobs: &[T], work: impl Fn(&T) -> Result<(), String> + Sync) -> Vec<String> {
    let (next, problems) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Err(problem) = work(job) {
                        problems.lock().unwrap().push(problem);
                    }
                }
            });
        }
    });
    problems.into_inner().unwrap()
}

#[test]
fn every_endpoint_survives_every_fault() {
    let made = world();
    let bundle = Arc::new(Bundle::open(made.path()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let endpoints = endpoints(&bundle, folder.path());
    let cells: Vec<(Asked, Fault)> = endpoints.iter().flat_map(|asked| Fault::ALL.map(|fault| (asked.clone(), fault))).collect();
    let worst = AtomicUsize::new(0);
    let problems = all(&cells, |(asked, fault)| {
        let what = format!("{}?{} {fault:?}", asked.path, asked.query);
        let (at, fault) = (asked.clone(), *fault);
        let proxy = serve(bundle.clone(), Manners::default(), move |asked, _| (asked.path == at.path && asked.query == at.query).then_some(fault));
        let (run, took, megabytes) = run(&proxy, folder.path());
        worst.fetch_max(megabytes as usize, Ordering::SeqCst);
        let answer = sound(&run, took, megabytes, &what)?;
        let named = answer["gaps"].as_array().is_some_and(|gaps| gaps.iter().any(|gap| gap["resource"] == resource(&asked.path)));
        if answer["kind"] == "Investigation" && leaves_a_gap(asked, fault) && !named {
            return Err(format!("{what}: no gap names {}: {:#}", resource(&asked.path), answer["gaps"]));
        }
        Ok(())
    });
    println!("{} cells: {} endpoints, {} faults; peak {} MB", cells.len(), endpoints.len(), Fault::ALL.len(), worst.load(Ordering::SeqCst));
    assert!(problems.is_empty(), "{} of {} cells:\n{}", problems.len(), cells.len(), problems.join("\n"));
}

#[test]
fn two_faults_at_once_are_survived() {
    let made = world();
    let bundle = Arc::new(Bundle::open(made.path()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let endpoints = endpoints(&bundle, folder.path());
    // A fixed sample: a step that shares no factor with the number of pairs visits them evenly.
    let count = endpoints.len() * Fault::ALL.len();
    let cell = |n: usize| (endpoints[n % endpoints.len()].clone(), Fault::ALL[n / endpoints.len() % Fault::ALL.len()]);
    let pairs: Vec<_> = (0..40).map(|n| (cell(n * 37 % count), cell((n * 101 + 13) % count))).collect();
    let problems = all(&pairs, |(first, second)| {
        let (a, b) = (first.clone(), second.clone());
        let proxy = serve(bundle.clone(), Manners::default(), move |asked, _| {
            [&a, &b].into_iter().find(|(at, _)| asked.path == at.path && asked.query == at.query).map(|(_, fault)| *fault)
        });
        let (run, took, megabytes) = run(&proxy, folder.path());
        sound(&run, took, megabytes, &format!("{first:?} {second:?}")).map(drop)
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_server_that_closes_every_connection_gives_the_same_answer() {
    let made = world();
    let bundle = Arc::new(Bundle::open(made.path()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let verdict = |closes: bool| {
        let proxy = serve(bundle.clone(), Manners { closes, dies_after: None }, |_, _| None);
        let (run, took, megabytes) = run(&proxy, folder.path());
        sound(&run, took, megabytes, "closes").unwrap()["verdict"].clone()
    };
    assert_eq!(verdict(true), verdict(false));
}

#[test]
fn a_server_that_dies_is_survived_at_every_step() {
    let made = world();
    let bundle = Arc::new(Bundle::open(made.path()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let steps: Vec<usize> = (0..endpoints(&bundle, folder.path()).len()).collect();
    let problems = all(&steps, |step| {
        let proxy = serve(bundle.clone(), Manners { closes: false, dies_after: Some(*step) }, |_, _| None);
        let (run, took, megabytes) = run(&proxy, folder.path());
        let answer = sound(&run, took, megabytes, &format!("dies after {step}"))?;
        match answer["kind"].as_str() {
            Some("Investigation") if answer["gaps"].as_array().is_some_and(Vec::is_empty) => Err(format!("dies after {step}: nothing is missing")),
            _ => Ok(()),
        }
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
