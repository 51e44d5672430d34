//! The quick part of the fault matrix, for machines without Go: what one investigation asks of a bundle behind a plain socket.
//! `tests/apiserver/matrix.rs` does the same and more against a real API server.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use super::shared::matrix::{Matrix, run, sound};
use super::shared::proxy::{Answer, Body, Manners, Upstream};
use serde_json::json;

use crate::bundles::{Bundle, crashed};
use crate::support::a2;

fn kubeconfig(address: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters: [{{name: t, cluster: {{server: '{address}'}}}}]\ncontexts: [{{name: t, context: {{cluster: t, user: t}}}}]\nusers: [{{name: t, user: {{}}}}]\n"
    )
}

/// Answers from a bundle.
fn bundle(path: &Path) -> Upstream {
    let bundle = a2::source::bundle::Bundle::open(path).unwrap();
    Arc::new(move |asked| {
        let answer = bundle.answer(&http::Method::GET, &asked.path, &asked.query, &asked.accept);
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
        Answer { code: answer.status().as_u16(), headers: answer.headers().iter().filter_map(header).collect(), body: Body::Whole(answer.into_body()) }
    })
}

/// The crashed pod, and a Service that it left without an endpoint.
fn world() -> Bundle {
    let service = json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "selector": { "app": "web" } } });
    let slice = json!({ "metadata": { "name": "web-x1", "namespace": "shop", "labels": { "kubernetes.io/service-name": "web" } }, "endpoints": [] });
    let (services, slices) = ("/api/v1/namespaces/shop/services", "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices");
    crashed().list(services, vec![service]).list(slices, vec![slice]).done()
}

fn investigate() -> Command {
    let mut command = a2();
    command.args(["investigate", "web-5d9c7b6f4-x7k2p", "-n", "shop", "-o", "json"]);
    command
}

/// Runs a test with a matrix over a small crashed pod.
fn with_matrix(test: impl Fn(&Matrix<'_>)) {
    let made = world();
    let folder = tempfile::tempdir().unwrap();
    test(&Matrix {
        command: &investigate,
        upstream: bundle(made.path()),
        manners: Manners::default(),
        kubeconfig: &kubeconfig,
        folder: folder.path(),
        excused: &|_, _| false,
    });
}

#[test]
fn every_fault_is_survived() {
    with_matrix(|matrix| {
        let mut plain = matrix.plain();
        assert_eq!(plain.answer["gaps"].as_array().map(Vec::len), Some(0), "{:#}", plain.answer["gaps"]);
        assert!(plain.endpoints.len() >= 8, "{:#?}", plain.endpoints);
        // A kind of answer each: an object, a list, rows, a text.
        let wanted = ["get pods ", "list pods rows", "list services", "get pods/log"];
        plain.endpoints.retain(|asked| wanted.iter().any(|start| asked.endpoint().starts_with(start)));
        assert!(plain.endpoints.len() >= wanted.len(), "{:#?}", plain.endpoints);
        let figures = matrix.every_cell(&plain);
        println!("{figures:#?}");
        assert!(figures.problems.is_empty(), "{} of {} cells:\n{}", figures.problems.len(), figures.cells, figures.problems.join("\n"));
    });
}

#[test]
fn a_server_that_closes_every_connection_gives_the_same_answer() {
    with_matrix(|matrix| {
        let proxy = matrix.serve(Manners { closes: true, ..Manners::default() }, |_, _| None);
        let answer = sound(&run(matrix.command(&proxy), None), "closes").unwrap();
        assert_eq!(answer["verdict"], matrix.plain().answer["verdict"]);
    });
}

#[test]
fn a_server_that_dies_is_survived_at_every_step() {
    with_matrix(|matrix| {
        let figures = matrix.dies_at_every_step(&matrix.plain());
        assert!(figures.cells >= 8 && figures.problems.is_empty(), "{}", figures.problems.join("\n"));
    });
}

#[test]
fn a_server_that_never_says_a_word_is_an_error_in_time() {
    with_matrix(|matrix| {
        let proxy = matrix.serve(Manners { mute: true, ..Manners::default() }, |_, _| None);
        let answer = sound(&run(matrix.command(&proxy), None), "mute").unwrap();
        assert_eq!(answer["kind"], "Error", "{answer:#}");
    });
}
