//! Recorded cases and small bundles made on the spot.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The recorded corpus, where there is one.
pub fn cases() -> Option<PathBuf> {
    let root = std::env::var_os("A2_CASES").map(PathBuf::from).unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"));
    if root.is_dir() {
        return Some(root);
    }
    println!("not run: no recorded cases at {}", root.display());
    None
}

/// All stages of all cases: directory, namespace and target (none for cases of a whole namespace).
pub fn stages(root: &Path) -> Vec<(PathBuf, String, Option<String>)> {
    let mut found = Vec::new();
    let mut cases: Vec<PathBuf> = fs::read_dir(root).expect("the corpus").map(|e| e.expect("an entry").path()).collect();
    cases.sort();
    for case in cases {
        let Ok(text) = fs::read_to_string(case.join("case.json")) else { continue };
        let truth: Value = serde_json::from_str(&text).expect("case.json");
        let mut stages: Vec<PathBuf> = fs::read_dir(&case).expect("a case").map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
        stages.sort();
        for stage in stages {
            found.push((stage, truth["namespace"].as_str().unwrap_or_default().to_owned(), truth["target"].as_str().map(str::to_owned)));
        }
    }
    found
}

/// A bundle under construction in a temporary directory.
pub struct Bundle {
    pub dir: tempfile::TempDir,
    manifest: Value,
}

impl Bundle {
    pub fn new() -> Self {
        let manifest = json!({
            "capturedAt": "2030-01-02T03:04:05.250Z", "serverVersion": "v1.36.2", "namespaces": ["shop"], "covered": [],
            "logs": "every container of every pod, current and previous"
        });
        Self { dir: tempfile::tempdir().expect("a directory"), manifest }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Sets a key of the manifest.
    pub fn set(mut self, key: &str, value: Value) -> Self {
        self.manifest[key] = value;
        self
    }

    /// Covers lists without a file: they were empty.
    pub fn empty(mut self, paths: &[&str]) -> Self {
        let covered = self.manifest["covered"].as_array_mut().expect("an array");
        covered.extend(paths.iter().map(|p| json!(p)));
        self
    }

    /// A covered list with items.
    pub fn list(self, path: &str, items: Vec<Value>) -> Self {
        let body = json!({ "kind": "List", "apiVersion": "v1", "items": items }).to_string();
        self.file(&format!("{}.json", &path[1..]), body.as_bytes()).empty(&[path])
    }

    /// Any file.
    pub fn file(self, name: &str, body: &[u8]) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, body).expect("a file");
        self
    }

    /// Writes the manifest.
    pub fn done(self) -> Self {
        fs::write(self.path().join("bundle.json"), self.manifest.to_string()).expect("the manifest");
        self
    }

    /// Covers what an ordinary recording covers, empty where nothing was put.
    pub fn usual(self) -> Self {
        let missing = |path: &str| !self.path().join(path).exists();
        let (no_nodes, no_namespaces) = (missing("api/v1/nodes.json"), missing("api/v1/namespaces.json"));
        let bundle = if no_nodes { self.list("/api/v1/nodes", vec![json!({ "metadata": { "name": "n1" } })]) } else { self };
        let bundle = if no_namespaces { bundle.list("/api/v1/namespaces", vec![json!({ "metadata": { "name": "shop" } })]) } else { bundle };
        bundle.empty(&[
            "/api/v1/nodes",
            "/api/v1/namespaces",
            "/api/v1/namespaces/default/events",
            "/api/v1/namespaces/shop/pods",
            "/api/v1/namespaces/shop/events",
            "/api/v1/namespaces/shop/services",
            "/api/v1/namespaces/shop/persistentvolumeclaims",
            "/apis/apps/v1/namespaces/shop/deployments",
            "/apis/apps/v1/namespaces/shop/replicasets",
            "/apis/apps/v1/namespaces/shop/statefulsets",
            "/apis/apps/v1/namespaces/shop/daemonsets",
            "/apis/batch/v1/namespaces/shop/jobs",
            "/apis/batch/v1/namespaces/shop/cronjobs",
            "/apis/argoproj.io/v1alpha1/namespaces/shop/workflows",
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
        ])
    }
}

/// Packs a directory as `.tar.gz`.
pub fn pack(dir: &Path, to: &Path) {
    let file = fs::File::create(to).expect("an archive");
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()));
    archive.append_dir_all("case", dir).expect("packed");
    archive.into_inner().expect("a stream").finish().expect("written");
}

