//! Opening a cluster: what can go wrong, each with a hint.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use a2::collect::{Extras, collect};
use a2::evidence::{Budget, Options, Target};
use a2::source::{ClusterOptions, SourceError, connect};

pub fn kubeconfig(dir: &tempfile::TempDir, server: &str) -> PathBuf {
    let path = dir.path().join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: dev\nclusters:\n- name: c\n  cluster:\n    server: {server}\ncontexts:\n- name: dev\n  context: {{ cluster: c, user: u, namespace: shop }}\n- name: other\n  context: {{ cluster: c, user: u }}\nusers:\n- name: u\n  user: {{ token: t }}\n"
    );
    fs::write(&path, text).expect("written");
    path
}

fn with(path: PathBuf) -> ClusterOptions {
    ClusterOptions { kubeconfig: Some(path), request_timeout: Some(Duration::from_secs(2)), ..ClusterOptions::default() }
}

#[tokio::test]
async fn kubeconfig_errors() {
    let dir = tempfile::tempdir().expect("a directory");
    let missing = connect(&with(dir.path().join("nope"))).await.expect_err("missing");
    assert!(matches!(missing, SourceError::NoKubeconfig { path: Some(_) }), "{missing}");
    let path = kubeconfig(&dir, "http://127.0.0.1:1");
    let wrong = connect(&ClusterOptions { context: Some("prod".to_owned()), ..with(path.clone()) }).await.expect_err("unknown");
    assert!(matches!(wrong, SourceError::UnknownContext { .. }), "{wrong}");
    assert!(wrong.hint().expect("a hint").contains("dev, other"));
    let ok = connect(&with(path)).await.expect("a connection");
    assert_eq!((ok.default_namespace.as_str(), ok.description.as_str()), ("shop", "context dev"));
    fs::write(dir.path().join("broken"), "clusters: [ {").expect("written");
    let broken = connect(&with(dir.path().join("broken"))).await.expect_err("broken");
    assert!(matches!(broken, SourceError::Kubeconfig(_)), "{broken}");
    assert!(!broken.to_string().contains('\n'));
}

#[tokio::test]
async fn an_unreachable_server_is_an_error_and_quick() {
    let dir = tempfile::tempdir().expect("a directory");
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let start = std::time::Instant::now();
    for (server, tls) in [(format!("http://127.0.0.1:{port}"), false), (format!("https://127.0.0.1:{port}"), false)] {
        let conn = connect(&with(kubeconfig(&dir, &server))).await.expect("a connection");
        let target = Target { namespace: "shop".to_owned(), name: "p".to_owned(), uid: None };
        let error = collect(&conn, target, Options::default(), Budget::default(), Extras::default()).await.expect_err("unreachable");
        assert!(matches!(&error, SourceError::Unreachable { .. }) != tls, "{error}");
        assert!(error.hint().is_some() && !error.to_string().contains('\n'), "{error}");
        println!("{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}
