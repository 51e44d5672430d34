//! The real API server behind a proxy that does what networks, proxies and servers in trouble do. The client is a2 as shipped: TLS, a
//! kubeconfig, a bearer token that the API server itself checks.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use kube::client::Body as Sent;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};

use crate::cases::{Stage, recorded_fixtures, verdict};
use crate::faults::fault::Fault;
use crate::faults::matrix::{Figures, Matrix, Plain, run, sound};
use crate::faults::proxy::{Answer, Asked, Body, Manners, Upstream};
use crate::kubelet::tls;
use crate::rbac::Manifest;
use crate::recording::{files, parse};
use crate::server::{RUNTIME, Server, a2};

/// A command against a stage.
struct Subject {
    what: &'static str,
    stage: &'static str,
    /// The pod of the stage, or other words.
    args: &'static [&'static str],
    /// `a2`, who may do what docs/rbac says, or `admin`.
    user: &'static str,
}

const SUBJECTS: [Subject; 9] = [
    Subject { what: "a pod", stage: "dep-refused-rust-unwrap/live", args: &["investigate", "POD", "-n", "NAMESPACE"], user: "a2" },
    Subject { what: "a pod that is gone", stage: "wf-resume-oom/deleted", args: &["investigate", "POD", "-n", "NAMESPACE"], user: "a2" },
    Subject { what: "a pod somewhere", stage: "wf-resume-nothing/expired", args: &["investigate", "POD"], user: "admin" },
    Subject { what: "a workload", stage: "dep-refused-rust-unwrap/live", args: &["investigate", "deploy/ledger-writer", "-n", "NAMESPACE"], user: "a2" },
    Subject {
        what: "files of the node",
        stage: "dep-refused-rust-unwrap/deleted",
        args: &["investigate", "POD", "-n", "NAMESPACE", "--node-logs"],
        user: "admin",
    },
    Subject { what: "names and claims", stage: "dep-refused-rust-unwrap/live", args: &["investigate", "POD", "-n", "NAMESPACE"], user: "a2" },
    Subject { what: "a pod of a CronJob", stage: "scan-mixed/live", args: &["investigate", "invoice-close-29401020-rcvcq", "-n", "NAMESPACE"], user: "a2" },
    Subject { what: "a scan", stage: "scan-mixed/live", args: &["scan", "-n", "NAMESPACE", "--exclude-label", "left=out"], user: "a2" },
    Subject { what: "a scan of all", stage: "scan-mixed/live", args: &["scan", "-A"], user: "admin" },
];

/// The API server itself, asked with what the client sent.
pub fn upstream(server: &Server) -> Upstream {
    let client = RUNTIME.block_on(async {
        let kubeconfig = Kubeconfig::read_from(&server.kubeconfig).expect("the server's kubeconfig");
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a usable kubeconfig");
        config.auth_info = AuthInfo::default();
        Client::try_from(config).expect("a client")
    });
    Arc::new(move |asked| {
        let uri = format!("{}?{}", asked.path, asked.query);
        let mut request = http::Request::get(uri.trim_end_matches('?')).header("accept", &asked.accept);
        if !asked.authorization.is_empty() {
            request = request.header("authorization", &asked.authorization);
        }
        let response = RUNTIME.block_on(client.send(request.body(Sent::empty()).expect("a request"))).expect("the API server answers");
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
        let (code, headers) = (response.status().as_u16(), response.headers().iter().filter_map(header).collect());
        let mut body = response.into_body();
        let body = if asked.query.contains("watch=true") {
            Body::Pieces(Box::new(std::iter::from_fn(move || {
                // Now and then nothing, so that whoever waits can see that the test has ended.
                let frame = RUNTIME.block_on(async { tokio::time::timeout(Duration::from_millis(200), body.frame()).await });
                match frame {
                    Ok(frame) => frame?.ok()?.into_data().ok().map(Vec::from),
                    Err(_) => Some(Vec::new()),
                }
            })))
        } else {
            Body::Whole(RUNTIME.block_on(body.collect()).map_or_else(|_| Vec::new(), |whole| whole.to_bytes().to_vec()))
        };
        Answer { code, headers, body }
    })
}

