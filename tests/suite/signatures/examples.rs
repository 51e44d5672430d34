//! Every signature against its own examples, and the data files against the rules that they follow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use a2::signatures::{Role, Scope, hits, signature, signatures};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    scope: String,
    signatures: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    examples: Examples,
}

#[derive(Default, Deserialize)]
struct Examples {
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

/// All causes; ids are stable, so the list only grows.
const CAUSES: &str = "oom.container-limit oom.child-process oom.node oom.runtime-heap crash.panic crash.native error.unhandled error.startup \
    timeout.deadline timeout.application dependency.unreachable dependency.dns dependency.tls dependency.timeout dependency.unavailable \
    dependency.auth dependency.pool-exhausted dependency.companion probe.liveness probe.startup probe.readiness eviction.node-pressure \
    eviction.storage-limit disruption.deleted disruption.preempted disruption.drained disruption.tainted disruption.node-shutdown node.lost \
    config.missing-reference config.command config.invalid config.permission image.not-found image.auth image.registry image.invalid \
    scheduling.resources scheduling.placement scheduling.volume scheduling.quota scheduling.rejected storage.mount storage.full lifecycle.hook \
    process.worker-crash process.background-task process.logging process.stalled healthy.running healthy.completed healthy.lingering unknown";

/// Causes that a program's own log can show; the others are known to the platform only.
const SHOWN_BY_LOGS: &str = "oom.child-process oom.runtime-heap crash.panic crash.native error.unhandled error.startup timeout.application \
    dependency.unreachable dependency.dns dependency.tls dependency.timeout dependency.unavailable dependency.auth dependency.pool-exhausted \
    config.command config.invalid config.permission image.invalid storage.full process.worker-crash process.background-task process.logging \
    process.stalled";

fn files() -> Vec<(String, File)> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/signatures/data");
    let mut paths: Vec<_> = std::fs::read_dir(data).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "yaml")).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "exit-codes.yaml" || name == "reasons.yaml" {
            continue;
        }
        files.push((name, serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()));
    }
    files
}

fn scope(word: &str) -> Scope {
    match word {
        "log" => Scope::Log,
        "kernel" => Scope::Kernel,
        _ => Scope::Platform,
    }
}

