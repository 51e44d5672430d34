//! Services that lost their last pod: asked while the target answers nobody, and told in every format.

use serde_json::{Value, json};

use crate::bundles::{Bundle, crashed, event};
use crate::support::{Run, run};

const SERVICES: &str = "/api/v1/namespaces/shop/services";
const SLICES: &str = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
const POD: &str = "web-5d9c7b6f4-x7k2p";

fn service(name: &str, selector: Value) -> Value {
    json!({ "metadata": { "name": name, "namespace": "shop" }, "spec": { "clusterIP": "10.9.0.1", "selector": selector } })
}

fn slice(service: &str, ready: &[Option<bool>]) -> Value {
    let endpoints: Vec<Value> = ready.iter().map(|r| json!({ "addresses": ["10.0.0.7"], "conditions": { "ready": r } })).collect();
    json!({ "metadata": { "name": format!("{service}-x1"), "namespace": "shop", "labels": { "kubernetes.io/service-name": service } }, "addressType": "IPv4", "endpoints": endpoints })
}

fn investigated(bundle: &Bundle, more: &[&str]) -> Run {
    let path = bundle.path().to_str().unwrap().to_owned();
    run(["investigate", POD, "-n", "shop", "--from", &path].iter().chain(more))
}

fn impact(bundle: &Bundle) -> Vec<String> {
    let answer = investigated(bundle, &["-o", "json"]).json();
    let rows = answer["impact"].as_array().unwrap().iter().filter(|row| row["object"].as_str().unwrap().starts_with("Service/"));
    rows.map(|row| format!("{}: {}", row["object"].as_str().unwrap(), row["what"].as_str().unwrap())).collect()
}

fn gaps(bundle: &Bundle) -> Vec<String> {
    let answer = investigated(bundle, &["-o", "json"]).json();
    answer["gaps"].as_array().unwrap().iter().map(|g| format!("{} {} {}", g["kind"], g["verb"], g["resource"]).replace('"', "")).collect()
}

const LOST: &str = "Service/shop/web: no endpoint is ready, so nothing answers behind it";

#[test]
fn a_service_without_a_ready_endpoint_is_told_in_every_format() {
    let with = |slices: Vec<Value>| {
        let services = vec![service("web", json!({ "app": "web" })), service("other", json!({ "app": "other" })), service("manual", json!({}))];
        crashed().list(SERVICES, services).list(SLICES, slices).done()
    };
    let lost = with(vec![slice("web", &[Some(false)]), slice("other", &[Some(true)])]);
    assert_eq!(impact(&lost), [LOST]);
    assert_eq!(gaps(&lost), [""; 0]);
    for (format, says) in [
        ("table", "Service/shop/web: no endpoint is ready"),
        ("markdown", "`Service/shop/web`: no endpoint is ready"),
        ("html", "Service/shop/web: no endpoint is ready"),
        ("yaml", "object: Service/shop/web"),
    ] {
        let text = investigated(&lost, &["-o", format]).stdout;
        assert!(text.contains(says), "{format}: {text}");
    }
    assert_eq!(impact(&with(Vec::new())), [LOST], "no slice at all");
    for ready in [&[Some(true)][..], &[Some(false), Some(true)], &[None]] {
        assert_eq!(impact(&with(vec![slice("web", ready)])), [""; 0], "{ready:?}: somebody answers");
    }
}

#[test]
fn what_was_not_recorded_or_refused_is_not_made_up() {
    let services = vec![service("web", json!({ "app": "web" }))];
    let refused = |path: &str| json!([{ "path": path, "verb": "list", "code": 403 }]);
    let no_services = crashed().set("answers", refused(SERVICES)).done();
    assert_eq!((impact(&no_services), gaps(&no_services)), (Vec::new(), vec!["forbidden list services".to_owned()]));
    let no_slices = crashed().list(SERVICES, services).set("answers", refused(SLICES)).done();
    assert_eq!((impact(&no_slices), gaps(&no_slices)), (Vec::new(), vec!["forbidden list endpointslices.discovery.k8s.io".to_owned()]));
}

#[test]
fn of_a_pod_that_is_gone_the_owners_template_tells_the_labels() {
    let meta = json!({ "name": "web-5d9c7b6f4", "namespace": "shop", "uid": "u", "labels": { "pod-template-hash": "5d9c7b6f4" } });
    let set = json!({ "metadata": meta, "spec": { "replicas": 1, "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "main", "image": "i" }] } } } });
    let gone = |slices| {
        Bundle::new()
            .list("/apis/apps/v1/namespaces/shop/replicasets", vec![set.clone()])
            .list("/api/v1/namespaces/shop/events", vec![event("e1", "Pod", POD, "Killing", "Stopping container main")])
            .list(SERVICES, vec![service("web", json!({ "app": "web" }))])
            .list(SLICES, slices)
            .usual()
            .done()
    };
    assert_eq!(impact(&gone(Vec::new())), [LOST]);
    assert_eq!(impact(&gone(vec![slice("web", &[Some(true)])])), [""; 0], "its successor answers");
}

/// Time that collecting takes where every answer takes a tenth of a second.
async fn took(bundle: &Bundle) -> std::time::Duration {
    let source = std::sync::Arc::new(a2::source::bundle::Bundle::open(bundle.path()).unwrap());
    let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
        let source = source.clone();
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).unwrap_or_default();
            let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
            Ok::<_, tower::BoxError>(source.answer(request.method(), path, query, accept).map(kube::client::Body::from))
        }
    });
    let clock = a2::source::Clock::default();
    let conn = a2::source::Connection::from_client(kube::Client::new(service, "shop"), clock, a2::source::Meter::default());
    let start = std::time::Instant::now();
    let (options, budget) = (a2::evidence::Options::default(), a2::evidence::Budget::default());
    let extras = a2::collect::Extras { namespace_given: true, ..a2::collect::Extras::default() };
    let case = a2::collect::collect(&conn, crate::bundles::crashed_target(), options, budget, extras).await.unwrap();
    assert!(case.gaps.is_empty(), "{:#?}", case.gaps);
    start.elapsed()
}

/// Services come beside the logs, their endpoints beside the owner's owner: nobody waits for them.
#[tokio::test]
async fn asking_for_services_costs_no_round_of_its_own() {
    let with = crashed().list(SERVICES, vec![service("web", json!({ "app": "web" }))]).list(SLICES, Vec::new()).done();
    let without = crashed().done();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let (longer, shorter) = (took(&with).await, took(&without).await);
        if longer < shorter + std::time::Duration::from_millis(60) {
            return;
        }
        seen.push((longer, shorter));
    }
    panic!("{seen:?}");
}
