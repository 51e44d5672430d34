//! Targets that the API no longer has.

use a2::collect::{Extras, Known, collect};
use a2::evidence::{Budget, CaseFile, GapKind, Object, Options, Pod, Related, Target};
use a2::source::bundle;
use serde_json::{Value, json};

use crate::bundles::{Bundle, crashed, event, exited, pod, running};

async fn case_of(bundle: &Bundle, name: &str, uid: Option<&str>, namespace_given: bool) -> CaseFile {
    let conn = bundle::open(bundle.path()).expect("a bundle");
    let target = Target { namespace: "shop".to_owned(), name: name.to_owned(), uid: uid.map(str::to_owned) };
    collect(&conn, target, Options::default(), Budget::default(), Extras { namespace_given, ..Extras::default() }).await.expect("a case")
}

fn owners(case: &CaseFile) -> Vec<(String, usize, Related)> {
    case.owners.iter().map(|o| (format!("{}/{}", o.object.kind(), o.object.name()), o.depth, o.found_by)).collect()
}

fn meta(name: &str, owner: Option<(&str, &str, &str)>) -> Value {
    let owners = owner.map(|(version, kind, name)| json!([{ "apiVersion": version, "kind": kind, "name": name, "uid": "u", "controller": true }]));
    json!({ "name": name, "namespace": "shop", "uid": format!("uid-{name}"), "ownerReferences": owners.unwrap_or(json!([])) })
}

#[tokio::test]
async fn a_pod_of_a_deployment_by_its_name() {
    let bundle = crashed().done();
    let case = case_of(&bundle, "web-5d9c7b6f4-22222", None, true).await;
    assert!(case.pod_absent && !case.namespace_absent);
    assert_eq!(owners(&case), [("ReplicaSet/web-5d9c7b6f4".to_owned(), 1, Related::Name), ("Deployment/web".to_owned(), 2, Related::OwnerReference)]);
    assert_eq!(case.siblings.len(), 2);
    assert!(case.log("web-5d9c7b6f4-x7k2p", "main", true).is_some(), "the failed sibling lends its log");
    assert!(case.log("web-5d9c7b6f4-9zq4w", "main", false).is_none(), "the healthy one does not");
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::NotFound && g.resource == "pods/log"));
}

#[tokio::test]
async fn the_owner_whose_event_names_the_pod() {
    let bundle = crashed()
        .list("/api/v1/namespaces/shop/events", vec![event("e9", "ReplicaSet", "web-5d9c7b6f4", "SuccessfulDelete", "Deleted pod: web-5d9c7b6f4-22222")])
        .done();
    let case = case_of(&bundle, "web-5d9c7b6f4-22222", None, true).await;
    assert_eq!(owners(&case)[0].2, Related::Event);

    // A name of no known make, but its controller speaks of it.
    let mut made = event("e1", "Fleet", "north", "SuccessfulCreate", "Created pod: odd.name");
    made["involvedObject"]["apiVersion"] = json!("example.org/v1");
    let bundle = Bundle::new()
        .list("/api/v1/namespaces/shop/events", vec![made, event("e2", "Pod", "odd.name", "Killing", "Stopping container main")])
        .list(
            "/apis/example.org/v1/namespaces/shop/fleets",
            vec![json!({ "kind": "Fleet", "metadata": meta("north", None), "spec": { "selector": { "matchLabels": { "fleet": "north" } } } })],
        )
        .list("/api/v1/namespaces/shop/pods", vec![pod("other", json!({ "fleet": "north" }), Some(("Fleet", "north")), "Failed", exited(3))])
        .usual()
        .done();
    let case = case_of(&bundle, "odd.name", None, true).await;
    assert_eq!(owners(&case), [("Fleet/north".to_owned(), 1, Related::Event)]);
    assert_eq!(case.siblings.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["other"]);
}

