//! `a2 scan` as it is typed: every option, from a bundle and from a server that holds the same; and what it exits with.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pod, running};
use crate::server::{serve, serve_bundle};
use crate::support::{Run, a2};

/// A namespace with one pod of each kind, and another one that is well.
fn world() -> Bundle {
    let called = |name: &str, team: &str, state: Value| {
        let mut pod = pod(name, json!({ "app": name, "team": team }), None, "Running", state);
        pod["spec"]["restartPolicy"] = json!("Never");
        pod
    };
    let mut silent = called("silent", "a", exited(1));
    silent["spec"]["containers"].as_array_mut().unwrap().push(json!({ "name": "proxy", "image": "shop/proxy:1" }));
    let proxy = json!({ "name": "proxy", "ready": true, "restartCount": 0, "state": running(), "lastState": {} });
    silent["status"]["containerStatuses"].as_array_mut().unwrap().push(proxy);
    let mut failed = called("failed", "a", exited(3));
    failed["status"]["phase"] = json!("Failed");
    failed["status"]["containerStatuses"][0]["state"]["terminated"]["message"] = json!("a | b\n`c` <script>");
    let mut restarted = called("restarted", "b", running());
    restarted["spec"]["restartPolicy"] = json!("Always");
    restarted["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "64Mi" } });
    restarted["status"]["containerStatuses"][0]["restartCount"] = json!(1);
    restarted["status"]["containerStatuses"][0]["lastState"] = exited(137);
    restarted["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] = json!("OOMKilled");
    restarted["status"]["containerStatuses"][0]["lastState"]["terminated"]["finishedAt"] = json!("2030-01-02T02:30:00Z");
    restarted["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] = json!("2030-01-02T02:30:01Z");
    restarted["metadata"]["creationTimestamp"] = json!("2030-01-01T00:00:00Z");
    let mut unready = called("unready", "b", running());
    unready["metadata"]["creationTimestamp"] = json!("2030-01-02T02:54:00Z");
    unready["spec"]["containers"][0]["readinessProbe"] = json!({ "httpGet": { "path": "/ready", "port": 8080 }, "periodSeconds": 2, "failureThreshold": 3 });
    unready["status"]["containerStatuses"][0]["ready"] = json!(false);
    unready["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] = json!("2030-01-02T02:54:05Z");
    unready["status"]["conditions"] = json!([{ "type": "Ready", "status": "False", "lastTransitionTime": "2030-01-02T02:54:05Z" }]);
    let mut going = called("going", "b", running());
    going["metadata"]["deletionTimestamp"] = json!("2030-01-02T03:04:20Z");
    going["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    let mut refused = event(
        "e1",
        "Pod",
        "unready",
        "Unhealthy",
        "Readiness probe failed: Get \"http://10.0.0.7:8080/ready\": dial tcp 10.0.0.7:8080: connect: connection refused",
    );
    (refused["type"], refused["count"]) = (json!("Warning"), json!(90));
    refused["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
    let mut other = called("alone", "c", running());
    other["metadata"]["namespace"] = json!("bank");
    Bundle::new()
        .list("/api/v1/namespaces/shop/pods", vec![silent, failed, restarted, unready, going, called("well", "c", running())])
        .list("/api/v1/namespaces/shop/events", vec![refused])
        .list("/api/v1/namespaces/bank/pods", vec![other])
        .list("/api/v1/namespaces", vec![json!({ "metadata": { "name": "shop" } }), json!({ "metadata": { "name": "bank" } })])
        // A server has an empty list for whatever namespace it is asked about.
        .empty(&[
            "/api/v1/namespaces/shpo/pods",
            "/api/v1/namespaces/shpo/events",
            "/api/v1/namespaces/bank/events",
            "/apis/argoproj.io/v1alpha1/namespaces/bank/workflows",
        ])
        .set("namespaces", json!(["shop", "bank"]))
        .usual()
        .done()
}

/// A server that holds it, and the kubeconfig that leads there.
struct Live {
    folder: tempfile::TempDir,
    address: String,
}

impl Live {
    fn at(address: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters: [{{name: t, cluster: {{server: '{address}'}}}}]\ncontexts: [{{name: t, context: {{cluster: t, user: t, namespace: shop}}}}]\nusers: [{{name: t, user: {{}}}}]\n"
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        Self { folder, address }
    }

    async fn run(&self, args: &[&str]) -> Run {
        let mut command = a2();
        command.arg("scan").args(args).env("KUBECONFIG", self.folder.path().join("config")).stdout(Stdio::piped()).stderr(Stdio::piped());
        tokio::task::spawn_blocking(move || command.output().expect("the binary starts").into()).await.unwrap()
    }
}

fn from(bundle: &Bundle, args: &[&str]) -> Run {
    a2().arg("scan").args(args).arg("--from").arg(bundle.path()).output().expect("the binary starts").into()
}

fn pods(run: &Run) -> Vec<String> {
    let answer = run.json();
    let findings = answer["findings"].as_array().unwrap_or_else(|| panic!("{run:#?}"));
    let mut names: Vec<String> = findings.iter().map(|f| f["pod"].as_str().unwrap_or("-").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_chooses_the_same_from_a_server_as_from_a_bundle() {
    let bundle = world();
    let live = Live::at(serve_bundle(bundle.path()).await);
    let all = ["failed", "going", "restarted", "silent", "unready"];
    let cases: [(&[&str], &[&str]); 18] = [
        (&["-n", "shop"], &all),
        (&["-A"], &all),
        (&["-n", "bank"], &[]),
        (&["-n", "bank", "-n", "shop"], &all),
        (&["-n", "shop", "-l", "team=a"], &["failed", "silent"]),
        (&["-n", "shop", "-l", "team in (b,c),app!=going"], &["restarted", "unready"]),
        (&["-n", "shop", "--field-selector", "status.phase=Failed"], &["failed"]),
        (&["-n", "shop", "--field-selector", "metadata.name!=failed,status.phase!=Failed"], &["going", "restarted", "silent", "unready"]),
        (&["-n", "shop", "--exclude-label", "team=b"], &["failed", "silent"]),
        (&["-n", "shop", "--exclude-label", "team=b", "--exclude-label", "app=failed"], &["silent"]),
        (&["-n", "shop", "--since", "10m"], &["failed", "going", "silent", "unready"]),
        (&["-n", "shop", "--grace", "1h"], &["failed", "going", "restarted", "silent"]),
        (&["-n", "shop", "--severity", "warning"], &["failed", "restarted", "silent", "unready"]),
        (&["-n", "shop", "--severity", "error"], &["failed", "silent"]),
        (&["-n", "shop", "--severity", "critical"], &["silent"]),
        (&["-n", "shop", "--silent-only"], &["silent"]),
        (&["-n", "shop", "--max-age", "1m", "-l", "app=well"], &["well"]),
        (&["-n", "shop", "--no-logs", "--timeout", "20s"], &all),
    ];
    for (options, expected) in cases {
        let args: Vec<&str> = options.iter().copied().chain(["-o", "json"]).collect();
        let (offline, online) = (from(&bundle, &args), live.run(&args).await);
        assert_eq!((offline.code, online.code), (Some(0), Some(0)), "{options:?}: {}{}", offline.stderr, online.stderr);
        assert_eq!(pods(&offline), expected, "{options:?} from the bundle");
        let [mut offline, mut online] = [offline.json(), online.json()];
        for answer in [&mut offline, &mut online] {
            answer.as_object_mut().unwrap().remove("cost");
        }
        assert_eq!(offline["findings"], online["findings"], "{options:?}");
        assert_eq!(offline["counts"], online["counts"], "{options:?}");
    }
    // What is excluded is counted; a kubeconfig's namespace is the default, as the bundle's is.
    let without = from(&bundle, &["-n", "shop", "--exclude-label", "team=b", "-o", "json"]).json();
    assert_eq!((&without["counts"]["pods"], &without["counts"]["excluded"]), (&json!(3), &json!(3)));
    let [offline, online] = [from(&bundle, &["-o", "name"]), live.run(&["-o", "name"]).await];
    assert!(offline.stdout == online.stdout && online.stdout.contains("shop/silent\n"), "{offline:?} {online:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_are_as_documented() {
    let bundle = world();
    let live = Live::at(serve_bundle(bundle.path()).await);
    let code = |args: &[&str]| from(&bundle, args).code;
    assert_eq!(code(&["-n", "shop"]), Some(0), "whatever was found");
    assert_eq!(code(&["-n", "shop", "--exit-code"]), Some(1));
    assert_eq!(code(&["-n", "bank", "--exit-code"]), Some(0));
    assert_eq!(code(&["-n", "shop", "-l", "app=going", "--exit-code"]), Some(0), "it was only asked to go");
    assert_eq!(code(&["-n", "shop", "-l", "app=failed", "--severity", "critical", "--exit-code"]), Some(0), "nothing that is shown");
    assert_eq!(code(&["-n", "shop", "--silent-only", "--exit-code"]), Some(1));
    assert_eq!(code(&["-n", "shop", "-l", "app=well", "--max-age", "1m", "--exit-code"]), Some(1), "a step that runs too long");
    // Taken away on purpose is no failure, unless it does not go; as an investigation has it.
    let mut preempted = pod("spot", json!({}), None, "Failed", exited(137));
    preempted["status"]["conditions"] = json!([{ "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "lastTransitionTime": "2030-01-02T03:02:00Z",
        "message": "default-scheduler: preempting to accommodate a higher priority pod" }]);
    let mut stuck = pod("stuck", json!({}), None, "Running", running());
    stuck["metadata"]["deletionTimestamp"] = json!("2030-01-02T02:40:00Z");
    stuck["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    for (pod, cause, expected) in [(preempted, "disruption.preempted", 0), (stuck, "disruption.deleted", 1)] {
        let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![pod]).usual().done();
        let run = from(&bundle, &["-n", "shop", "--exit-code", "-o", "json"]);
        let finding = &run.json()["findings"][0];
        assert_eq!((run.code, &finding["cause"], &finding["severity"]), (Some(expected), &json!(cause), &json!("warning")), "{run:?}");
    }
    for wrong in [
        &["-n", "shop", "-A"][..],
        &["-o", "nope"],
        &["--severity", "nope"],
        &["--timeout", "0"],
        &["--since", "soon"],
        &["--watch"],
        &["-n", "shop", "-l", "app in (a"],
        &["-n", "shop", "--exclude-label", "app in (a"],
        &["-n", "shop", "--field-selector", "status.phase>1"],
    ] {
        let args: Vec<&str> = wrong.iter().copied().chain(["-ojson"].into_iter().filter(|_| !wrong.contains(&"-o"))).collect();
        let run = from(&bundle, &args);
        assert_eq!(run.code, Some(2), "{wrong:?}: {run:?}");
    }
    let slip = live.run(&["-n", "shop", "-l", "app in (a", "-o", "json"]).await;
    assert!(slip.code == Some(2) && slip.json()["code"] == 2 && slip.stderr.contains("a selector is not understood"), "{slip:?}");
    // What is not there, or does not answer, is no "all is well".
    let nowhere = live.run(&["-n", "shpo", "-o", "json"]).await;
    assert!(nowhere.code == Some(4) && nowhere.stderr.contains("there is no namespace shpo"), "{nowhere:?}");
    let one = live.run(&["-n", "shpo", "-n", "bank", "-o", "json"]).await;
    assert!(one.code == Some(0) && one.json()["gaps"][0]["what"] == "namespace shpo", "{one:?}");
    assert_eq!(code(&["-n", "elsewhere"]), Some(4), "a bundle that was never asked for it");
    let away = live.run(&["-n", "shop", "--server", "http://127.0.0.1:1", "--timeout", "3s", "-o", "json"]).await;
    assert!(away.code == Some(4) && away.json()["kind"] == "Error" && away.stderr.contains("cluster-info"), "{away:?}");
    let paths = a2().args(["scan", "--from", "/nonexistent", "-o", "json"]).output().unwrap();
    assert_eq!(Run::from(paths).code, Some(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 16)]
async fn what_hangs_is_late_and_what_answers_is_told() {
    let bundle = world();
    let source = a2::source::bundle::Bundle::open(bundle.path()).unwrap();
    let address = serve(move |request| {
        if request.uri().path().contains("/namespaces/bank/") {
            tokio::task::block_in_place(|| std::thread::sleep(std::time::Duration::from_secs(8)));
        }
        source.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), "application/json")
    })
    .await;
    let live = Live::at(address);
    let start = std::time::Instant::now();
    let late = live.run(&["-n", "bank", "-o", "json", "--timeout", "1s"]).await;
    assert_eq!((late.code, late.json()["code"].as_i64()), (Some(4), Some(4)), "{late:?}");
    assert!(late.stderr.contains("--timeout allows more time"), "{late:?}");
    let both = live.run(&["-n", "bank", "-n", "shop", "-o", "json", "--timeout", "4s", "--exit-code"]).await;
    assert_eq!(both.code, Some(1), "{both:?}");
    let answer = both.json();
    assert!(answer["gaps"].as_array().unwrap().iter().any(|g| g["kind"] == "timed-out" && g["what"] == "pods of namespace bank"), "{answer:#}");
    assert!(start.elapsed() < std::time::Duration::from_secs(12), "{:?}", start.elapsed());
    assert!(live.address.starts_with("http://"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_list_no_namespaces_is_told_what_to_do() {
    let bundle = world();
    let source = a2::source::bundle::Bundle::open(bundle.path()).unwrap();
    let refusing = |paths: &'static [&'static str], source: a2::source::bundle::Bundle| {
        serve(move |request| {
            if paths.contains(&request.uri().path()) {
                let body = json!({ "kind": "Status", "code": 403, "message": "you may not", "reason": "Forbidden" }).to_string().into_bytes();
                return http::Response::builder().status(403).body(body).unwrap();
            }
            source.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), "application/json")
        })
    };
    // The kubeconfig's own namespace is left.
    let live = Live::at(refusing(&["/api/v1/namespaces"], source).await);
    let all = live.run(&["-A", "-o", "json", "--exit-code"]).await;
    let answer = all.json();
    assert_eq!((all.code, &answer["scope"]["namespaces"]), (Some(1), &json!(["shop"])), "{answer:#}");
    assert!(answer["gaps"].as_array().unwrap().iter().any(|g| g["resource"] == "namespaces" && g["kind"] == "forbidden"), "{answer:#}");
    // Where that is closed, too, there is no answer.
    let source = a2::source::bundle::Bundle::open(bundle.path()).unwrap();
    let closed = Live::at(refusing(&["/api/v1/namespaces", "/api/v1/namespaces/shop/pods"], source).await);
    let none = closed.run(&["-A", "-o", "json"]).await;
    assert!(none.code == Some(4) && none.stderr.contains("name those that you may read"), "{none:?}");
    assert!(none.json()["gaps"].as_array().unwrap().len() >= 2, "{none:?}");
}

#[test]
fn names_are_what_investigate_takes() {
    let bundle = world();
    let place = bundle.path().to_str().unwrap();
    let binary = env!("CARGO_BIN_EXE_a2");
    let script = format!("{binary} scan --from {place} -n shop -o name --severity warning | xargs -r -n1 {binary} investigate --from {place} --quiet");
    let output = std::process::Command::new("sh").args(["-c", &script]).env("HOME", place).output().unwrap();
    let run = Run::from(output);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 4), "{run:?}");
    assert!(run.stdout.lines().next().unwrap().contains("silent"), "the worst first: {run:?}");
}

#[test]
fn every_format_says_the_same() {
    let bundle = world();
    let said = |output: &str, more: &[&str]| {
        let run = from(&bundle, &[&["-n", "shop", "-o", output], more].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
        run.stdout
    };
    let document: Value = serde_json::from_str(&said("json", &[])).unwrap();
    let lines: Vec<Value> = said("jsonl", &[]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&Value::Array(lines), &document["findings"]);
    let yaml = said("yaml", &[]);
    assert!(yaml.starts_with("apiVersion: a2/v1\nkind: Scan\n") && yaml.matches("headline:").count() == 5, "{yaml}");
    let names: Vec<String> = document["findings"].as_array().unwrap().iter().map(|f| format!("shop/{}", f["pod"].as_str().unwrap())).collect();
    assert_eq!(said("name", &[]).lines().collect::<Vec<_>>(), names);
    let (table, wide) = (said("table", &[]), said("wide", &[]));
    for name in ["silent", "failed", "restarted", "unready", "going"] {
        assert!(table.contains(name) && wide.contains(name), "{name}: {table}\n{wide}");
    }
    // A row of a ticket's table is one line with as many cells as its head, whatever the program wrote.
    let ticket = said("markdown", &["--all"]);
    let rows: Vec<&str> = ticket.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 2 + 5, "{ticket}");
    let cells = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.iter().all(|row| cells(row) == cells(rows[0])), "{ticket}");
    assert!(!ticket.contains("<script>") || ticket.contains("`<script>`"), "{ticket}");
}
