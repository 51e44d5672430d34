//! What is a finding and what is none, on small namespaces made on the spot. "Now" is 2030-01-02T03:04:05.

use a2::collect::{Extras, collect};
use a2::evidence::{Budget, GapKind, Options, Target};
use a2::rules::RuleSet;
use a2::scan::{Runs, Scan, ScanOptions, Severity, scan};
use a2::source::bundle;
use serde_json::{Value, json};

use super::service;
use crate::bundles::{Bundle, event, exited, pod, running};

fn options() -> ScanOptions {
    ScanOptions { namespaces: vec!["shop".to_owned()], ..ScanOptions::default() }
}

async fn scanned(bundle: &Bundle, options: ScanOptions) -> Scan {
    scan(&bundle::open(bundle.path()).expect("a bundle"), RuleSet::builtin(), &options).await.expect("a scan")
}

fn of(pods: Vec<Value>, events: Vec<Value>) -> Bundle {
    Bundle::new().list("/api/v1/namespaces/shop/pods", pods).list("/api/v1/namespaces/shop/events", events).usual().done()
}

fn plain(state: Value) -> Value {
    pod("web", json!({ "app": "web" }), None, "Running", state)
}

/// Restarted so often, the last time at a moment of the day.
fn restarted(count: i64, ended: &str, created: &str) -> Value {
    let mut pod = plain(running());
    pod["metadata"]["creationTimestamp"] = json!(created);
    let mut last = exited(1);
    last["terminated"]["finishedAt"] = json!(ended);
    pod["status"]["containerStatuses"][0]["restartCount"] = json!(count);
    pod["status"]["containerStatuses"][0]["lastState"] = last;
    pod
}

#[tokio::test]
async fn a_pod_that_runs_but_keeps_being_killed_flaps() {
    let flapping = scanned(&of(vec![restarted(4, "2030-01-02T03:02:00Z", "2030-01-02T02:30:00Z")], vec![]), options()).await;
    let finding = &flapping.findings[0];
    assert_eq!((finding.severity, finding.silent), (Severity::Error, false));
    assert!(finding.headline.contains("flaps: 4 ends within 60 min"), "{}", finding.headline);
    // An old pod with one recent end is no more than a warning, however often it restarted long ago.
    let once = scanned(&of(vec![restarted(40, "2030-01-02T03:02:00Z", "2029-12-01T00:00:00Z")], vec![]), options()).await;
    assert_eq!(once.findings[0].severity, Severity::Warning, "{:#?}", once.findings);
    assert!(!once.findings[0].headline.contains("flaps"));
    // What events count makes the difference.
    let mut started = event("e1", "Pod", "web", "Started", "Started container main");
    started["count"] = json!(7);
    started["firstTimestamp"] = json!("2030-01-02T02:20:00Z");
    let often = scanned(&of(vec![restarted(40, "2030-01-02T03:02:00Z", "2029-12-01T00:00:00Z")], vec![started]), options()).await;
    assert!(often.findings[0].headline.contains("flaps: 7 ends"), "{}", often.findings[0].headline);
}

#[tokio::test]
async fn restarts_before_the_window_are_history() {
    let bundle = of(vec![restarted(5, "2030-01-01T23:00:00Z", "2029-12-01T00:00:00Z")], vec![]);
    let scan = scanned(&bundle, options()).await;
    assert_eq!((scan.findings.len(), scan.counts.healthy), (0, 1), "{:#?}", scan.findings);
    let wide = scanned(&bundle, ScanOptions { since_seconds: 6 * 3600, ..options() }).await;
    assert_eq!(wide.findings.len(), 1);
}

