//! `a2 scan --watch --save`: what was kept of a pod that is gone tells the same as the pod did.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cases::{fixture_stages, json as report_of, verdict};
use crate::server::{Server, a2, until};
use crate::watch::{Watch, died, pod, runs, signal};

fn kept(directory: &Path) -> Vec<std::path::PathBuf> {
    let below = |d: std::path::PathBuf| std::fs::read_dir(d).into_iter().flatten().map(|e| e.expect("an entry").path()).collect::<Vec<_>>();
    let mut all: Vec<_> = below(directory.to_owned()).into_iter().flat_map(below).flat_map(below).collect();
    all.sort();
    all
}

fn investigated(directory: &Path, pod: &str) -> Value {
    let mut command = a2();
    report_of(&command.args(["investigate", pod, "-o", "json", "--from"]).arg(directory).output().expect("a2 runs"))
}

/// All text of an archive, by the tool that everybody has.
fn text_of(archive: &Path) -> String {
    let unpacked = Command::new("tar").arg("-xOzf").arg(archive).output().expect("tar");
    assert!(unpacked.status.success(), "{}: {unpacked:?}", archive.display());
    String::from_utf8_lossy(&unpacked.stdout).into_owned()
}

/// Recorded pods fail under a2's eyes and are deleted; what is left of them is one directory.
#[test]
fn a_gone_pod_is_investigated_from_what_was_kept() {
    let mut server = Server::shared();
    let (mut compared, mut wrong) = (0, Vec::new());
    for stage in fixture_stages().iter().filter(|s| s.name.ends_with("/live")) {
        let before = report_of(&stage.bundle_says());
        let cause = before["verdict"]["cause"].as_str().unwrap_or_default().to_owned();
        // Those that one pod, its events and its logs tell of: what its owner or its neighbours add is not kept.
        if ["healthy.", "disruption.", "dependency.", "unknown"].iter().any(|f| cause.starts_with(f)) {
            continue;
        }
        let recording = server.load(&stage.path);
        let name = before["target"]["name"].as_str().expect("a name").to_owned();
        let object = recording.objects[&format!("/registry/pods/{}/{name}", stage.namespace)].clone();
        server.delete(&stage.namespace, &name);
        server.put(&pod(&stage.namespace, "sentinel", "Failed", died(1, "Error")));
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().to_str().expect("a path in UTF-8");
        let watch = Watch::start(server.a2(), &["-n", &stage.namespace, "--save", place]);
        while watch.next().1 != "sentinel" {}
        server.put(&object);
        while watch.next().1 != name {}
        until("it is kept", || kept(directory.path()).iter().any(|p| p.to_string_lossy().contains(&format!("/{name}/"))));
        server.delete(&stage.namespace, &name);
        loop {
            let (change, of, _) = watch.next();
            if (change.as_str(), of.as_str()) == ("gone", name.as_str()) {
                break;
            }
        }
        assert_eq!(watch.interrupt().code(), Some(130));
        let after = investigated(directory.path(), &name);
        compared += 1;
        if after["verdict"]["cause"] != before["verdict"]["cause"] || after["verdict"]["exitCode"] != before["verdict"]["exitCode"] {
            wrong.push(format!("{}: {:?}, from what was kept {:?}", stage.name, verdict(&before), verdict(&after)));
        }
    }
    println!("{compared} pods, {} told the same from what was kept", compared - wrong.len());
    assert!(compared > 3 && wrong.is_empty(), "{compared}\n{}", wrong.join("\n"));
}

fn failing(name: &str) -> Value {
    let mut failing = pod("watched", name, "Failed", died(3, "Error"));
    failing["spec"]["containers"][0]["env"] = json!([{ "name": "DB_PASSWORD", "value": "hunter2-hunter2" }]);
    failing["spec"]["containers"][0]["args"] = json!(["--token=ghp_0123456789abcdefghijABCDEFGHIJ012345"]);
    failing["metadata"]["annotations"] = json!({ "note": "postgres://app:s3cr3t-w0rd@db:5432/shop" });
    failing["status"]["containerStatuses"][0]["state"]["terminated"]["message"] = json!("login failed for password=tr0ub4dor-and-3");
    failing
}

/// Killed in the middle, again and again: what is there is whole, holds no secret, and the next run goes on with it.
#[test]
fn a_killed_recorder_leaves_whole_bundles_and_no_secret() {
    let mut server = Server::shared();
    server.clear();
    server.put(&json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "watched", "uid": "uid-watched" }, "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" } }));
    server.put(&pod("watched", "quiet", "Running", runs()));
    let directory = tempfile::tempdir().expect("a directory");
    let place = directory.path().to_str().expect("a path in UTF-8");
    let mut most = 0;
    for round in 0..4 {
        for i in 0..10 {
            server.put(&failing(&format!("web-{round}-{i}")));
        }
        let watch = Watch::start(server.a2(), &["-n", "watched", "--save", place]);
        let before = kept(directory.path()).iter().filter(|p| p.extension().is_some_and(|e| e == "gz")).count();
        until("some are kept", || kept(directory.path()).len() > before + 1 + round);
        signal(&watch.child, "KILL");
        drop(watch);
        for archive in kept(directory.path()).iter().filter(|p| p.extension().is_some_and(|e| e == "gz")) {
            let text = text_of(archive);
            assert!(text.contains("containerStatuses"), "{}", archive.display());
            for secret in ["hunter2", "ghp_0123456789", "s3cr3t-w0rd", "tr0ub4dor"] {
                assert!(!text.contains(secret), "{secret} in {}", archive.display());
            }
        }
        let now = kept(directory.path()).len();
        assert!(now >= most, "{now} after {most}: a restart loses what was kept");
        most = now;
    }
    let after = investigated(directory.path(), "web-0-");
    assert_eq!(after["kind"], "Error", "several begin so: {after}");
    let mut command = a2();
    let scan = report_of(&command.args(["scan", "-o", "json", "--from", place]).output().expect("a2 runs"));
    assert!(scan["counts"]["findings"].as_u64() > Some(4), "{scan}");
    assert!(scan["gaps"].as_array().is_some_and(|gaps| gaps.iter().all(|g| g["kind"] != "malformed")), "{scan}");
    println!("{most} files after four kills");
}
