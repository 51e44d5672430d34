//! Clocks that differ: the client's, the server's, and those of the nodes.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::cases::verdict;
use crate::faults::proxy::{Manners, serve};
use crate::matrix::{kubeconfig, manners, stage, upstream};
use crate::rbac::Manifest;
use crate::server::{Server, a2};

const HOUR: i64 = 3600;

/// When things happen, and what the server's clock says, in seconds ahead of this machine's clock.
#[derive(Clone, Copy)]
struct Clocks {
    events: i64,
    /// `None`: the server does not tell the time.
    server: Option<i64>,
}

const TRUE: Clocks = Clocks { events: 0, server: Some(0) };

/// What a2 prints about a stage, on stdout and on stderr.
fn said(server: &mut Server, name: &str, clocks: Clocks, output: &str) -> (String, String) {
    let stage = stage(name);
    server.load_at(&stage.path, Utc::now() + TimeDelta::seconds(clocks.events));
    server.grant(&Manifest::documented(&stage.namespace));
    let told = Manners { ahead: clocks.server.unwrap_or_default(), no_date: clocks.server.is_none(), ..manners(server) };
    let proxy = serve(upstream(server), told, |_, _| None);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig(server, &proxy.address, "a2")).expect("a kubeconfig");
    let mut a2 = a2();
    match stage.pod() {
        "" => a2.arg("scan"),
        pod => a2.args(["investigate", pod]),
    };
    let ran = a2.args(["-n", &stage.namespace, "-o", output, "--kubeconfig"]).arg(path).output().expect("a2 runs");
    assert!(matches!(ran.status.code(), Some(0 | 3)), "{ran:?}");
    (String::from_utf8(ran.stdout).expect("text"), String::from_utf8(ran.stderr).expect("text"))
}

fn report(server: &mut Server, name: &str, clocks: Clocks) -> Value {
    serde_json::from_str(&said(server, name, clocks, "json").0).expect("a report")
}

/// A text without its numbers, blanks and line ends: what is left differs where units or signs of times do.
fn wording(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
    kept.replace('#', "").replace(['│', '┆', '─', '╌'], "")
}

const STAGES: [&str; 3] = ["dep-refused-rust-unwrap/live", "wf-resume-oom/deleted", "scan-mixed/live"];

fn observed(report: &Value) -> DateTime<Utc> {
    report["observedAt"].as_str().and_then(crate::recording::time).unwrap_or_else(|| panic!("{report}"))
}

/// Everything is an hour off for the client: it says the same, in the same ages, and tells the user of it.
#[test]
fn an_hour_between_client_and_server_changes_nothing() {
    let mut server = Server::shared();
    // Not the scan: it reads ages that the API server printed, and only the proxy in front of it is an hour off.
    for name in &STAGES[..2] {
        let (plain, quiet) = said(&mut server, name, TRUE, "markdown");
        assert!(!quiet.contains("clock"), "{quiet}");
        for (hours, direction) in [(1, "behind"), (-1, "ahead of")] {
            let clocks = Clocks { events: hours * HOUR, server: Some(hours * HOUR) };
            let (told, note) = said(&mut server, name, clocks, "markdown");
            assert_eq!(wording(&told), wording(&plain), "{name} {hours}:\n{told}\n{plain}");
            assert!(note.contains("this machine's clock is") && note.contains(direction), "{name}: {note}");
            let off = (observed(&report(&mut server, name, clocks)) - Utc::now()).num_seconds() - hours * HOUR;
            assert!(off.abs() < 60, "{name}: {off} s");
        }
    }
}

/// A server that tells no time: this machine's clock stands in, and that is said.
#[test]
fn without_a_date_this_machine_s_clock_stands_in() {
    let mut server = Server::shared();
    for name in STAGES {
        let (plain, _) = said(&mut server, name, TRUE, "markdown");
        let clocks = Clocks { events: 0, server: None };
        let (told, note) = said(&mut server, name, clocks, "markdown");
        assert_eq!(wording(&told), wording(&plain), "{name}:\n{told}\n{plain}");
        assert!(note.contains("the server does not tell the time"), "{name}: {note}");
        let off = (observed(&report(&mut server, name, clocks)) - Utc::now()).num_seconds();
        assert!(off.abs() < 60, "{name}: {off} s");
    }
}

/// What happened cannot lie after "now": where the nodes' clocks are ahead of the server's, ages count from the evidence, and a gap says so.
#[test]
fn an_hour_between_server_and_nodes_is_told() {
    let mut server = Server::shared();
    for name in &STAGES[..2] {
        let plain = report(&mut server, name, TRUE);
        let clocks = Clocks { events: HOUR, server: Some(0) };
        let told = report(&mut server, name, clocks);
        assert_eq!(verdict(&told), verdict(&plain), "{name}");
        let gap = told["gaps"].as_array().into_iter().flatten().find(|gap| gap["what"] == "the server's clock");
        assert!(gap.is_some_and(|gap| gap["why"].as_str().is_some_and(|why| why.contains(" min before"))), "{name}: {}", told["gaps"]);
        let off = (observed(&told) - Utc::now()).num_seconds() - HOUR;
        assert!((-600..60).contains(&off), "{name}: {off} s");
    }
}