#[tokio::test]
async fn a_deletion_that_does_not_end_is_told() {
    let mut going = plain(running());
    going["metadata"]["deletionTimestamp"] = json!("2030-01-02T03:04:20Z");
    going["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    let normal = scanned(&of(vec![going.clone()], vec![]), options()).await;
    assert!(normal.findings.iter().all(|f| f.severity == Severity::Info), "{:#?}", normal.findings);
    going["metadata"]["deletionTimestamp"] = json!("2030-01-02T02:40:00Z");
    going["metadata"]["finalizers"] = json!(["example.com/backup"]);
    let stuck = scanned(&of(vec![going], vec![]), options()).await;
    assert_eq!(stuck.findings[0].severity, Severity::Warning);
    assert!(stuck.findings[0].headline.contains("stuck in its deletion for 24 min, finalizers example.com/backup"), "{}", stuck.findings[0].headline);
}

#[tokio::test]
async fn a_container_that_is_not_started_again_is_told() {
    let mut dead = plain(exited(1));
    dead["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"] = json!("2030-01-02T02:44:00Z");
    let scan = scanned(&of(vec![dead], vec![]), options()).await;
    assert!(scan.findings[0].headline.contains("main was not started again for 20 min"), "{}", scan.findings[0].headline);
}

fn two_containers(main: Value, policy: &str, owner: Option<(&str, &str)>) -> Value {
    let mut pod = pod("job-x2x4z", json!({}), owner, "Running", main);
    pod["spec"]["restartPolicy"] = json!(policy);
    pod["spec"]["containers"].as_array_mut().unwrap().push(json!({ "name": "proxy", "image": "shop/proxy:1" }));
    let proxy = json!({ "name": "proxy", "ready": true, "restartCount": 0, "state": running(), "lastState": {} });
    pod["status"]["containerStatuses"].as_array_mut().unwrap().push(proxy);
    pod
}

#[tokio::test]
async fn a_job_that_a_companion_holds_open_is_worth_knowing() {
    let scan = scanned(&of(vec![two_containers(exited(0), "Never", Some(("Job", "job")))], vec![]), options()).await;
    let finding = &scan.findings[0];
    assert_eq!((finding.cause.as_str(), finding.severity), ("healthy.lingering", Severity::Info));
    assert!(finding.headline.contains("its Job cannot complete") && finding.since.is_some(), "{finding:#?}");
}

#[tokio::test]
async fn a_silent_failure_names_who_holds_the_pod_up() {
    let scan = scanned(&of(vec![two_containers(exited(1), "Never", None)], vec![]), options()).await;
    let finding = &scan.findings[0];
    assert_eq!((finding.severity, finding.silent, finding.held_up_by.as_slice()), (Severity::Critical, true, ["proxy".to_owned()].as_slice()));
    assert_eq!(finding.since, a2::evidence::parse_time("2030-01-02T03:02:00Z"));
}

#[tokio::test]
async fn steps_may_have_a_limit_on_their_age() {
    let step = |name: &str, agent: &str, policy: &str| {
        let mut pod = pod(name, json!({ "agent": agent }), None, "Running", running());
        pod["metadata"]["creationTimestamp"] = json!("2030-01-02T02:10:00Z");
        pod["spec"]["restartPolicy"] = json!(policy);
        pod
    };
    let bundle = of(vec![step("fast", "a", "Never"), step("slow", "b", "Never"), step("server", "c", "Always")], vec![]);
    let names = |scan: Scan| scan.findings.into_iter().filter_map(|f| f.pod).collect::<Vec<_>>();
    assert_eq!(names(scanned(&bundle, options()).await), Vec::<String>::new());
    let all = scanned(&bundle, ScanOptions { max_age_seconds: Some(45 * 60), ..options() }).await;
    assert!(all.findings[0].headline.contains("has run for 54 min, its limit is 45 min") && all.findings[0].severity == Severity::Warning, "{all:#?}");
    assert_eq!(names(all), ["fast", "slow"], "what is meant to run for good has no age");
    let own = ScanOptions { limits: vec![("agent=a".to_owned(), 3600), ("agent in (b, c)".to_owned(), 1800)], max_age_seconds: Some(60), ..options() };
    assert_eq!(names(scanned(&bundle, own).await), ["server", "slow"], "a limit by label is the pod's own and wins");
}

#[tokio::test]
async fn not_ready_is_a_finding_after_the_grace_or_when_the_application_says_no() {
    let young = |message: &str, count: i64| {
        let mut pod = plain(running());
        pod["metadata"]["creationTimestamp"] = json!("2030-01-02T03:03:53Z");
        pod["spec"]["containers"][0]["readinessProbe"] = json!({ "httpGet": { "path": "/ready", "port": 8080 }, "periodSeconds": 2, "failureThreshold": 3 });
        pod["status"]["containerStatuses"][0]["ready"] = json!(false);
        pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] = json!("2030-01-02T03:03:54Z");
        pod["status"]["conditions"] = json!([{ "type": "Ready", "status": "False", "lastTransitionTime": "2030-01-02T03:03:53Z" },
            { "type": "ContainersReady", "status": "False", "lastTransitionTime": "2030-01-02T03:03:53Z" }]);
        let mut unhealthy = event("e1", "Pod", "web", "Unhealthy", message);
        unhealthy["type"] = json!("Warning");
        unhealthy["count"] = json!(count);
        unhealthy["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
        of(vec![pod], vec![unhealthy])
    };
    let refused = "Readiness probe failed: Get \"http://10.0.0.7:8080/ready\": dial tcp 10.0.0.7:8080: connect: connection refused";
    assert_eq!(scanned(&young(refused, 5), options()).await.findings, [], "it may only be starting");
    let says_no = "Readiness probe failed: HTTP probe failed with statuscode: 503";
    assert_eq!(scanned(&young(says_no, 2), options()).await.findings, [], "not often enough for the kubelet");
    assert_eq!(scanned(&young(says_no, 3), options()).await.findings[0].cause, "probe.readiness");
    assert_eq!(scanned(&young(refused, 5), ScanOptions { grace_seconds: 5, ..options() }).await.findings[0].cause, "probe.readiness");
}

fn job(name: &str, cron: &str, kind: &str, seconds: i64) -> Value {
    json!({ "metadata": { "name": name, "namespace": "shop", "ownerReferences": [{ "apiVersion": "batch/v1", "kind": "CronJob", "name": cron, "uid": "u" }] },
        "status": { "conditions": [{ "type": kind, "status": "True" }], "startTime": "2030-01-02T02:00:00Z",
            "completionTime": format!("2030-01-02T02:00:{seconds:02}Z") } })
}

#[tokio::test]
async fn owners_remember_their_runs() {
    let mut dead = pod("tally-29401020-rcvcq", json!({}), Some(("Job", "tally-29401020")), "Failed", exited(1));
    dead["spec"]["restartPolicy"] = json!("Never");
    let jobs = vec![
        job("tally-29401020", "tally", "Failed", 9),
        job("tally-1", "tally", "Complete", 40),
        job("tally-2", "tally", "Complete", 20),
        job("other-1", "other", "Complete", 1),
    ];
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![dead]).list("/apis/batch/v1/namespaces/shop/jobs", jobs).usual().done();
    let scan = scanned(&bundle, options()).await;
    assert_eq!(scan.findings[0].owner.as_deref(), Some("CronJob/tally"));
    assert_eq!(scan.findings[0].runs, Some(Runs { succeeded: 2, failed: 1, median_seconds: Some(40) }));
}

