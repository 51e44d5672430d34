//! Selectors match as the API server's do.

use a2::source::bundle::{FieldSelector, LabelSelector};
use serde_json::json;

#[test]
fn label_selectors() {
    let object = json!({ "metadata": { "labels": { "app": "web", "tier": "front", "a.b/c": "1" } } });
    let table = [
        ("", true),
        ("app=web", true),
        ("app==web", true),
        ("app=web,tier=front", true),
        ("app=web,tier=back", false),
        ("app!=db", true),
        ("app!=web", false),
        ("missing!=x", true),
        ("app in (web, db)", true),
        ("app in (db)", false),
        ("app notin (db,cache)", true),
        ("app notin (web)", false),
        ("missing notin (x)", true),
        ("app", true),
        ("!app", false),
        ("!missing", true),
        ("missing", false),
        ("a.b/c=1,app in (web),tier", true),
    ];
    for (text, expected) in table {
        assert_eq!(LabelSelector::parse(text).expect(text).matches(&object), expected, "{text}");
    }
    for broken in ["app in (web", "app ni (x)", "a b=c", "=x", "app in ((x))"] {
        assert!(LabelSelector::parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn field_selectors() {
    let pod = json!({ "metadata": { "name": "p", "namespace": "n" }, "spec": { "nodeName": "n1" }, "status": { "phase": "Failed", "podIP": "10.0.0.1" } });
    for (text, expected) in [
        ("metadata.name=p", true),
        ("metadata.name!=p", false),
        ("spec.nodeName=n1,status.phase!=Running", true),
        ("status.podIP=10.0.0.2", false),
        ("spec.nodeName=", false),
        ("status.nominatedNodeName=", true),
    ] {
        assert_eq!(FieldSelector::parse(text).expect(text).matches(&pod), expected, "{text}");
    }
    let old = json!({ "involvedObject": { "kind": "Pod", "name": "p" }, "type": "Warning", "reason": "BackOff", "source": { "component": "kubelet" }, "reportingComponent": "kubelet" });
    let new = json!({ "regarding": { "kind": "Pod", "name": "p" }, "type": "Warning", "reason": "BackOff" });
    for event in [&old, &new] {
        for text in ["involvedObject.name=p,type!=Normal", "regarding.name=p", "reason=BackOff,involvedObject.kind=Pod"] {
            assert!(FieldSelector::parse(text).expect(text).matches(event), "{text}");
        }
    }
    assert!(FieldSelector::parse("source=kubelet,reportingController=kubelet").expect("fields").matches(&old));
    assert!(FieldSelector::parse("nonsense").is_err());
}
