//! Which container an event is about, and whose word it is.

use a2::evidence::{Event, Object};
use serde_json::json;

fn event(component: &str, reason: &str, message: &str, path: Option<&str>) -> Event {
    let mut raw = json!({ "reason": reason, "message": message, "involvedObject": { "kind": "Pod", "namespace": "n", "name": "p" }, "source": { "component": component } });
    if let Some(path) = path {
        raw["involvedObject"]["fieldPath"] = json!(path);
    }
    Event::from_object(Object::new(raw)).expect("an event")
}

#[test]
fn the_kubelets_own_sentences_name_the_container() {
    let named = [
        ("Created", "Created container web", Some("web")),
        ("Created", "Created container: web-2", Some("web-2")),
        ("Created", "Container created", None),
        ("Started", "Started container web", Some("web")),
        ("Started", "Container started", None),
        ("Killing", "Stopping container web", Some("web")),
        ("Killing", "Container web failed liveness probe, will be restarted", Some("web")),
        ("Killing", "Container is failed liveness probe, will be restarted", None),
        ("Killing", "Init container setup failed startup probe", Some("setup")),
        ("Killing", "Container web definition changed, will be restarted", Some("web")),
        ("Killing", "Container is in \"unknown\" state, try killing it before restart", None),
        ("Killing", "FailedPostStartHook", None),
        ("Pulled", "Container image \"web\" already present on machine", None),
        ("BackOff", "Back-off restarting failed container web in pod p_n(u)", Some("web")),
        ("BackOff", "Back-off restarting failed container=web pod=p_n(u)", Some("web")),
        ("BackOff", "Back-off restarting failed container", None),
    ];
    for (reason, message, want) in named {
        assert_eq!(event("kubelet", reason, message, None).container.as_deref(), want, "{message}");
    }
    assert_eq!(event("kubelet", "Killing", "Stopping container web", Some("spec.containers{main}")).container.as_deref(), Some("main"), "the path goes first");
    assert_eq!(event("my-operator", "Killing", "Stopping container web", None).container, None, "a stranger's sentence is not read");
}

#[test]
fn only_the_component_whose_business_it_is_is_believed() {
    let cases = [
        ("kubelet", "Killing", true),
        ("kubelet", "OOMKilling", false),
        ("my-operator", "Killing", false),
        ("", "Evicted", false),
        ("work-controller", "Evicted", false),
        ("work-controller", "Killing", false),
        ("work-controller", "OutOfmemory", false),
        ("default-scheduler", "Preempted", true),
        ("taint-eviction-controller", "TaintManagerEviction", true),
        ("kernel-monitor", "Killing", false),
        ("node-controller", "NodeNotReady", true),
    ];
    for (component, reason, want) in cases {
        assert_eq!(event(component, reason, "x", None).is_credible(), want, "{component} {reason}");
    }
}
