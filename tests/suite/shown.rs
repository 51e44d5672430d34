//! The commands that README and docs show in `sh` blocks, and a shell to run them in: a2 itself, the real kubectl where there is a
//! server for it, and stand-ins only for what is no part of the project (`gh`, `notify`, and the building that `cargo` would do).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pack, pod};

/// One block.
pub struct Block {
    /// `README.md`, `docs/cookbook.md`.
    pub file: String,
    /// The line where it begins, from one.
    pub line: usize,
    /// Its text.
    pub text: String,
}

impl Block {
    /// For messages.
    pub fn name(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// It calls kubectl, or watches: a recording answers neither.
    pub fn needs_a_server(&self) -> bool {
        self.text.contains("kubectl") || self.text.contains("--watch")
    }

    /// It measures the machine, for minutes: `.ci/run` does that.
    pub fn measures(&self) -> bool {
        self.text.contains("tests/bench/")
    }
}

/// All blocks of README and docs.
pub fn blocks() -> Vec<Block> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = fs::read_dir(root.join("docs")).expect("docs").map(|e| e.expect("an entry").path()).collect();
    pages.retain(|page| page.extension().is_some_and(|e| e == "md"));
    pages.push(root.join("README.md"));
    pages.sort();
    let mut found = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        let file = page.strip_prefix(root).expect("below the root").display().to_string();
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            if matches!(line.trim(), "```sh" | "```bash" | "```shell") {
                let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```").collect();
                found.push(Block { file: file.clone(), line: at + 1, text: body.join("\n") + "\n" });
            }
        }
    }
    found
}

fn in_namespace(namespace: &str, mut object: Value) -> Value {
    object["metadata"]["namespace"] = json!(namespace);
    object
}

/// What a server keeps names its own kind.
fn kinds(api_version: &str, kind: &str, items: Vec<Value>) -> Vec<Value> {
    let named = |mut object: Value| {
        object["apiVersion"] = json!(api_version);
        object["kind"] = json!(kind);
        object
    };
    items.into_iter().map(named).collect()
}

/// A pod that crash-loops, with a log of the instance before.
fn crash_loops(name: &str) -> Value {
    let mut target = pod(name, json!({ "app": "web" }), None, "Running", json!({ "waiting": { "reason": "CrashLoopBackOff" } }));
    target["status"]["containerStatuses"][0]["restartCount"] = json!(3);
    target["status"]["containerStatuses"][0]["lastState"] = exited(101);
    target
}

/// The pods that the pages speak of.
fn pods() -> Vec<Value> {
    let mut tried = pod("tests-k2x9p", json!({ "job-name": "tests", "batch.kubernetes.io/job-name": "tests" }), Some(("Job", "tests")), "Failed", exited(101));
    tried["spec"]["restartPolicy"] = json!("Never");
    kinds("v1", "Pod", vec![crash_loops("web-0"), crash_loops("web-5d9f7c-x2x4z"), tried])
}

const PANIC: &[u8] =
    b"2030-01-02T03:01:59Z thread 'main' panicked at src/main.rs:7:5:\n2030-01-02T03:01:59Z index out of bounds: the len is 3 but the index is 7\n";

/// A cluster in which all commands have something to look at.
pub fn world() -> Bundle {
    let mut built = in_namespace("ci", pod("build-7-2420829733", json!({}), None, "Failed", exited(101)));
    built["spec"]["restartPolicy"] = json!("Never");
    let job = json!({ "metadata": { "name": "tests", "namespace": "shop", "uid": "uid-tests" }, "spec": { "backoffLimit": 0 },
        "status": { "failed": 1, "conditions": [{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit" }] } });
    let ready = json!([{ "type": "Ready", "status": "True" }]);
    let nodes = vec![json!({ "metadata": { "name": "n1" }, "status": { "addresses": [], "conditions": ready } })];
    let namespaces = vec![json!({ "metadata": { "name": "shop" } }), json!({ "metadata": { "name": "ci" } })];
    let backed_off = event("e1", "Pod", "web-0", "BackOff", "Back-off restarting failed container");
    let mut bundle = Bundle::new()
        .set("namespaces", json!(["shop", "ci"]))
        .list("/api/v1/nodes", kinds("v1", "Node", nodes))
        .list("/api/v1/namespaces", kinds("v1", "Namespace", namespaces))
        .list("/api/v1/namespaces/shop/pods", pods())
        .list("/api/v1/namespaces/shop/events", kinds("v1", "Event", vec![backed_off]))
        .list("/apis/batch/v1/namespaces/shop/jobs", kinds("batch/v1", "Job", vec![job]))
        .list("/api/v1/namespaces/ci/pods", kinds("v1", "Pod", vec![built]))
        .empty(&["/api/v1/namespaces/ci/events", "/api/v1/namespaces/ci/services"]);
    for (namespace, name, suffix) in
        [("shop", "web-0", ".previous"), ("shop", "web-5d9f7c-x2x4z", ".previous"), ("shop", "tests-k2x9p", ""), ("ci", "build-7-2420829733", "")]
    {
        bundle = bundle.file(&format!("api/v1/namespaces/{namespace}/pods/{name}/log/main{suffix}.log"), PANIC);
    }
    bundle.usual()
}

/// A folder with what the pages take for given, and programs to call.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// Lays everything out.
    pub fn new(a2: &str) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), at("fixtures")).expect("a link");
        let world = world().done();
        pack(world.path(), &at("case.tar.gz"));
        copy(world.path(), &at("flight"));
        let text = |kind: &str, items: Vec<Value>| json!({ "apiVersion": "v1", "kind": kind, "items": items }).to_string();
        fs::create_dir_all(at("support-bundle")).expect("a directory");
        fs::write(at("support-bundle/version.yaml"), "apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n").expect("a version");
        // The layouts of troubleshoot.sh and must-gather, with nothing but pods.
        for (dump, file) in [("support-bundle", "cluster-resources/pods/shop.json"), ("must-gather", "quay-io/namespaces/shop/core/pods.yaml")] {
            let path = at(dump).join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(&path, text("PodList", pods())).expect("a dump");
            pack(&at(dump), &at(&format!("{dump}.tar.gz")));
            fs::remove_dir_all(at(dump)).expect("packed");
        }
        fs::write(at("ticket.txt"), text("List", pods())).expect("a ticket");
        let program = |name: &str, body: &str| {
            let path = at("bin").join(name);
            fs::create_dir_all(at("bin")).expect("a directory");
            fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a program");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("rights");
        };
        // A watch has no end of its own.
        let watch = format!("*' --watch '*) timeout --preserve-status -s INT 5 '{a2}' \"$@\" ;;");
        program("a2", &format!("case \" $* \" in {watch} *) '{a2}' \"$@\" ;; esac\ncode=$?; echo \"$code a2 $*\" >> \"$CALLS\"; exit $code"));
        program("cargo", "while [ $# -gt 0 ]; do case \"$1\" in --) shift; exec a2 \"$@\" ;; *) shift ;; esac; done; echo '0 cargo' >> \"$CALLS\"");
        program("gh", "[ -n \"$4\" ] && [ -s ticket.md ]; echo \"$? gh\" >> \"$CALLS\"");
        program("notify", "read -r line && [ -n \"$line\" ]; echo \"$? notify\" >> \"$CALLS\"");
        Self { folder }
    }

    /// Runs one block; gives what it called (exit code, then the words), and what it said.
    pub fn run(&self, block: &Block, kubeconfig: &Path) -> (Vec<String>, Output) {
        let calls = self.folder.path().join("calls");
        if block.text.contains("--save flight") {
            fs::remove_dir_all(self.folder.path().join("flight")).expect("an empty place to write to");
        }
        let _first = fs::remove_file(&calls);
        let script = self.folder.path().join("block.sh");
        // Nobody waits a quarter of an hour for a Job that has failed.
        fs::write(&script, block.text.replace("--timeout=15m", "--timeout=1s")).expect("a script");
        let path =
            std::env::join_paths([self.folder.path().join("bin")].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())));
        let output = Command::new("bash")
            .arg(&script)
            .args(["web-0", "shop"])
            .env_clear()
            .env("PATH", path.expect("a path"))
            .envs([("pod", "web-0"), ("namespace", "shop"), ("job", "tests")])
            .env("HOME", self.folder.path())
            .env("CALLS", &calls)
            .env("KUBECONFIG", kubeconfig)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output();
        let called = fs::read_to_string(&calls).unwrap_or_default().lines().map(str::to_owned).collect();
        (called, output.expect("bash starts"))
    }
}

/// What is wrong with a block that was run: a call that did not do what the page says it does.
pub fn wrong(block: &Block, called: &[String], output: &Output) -> Option<String> {
    // The answer to --exit-code is 1; Ctrl-C ends a watch.
    let fine = |call: &String| match call.split_once(' ') {
        Some(("0", _)) => true,
        Some(("1", words)) => words.contains("--exit-code"),
        Some(("130", words)) => words.contains("--watch"),
        _ => false,
    };
    let expected = block.text.lines().filter(|line| line.trim_start().starts_with("a2 ")).count().max(1);
    let spoke_of_kubectl_only = !block.text.contains("a2 ") && !block.text.contains("cargo ");
    let enough = called.len() >= expected || spoke_of_kubectl_only;
    (!enough || !called.iter().all(fine))
        .then(|| format!("{}: {called:#?}\n{}\n{}", block.name(), String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(|_| ()).expect("a copy") }
    }
}
