//! `scan --watch` before a server that misbehaves: what stands is told, nothing is hammered, and once the server is well again it goes on.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::Stage;
use crate::faults::fault::Fault;
use crate::faults::matrix::{BUDGET, Ran, run};
use crate::faults::proxy::{Asked, Proxy, serve};
use crate::matrix::{kubeconfig, manners, stage, upstream};
use crate::rbac::Manifest;
use crate::server::{Server, a2};

/// As long as one watch is looked at: the time for a first look, and some tries more.
const LOOK: Duration = Duration::from_secs(7);
/// What the memory of a watch may come to.
const MAX_MEGABYTES: usize = 300;

/// Which request gets which fault.
type Pick = Box<dyn Fn(&Asked) -> Option<Fault> + Send + Sync>;

fn is_watch(asked: &Asked) -> bool {
    asked.query.contains("watch=true")
}

/// The list of one row that only tells the version.
fn is_version(asked: &Asked) -> bool {
    asked.query.starts_with("limit=1&")
}

fn command(server: &Server, stage: &Stage, proxy: &Proxy, folder: &tempfile::TempDir) -> Command {
    let path = folder.path().join(proxy.address.rsplit(':').next().unwrap_or_default());
    std::fs::write(&path, kubeconfig(server, &proxy.address, "a2")).expect("a kubeconfig");
    let mut command = a2();
    command.args(["scan", "--watch", "-n", &stage.namespace, "-o", "jsonl", "--timeout", &format!("{}s", BUDGET.as_secs()), "--kubeconfig"]).arg(path);
    command
}

/// The lines told, each with its change.
fn lines(ran: &Ran, what: &str) -> Result<Vec<(String, Value)>, String> {
    if ran.stderr.contains("panicked") || !matches!(ran.code, Some(4 | 130)) || ran.code == Some(4) && !ran.stderr.contains("hint: ") {
        return Err(format!("{what}: no orderly end\n{ran:#?}"));
    }
    if ran.megabytes > MAX_MEGABYTES {
        return Err(format!("{what}: {} MB", ran.megabytes));
    }
    let parsed = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).map_err(|error| format!("{what}: {error} in {line}")));
    parsed.map(|line| line.map(|line| (line["change"].as_str().unwrap_or_default().to_owned(), line))).collect()
}

#[test]
fn a_watch_survives_every_fault() {
    let mut server = Server::shared();
    let stage = stage("scan-mixed/live");
    server.load(&stage.path);
    server.grant(&Manifest::documented(&stage.namespace));
    let server = &*server;
    let folder = tempfile::tempdir().expect("a folder");
    let (upstream, manners) = (upstream(server), manners(server));
    let look = |pick: Pick| {
        let proxy = serve(upstream.clone(), manners.clone(), move |asked, _| pick(asked));
        let started = Instant::now();
        let ran = run(command(server, &stage, &proxy, &folder), Some(&|| started.elapsed() > LOOK));
        (ran, proxy.asked().len())
    };
    let (plain, asked) = look(Box::new(|_| None));
    let found = lines(&plain, "no fault").expect("a sound watch").len();
    assert!(found > 5, "{plain:#?}");
    type Endpoint = (&'static str, fn(&Asked) -> bool);
    let endpoints: [Endpoint; 2] = [("watch", is_watch), ("version", is_version)];
    let cells: Vec<(Endpoint, Fault)> = endpoints.into_iter().flat_map(|endpoint| Fault::ALL.map(|fault| (endpoint, fault))).collect();
    let (next, problems, peak) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some(((name, hits), fault)) = cells.get(next.fetch_add(1, Ordering::SeqCst)).copied() {
                    let what = format!("{fault:?} at {name}");
                    let (ran, requests) = look(Box::new(move |asked| hits(asked).then_some(fault)));
                    peak.fetch_max(ran.megabytes, Ordering::SeqCst);
                    let problem = match lines(&ran, &what) {
                        Err(problem) => Some(problem),
                        Ok(told) if told.len() < found => Some(format!("{what}: {} of {found} findings told\n{ran:#?}", told.len())),
                        // A fresh look after a gap in the history costs as much as the first one.
                        Ok(_) if requests > 4 * asked => Some(format!("{what}: {requests} requests in {LOOK:?}, {asked} without a fault")),
                        Ok(_) => None,
                    };
                    problems.lock().expect("no panic").extend(problem);
                }
            });
        }
    });
    let problems = problems.into_inner().expect("no panic");
    println!("{} cells of a watch, peak {} MB, {asked} requests without a fault", cells.len(), peak.into_inner());
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), cells.len(), problems.join("\n"));
}

/// Two watches fail, the third does not: a pod that goes away then is told.
#[test]
fn a_watch_goes_on_once_the_server_is_well_again() {
    let mut server = Server::shared();
    let stage = stage("scan-mixed/live");
    let folder = tempfile::tempdir().expect("a folder");
    for fault in [Fault::Code(410), Fault::ResetBefore, Fault::EndsInside, Fault::TooLarge, Fault::NotJson] {
        server.load(&stage.path);
        server.grant(&Manifest::documented(&stage.namespace));
        let failed = AtomicUsize::new(0);
        let proxy = serve(upstream(&server), manners(&server), move |asked, _| (is_watch(asked) && failed.fetch_add(1, Ordering::SeqCst) < 2).then_some(fault));
        let watched = || proxy.asked().iter().filter(|asked| is_watch(asked)).count();
        let (started, deleted) = (Instant::now(), Mutex::new(None::<Instant>));
        let victim = a2()
            .args(["scan", "-n", &stage.namespace, "-o", "json", "--from"])
            .arg(&stage.path)
            .output()
            .map(|output| crate::cases::json(&output)["findings"][0]["pod"].as_str().expect("a pod").to_owned())
            .expect("a2 runs");
        let path = format!("/api/v1/namespaces/{}/pods/{victim}?gracePeriodSeconds=0", stage.namespace);
        let ran = run(
            command(&server, &stage, &proxy, &folder),
            Some(&|| {
                let mut deleted = deleted.lock().expect("no panic");
                if deleted.is_none() && watched() >= 3 {
                    // The third watch stands a moment after it was asked for.
                    std::thread::sleep(Duration::from_millis(500));
                    server.call("DELETE", &path, "").expect("a pod that can be deleted");
                    *deleted = Some(Instant::now());
                }
                deleted.is_some_and(|at| at.elapsed() > Duration::from_secs(3)) || started.elapsed() > Duration::from_secs(30)
            }),
        );
        let told = lines(&ran, &format!("{fault:?}")).unwrap_or_else(|problem| panic!("{problem}"));
        assert!(told.iter().any(|(change, line)| change == "gone" && line["pod"] == victim.as_str()), "{fault:?}: {victim}, {ran:#?}");
    }
}
