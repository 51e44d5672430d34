//! `kubectl a2`: as a plugin of the real kubectl, and with the flags and files by which kubectl finds a cluster.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::bundles::crashed;
use crate::server::serve;
use crate::support::{Run, a2, fixture, root, run};

/// kubectl with a2 as its plugin; `None` where there is no kubectl.
fn kubectl(folder: &Path) -> Option<impl Fn(&[&str]) -> Run> {
    if Command::new("kubectl").arg("version").arg("--client").output().is_err() {
        println!("not run: no kubectl");
        return None;
    }
    for name in ["a2", "kubectl-a2"] {
        symlink(env!("CARGO_BIN_EXE_a2"), folder.join(name)).unwrap();
    }
    let asked = folder.join("kubectl_complete-a2");
    std::fs::copy(root().join("completions/kubectl_complete-a2"), &asked).unwrap();
    std::fs::set_permissions(&asked, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::join_paths([folder.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
    let home = folder.to_owned();
    Some(move |args: &[&str]| {
        let output = Command::new("kubectl").args(args).env_clear().env("PATH", &path).env("HOME", &home).current_dir(root()).output();
        Run::from(output.expect("kubectl starts"))
    })
}

#[test]
fn it_is_a_plugin_of_kubectl() {
    let folder = tempfile::tempdir().unwrap();
    let Some(kubectl) = kubectl(folder.path()) else { return };
    let help = kubectl(&["a2", "--help"]);
    assert!(help.code == Some(0) && help.stdout.contains("Usage: kubectl a2 "), "{help:#?}");
    assert!(kubectl(&["a2", "investigate", "--help"]).stdout.contains("Usage: kubectl a2 investigate "));
    let wrong = kubectl(&["a2", "investigate", "--nope"]);
    assert!(wrong.code != Some(0) && wrong.stderr.contains("Usage: kubectl a2 investigate"), "{wrong:#?}");
    let bundle = fixture("wf-resume-oom").join("deleted");
    let asked = ["investigate", "play-task-1-44cpd-determine-resume-point-2420829733", "-n", "cto", "--from", bundle.to_str().unwrap(), "-o", "json"];
    let plugin = kubectl(&[&["a2"], asked.as_slice()].concat());
    assert_eq!((plugin.code, &plugin.stdout), (Some(0), &run(asked).stdout), "the same answer by both names");
}

#[test]
fn kubectl_completes_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some(kubectl) = kubectl(folder.path()) else { return };
    let bundle = fixture("wf-resume-oom").join("live");
    let offered = kubectl(&["__complete", "a2", "investigate", "--from", bundle.to_str().unwrap(), "-n", "cto", "play-task-1-44cpd-det"]);
    assert_eq!(offered.stdout, "play-task-1-44cpd-determine-resume-point-2420829733\n:4\n", "{offered:#?}");
    let commands = kubectl(&["__complete", "a2", "inv"]);
    assert!(commands.stdout.starts_with("investigate\tTell what killed a pod"), "{commands:#?}");
}

/// A server that knows [`crashed`], and what it was asked: path and Authorization.
async fn server() -> (String, Arc<Mutex<Vec<(String, String)>>>) {
    let made = crashed().done();
    let bundle = a2::source::bundle::Bundle::open(made.path()).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let address = serve(move |request| {
        let _folder = &made;
        let header = |name: &str| request.headers().get(name).and_then(|a| a.to_str().ok()).unwrap_or_default().to_owned();
        let who = [header("authorization"), header("impersonate-user"), header("impersonate-group")].join("|");
        seen.lock().unwrap().push((request.uri().path().to_owned(), who));
        bundle.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), &header("accept"))
    })
    .await;
    (address, asked)
}

fn config(path: &Path, text: &serde_json::Value) -> PathBuf {
    std::fs::write(path, text.to_string()).unwrap();
    path.to_owned()
}

