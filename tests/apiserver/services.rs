//! A Service that lost its last pod, on a real server: created through its API, seen by a2, and told as missing where a right is.

use serde_json::{Value, json};

use crate::cases::json as report_of;
use crate::rbac::{Manifest, Right};
use crate::server::Server;
use crate::shown::world;

const SERVICES: &str = "/api/v1/namespaces/shop/services";
const SLICES: &str = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";

fn slice(ready: bool) -> String {
    json!({ "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": { "name": "web-x1", "labels": { "kubernetes.io/service-name": "web" } },
        "addressType": "IPv4", "endpoints": [{ "addresses": ["10.0.0.7"], "conditions": { "ready": ready } }] })
    .to_string()
}

fn asked(server: &Server) -> Value {
    let output = server.a2().args(["investigate", "web-0", "-n", "shop", "-o", "json", "--context", "a2"]).output().expect("a2 runs");
    report_of(&output)
}

/// The rows of `impact` about Services.
fn impact(report: &Value) -> Vec<&str> {
    let rows = report["impact"].as_array().expect("rows").iter();
    rows.filter_map(|row| row["object"].as_str()).filter(|object| object.starts_with("Service/")).collect()
}

#[test]
fn a_service_without_endpoints_is_seen_on_a_server() {
    let mut server = Server::shared();
    let recorded = world().done();
    server.load(recorded.path());
    let documented = Manifest::documented("shop");
    server.grant(&documented);
    let service =
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" }, "spec": { "selector": { "app": "web" }, "ports": [{ "port": 80 }] } });
    server.call("POST", SERVICES, &service.to_string()).expect("a Service");
    server.call("POST", SLICES, &slice(false)).expect("an EndpointSlice");
    let mark = server.audit_mark();
    let lost = asked(&server);
    let requests = server.asked_since(mark);
    server.call("PUT", &format!("{SLICES}/web-x1"), &slice(true)).expect("an EndpointSlice");
    let answered = asked(&server);
    let right = Right { namespace: "shop".to_owned(), verb: "list".to_owned(), resource: "endpointslices.discovery.k8s.io".to_owned() };
    server.grant(&documented.without(&right));
    let refused = asked(&server);
    for path in [format!("{SLICES}/web-x1"), format!("{SERVICES}/web")] {
        server.call("DELETE", &path, "").expect("what was made for this can go");
    }
    assert_eq!(impact(&lost), ["Service/shop/web"], "{:#}", lost["impact"]);
    let of_services = |resource: &str| requests.iter().filter(|r| r.verb == "list" && r.resource == resource).count();
    assert_eq!((of_services("services"), of_services("endpointslices.discovery.k8s.io")), (1, 1), "{requests:#?}");
    assert_eq!(impact(&answered), [""; 0], "{:#}", answered["impact"]);
    assert_eq!(impact(&refused), [""; 0], "{:#}", refused["impact"]);
    let told = refused["gaps"].as_array().expect("gaps").iter().any(|g| g["kind"] == "forbidden" && g["resource"] == right.resource);
    assert!(told, "{:#}", refused["gaps"]);
}