#[tokio::test]
async fn jobs_of_a_cron_job_and_their_other_runs() {
    let run = |job: &str, name: &str, code| {
        let mut pod = pod(
            name,
            json!({ "job-name": job, "batch.kubernetes.io/job-name": job }),
            Some(("Job", job)),
            if code == 0 { "Succeeded" } else { "Failed" },
            exited(code),
        );
        pod["spec"]["restartPolicy"] = json!("Never");
        pod
    };
    let bundle = Bundle::new()
        .list("/api/v1/namespaces/shop/pods", vec![run("tidy-29012345", "tidy-29012345-x7k2p", 0), run("tidy-29012347", "tidy-29012347-bbbbb", 1)])
        .list("/apis/batch/v1/namespaces/shop/jobs", vec![json!({ "metadata": meta("tidy-29012346", Some(("batch/v1", "CronJob", "tidy"))) })])
        .list("/apis/batch/v1/namespaces/shop/cronjobs", vec![json!({ "metadata": meta("tidy", None) })])
        .usual()
        .done();
    let case = case_of(&bundle, "tidy-29012346-ccccc", None, true).await;
    let found: Vec<String> = owners(&case).into_iter().map(|o| o.0).collect();
    assert_eq!(found, ["Job/tidy-29012346", "CronJob/tidy"]);
    assert_eq!(case.siblings.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["tidy-29012345-x7k2p", "tidy-29012347-bbbbb"]);
    let present = case_of(&bundle, "tidy-29012347-bbbbb", None, true).await;
    assert_eq!(present.siblings.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["tidy-29012345-x7k2p"]);
}

#[tokio::test]
async fn stateful_sets_and_the_incarnation_asked_for() {
    let labels = |n: u32| json!({ "app": "db", "statefulset.kubernetes.io/pod-name": format!("db-{n}"), "apps.kubernetes.io/pod-index": n.to_string() });
    let set = json!({ "metadata": meta("db", None), "spec": { "selector": { "matchLabels": { "app": "db" } } } });
    let pods = vec![
        pod("db-0", labels(0), Some(("StatefulSet", "db")), "Running", running()),
        pod("db-2", labels(2), Some(("StatefulSet", "db")), "Running", running()),
    ];
    let bundle = Bundle::new().list("/api/v1/namespaces/shop/pods", pods).list("/apis/apps/v1/namespaces/shop/statefulsets", vec![set]).usual().done();
    let gone = case_of(&bundle, "db-1", None, true).await;
    assert_eq!((owners(&gone)[0].0.as_str(), gone.siblings.len()), ("StatefulSet/db", 2));
    let former = case_of(&bundle, "db-0", Some("uid-of-old"), true).await;
    assert!(former.pod.is_none() && former.pod_absent);
    assert_eq!(owners(&former), [("StatefulSet/db".to_owned(), 1, Related::OwnerReference)]);
    assert!(former.siblings.iter().any(|s| s.name == "db-0") && former.siblings.len() == 2);
    assert!(former.gaps.iter().any(|g| g.why.contains("uid-db-0")));
    let present = case_of(&bundle, "db-0", Some("uid-db-0"), true).await;
    assert!(present.pod.is_some() && present.siblings.len() == 1);
}

#[tokio::test]
async fn workflows_that_ran_the_pod_or_its_template() {
    let node = |workflow: &str, hash: &str, phase: &str| json!({ "metadata": meta(workflow, None), "status": { "nodes": { format!("{workflow}-{hash}"): { "type": "Pod", "templateName": "fetch-data", "phase": phase } } } });
    let mut packed = node("load-b2", "222222222", "Failed");
    let nodes = packed["status"]["nodes"].take().to_string();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, nodes.as_bytes()).expect("packed");
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, gz.finish().expect("packed"));
    packed["status"] = json!({ "compressedNodes": text });
    let other = pod("load-c3-fetch-data-333333333", json!({ "workflows.argoproj.io/workflow": "load-c3" }), None, "Failed", exited(1));
    let bundle = Bundle::new()
        .list(
            "/apis/argoproj.io/v1alpha1/namespaces/shop/workflows",
            vec![node("load-a1", "111111111", "Failed"), packed, node("load-c3", "333333333", "Failed")],
        )
        .list("/api/v1/namespaces/shop/pods", vec![other, pod("unrelated-fetch-444444444", json!({}), None, "Running", running())])
        .usual()
        .done();
    let case = case_of(&bundle, "load-b2-fetch-data-222222222", None, true).await;
    assert_eq!(owners(&case), [("Workflow/load-b2".to_owned(), 1, Related::Name)]);
    let a2::reconstruct::argo::Nodes::Read(nodes) = a2::reconstruct::argo::nodes(&case.owners[0].object) else { panic!("packed nodes are read") };
    assert_eq!(nodes.iter().map(|n| n.id.as_str()).collect::<Vec<_>>(), ["load-b2-222222222"]);
    assert_eq!(case.related.iter().map(|r| r.name()).collect::<Vec<_>>(), ["load-a1", "load-c3"]);
    assert_eq!(case.siblings.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["load-c3-fetch-data-333333333"]);
}

