//! Completion as the shells do it: the kept scripts, sourced by the real shell, asked for names that a bundle or a server knows.

use std::path::Path;
use std::process::{Command, Output};

use crate::bundles::{crashed, pod, running};
use crate::server::serve;
use crate::support::{fixture, root};

const POD: &str = "centaur-sandbox-7f3a9c-5b1e0d44a2";

/// A shell with the binary in its PATH and nothing else that could name a cluster.
fn shell(program: &str, script: &str, words: &[&str]) -> Option<Output> {
    let bin = Path::new(env!("CARGO_BIN_EXE_a2")).parent().unwrap();
    let path = std::env::join_paths([bin, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let mut command = Command::new(program);
    if program == "bash" {
        command.args(["--norc", "--noprofile"]);
    }
    let output = command.args(["-c", script]).args(if program == "bash" { vec!["bash"] } else { Vec::new() }).args(words).env_clear().env("PATH", path);
    // fish writes into its home.
    let home = tempfile::tempdir().unwrap();
    match output.env("HOME", home.path()).current_dir(root()).output() {
        Ok(output) => Some(output),
        Err(_) => {
            println!("not run: no {program}");
            None
        }
    }
}

/// What bash would offer for the last of the words.
fn bash(words: &[&str]) -> Vec<String> {
    let script = r#"source completions/a2.bash
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
_clap_complete_a2 a2 "${COMP_WORDS[COMP_CWORD]}"
printf '%s\n' "${COMPREPLY[@]}""#;
    let output = shell("bash", script, words).expect("bash is there");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{words:?}");
    String::from_utf8(output.stdout).unwrap().lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_is_offered_the_names_that_the_bundle_knows() {
    let bundle = fixture("oom-sandbox-toolserver").join("live");
    let bundle = bundle.to_str().unwrap();
    let investigate = |rest: &[&str]| bash(&[&["a2", "investigate", "--from", bundle], rest].concat());
    assert_eq!(investigate(&[""]), [POD], "no flag before a dash was typed");
    assert_eq!(investigate(&["cent"]), [POD]);
    assert_eq!(investigate(&["pod/c"]), [format!("pod/{POD}")]);
    assert_eq!(investigate(&["centaur/"]), [format!("centaur/{POD}")]);
    assert_eq!(investigate(&["-n", "ce"]), ["centaur"]);
    assert_eq!(investigate(&["-n", "centaur", "-o", "json", "cent"]), [POD], "flags may stand anywhere");
    assert_eq!(investigate(&["-n", "default", "cent"]), [""; 0], "the namespace counts");
    assert_eq!(investigate(&["zzz"]), [""; 0]);
    assert!(investigate(&["-o", ""]).contains(&"markdown".to_owned()));
    assert!(investigate(&["--chec"]) == ["--checklist"]);
    assert!(bash(&["a2", "sc"]).iter().all(|word| word == "scan" || word == "schema"));
    assert_eq!(bash(&["a2", "scan", "--from", bundle, "-n", "kube-p"]), ["kube-public"]);
    assert!(bash(&["a2", "investigate", "--from", "no/such/bundle", ""]).iter().all(|word| word.starts_with('-')), "silent, and no name is made up");
}

#[test]
fn zsh_and_fish_are_offered_the_same() {
    let bundle = fixture("oom-sandbox-toolserver").join("live");
    let bundle = bundle.to_str().unwrap();
    // The two functions of zsh's completion system that the script calls, reduced to what a test can read.
    let zsh = r#"compdef() { }
_describe() { shift 2; print -l -- ${(P)1} }
source completions/_a2
words=(a2 investigate --from "$1" cent); CURRENT=5
_clap_dynamic_completer_a2"#;
    let fish = r#"source completions/a2.fish; complete -C "a2 investigate --from $argv[1] cent""#;
    for (program, script) in [("zsh", zsh), ("fish", fish)] {
        let words = if program == "zsh" { vec!["zsh", bundle] } else { vec![bundle] };
        let Some(output) = shell(program, script, &words) else { continue };
        let offered = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(offered.lines().any(|line| line.split('\t').next() == Some(POD)), "{program}: {output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_come_from_the_server_with_one_small_request() {
    let made = crashed().list("/api/v1/namespaces/shop/pods", vec![pod("web-1", serde_json::json!({}), None, "Running", running())]).done();
    let bundle = a2::source::bundle::Bundle::open(made.path()).unwrap();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = asked.clone();
    let address = serve(move |request| {
        let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).unwrap_or_default();
        seen.lock().unwrap().push(format!("{} {accept}", request.uri()));
        bundle.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), accept)
    })
    .await;
    let offered = tokio::task::spawn_blocking(move || {
        let of = |words: &[&str]| bash(&[&["a2", "investigate", "--server", &address], words].concat());
        (of(&["-n", "shop", "we"]), of(&["-n", "sh"]))
    });
    assert_eq!(offered.await.unwrap(), (vec!["web-1".to_owned()], vec!["shop".to_owned()]));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2, "{asked:#?}");
    assert!(asked[0].starts_with("/api/v1/namespaces/shop/pods?limit=500&includeObject=None ") && asked[0].contains("as=Table"), "{asked:#?}");
    assert!(asked[1].starts_with("/api/v1/namespaces?limit=500 "), "{asked:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_silent_holds_nobody_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let started = std::time::Instant::now();
    let offered = tokio::task::spawn_blocking(move || bash(&["a2", "investigate", "--server", &address, "-n", "shop", "we"])).await.unwrap();
    assert_eq!(offered, [""; 0]);
    assert!(started.elapsed() < std::time::Duration::from_secs(6), "{:?}", started.elapsed());
    drop(listener);
}