#[test]
fn examples_match_and_counter_examples_do_not() {
    let mut wrong = Vec::new();
    for (name, file) in files() {
        let scope = scope(&file.scope);
        for entry in &file.signatures {
            let matches = |text: &str| hits(scope, text, 0).iter().any(|h| h.signature.id == entry.id);
            wrong.extend(entry.examples.yes.iter().filter(|t| !matches(t)).map(|t| format!("{name}: {} misses {t:?}", entry.id)));
            wrong.extend(entry.examples.no.iter().filter(|t| matches(t)).map(|t| format!("{name}: {} takes {t:?}", entry.id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn log_and_kernel_signatures_have_an_example() {
    for (name, file) in files() {
        for entry in file.signatures.iter().filter(|_| file.scope != "platform") {
            assert!(!entry.examples.yes.is_empty(), "{name}: {} has no example", entry.id);
        }
    }
}

#[test]
fn ids_are_unique_and_patterns_compile() {
    let mut seen = BTreeSet::new();
    for s in signatures() {
        assert!(seen.insert(s.id), "{} is there twice", s.id);
        assert!(s.id.contains('.') && !s.why.is_empty(), "{} lacks a theme or a reason", s.id);
        let compiled = regex::bytes::RegexBuilder::new(s.pattern).unicode(false).build();
        assert!(compiled.is_ok(), "{}: {compiled:?}", s.id);
        assert_eq!(signature(s.id).map(|o| o.pattern), Some(s.pattern));
    }
    assert!(seen.len() > 250, "{} signatures", seen.len());
}

#[test]
fn groups_are_entities_that_a_hit_can_carry() {
    const GROUPS: [&str; 16] =
        ["peer", "host", "port", "file", "line", "variable", "path", "certificate", "sqlstate", "pid", "status", "exit", "signal", "object", "limit", "image"];
    for s in signatures().iter().filter(|s| s.scope != Scope::Platform) {
        let compiled = regex::bytes::RegexBuilder::new(s.pattern).unicode(false).build().unwrap();
        for group in compiled.capture_names().flatten() {
            assert!(GROUPS.contains(&group) || matches!(group, "resource" | "volume"), "{}: group {group}", s.id);
        }
    }
}

#[test]
fn causes_are_known_and_every_cause_a_log_can_show_has_a_signature() {
    let known: BTreeSet<&str> = CAUSES.split_whitespace().collect();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for s in signatures() {
        for cause in [s.cause, s.peer_cause].into_iter().flatten() {
            assert!(known.contains(cause), "{}: {cause}", s.id);
        }
        if s.scope == Scope::Platform {
            continue;
        }
        let silent = matches!(s.role, Role::Marker | Role::Noise);
        assert_eq!(s.cause.is_none(), silent, "{}: a marker or noise has no cause, anything else has one", s.id);
        if let (Scope::Log, Some(cause), true) = (s.scope, s.cause, matches!(s.role, Role::Cause | Role::Live | Role::Generic)) {
            *named.entry(cause).or_default() += 1;
        }
    }
    for cause in SHOWN_BY_LOGS.split_whitespace() {
        assert!(named.contains_key(cause), "no signature for {cause}");
    }
}

#[test]
fn entities_come_out_of_the_words() {
    let value = |text: &str, id: &str| {
        let hit = hits(Scope::Log, text, 0).into_iter().find(|h| h.signature.id == id).unwrap();
        hit.entities.into_iter().map(|e| format!("{} {}", e.kind.word(), e.value)).collect::<Vec<_>>()
    };
    assert_eq!(value("KeyError: 'TALLY_URL'", "python.env-key"), ["variable TALLY_URL"]);
    assert_eq!(value("lookup rates.corp on 10.9.0.10:53: no such host", "dns.go"), ["peer rates.corp"]);
    assert_eq!(value("[CRITICAL] WORKER TIMEOUT (pid:31)", "timeout.gunicorn"), ["pid 31"]);
    assert_eq!(value("thread 'main' panicked at src/a.rs:3:9:", "rust.panic"), ["position src/a.rs:3"]);
}

/// What healthy programs write must not name a cause.
#[test]
fn prose_of_healthy_programs_names_no_cause() {
    const LINES: [&str; 20] = [
        "GET /healthz 200 1ms",
        r#"10.42.0.1 - - [02/Jan/2031:03:04:05 +0000] "GET /plan HTTP/1.1" 503 12"#,
        "INFO server listening on 0.0.0.0:8080",
        "loaded 412 plans in 31 ms, 0 errors",
        "DEBUG cache miss for key panic-button, loading",
        "INFO request_timeout=30s connect_timeout=5s retries=3",
        "indexing document 'how to survive a kernel panic'",
        "session expires in 900 s",
        "INFO retention: removed 14 expired tokens",
        "killed 3 idle sessions",
        "INFO worker 3 finished, exit code 0",
        "processed 500 rows from ledger",
        "received 503 messages",
        "connection pool: 3 idle, 2 busy, max 10",
        "memory: rss 120 MiB of 512 MiB",
        "INFO permissions synced for 12 users",
        "INFO certificate valid until 2031-01-02",
        "INFO leader elected: ledger-0",
        "disk usage 41% on /data",
        "INFO config reloaded from /etc/ledger/ledger.yaml",
    ];
    for line in LINES {
        let wrong: Vec<_> = hits(Scope::Log, line, 0).into_iter().filter(|h| h.signature.cause.is_some()).map(|h| h.signature.id).collect();
        assert!(wrong.is_empty(), "{line:?}: {wrong:?}");
    }
}