/// A pod with one container in the given state.
pub fn pod(name: &str, labels: Value, owner: Option<(&str, &str)>, phase: &str, state: Value) -> Value {
    let owners = owner.map(|(kind, name)| {
        let version = if kind == "Job" { "batch/v1" } else { "apps/v1" };
        json!([{ "apiVersion": version, "kind": kind, "name": name, "uid": format!("uid-{name}"), "controller": true }])
    });
    let ready = state.get("running").is_some();
    json!({
        "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "labels": labels, "ownerReferences": owners.unwrap_or(json!([])), "creationTimestamp": "2030-01-02T03:00:00Z" },
        "spec": { "nodeName": "n1", "restartPolicy": "Always", "containers": [{ "name": "main", "image": "shop/main:1" }] },
        "status": { "phase": phase, "podIP": "10.0.0.7", "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" } }],
            "containerStatuses": [{ "name": "main", "ready": ready, "restartCount": 0, "state": state, "lastState": {} }] }
    })
}

pub fn running() -> Value {
    json!({ "running": { "startedAt": "2030-01-02T03:00:01Z" } })
}

pub fn exited(code: i64) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": if code == 0 { "Completed" } else { "Error" }, "startedAt": "2030-01-02T03:00:01Z", "finishedAt": "2030-01-02T03:02:00Z", "containerID": "containerd://x" } })
}

/// An event about an object in `shop`.
pub fn event(name: &str, kind: &str, about: &str, reason: &str, message: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": "shop", "uid": format!("uid-{name}") },
        "involvedObject": { "kind": kind, "name": about, "namespace": "shop" }, "type": "Normal", "reason": reason, "message": message,
        "lastTimestamp": "2030-01-02T03:03:00Z", "count": 1, "source": { "component": "kubelet", "host": "n1" } })
}

/// A Deployment's pod `web-5d9c7b6f4-x7k2p` that crash-looped, with everything around it.
pub fn crashed() -> Bundle {
    let labels = json!({ "app": "web", "pod-template-hash": "5d9c7b6f4" });
    let owner = Some(("ReplicaSet", "web-5d9c7b6f4"));
    let mut target = pod("web-5d9c7b6f4-x7k2p", labels.clone(), owner, "Running", json!({ "waiting": { "reason": "CrashLoopBackOff" } }));
    target["status"]["containerStatuses"][0]["restartCount"] = json!(3);
    target["status"]["containerStatuses"][0]["lastState"] = exited(1);
    let sibling = pod("web-5d9c7b6f4-9zq4w", labels, owner, "Running", running());
    let meta = |name: &str| json!({ "name": name, "namespace": "shop", "uid": format!("uid-{name}") });
    let mut set = json!({ "metadata": meta("web-5d9c7b6f4") });
    set["metadata"]["ownerReferences"] = json!([{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": true }]);
    set["metadata"]["labels"] = json!({ "pod-template-hash": "5d9c7b6f4" });
    let log = "api/v1/namespaces/shop/pods/web-5d9c7b6f4-x7k2p/log";
    Bundle::new()
        .list("/api/v1/namespaces/shop/pods", vec![target, sibling])
        .list(
            "/api/v1/namespaces/shop/events",
            vec![
                event("e1", "Pod", "web-5d9c7b6f4-x7k2p", "BackOff", "Back-off restarting failed container"),
                event("e2", "ReplicaSet", "web-5d9c7b6f4", "SuccessfulCreate", "Created pod: web-5d9c7b6f4-x7k2p"),
                event("e3", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-5d9c7b6f4 from 0 to 2"),
            ],
        )
        .list("/apis/apps/v1/namespaces/shop/replicasets", vec![set])
        .list("/apis/apps/v1/namespaces/shop/deployments", vec![json!({ "metadata": meta("web") })])
        .list("/api/v1/nodes", vec![json!({ "metadata": { "name": "n1" }, "status": { "conditions": [{ "type": "Ready", "status": "True" }] } })])
        .list("/api/v1/namespaces", vec![json!({ "metadata": { "name": "shop" } })])
        .file(&format!("{log}/main.log"), b"2030-01-02T03:01:00Z starting\n2030-01-02T03:01:01Z cannot reach ledger-db:5432\n")
        .file(&format!("{log}/main.previous.log"), b"2030-01-02T03:00:30Z starting\n2030-01-02T03:00:31Z password=hunter2 refused\n")
        .usual()
}

/// The target of [`crashed`].
pub fn crashed_target() -> a2::evidence::Target {
    a2::evidence::Target { namespace: "shop".to_owned(), name: "web-5d9c7b6f4-x7k2p".to_owned(), uid: None }
}