#[tokio::test]
async fn a_failed_step_is_found_when_its_pod_is_gone() {
    let node = |id: &str, name: &str, phase: &str, code: &str| {
        json!({ "id": id, "name": name, "displayName": "build", "type": "Pod", "templateName": "build", "phase": phase, "message": format!("main: Error (exit code {code})"),
            "startedAt": "2030-01-02T03:00:00Z", "finishedAt": "2030-01-02T03:03:00Z", "outputs": { "exitCode": code } })
    };
    let hash = a2::reconstruct::argo::node_hash("flow-1.build");
    let id = format!("flow-1-{hash}");
    let workflow = json!({ "metadata": { "name": "flow-1", "namespace": "shop", "labels": { "workflows.argoproj.io/phase": "Failed" } },
        "spec": { "templates": [{ "name": "build", "container": { "name": "main", "image": "shop/build:1" } }] },
        "status": { "phase": "Failed", "nodes": { &id: node(&id, "flow-1.build", "Failed", "3") } } });
    let bundle = Bundle::new().list("/apis/argoproj.io/v1alpha1/namespaces/shop/workflows", vec![workflow]).usual().done();
    let scan = scanned(&bundle, options()).await;
    let finding = &scan.findings[0];
    assert_eq!(finding.pod, Some(format!("flow-1-build-{hash}")));
    assert_eq!((finding.owner.as_deref(), finding.exit_code), (Some("Workflow/flow-1"), Some(3)));
    let target = Target { namespace: "shop".to_owned(), name: finding.pod.clone().unwrap(), uid: None };
    let conn = bundle::open(bundle.path()).unwrap();
    let extras = Extras { namespace_given: true, ..Extras::default() };
    let case = collect(&conn, target, Options::default(), Budget::default(), extras).await.unwrap();
    assert_eq!(a2::diagnosis::diagnose(case, RuleSet::builtin()).verdict.cause, finding.cause);
    let old = scanned(&bundle, ScanOptions { since_seconds: 10, ..options() }).await;
    assert_eq!(old.findings, []);
}

