//! No reader takes time that grows faster than its input. Measured is the processor time of this thread, four times the input against once: work that grows with
//! the square shows as 16, and the bound lies between. Whole commands are counted in instructions by `tests/bench/instructions.py`.

use std::path::Path;

use serde_json::{Value, json};

use super::feed;
use crate::support::root;

type Feed = fn(&[u8]);

/// Four times the input may take so many times the time.
const MOST: f64 = 8.0;
/// Less than this tells nothing: nanoseconds.
const TELLING: u64 = 4_000_000;

/// Processor time of this thread in nanoseconds; `None` where the system does not tell.
fn spent() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// The time that an input takes, the least of a few tries.
fn cost(feed: Feed, input: &[u8]) -> u64 {
    let once = || {
        let before = spent().unwrap();
        feed(input);
        spent().unwrap() - before
    };
    let first = once();
    if first > 50 * TELLING { first } else { (0..3).map(|_| once()).min().unwrap_or(first).min(first) }
}

/// How the time grows when the input does fourfold: at the first size at which it can be told, up to the largest; the less steep of two steps, for caches and
/// tables have an end, and a regular expression's engine changes with the size.
fn growth(feed: Feed, from: usize, to: usize, input: &dyn Fn(usize) -> Vec<u8>) -> (usize, f64) {
    let mut size = from;
    while size * 4 < to && cost(feed, &input(size)) < TELLING {
        size *= 4;
    }
    let step = |size: usize| cost(feed, &input(size * 4)).max(1) as f64 / cost(feed, &input(size)).max(TELLING / 4) as f64;
    let times = step(size);
    (size, if times > MOST { times.min(step(size * 4)) } else { times })
}

fn repeated(front: &[u8], unit: &[u8], size: usize) -> Vec<u8> {
    let mut all = front.to_vec();
    while all.len() < size {
        all.extend_from_slice(unit);
    }
    all
}

/// Text that is awkward when there is much of it: front, and what is repeated.
fn awkward() -> Vec<(&'static str, Feed, &'static [u8], &'static str)> {
    let log: &[u8] = b"\x04";
    let live: &[u8] = b"\x02";
    let paste: &[u8] = b"\x01";
    vec![
        ("pairs in one word", feed::redact, b"", "key=key="),
        ("pairs that are none in one word", feed::redact, b"", "password=$"),
        ("control strings without an end", feed::redact, b"", "\u{1b}]"),
        ("placeholders with pairs", feed::redact, b"", "[redacted:jwt] token=a1b2c3d4e5 "),
        ("heads of keys", feed::redact, b"", "-----BEGIN RSA PRIVATE KEY-----\n"),
        ("lines of a key", feed::redact, b"", "MIIEpAIBAAKCAQEA1c7+9z5Pad7OejecsQ0bu3aozN3tihPmUYrqKz8fgyhPmVPm\n"),
        ("links", feed::redact, b"", "https://u:p4ssw0rd"),
        ("an ordinary log, redacted", feed::redact, b"", "2030-01-02T03:04:05Z INFO http: GET /v1/orders/7 200 3ms client=10.4.0.7 token_count=17\n"),
        ("an ordinary log", feed::logs, log, "2030-01-02T03:04:05Z INFO http: GET /v1/orders/7 200 3ms client=10.4.0.7\n"),
        ("one line", feed::logs, log, "Error: connect ECONNREFUSED 10.0.0.7:5432 "),
        ("heads of tracebacks", feed::logs, log, "  Traceback (most recent call last):\n"),
        (
            "chained tracebacks",
            feed::logs,
            log,
            "Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: x\n\nDuring handling of the above exception, another exception occurred:\n\n",
        ),
        ("panics", feed::logs, log, "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:7 +0x1d\n"),
        ("frames of the JVM", feed::logs, log, "java.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: y\n"),
        ("peers", feed::logs, log, "ERROR dial tcp 10.0.0.7:5432: connect: connection refused, db-1.example.com:6379, https://db.example.com:8443/x\n"),
        ("structured lines", feed::logs, log, "{\"level\":\"error\",\"msg\":\"x\",\"error\":\"connection refused\",\"stack\":\"a\\n    at b (/c.js:1:2)\"}\n"),
        (
            "workers that die",
            feed::logs,
            live,
            "2030-01-02T03:04:05Z [CRITICAL] WORKER TIMEOUT (pid:7)\n2030-01-02T03:04:06Z [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n",
        ),
        ("colours", feed::logs, log, "\u{1b}[31m"),
        ("a long message", feed::messages, b"", "Back-off restarting failed container main in pod web_shop(u1)\n"),
        ("a message of one line", feed::messages, b"", "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient memory. "),
        ("headers of logs", feed::paste, paste, "==> web-1/main <==\nx\n"),
        ("blank lines in a describe", feed::paste, b"\x01Name: web-0\nNamespace: shop\n", "\nx\n"),
        (
            "rows of events",
            feed::paste,
            b"\x01LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\n",
            "5m (x2 over 9m)  Warning  BackOff  pod/web-0  Back-off restarting failed container\n",
        ),
        ("openings of objects", feed::paste, paste, "{\"kind\": {\n"),
        ("manifests", feed::paste, paste, "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web-0\n"),
        ("lines of the kernel", feed::paste, paste, "[ 12.5] Memory cgroup out of memory: Killed process 4711 (java) total-vm:1kB, anon-rss:2kB\n"),
        ("lines with the pod in front", feed::paste, paste, "[pod/web-0/main] x\n"),
        ("quotations", feed::paste, paste, "> x\n"),
    ]
}

