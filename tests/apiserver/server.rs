//! The server of the tests: built, started, loaded with one recorded stage at a time, and ended.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::audit::{self, Request};
use crate::kubelet::Kubelet;
use crate::rbac::{Manifest, allowed};
use crate::recording::Recording;

/// For the clients and the stand-in kubelet; the tests themselves wait.
pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// The server that the tests of one process share, one at a time.
static SHARED: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::start()));

/// Namespaces that the API server keeps making anew; taking them away would only disturb it.
const SYSTEM: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Argo's Workflow as far as a reader needs it: whatever its fields, they are kept.
const WORKFLOWS: &str = r#"{
  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "workflows.argoproj.io" },
  "spec": { "group": "argoproj.io", "scope": "Namespaced", "names": { "plural": "workflows", "singular": "workflow", "kind": "Workflow", "listKind": "WorkflowList", "shortNames": ["wf"] },
    "versions": [{ "name": "v1alpha1", "served": true, "storage": true,
      "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } }"#;

/// A running server with its own etcd, kubelet and directory. It ends with its standard input, so at the latest with this process.
pub struct Server {
    process: Child,
    directory: PathBuf,
    /// Contexts `admin` (may do all) and `a2` (may do nothing until told).
    pub kubeconfig: PathBuf,
    /// What answers for every node.
    pub kubelet: Kubelet,
    admin: Client,
    etcd: Client,
    loaded: BTreeSet<String>,
    granted: Manifest,
}

impl Server {
    /// The server that the tests of this process share.
    pub fn shared() -> MutexGuard<'static, Self> {
        SHARED.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Builds (where that is still to do) and starts a server of its own, with the Workflow kind installed.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments of kube-apiserver's.
    pub fn start_with(arguments: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let log = target().join(format!("apiserver/{}-{}.log", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let binary = binary();
        let mut process = Command::new(binary)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file"))
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", binary.display()));
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line from the server");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the server did not start; its log is {}", log.display()));
        fs::remove_file(&log).expect("the log can go once the server stands");
        let text = |key: &str| ready[key].as_str().expect("a text").to_owned();
        let (directory, kubeconfig) = (PathBuf::from(text("dir")), PathBuf::from(text("kubeconfig")));
        let kubelet = Kubelet::start(&directory.join("apiserver.crt"), &directory.join("apiserver.key"));
        let (admin, etcd) = RUNTIME.block_on(async {
            let options = KubeConfigOptions { context: Some("admin".to_owned()), ..Default::default() };
            let kubeconfig = Kubeconfig::read_from(&kubeconfig).expect("the server's kubeconfig");
            let admin = Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("a usable kubeconfig");
            let etcd = Config::new(text("etcd").parse().expect("etcd's address"));
            (Client::try_from(admin).expect("a client"), Client::try_from(etcd).expect("a client"))
        });
        let server = Self { process, directory, kubeconfig, kubelet, admin, etcd, loaded: BTreeSet::new(), granted: Manifest::default() };
        server.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WORKFLOWS).expect("the Workflow kind");
        until("Workflows are served", || server.call("GET", "/apis/argoproj.io/v1alpha1/namespaces/default/workflows", "").is_ok());
        server
    }

    /// Puts a recorded stage onto the server in place of the one before it, as if it happened now; gives back what now lies there.
    pub fn load(&mut self, stage: &Path) -> Recording {
        self.load_at(stage, Utc::now())
    }

    /// The same, as if it happened at another time.
    pub fn load_at(&mut self, stage: &Path, now: DateTime<Utc>) -> Recording {
        let mut recording = Recording::read(stage, now);
        recording.point_nodes_at(self.kubelet.port);
        self.kubelet.serve(&recording);
        let gone: Vec<String> = self.loaded.iter().filter(|key| !recording.objects.contains_key(*key)).cloned().collect();
        // With the recorded events go those that a server writes about itself when it starts slowly (DefaultServiceCIDR's).
        self.etcd("deleterange", &json!({ "key": STANDARD.encode("/registry/events/"), "range_end": STANDARD.encode("/registry/events0") }));
        self.write(&gone, recording.objects.iter());
        let system = |key: &String| SYSTEM.iter().any(|namespace| *key == format!("/registry/namespaces/{namespace}"));
        self.loaded = recording.objects.keys().filter(|key| !system(key)).cloned().collect();
        recording
    }

    /// Takes away what was loaded and put.
    pub fn clear(&mut self) {
        let gone: Vec<String> = std::mem::take(&mut self.loaded).into_iter().collect();
        self.etcd("deleterange", &json!({ "key": STANDARD.encode("/registry/events/"), "range_end": STANDARD.encode("/registry/events0") }));
        // Pods that a test put there one by one.
        self.etcd("deleterange", &json!({ "key": STANDARD.encode("/registry/pods/"), "range_end": STANDARD.encode("/registry/pods0") }));
        self.write(&gone, std::iter::empty());
    }

    /// Puts one pod or namespace there, or in place of the one before, as it is.
    pub fn put(&self, object: &Value) {
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let key = match object["kind"].as_str() {
            Some("Namespace") => format!("/registry/namespaces/{}", text("name")),
            _ => format!("/registry/pods/{}/{}", text("namespace"), text("name")),
        };
        self.write(&[], [(&key, object)].into_iter());
    }

    /// Takes one pod away, as when its deletion has come to its end.
    pub fn delete(&self, namespace: &str, name: &str) {
        self.write(&[format!("/registry/pods/{namespace}/{name}")], std::iter::empty());
    }

    /// Makes etcd forget everything but the present.
    pub fn compact(&self) {
        let at = RUNTIME.block_on(request(&self.etcd, "POST", "/v3/kv/range", &json!({ "key": STANDARD.encode("/a2") }).to_string())).expect("etcd answers");
        self.etcd("compaction", &json!({ "revision": at["header"]["revision"] }));
    }

    /// A client that may do all.
    pub fn admin(&self) -> Client {
        self.admin.clone()
    }

    /// Gives a2's user these rights in place of those before, and waits until the server acts on it.
    pub fn grant(&mut self, manifest: &Manifest) {
        let gone: Vec<String> = self.granted.0.keys().filter(|key| !manifest.0.contains_key(*key)).cloned().collect();
        self.write(&gone, manifest.0.iter());
        let (before, now) = (self.granted.rights(), manifest.rights());
        until("the rights are in force", || before.union(&now).all(|right| allowed(self, right) == now.contains(right)));
        self.granted = manifest.clone();
    }

    /// One transaction in etcd, behind the API server's back: no admission, no defaults, uid, status and times as they are.
    fn write<'a>(&self, delete: &[String], put: impl Iterator<Item = (&'a String, &'a Value)>) {
        let deletes = delete.iter().map(|key| json!({ "requestDeleteRange": { "key": STANDARD.encode(key) } }));
        let puts = put.map(|(key, value)| json!({ "requestPut": { "key": STANDARD.encode(key), "value": STANDARD.encode(value.to_string()) } }));
        self.etcd("txn", &json!({ "success": deletes.chain(puts).collect::<Vec<_>>() }));
        // All of a transaction has one revision, and the API server's cache, which knows of no transactions, takes a revision for seen at
        // the first of its keys. A revision more, and a read waits for all of them.
        self.etcd("put", &json!({ "key": STANDARD.encode("/a2") }));
    }

    fn etcd(&self, call: &str, body: &Value) {
        RUNTIME.block_on(request(&self.etcd, "POST", &format!("/v3/kv/{call}"), &body.to_string())).expect("etcd takes the case");
    }

    /// Asks the API server as its administrator.
    pub fn call(&self, method: &str, path: &str, body: &str) -> kube::Result<Value> {
        RUNTIME.block_on(request(&self.admin, method, path, body))
    }

    /// The same where the answer is text.
    pub fn text(&self, path: &str) -> kube::Result<String> {
        let request = http::Request::get(path).body(Vec::new()).expect("a request");
        RUNTIME.block_on(self.admin.request_text(request))
    }

    /// a2 as a user has it: a kubeconfig (context `admin` unless told otherwise) and nothing else of this machine.
    pub fn a2(&self) -> Command {
        let mut command = a2();
        command.env("KUBECONFIG", &self.kubeconfig);
        command
    }

    /// Where its certificate and key lie.
    pub fn certificate(&self) -> (PathBuf, PathBuf) {
        (self.directory.join("apiserver.crt"), self.directory.join("apiserver.key"))
    }

    /// How much has been asked of the server so far, for [`Self::asked_since`].
    pub fn audit_mark(&self) -> u64 {
        audit::settled(&self.audit_log())
    }

    /// What a2's own user has asked of the server since `mark`, in order.
    pub fn asked_since(&self, mark: u64) -> Vec<Request> {
        self.audit_mark();
        audit::requests(&self.audit_log(), mark, "a2")
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().expect("a running server");
        self.process.wait().expect("an ended server");
    }

    fn audit_log(&self) -> PathBuf {
        self.directory.join("audit.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ended = self.process.wait();
        // A killed server could not tidy up.
        let _gone = fs::remove_dir_all(&self.directory);
    }
}

/// a2 without a cluster, away from this machine's own settings.
pub fn a2() -> Command {
    let home = target().join("apiserver/home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_a2"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", &home).env("XDG_CONFIG_HOME", &home);
    command
}

/// Waits until something is so. What the API server learns from etcd by watching (kinds, roles) it learns a moment later.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited 20 s in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Cargo's target directory.
pub fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp lies in target")
}

/// The server's program: `A2_APISERVER` where it is set, else built (which takes a second when nothing changed).
fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let out = target().join("apiserver/apiserver");
        fs::create_dir_all(target().join("apiserver/home")).expect("a writable target directory");
        if let Some(built) = std::env::var_os("A2_APISERVER") {
            return PathBuf::from(built);
        }
        let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apiserver/build");
        let built = Command::new("sh").arg(build).arg(&out).stdout(Stdio::null()).status().expect("a shell");
        assert!(built.success(), "tests/apiserver/build failed: {built}");
        out
    });
    &BINARY
}

async fn request(client: &Client, method: &str, path: &str, body: &str) -> kube::Result<Value> {
    let request = http::Request::builder().method(method).uri(path).header("content-type", "application/json").body(body.as_bytes().to_vec());
    client.request(request.expect("a request")).await
}
