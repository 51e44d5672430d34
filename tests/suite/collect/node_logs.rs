//! The node's files and journals: never unasked, joined by UID and container id, every refusal a gap.

use std::sync::{Arc, Mutex};

use a2::collect::{Extras, collect};
use a2::diagnosis::diagnose;
use a2::evidence::{Budget, CaseFile, GapKind, Options, Target};
use a2::rules::RuleSet;
use a2::source::bundle::Bundle as Served;
use a2::source::{ClusterOptions, connect};
use http::Response;
use serde_json::json;

use crate::bundles::{Bundle, event};
use crate::server::serve;

const UID: &str = "11111111-2222-4333-8444-555555555555";
const CONTAINER: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

fn gone() -> Bundle {
    let of = |name: &str, reason: &str, message: &str, component: &str| {
        let mut event = event(name, "Pod", "batch-1", reason, message);
        event["involvedObject"]["uid"] = json!(UID);
        event["source"] = json!({ "component": component, "host": "n1" });
        event["firstTimestamp"] = json!("2030-01-02T03:00:00Z");
        event["lastTimestamp"] = json!("2030-01-02T03:00:00Z");
        if reason == "Started" {
            event["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
        }
        event
    };
    Bundle::new()
        .list(
            "/api/v1/namespaces/shop/events",
            vec![of("e1", "Scheduled", "Successfully assigned shop/batch-1 to n1", "default-scheduler"), of("e2", "Started", "Container started", "kubelet")],
        )
        .usual()
        .done()
}

fn journal(rest: &[&str]) -> String {
    let sandbox = "5a5a5a5a5a5a";
    let line =
        |at: &str, message: &str| format!("Jan 02 {at} n1 containerd[77]: time=\"2030-01-02T{at}Z\" level=info msg=\"{}\"\n", message.replace('"', "\\\""));
    let mut text = line(
        "03:00:00",
        &format!("RunPodSandbox for &PodSandboxMetadata{{Name:batch-1,Uid:{UID},Namespace:shop,Attempt:0,}} returns sandbox id \"{sandbox}\""),
    );
    text.push_str(&line(
        "03:00:00",
        &format!("CreateContainer within sandbox \"{sandbox}\" for &ContainerMetadata{{Name:main,Attempt:0,}} returns container id \"{CONTAINER}\""),
    ));
    // Another pod's end must not be this one's.
    text.push_str(&line("03:01:00", "received container exit event container_id:\"beef\" id:\"beef\" pid:9 exit_status:1 exited_at:{seconds:1893553260}"));
    for message in rest {
        text.push_str(&line("03:02:00", &message.replace("ID", CONTAINER)));
    }
    text
}

/// Serves a bundle, and the kubelet's answers under `proxy/logs/`; notes what was asked of the kubelet.
async fn case_of(bundle: &Bundle, node_logs: bool, kubelet: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> (CaseFile, Vec<String>) {
    let served = Served::open(bundle.path()).expect("a bundle");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    let address = serve(move |request| {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        if let Some((_, file)) = path.split_once("/proxy/logs/") {
            noted.lock().expect("a lock").push(format!("{file}?{query}"));
            let (code, body) = kubelet(file, query);
            return Response::builder().status(code).body(body.into_bytes()).expect("a response");
        }
        let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).unwrap_or_default();
        served.answer(request.method(), path, query, accept)
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters: [{{name: t, cluster: {{server: '{address}'}}}}]\ncontexts: [{{name: t, context: {{cluster: t, user: t}}}}]\nusers: [{{name: t, user: {{}}}}]\n"
    );
    std::fs::write(&file, text).expect("written");
    let conn = connect(&ClusterOptions { kubeconfig: Some(file), ..ClusterOptions::default() }).await.expect("a connection");
    let target = Target { namespace: "shop".to_owned(), name: "batch-1".to_owned(), uid: None };
    let options = Options { node_logs, ..Options::default() };
    let case = collect(&conn, target, options, Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case");
    let asked = asked.lock().expect("a lock").clone();
    (case, asked)
}

#[tokio::test]
async fn never_unless_asked() {
    let (case, asked) = case_of(&gone(), false, |_, _| (200, String::new())).await;
    assert!(asked.is_empty(), "{asked:?}");
    assert!(case.gaps.iter().all(|g| g.resource != "nodes/proxy"));
}

#[tokio::test]
async fn the_runtime_tells_an_oom_kill_hours_later() {
    let oom = journal(&[
        "TaskOOM event container_id:\"ID\"",
        "received container exit event container_id:\"ID\" id:\"ID\" pid:7 exit_status:137 exited_at:{seconds:1893553320}",
    ]);
    let (case, asked) =
        case_of(&gone(), true, move |_, query| if query.contains("query=containerd") { (200, oom.clone()) } else { (404, String::new()) }).await;
    assert!(asked.iter().all(|a| !a.contains("untilTime")), "{asked:?}");
    assert!(asked.iter().any(|a| a.contains("query=containerd") && a.contains("sinceTime=2030-01-02T02%3A59%3A55Z")), "{asked:?}");
    let found = diagnose(case, RuleSet::builtin());
    let death = &found.history.deaths[0];
    assert_eq!((death.container.as_str(), death.exit_code, death.mechanism.word(), death.from.word()), ("main", Some(137), "oom-killed", "runtime"));
    assert_eq!(found.history.deaths.len(), 1);
    assert_eq!(found.verdict.cause, "oom.container-limit");
}

#[tokio::test]
async fn a_stop_is_no_oom_and_a_code_is_a_code() {
    let stop = journal(&[
        "StopContainer for \"ID\" with timeout 30 (s)",
        "Kill container \"ID\"",
        "received container exit event container_id:\"ID\" pid:7 exit_status:137",
    ]);
    let (case, _) = case_of(&gone(), true, move |_, query| if query.contains("query=containerd") { (200, stop.clone()) } else { (404, String::new()) }).await;
    let found = diagnose(case, RuleSet::builtin());
    assert_eq!((found.history.deaths[0].mechanism.word(), found.history.deaths[0].exit_code), ("stopped", Some(137)));
    let exit = journal(&["received container exit event container_id:\"ID\" pid:7 exit_status:3"]);
    let (case, _) = case_of(&gone(), true, move |_, query| if query.contains("query=containerd") { (200, exit.clone()) } else { (404, String::new()) }).await;
    let found = diagnose(case, RuleSet::builtin());
    assert_eq!((found.history.deaths[0].mechanism.word(), found.history.deaths[0].exit_code), ("exited", Some(3)));
}

#[tokio::test]
async fn log_files_that_outlive_the_pod_are_its_log() {
    let (case, asked) = case_of(&gone(), true, |file, _| {
        let dir = format!("pods/shop_batch-1_{UID}/");
        match file.strip_prefix(dir.as_str()) {
            Some("") => (200, "<pre>\n<a href=\"main/\">main/</a>\n</pre>".to_owned()),
            Some("main/") => {
                (200, "<pre>\n<a href=\"0.log\">0.log</a>\n<a href=\"1.log\">1.log</a>\n<a href=\"1.log.20300102-030000.gz\">x</a>\n</pre>".to_owned())
            }
            Some("main/1.log") => {
                (200, "2030-01-02T03:02:00Z stderr F thread 'main' panicked at src/main.rs:1:1:\n2030-01-02T03:02:00Z stderr F boom\n".to_owned())
            }
            Some("main/0.log") => (200, "2030-01-02T03:01:00Z stdout P half \n2030-01-02T03:01:00Z stdout F line\n".to_owned()),
            _ => (404, String::new()),
        }
    })
    .await;
    assert!(asked.iter().any(|a| a.starts_with("pods/shop_batch-1_")), "{asked:?}");
    let log = |previous| case.log("batch-1", "main", previous).map(|l| l.lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>());
    assert_eq!(log(false), Some(vec!["thread 'main' panicked at src/main.rs:1:1:", "boom"]));
    assert_eq!(log(true), Some(vec!["half line"]));
    assert!(!case.gaps.iter().any(|g| g.resource == "pods/log"), "the log is there after all");
}

#[tokio::test]
async fn every_refusal_is_a_gap() {
    for (code, body, kind) in [
        (403, r#"{"kind":"Status","message":"nodes \"n1\" is forbidden","reason":"Forbidden","code":403}"#, GapKind::Forbidden),
        (404, "404 page not found", GapKind::NotFound),
        (503, "error trying to reach service", GapKind::TimedOut),
    ] {
        let (case, _) = case_of(&gone(), true, move |_, _| (code, body.to_owned())).await;
        let gaps: Vec<_> = case.gaps.iter().filter(|g| g.resource == "nodes/proxy").collect();
        assert_eq!(gaps.len(), 3, "{gaps:#?}");
        assert!(gaps.iter().all(|g| g.kind == kind && g.capture.as_ref().is_some_and(|c| c.contains("kubectl get --raw"))), "{gaps:#?}");
    }
    // A kubelet without NodeLogQuery lists its directory instead.
    let (case, _) = case_of(&gone(), true, |_, _| (200, "<pre>\n<a href=\"syslog\">syslog</a>\n</pre>".to_owned())).await;
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::Malformed && g.why.contains("NodeLogQuery")), "{:#?}", case.gaps);
    assert!(case.node_logs.is_empty());
}