/// The server's kubeconfig for another address and user.
pub fn kubeconfig(server: &Server, address: &str, user: &str) -> String {
    let text = fs::read_to_string(&server.kubeconfig).expect("the kubeconfig");
    let (before, rest) = text.split_once("server: \"").expect("a server");
    let (_, after) = rest.split_once('"').expect("an address");
    format!("{before}server: \"{address}\"{after}").replace("current-context: admin", &format!("current-context: {user}"))
}

/// TLS under the API server's own certificate.
pub fn manners(server: &Server) -> Manners {
    let (certificate, key) = server.certificate();
    Manners { tls: Some(Arc::new(tls(&certificate, &key))), ..Manners::default() }
}

pub fn stage(name: &str) -> Stage {
    recorded_fixtures().into_iter().find(|stage| stage.name == name).unwrap_or_else(|| panic!("no fixture {name}"))
}

/// Runs a test with a matrix for a subject.
fn with_matrix<T>(server: &mut Server, subject: &Subject, test: impl FnOnce(&Matrix<'_>) -> T) -> T {
    let stage = stage(subject.stage);
    match subject.what {
        "names and claims" => server.load(with_names_and_claims(&stage).path()),
        _ => server.load(&stage.path),
    };
    server.grant(&Manifest::documented(&stage.namespace));
    let folder = tempfile::tempdir().expect("a folder");
    let command = || -> Command {
        let mut command = a2();
        for arg in subject.args {
            command.arg(arg.replace("POD", stage.pod()).replace("NAMESPACE", &stage.namespace));
        }
        command.args(["-o", "json"]);
        command
    };
    test(&Matrix {
        command: &command,
        upstream: upstream(server),
        manners: manners(server),
        kubeconfig: &|address| kubeconfig(server, address, subject.user),
        folder: folder.path(),
        excused: &excused,
    })
}

/// The stage, where the log names a Service instead of an address, and the pods have a claim: endpoints that no fixture needs.
fn with_names_and_claims(stage: &Stage) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let namespace = format!("api/v1/namespaces/{}", stage.namespace);
    for file in files(&stage.path) {
        let to = folder.path().join(file.strip_prefix(&stage.path).expect("a file below the stage"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        match file.extension().is_some_and(|end| end == "log") {
            true => fs::write(to, fs::read_to_string(&file).expect("a log").replace("10.88.0.205", "ledger-db")).expect("a log"),
            false => drop(fs::copy(&file, to).expect("a copy")),
        }
    }
    let pods = folder.path().join(&namespace).join("pods.json");
    let mut list = parse(&pods);
    let items = list["items"].as_array_mut().expect("pods");
    let database = items.iter().find(|pod| pod["metadata"]["name"] == "ledger-db-0").expect("the database")["metadata"]["labels"].clone();
    for pod in items.iter_mut() {
        pod["spec"]["volumes"] = json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "ledger-data" } }]);
    }
    fs::write(&pods, list.to_string()).expect("pods");
    let one = |plural: &str, kind: &str, name: &str, spec: Value| {
        let object = json!({ "metadata": { "name": name, "namespace": stage.namespace, "uid": name }, "spec": spec });
        let list = json!({ "kind": format!("{kind}List"), "apiVersion": "v1", "metadata": {}, "items": [object] });
        fs::write(folder.path().join(&namespace).join(format!("{plural}.json")), list.to_string()).expect("a list");
    };
    one("services", "Service", "ledger-db", json!({ "clusterIP": "None", "selector": database, "ports": [{ "port": 5432, "protocol": "TCP" }] }));
    let size = json!({ "requests": { "storage": "1Gi" } });
    one("persistentvolumeclaims", "PersistentVolumeClaim", "ledger-data", json!({ "accessModes": ["ReadWriteOnce"], "resources": size }));
    folder
}

