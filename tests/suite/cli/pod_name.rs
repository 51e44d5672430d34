//! The forms in which people name a pod.

use a2::cli::{PodName, PodNameError};

fn parse(text: &str) -> Result<(Option<String>, String), PodNameError> {
    text.parse::<PodName>().map(|pod| (pod.namespace, pod.name))
}

#[test]
fn three_forms() {
    for text in ["web-0", "pod/web-0", "pods/web-0", "po/web-0", " web-0 "] {
        assert_eq!(parse(text), Ok((None, "web-0".into())), "{text:?}");
    }
    assert_eq!(parse("shop/web-0"), Ok((Some("shop".into()), "web-0".into())));
    assert_eq!(parse("etcd-node1.example.com"), Ok((None, "etcd-node1.example.com".into())));
}

#[test]
fn other_kinds_are_not_namespaces() {
    assert_eq!(parse("svc/web"), Err(PodNameError::OtherKind { kind: "svc".into(), name: "web".into() }));
    assert!(parse("node/n1").unwrap_err().to_string().contains("neither a pod nor a workload"));
}

#[test]
fn workloads_stand_for_their_worst_pod() {
    for (text, kind) in [
        ("deploy/web", "Deployment"),
        ("deployment/web", "Deployment"),
        ("rs/web", "ReplicaSet"),
        ("sts/web", "StatefulSet"),
        ("ds/web", "DaemonSet"),
        ("job/web", "Job"),
        ("cronjob/web", "CronJob"),
        ("workflow/web", "Workflow"),
    ] {
        let named: PodName = text.parse().unwrap();
        assert_eq!((named.namespace, named.kind, named.name.as_str()), (None, Some(kind), "web"), "{text}");
    }
    let named: PodName = "shop/job/nightly".parse().unwrap();
    assert_eq!((named.namespace.as_deref(), named.kind, named.name.as_str()), (Some("shop"), Some("Job"), "nightly"));
}

#[test]
fn names_no_server_would_store_are_refused() {
    assert_eq!(parse(""), Err(PodNameError::Empty));
    assert_eq!(parse("pod/"), Err(PodNameError::Empty));
    assert_eq!(parse("/web"), Err(PodNameError::Empty));
    assert_eq!(parse("a/b/c"), Err(PodNameError::Parts));
    for name in ["Web-0", "web_0", "-web", "web-", "web 0", "..", "w\u{1b}[31m", &"a".repeat(254)] {
        assert_eq!(parse(name), Err(PodNameError::Characters(name.trim().into())), "{name:?}");
    }
}
