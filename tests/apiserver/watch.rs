//! `a2 scan --watch` against the server: what changes in etcd is told, a line each, whatever happens to the watch.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::proxy::Proxy;
use crate::rbac::{Manifest, Right};
use crate::server::{Server, a2};

/// Long enough for a burst to settle, a look and a line on a busy machine.
const SOON: Duration = Duration::from_secs(20);
/// What was not told by then is not told.
const QUIET: Duration = Duration::from_secs(4);

/// A running `a2 scan --watch -o jsonl`.
pub struct Watch {
    pub child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Watch {
    pub fn start(mut command: Command, args: &[&str]) -> Self {
        let mut child = command
            .args(["scan", "--watch", "-o", "jsonl"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a2 starts");
        let lines = lines_of(child.stdout.take().expect("a pipe"));
        let errors = lines_of(child.stderr.take().expect("a pipe"));
        Self { child, lines, errors }
    }

    /// The next change: its word, its pod and its cause.
    pub fn next(&self) -> (String, String, String) {
        let line = self.lines.recv_timeout(SOON).unwrap_or_else(|e| panic!("no line on stdout: {e}; stderr: {:?}", self.errors.try_iter().collect::<Vec<_>>()));
        let change: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let text = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
        (text("change"), text("pod"), text("cause"))
    }

    fn expect(&self, change: &str, pod: &str) {
        let (got, of, cause) = self.next();
        assert_eq!((got.as_str(), of.as_str()), (change, pod), "{cause}");
    }

    /// Nothing is told for a while.
    fn says_nothing(&self) {
        match self.lines.recv_timeout(QUIET) {
            Err(RecvTimeoutError::Timeout) => {}
            other => panic!("{other:?}; stderr: {:?}", self.errors.try_iter().collect::<Vec<_>>()),
        }
    }

    /// Waits for a line on stderr.
    fn warns(&self, of: &str) -> String {
        let start = Instant::now();
        let mut all = Vec::new();
        while start.elapsed() < SOON * 2 {
            let Ok(line) = self.errors.recv_timeout(SOON) else { break };
            if line.contains(of) {
                return line;
            }
            all.push(line);
        }
        panic!("stderr says nothing of {of:?}: {all:?}");
    }

    /// Ctrl-C, and how it ended.
    pub fn interrupt(mut self) -> ExitStatus {
        signal(&self.child, "INT");
        let status = ended(&mut self.child);
        let errors: Vec<String> = self.errors.iter().collect();
        assert!(!errors.iter().any(|line| line.contains("panicked")), "{errors:?}");
        status
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _nobody = sender.send(line);
        }
    });
    receiver
}

pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
}