#[tokio::test]
async fn no_trace_offers_near_names_and_looks_elsewhere_only_when_free_to() {
    let bundle = crashed()
        .list("/api/v1/namespaces/bank/pods", vec![json!({ "metadata": { "name": "lonely", "namespace": "bank" } })])
        .list("/api/v1/namespaces/bank/events", vec![])
        .done();
    let case = case_of(&bundle, "web-5d9c7b6f4-x7k2q", None, true).await;
    assert!(case.near_names.is_empty() || case.near_names.contains(&"web-5d9c7b6f4-x7k2p".to_owned()));
    let typo = case_of(&bundle, "web-5d9c7b6f4x7k2p", None, true).await;
    assert_eq!(typo.near_names.first().map(String::as_str), Some("web-5d9c7b6f4-9zq4w"));
    assert!(typo.near_names.contains(&"web-5d9c7b6f4-x7k2p".to_owned()) && typo.other_namespaces.is_empty());
    let free = case_of(&bundle, "lonely", None, false).await;
    assert_eq!(free.other_namespaces, ["bank"]);
    assert!(free.gaps.iter().any(|g| g.kind == GapKind::NotAsked && g.why.contains("only namespaces bank, shop")), "{:#?}", free.gaps);
    let bound = case_of(&bundle, "lonely", None, true).await;
    assert!(bound.other_namespaces.is_empty());
}

#[tokio::test]
async fn an_unknown_namespace_and_one_that_was_not_recorded() {
    let bundle = crashed().done();
    let target = Target { namespace: "nowhere".to_owned(), name: "p".to_owned(), uid: None };
    let open = bundle::open(bundle.path()).expect("a bundle");
    let case = collect(&open, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case");
    assert!(!case.pod_absent, "not asked is not absent");
    assert!(case.gaps.iter().any(|g| g.kind == GapKind::NotAsked && g.resource == "pods"), "{:#?}", case.gaps);
    let covered = Bundle::new()
        .list("/api/v1/namespaces", vec![json!({ "metadata": { "name": "shop" } })])
        .empty(&["/api/v1/namespaces/nowhere/pods", "/api/v1/namespaces/nowhere/events"])
        .done();
    let open = bundle::open(covered.path()).expect("a bundle");
    let target = Target { namespace: "nowhere".to_owned(), name: "p".to_owned(), uid: None };
    let case = collect(&open, target, Options::default(), Budget::default(), Extras { namespace_given: true, ..Extras::default() }).await.expect("a case");
    assert!(case.pod_absent && case.namespace_absent);
}

#[tokio::test]
async fn what_scan_knows_is_not_asked_again() {
    let bundle = crashed().done();
    let conn = bundle::open(bundle.path()).expect("a bundle");
    let whole = case_of(&bundle, "web-5d9c7b6f4-x7k2p", None, true).await;
    let mut object = whole.pod.as_ref().expect("a pod").object.raw().clone();
    object["kind"] = json!("Pod");
    let events = whole.events.iter().filter(|e| e.about.kind == "Pod").map(|e| e.object.clone()).collect();
    let known = Known { pod: Some(Pod::from_object(Object::new(object))), events: Some(events) };
    let target = Target { namespace: "shop".to_owned(), name: "web-5d9c7b6f4-x7k2p".to_owned(), uid: None };
    let extras = Extras { namespace_given: true, known, ..Extras::default() };
    let case = collect(&conn, target, Options::default(), Budget::default(), extras).await.expect("a case");
    assert_eq!(case.cost.requests, whole.cost.requests - 2);
    assert_eq!(format!("{:?}{:?}{:?}", case.pod, case.events, case.logs), format!("{:?}{:?}{:?}", whole.pod, whole.events, whole.logs));
}