#[tokio::test]
async fn what_is_forbidden_is_a_gap() {
    let bundle = of(vec![plain(exited(1))], vec![]);
    let both = ScanOptions { namespaces: vec!["bank".to_owned(), "shop".to_owned()], ..ScanOptions::default() };
    let (conn, _) = service::connect(bundle.path(), true, service::forbidding(&["/api/v1/namespaces/bank/pods", "/api/v1/namespaces/bank/events"]));
    let scan_both = scan(&conn, RuleSet::builtin(), &both).await.expect("a scan");
    assert_eq!(scan_both.findings.len(), 1);
    assert!(scan_both.gaps.iter().any(|g| g.kind == GapKind::Forbidden && g.what == "pods of namespace bank"), "{:#?}", scan_both.gaps);
    assert!(scan_both.gaps.iter().all(|g| !g.what.contains("shop")), "{:#?}", scan_both.gaps);
}

#[tokio::test]
async fn without_rights_on_the_cluster_the_known_namespaces_are_looked_at() {
    let bundle = of(vec![plain(exited(1))], vec![]);
    let (mut conn, _) = service::connect(bundle.path(), true, service::forbidding(&["/api/v1/namespaces"]));
    conn.known_namespaces = vec!["shop".to_owned()];
    let all = scan(&conn, RuleSet::builtin(), &ScanOptions { all_namespaces: true, ..ScanOptions::default() }).await.expect("a scan");
    assert_eq!((all.namespaces.as_slice(), all.findings.len()), (["default".to_owned(), "shop".to_owned()].as_slice(), 1));
    assert!(all.gaps.iter().any(|g| g.kind == GapKind::Forbidden && g.resource == "namespaces"));
}

#[tokio::test]
async fn a_healthy_namespace_costs_three_requests() {
    let pods = (0..50).map(|i| pod(&format!("web-{i}"), json!({}), None, "Running", running())).collect();
    let bundle = of(pods, vec![]);
    let (conn, asked) = service::connect(bundle.path(), true, service::plain());
    let scan = scan(&conn, RuleSet::builtin(), &options()).await.expect("a scan");
    assert_eq!((scan.counts.pods, scan.counts.healthy), (50, 50));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 3, "rows, warnings, failed workflows: {asked:#?}");
    assert!(asked.iter().any(|a| a.contains("/pods?limit=500&includeObject=None")));
}

#[tokio::test]
async fn a_long_list_of_a_bundle_is_the_same_list() {
    let many = |pad: usize| {
        let mut pods: Vec<Value> = (0..200).map(|i| pod(&format!("web-{i:03}"), json!({ "pad": "x".repeat(pad) }), None, "Running", running())).collect();
        pods[7] = pod("web-007", json!({}), None, "Running", exited(3));
        pods[9] = restarted(2, "2030-01-02T03:02:00Z", "2030-01-02T02:30:00Z");
        of(pods, vec![])
    };
    let told = |scan: &Scan| scan.findings.iter().map(|f| (f.pod.clone(), f.cause.clone(), f.headline.clone())).collect::<Vec<_>>();
    // The second is long enough not to be parsed whole.
    let (short, long) = (scanned(&many(0), options()).await, scanned(&many(2000), options()).await);
    assert_eq!((told(&short), short.counts), (told(&long), long.counts));
    assert_eq!(short.findings.len(), 2);
    let bundle = many(2000);
    let conn = bundle::open(bundle.path()).unwrap();
    let target = Target { namespace: "shop".to_owned(), name: "never-was".to_owned(), uid: None };
    let case = collect(&conn, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.unwrap();
    assert!(case.pod_absent);
}