fn ended(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        assert!(start.elapsed() < SOON, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A time so many seconds ago, as the API writes it.
fn ago(seconds: i64) -> String {
    (Utc::now() - TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A pod of one container.
pub fn pod(namespace: &str, name: &str, phase: &str, state: Value) -> Value {
    let ready = state.get("running").is_some();
    json!({ "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": namespace, "uid": format!("uid-{name}"), "creationTimestamp": ago(600), "labels": { "app": name } },
        "spec": { "restartPolicy": "Never", "nodeName": "n1", "serviceAccountName": "default", "containers": [{ "name": "main", "image": "registry.example/app:1",
            "imagePullPolicy": "IfNotPresent", "resources": { "limits": { "memory": "64Mi" } }, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File" }],
            "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler", "securityContext": {}, "terminationGracePeriodSeconds": 30 },
        "status": { "phase": phase, "startTime": ago(599), "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": ago(590) }],
            "containerStatuses": [{ "name": "main", "image": "registry.example/app:1", "imageID": "", "containerID": "containerd://1", "restartCount": 0, "started": ready,
                "ready": ready, "state": state, "lastState": {} }] } })
}

pub fn runs() -> Value {
    json!({ "running": { "startedAt": ago(595) } })
}

pub fn died(code: i64, reason: &str) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": reason, "startedAt": ago(595), "finishedAt": ago(5), "containerID": "containerd://1" } })
}

/// Namespaces as the server keeps them.
fn with_namespaces(server: &mut Server, names: &[&str]) {
    server.clear();
    names.iter().for_each(|name| with_more(server, name));
}

#[test]
fn each_change_is_a_line_and_a_quiet_pod_none() {
    let mut server = Server::shared();
    with_namespaces(&mut server, &["watched"]);
    server.grant(&Manifest::documented("watched"));
    server.put(&pod("watched", "quiet", "Running", runs()));
    server.put(&pod("watched", "web", "Running", runs()));
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    let watch = Watch::start(server.a2(), &["--context", "a2", "-n", "watched"]);
    watch.expect("found", "old");
    // It dies, it dies otherwise, it is well again, it is gone; the quiet pod changes all the time and is well.
    server.put(&pod("watched", "web", "Failed", died(3, "Error")));
    watch.expect("found", "web");
    for round in 0..3 {
        let mut quiet = pod("watched", "quiet", "Running", runs());
        quiet["metadata"]["annotations"] = json!({ "round": round.to_string() });
        server.put(&quiet);
    }
    server.put(&pod("watched", "web", "Failed", died(137, "OOMKilled")));
    let (change, of, cause) = watch.next();
    assert_eq!((change.as_str(), of.as_str(), cause.as_str()), ("changed", "web", "oom.container-limit"));
    server.put(&pod("watched", "web", "Running", runs()));
    watch.expect("cleared", "web");
    server.delete("watched", "old");
    watch.expect("gone", "old");
    server.put(&pod("watched", "flash", "Failed", died(9, "Error")));
    server.delete("watched", "flash");
    watch.expect("found", "flash");
    watch.expect("gone", "flash");
    server.delete("watched", "quiet");
    watch.says_nothing();
    assert_eq!(watch.interrupt().code(), Some(130));
}

#[test]
fn a_watch_of_everything_hears_of_new_namespaces_with_one_stream() {
    let mut server = Server::shared();
    with_namespaces(&mut server, &["one", "two"]);
    let proxy = Proxy::start(server.admin());
    server.put(&pod("one", "first", "Failed", died(1, "Error")));
    let watch = Watch::start(through(&proxy), &["-A"]);
    watch.expect("found", "first");
    with_more(&server, "three");
    server.put(&pod("three", "late", "Failed", died(1, "Error")));
    watch.expect("found", "late");
    assert_eq!(proxy.watches().len(), 1, "{:?}", proxy.watches());
    assert_eq!(watch.interrupt().code(), Some(130));
}

fn with_more(server: &Server, name: &str) {
    server.put(&json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "uid": format!("uid-{name}"), "creationTimestamp": ago(6000) },
        "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" } }));
}

fn through(proxy: &Proxy) -> Command {
    let mut command = a2();
    command.env("KUBECONFIG", &proxy.kubeconfig);
    command
}

/// The value of a query parameter of each watch.
fn versions(watches: &[String]) -> Vec<u64> {
    watches.iter().filter_map(|w| w.split("resourceVersion=").nth(1)?.split('&').next()?.parse().ok()).collect()
}

#[test]
fn a_watch_that_the_server_ends_goes_on_where_it_was() {
    let mut server = Server::shared();
    with_namespaces(&mut server, &["watched"]);
    let proxy = Proxy::start(server.admin());
    proxy.set(|mode| mode.seconds = Some(2));
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    let watch = Watch::start(through(&proxy), &["-n", "watched"]);
    watch.expect("found", "old");
    let mut told = 0;
    while proxy.watches().len() < 4 {
        server.put(&pod("watched", &format!("web-{told}"), "Failed", died(3, "Error")));
        watch.expect("found", &format!("web-{told}"));
        told += 1;
        assert!(told < 30, "the server never ended a watch");
    }
    let versions = versions(&proxy.watches());
    assert!(versions.is_sorted(), "{versions:?}");
    watch.says_nothing();
    assert_eq!(watch.interrupt().code(), Some(130));
}

#[test]
fn history_that_was_compacted_is_a_fresh_look_without_false_news() {
    // Without its cache in front, the server reads history out of etcd, and says 410 as soon as etcd has forgotten it.
    let mut server = Server::start_with(&["--watch-cache-sizes=pods#0"]);
    with_namespaces(&mut server, &["watched"]);
    let proxy = Proxy::start(server.admin());
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    server.put(&pod("watched", "web", "Running", runs()));
    let watch = Watch::start(through(&proxy), &["-n", "watched"]);
    watch.expect("found", "old");
    crate::server::until("it watches", || !proxy.watches().is_empty());
    server.compact();
    // The next watch asks from the very first version: the server itself says 410.
    proxy.set(|mode| mode.version = Some("1"));
    proxy.cut();
    server.put(&pod("watched", "web", "Failed", died(3, "Error")));
    watch.expect("found", "web");
    watch.says_nothing();
    let watches = proxy.watches();
    assert!(watches.len() >= 3, "{watches:?}");
    let refused = server.text("/api/v1/namespaces/watched/pods?watch=true&resourceVersion=1&timeoutSeconds=1").expect("an answer");
    assert!(refused.contains("410") && refused.contains("Expired"), "what the server said was no 410: {refused}");
    server.delete("watched", "old");
    watch.expect("gone", "old");
    assert_eq!(watch.interrupt().code(), Some(130));
}