/// Makes an input with so many of something.
type Make = Box<dyn Fn(usize) -> Vec<u8>>;

/// Many of one thing, each with a name of its own.
fn numbered() -> Vec<(&'static str, Feed, Make)> {
    let json = |value: Value| [b"\x07", value.to_string().as_bytes()].concat();
    let table = |value: Value| [b"\x03", value.to_string().as_bytes()].concat();
    vec![
        (
            "containers of a pod",
            feed::lists,
            Box::new(move |n| {
                let specs: Vec<Value> = (0..n).map(|i| json!({ "name": format!("c{i}"), "image": "x", "env": [{ "name": "A", "value": "b" }] })).collect();
                let states: Vec<Value> = (0..n).rev().map(|i| json!({ "name": format!("c{i}"), "restartCount": 1, "state": { "running": {} } })).collect();
                json(json!({ "kind": "Pod", "metadata": { "name": "web" }, "spec": { "containers": specs }, "status": { "containerStatuses": states } }))
            }),
        ),
        (
            "labels and owners of an object",
            feed::lists,
            Box::new(move |n| {
                let owners: Vec<Value> = (0..n).map(|i| json!({ "kind": "ReplicaSet", "name": format!("r{i}"), "controller": i % 2 == 0 })).collect();
                let labels: serde_json::Map<String, Value> = (0..n).map(|i| (format!("l{i}"), json!("x"))).collect();
                json(json!({ "kind": "Pod", "metadata": { "name": "web", "labels": labels, "annotations": labels, "ownerReferences": owners } }))
            }),
        ),
        (
            "rows of a table",
            feed::tables,
            Box::new(move |n| {
                let rows: Vec<Value> = (0..n).map(|i| json!({ "cells": [format!("web-{i}"), "0/1", "Error", "5 (2m ago)", "6d"] })).collect();
                let columns = ["Name", "Ready", "Status", "Restarts", "Age"].map(|name| json!({ "name": name }));
                table(json!({ "kind": "Table", "columnDefinitions": columns, "rows": rows }))
            }),
        ),
        (
            "columns of a table",
            feed::tables,
            Box::new(move |n| {
                let columns: Vec<Value> = (0..n).map(|i| json!({ "name": if i == 0 { "Name".to_owned() } else { format!("c{i}") } })).collect();
                table(json!({ "kind": "Table", "columnDefinitions": columns, "rows": [{ "cells": vec!["x"; n] }] }))
            }),
        ),
        (
            "pods of a paste",
            feed::paste,
            Box::new(|n| {
                (0..n).flat_map(|i| format!("---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web-{i}\n").into_bytes()).fold(vec![1], |mut all, b| {
                    all.push(b);
                    all
                })
            }),
        ),
        (
            "logs of a paste",
            feed::paste,
            Box::new(|n| {
                (0..n).fold(vec![1], |mut all, i| {
                    all.extend(format!("==> web-{i}/main <==\nx\n").bytes());
                    all
                })
            }),
        ),
        (
            "events of a paste",
            feed::paste,
            Box::new(|n| {
                (0..n).fold(b"\x01LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\n".to_vec(), |mut all, i| {
                    all.extend(format!("5m  Warning  BackOff  pod/web-{i}  Back-off\n").bytes());
                    all
                })
            }),
        ),
        (
            "pods and events of a dump",
            feed::bundle,
            Box::new(|n| {
                let pods: Vec<Value> = (0..n)
                    .map(|i| json!({ "metadata": { "name": format!("web-{i}"), "namespace": "shop" }, "spec": { "containers": [{ "name": "main" }] } }))
                    .collect();
                [b"\x06", json!({ "kind": "PodList", "apiVersion": "v1", "items": pods }).to_string().as_bytes()].concat()
            }),
        ),
        (
            "pods and events of a bundle",
            feed::bundle,
            Box::new(|n| {
                let pods: Vec<Value> = (0..n)
                    .map(|i| json!({ "metadata": { "name": format!("web-{i}"), "namespace": "shop" }, "spec": { "containers": [{ "name": "main" }] } }))
                    .collect();
                [b"\x02", json!({ "items": pods }).to_string().as_bytes()].concat()
            }),
        ),
    ]
}