/// That something does not exist is an answer, where only a name or a guess points to it.
fn excused(asked: &Asked, fault: Fault) -> bool {
    let _ = asked;
    fault == Fault::Code(404)
}

fn told(what: &str, plain: &Plain, figures: &Figures) -> String {
    format!(
        "{what}: {} endpoints, {} cells, {} reports, {} errors, peak {} MB, slowest {:.1?}",
        plain.endpoints.len(),
        figures.cells,
        figures.reports,
        figures.errors,
        figures.megabytes,
        figures.slowest
    )
}

#[test]
fn every_endpoint_survives_every_fault() {
    let mut server = Server::shared();
    let (mut done, mut cells, mut problems) = (BTreeSet::new(), 0, Vec::new());
    let only = std::env::var("A2_SUBJECT").ok();
    for subject in SUBJECTS.iter().filter(|s| only.as_ref().is_none_or(|only| s.what == only)) {
        let family = subject.args[0];
        let (plain, figures) = with_matrix(&mut server, subject, |matrix| {
            let mut plain = matrix.plain();
            // The same endpoint is the same code, whoever asks.
            plain.endpoints.retain(|asked| done.insert((family, asked.endpoint())));
            if let Ok(only) = std::env::var("A2_ENDPOINT") {
                plain.endpoints.retain(|asked| asked.endpoint().starts_with(&only));
            }
            let figures = matrix.every_cell(&plain);
            (plain, figures)
        });
        println!("{}", told(subject.what, &plain, &figures));
        println!("    {:?}", figures.by_fault);
        plain.endpoints.iter().for_each(|asked| println!("    {}", asked.endpoint()));
        cells += figures.cells;
        problems.extend(figures.problems.into_iter().map(|problem| format!("{}: {problem}", subject.what)));
    }
    println!("{cells} cells: {} endpoints, {} faults", done.len(), Fault::ALL.len());
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), cells + problems.len(), problems.join("\n"));
    assert!(only.is_some() || done.len() >= 30, "{done:#?}");
}

#[test]
fn two_faults_at_once_are_survived() {
    let mut server = Server::shared();
    let mut problems = Vec::new();
    for (subject, count) in [(&SUBJECTS[0], 40), (&SUBJECTS[1], 40), (&SUBJECTS[3], 20), (&SUBJECTS[7], 40)] {
        let (plain, figures) = with_matrix(&mut server, subject, |matrix| {
            let plain = matrix.plain();
            let figures = matrix.pairs(&plain, count, 10);
            (plain, figures)
        });
        println!("{}", told(&format!("pairs for {}", subject.what), &plain, &figures));
        problems.extend(figures.problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_server_that_dies_is_survived_at_every_step() {
    let mut server = Server::shared();
    let mut problems = Vec::new();
    for subject in [&SUBJECTS[0], &SUBJECTS[1], &SUBJECTS[7]] {
        let (plain, figures) = with_matrix(&mut server, subject, |matrix| {
            let plain = matrix.plain();
            let figures = matrix.dies_at_every_step(&plain);
            (plain, figures)
        });
        println!("{}", told(&format!("ends of the server under {}", subject.what), &plain, &figures));
        problems.extend(figures.problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_server_that_closes_every_connection_gives_the_same_answer() {
    let mut server = Server::shared();
    for subject in [&SUBJECTS[0], &SUBJECTS[1]] {
        with_matrix(&mut server, subject, |matrix| {
            let proxy = matrix.serve(Manners { closes: true, ..Manners::default() }, |_, _| None);
            let answer = sound(&run(matrix.command(&proxy), None), subject.what).expect("a sound run");
            assert_eq!(verdict(&answer), verdict(&matrix.plain().answer), "{}", subject.what);
            assert_eq!(answer["gaps"], matrix.plain().answer["gaps"], "{}", subject.what);
        });
    }
}
