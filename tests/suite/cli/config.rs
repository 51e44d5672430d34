//! The configuration file.

use std::path::Path;
use std::time::Duration;

use a2::cli::{Config, ConfigError, Output};

use crate::support::a2;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("config.yaml"))
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn every_key_is_read() {
    let config = parse("namespace: shop\noutput: yaml\nsidecars: [shipper]\nlimits:\n  timeout: 20s\n  requestTimeout: 1m\n  since: 2d\n").unwrap();
    let work = parse("labels: { task: [acme.io/task] }\nproject: { test: make test }\n").unwrap();
    assert_eq!((work.labels.task, work.project.test.as_deref()), (vec!["acme.io/task".to_owned()], Some("make test")));
    // Service and agent labels also tell which pods do the same kind of work; those that a2 knows come after them.
    let kind = parse("labels: { agent: [acme.io/agent], service: [acme.io/service], task: [acme.io/task] }\n").unwrap().labels.of_kind();
    assert_eq!(kind[..3], ["acme.io/service", "acme.io/agent", "app.kubernetes.io/name"]);
    assert!(kind.contains(&"agent".to_owned()) && !kind.contains(&"acme.io/task".to_owned()), "{kind:?}");
    assert_eq!(config.namespace.as_deref(), Some("shop"));
    assert_eq!(config.output, Some(Output::Yaml));
    assert_eq!(config.sidecars, ["shipper"]);
    assert_eq!(config.limits.timeout, Some(Duration::from_secs(20)));
    assert_eq!(config.limits.request_timeout, Some(Duration::from_secs(60)));
    assert_eq!(config.limits.since, Some(Duration::from_secs(2 * 86_400)));
}

#[test]
fn an_empty_file_says_nothing() {
    for text in ["", "\n", "# only a remark\n", "---\n", "{}"] {
        assert_eq!(parse(text).unwrap(), Config::default(), "{text:?}");
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    assert_eq!(refusal("namespace: x\nlimits:\n  tiemout: 10s\n"), "config.yaml:3:3: unknown key `tiemout`, did you mean `timeout`?");
    assert_eq!(refusal("output: jsn\n"), "config.yaml:1:9: unknown value `jsn`, did you mean `json`?");
    assert_eq!(refusal("colour: red\n"), "config.yaml:1:1: unknown key `colour`, expected one of namespace, output, sidecars, limits, scan, labels, project");
    assert_eq!(refusal("limits: { timeout: 10x }\n"), "config.yaml:1:9: limits: unknown unit \"x\", expected ms, s, m, h, d or w");
    assert!(refusal("sidecars: shipper\n").starts_with("config.yaml:1:11: sidecars: invalid type"), "{}", refusal("sidecars: shipper\n"));
}

#[test]
fn show_prints_what_is_in_force_and_reads_back() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a2/config.yaml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "namespace: shop\nlimits: { timeout: 1m30s }\n").unwrap();
    let output = a2().env("XDG_CONFIG_HOME", home.path()).args(["config", "show"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with(&format!("# from {}\n", file.display())), "{shown}");
    let config = parse(&shown).unwrap();
    assert_eq!(config.namespace.as_deref(), Some("shop"));
    assert_eq!(config.limits.timeout, Some(Duration::from_secs(90)));
    assert_eq!(config.limits.since, Some(Duration::from_secs(86_400)), "defaults are shown, too");
}

#[test]
fn a_home_stands_in_for_xdg() {
    let home = tempfile::tempdir().unwrap();
    let output = a2().env("HOME", home.path()).args(["config", "show"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with(&format!("# {} does not exist", home.path().join(".config/a2/config.yaml").display())), "{shown}");
}