#[test]
fn four_times_the_text_takes_about_four_times_the_time() {
    if spent().is_none() {
        println!("not run: this system does not tell the processor time of a thread");
        return;
    }
    let mut steep = Vec::new();
    for (what, feed, front, unit) in awkward() {
        let (size, times) = growth(feed, 4 << 10, 512 << 10, &|size| repeated(front, unit.as_bytes(), size));
        println!("{what:<40} {size:>8} bytes x {times:.1}");
        if times > MOST {
            steep.push(format!("{what}: four times {size} bytes take {times:.1} times the time"));
        }
    }
    assert!(steep.is_empty(), "{}", steep.join("\n"));
}

#[test]
fn four_times_the_objects_take_about_four_times_the_time() {
    if spent().is_none() {
        println!("not run: this system does not tell the processor time of a thread");
        return;
    }
    let mut steep = Vec::new();
    for (what, feed, input) in numbered() {
        let (size, times) = growth(feed, 250, 16_000, &*input);
        println!("{what:<40} {size:>8} x {times:.1}");
        if times > MOST {
            steep.push(format!("{what}: four times {size} take {times:.1} times the time"));
        }
    }
    assert!(steep.is_empty(), "{}", steep.join("\n"));
}

#[test]
fn the_measure_tells_a_square_from_a_line() {
    if spent().is_none() {
        println!("not run: this system does not tell the processor time of a thread");
        return;
    }
    fn square(data: &[u8]) {
        let pairs = data.iter().flat_map(|a| data.iter().map(move |b| u64::from(a ^ b)));
        assert!(pairs.sum::<u64>() < u64::MAX);
    }
    assert!(growth(square, 256, 64 << 10, &|size| repeated(b"", b"ab", size)).1 > MOST);
}

/// By hand: everything that fuzzing kept (`tests/fuzz/corpus`), repeated. `A2_GROWTH=1 cargo test --test suite growth -- --nocapture`
#[test]
fn what_fuzzing_kept_grows_no_faster_either() {
    let corpus = root().join("tests/fuzz/corpus");
    if std::env::var_os("A2_GROWTH").is_none() || spent().is_none() || !corpus.is_dir() {
        println!("not run: A2_GROWTH is not set, or there is no corpus");
        return;
    }
    // The others read their input as a script, of which more is not more work.
    let feeds: [(&str, Feed, usize); 5] =
        [("messages", feed::messages, 0), ("redact", feed::redact, 0), ("logs", feed::logs, 1), ("paste", feed::paste, 1), ("bundle", feed::bundle, 1)];
    let mut steep = Vec::new();
    for (name, feed, front) in feeds {
        let mut kept = files(&corpus.join(name));
        kept.sort();
        let mut worst = 0.0_f64;
        for path in &kept {
            let bytes = std::fs::read(path).unwrap();
            if bytes.len() <= front {
                continue;
            }
            let (head, unit) = bytes.split_at(front);
            let input = |size: usize| repeated(head, unit, size);
            let times = growth(feed, 16 << 10, 64 << 10, &input).1;
            worst = worst.max(times);
            if times > MOST {
                steep.push(format!("{name}: {} x {times:.1}", path.display()));
            }
        }
        println!("{name}: {} inputs, the steepest x {worst:.1}", kept.len());
    }
    assert!(steep.is_empty(), "{}", steep.join("\n"));
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