#[test]
fn a_server_that_goes_away_and_comes_back_is_told_and_nothing_is_lost() {
    let mut server = Server::shared();
    with_namespaces(&mut server, &["watched"]);
    let proxy = Proxy::start(server.admin());
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    server.put(&pod("watched", "web", "Running", runs()));
    let watch = Watch::start(through(&proxy), &["-n", "watched"]);
    watch.expect("found", "old");
    crate::server::until("it watches", || !proxy.watches().is_empty());
    proxy.set(|mode| mode.away = true);
    proxy.cut();
    watch.warns("is interrupted and tried again");
    server.put(&pod("watched", "web", "Failed", died(3, "Error")));
    server.delete("watched", "old");
    watch.says_nothing();
    proxy.set(|mode| mode.away = false);
    watch.warns("the watch goes on");
    let mut told = [watch.next(), watch.next()].map(|(change, pod, _)| format!("{change} {pod}"));
    told.sort();
    assert_eq!(told, ["found web", "gone old"]);
    watch.says_nothing();
    assert_eq!(watch.interrupt().code(), Some(130));
}

#[test]
fn who_may_not_watch_or_list_is_told_what_to_do() {
    let mut server = Server::shared();
    with_namespaces(&mut server, &["watched", "closed"]);
    let manifest = Manifest::documented("watched");
    server.grant(&manifest.without(&Right { namespace: "watched".to_owned(), verb: "watch".to_owned(), resource: "pods".to_owned() }));
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    let watch = Watch::start(server.a2(), &["--context", "a2", "-n", "watched", "-n", "closed"]);
    watch.expect("found", "old");
    let mut warned = [watch.warns("kubectl auth can-i watch pods"), watch.warns("kubectl auth can-i watch pods")];
    warned.sort();
    assert!(warned[0].contains("-n closed") && warned[1].contains("-n watched") && warned[1].contains("403"), "{warned:?}");
    watch.says_nothing();
    assert_eq!(watch.interrupt().code(), Some(130));
    // Where nothing at all may be seen there is no point in waiting.
    let mut command = server.a2();
    let output = command.args(["scan", "--watch", "-o", "jsonl", "--context", "a2", "-n", "closed"]).output().expect("a2 runs");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("kubectl auth can-i list pods -n closed"), "{output:?}");
}

#[test]
fn it_can_be_interrupted_while_nobody_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let directory = tempfile::tempdir().expect("a directory");
    let kubeconfig = directory.path().join("kubeconfig");
    let server = listener.local_addr().expect("an address");
    std::fs::write(&kubeconfig, format!("apiVersion: v1\nkind: Config\ncurrent-context: mute\nclusters: [{{name: mute, cluster: {{server: \"http://{server}\"}}}}]\nusers: [{{name: me, user: {{}}}}]\ncontexts: [{{name: mute, context: {{cluster: mute, user: me}}}}]\n")).expect("a kubeconfig");
    for (name, code) in [("INT", 130), ("TERM", 130)] {
        let mut command = a2();
        command.env("KUBECONFIG", &kubeconfig);
        let mut watch = Watch::start(command, &["-n", "watched"]);
        let asked = listener.accept().expect("a2 asks");
        signal(&watch.child, name);
        let start = Instant::now();
        assert_eq!(ended(&mut watch.child).code(), Some(code));
        assert!(start.elapsed() < Duration::from_secs(3));
        drop(asked);
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_well() {
    let mut server = Server::shared();
    with_namespaces(&mut server, &["watched"]);
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    let config = server.kubeconfig.to_str().expect("a path in UTF-8").to_owned();
    let start = Instant::now();
    let script = format!("{} scan --watch -n watched --kubeconfig {config} | head -n 1; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_a2"));
    let output = Command::new("bash").args(["-c", &script]).output().expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("\"found\"") && lines[1] == "0", "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    // Nothing more changed: it noticed without having something to write.
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}