/// Runs `a2 investigate` of the crashed pod with these arguments and this KUBECONFIG.
async fn investigate(args: Vec<String>, kubeconfig: Option<String>) -> Run {
    let run = move || {
        let mut command = a2();
        command.args(["investigate", "web-5d9c7b6f4-x7k2p", "-o", "json"]).args(args);
        if let Some(files) = kubeconfig {
            command.env("KUBECONFIG", files);
        }
        Run::from(command.output().unwrap())
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_kubeconfig_files_are_one() {
    let (address, asked) = server().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let clusters = json!({ "apiVersion": "v1", "kind": "Config", "current-context": "", "clusters": [{ "name": "c", "cluster": { "server": address } }] });
    let rest = json!({ "apiVersion": "v1", "kind": "Config", "current-context": "dev",
        "contexts": [{ "name": "dev", "context": { "cluster": "c", "user": "u", "namespace": "shop" } }, { "name": "elsewhere", "context": { "cluster": "none", "user": "u" } }],
        "users": [{ "name": "u", "user": { "token": "one" } }, { "name": "v", "user": { "token": "two" } }] });
    let files = [config(&at("a"), &clusters), at("missing"), config(&at("b"), &rest)].map(|p| p.display().to_string()).join(":");
    let answer = investigate(Vec::new(), Some(files.clone())).await;
    assert_eq!((answer.code, answer.json()["verdict"]["cause"].as_str()), (Some(0), Some("error.unhandled")), "{answer:#?}");
    assert_eq!(answer.json()["target"]["namespace"], "shop", "the context's namespace");
    assert!(asked.lock().unwrap().iter().all(|(_, who)| who == "Bearer one||"));
    asked.lock().unwrap().clear();
    let flags = "--context elsewhere --cluster c --user v -n shop --as jane --as-group admins";
    assert_eq!(investigate(words(flags), Some(files.clone())).await.code, Some(0));
    assert!(asked.lock().unwrap().iter().all(|(_, who)| who == "Bearer two|jane|admins"), "{:?}", asked.lock().unwrap());
    for (flags, says) in [("--context nope", "no context named \"nope\""), ("--cluster nope", "--cluster nope is not in it"), ("--user nope", "there is u, v")]
    {
        let answer = investigate(words(flags), Some(files.clone())).await;
        assert!(answer.code == Some(4) && answer.stderr.contains(says), "{flags}: {answer:#?}");
    }
    let none = investigate(Vec::new(), Some(at("missing").display().to_string())).await;
    assert!(none.code == Some(4) && none.stderr.contains("no kubeconfig found"), "{none:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_alone_name_a_server_as_they_do_for_kubectl() {
    let (address, asked) = server().await;
    for flags in [format!("-s {address} --token secret -n shop"), format!("--server={} --token=secret --namespace=shop", address.trim_start_matches("http://"))]
    {
        asked.lock().unwrap().clear();
        let answer = investigate(words(&flags), None).await;
        assert_eq!(answer.code, Some(0), "{answer:#?}");
        let asked = asked.lock().unwrap().clone();
        assert!(!asked.is_empty() && asked.iter().all(|(_, who)| who == "Bearer secret||"), "{asked:?}");
        assert!(!answer.stdout.contains("secret") && !answer.stderr.contains("secret"), "{answer:#?}");
    }
    let both = investigate(words("--insecure-skip-tls-verify --certificate-authority ca.crt"), None).await;
    assert!(both.code == Some(2) && both.stderr.contains("cannot be used with"), "{both:#?}");
    let unknown = investigate(words("--as-uid 7"), None).await;
    assert!(unknown.code == Some(2) && unknown.json()["kind"] == "Error", "{unknown:#?}");
    for flag in ["--context x", "--as x", "--server x", "--token x", "--cluster x", "--insecure-skip-tls-verify"] {
        let answer = investigate(words(&format!("--from bundle {flag}")), None).await;
        assert!(answer.code == Some(2) && answer.stderr.contains("cannot be used with"), "{flag}: {answer:#?}");
    }
}
