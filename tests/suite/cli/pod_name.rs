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
    assert_eq!(parse("deploy/web"), Err(PodNameError::OtherKind { kind: "deploy".into(), name: "web".into() }));
    assert!(parse("job/nightly").unwrap_err().to_string().contains("not a pod"));
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
