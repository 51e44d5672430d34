//! A bundle behind services that behave as some servers do.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use a2::source::bundle::Bundle;
use a2::source::{Clock, Connection, Meter};
use http::Response;
use kube::client::Body;

/// What was asked: paths with their queries, in order.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// What answers before the bundle does.
pub type Before = Arc<dyn Fn(&str, &str) -> Option<Response<Vec<u8>>> + Send + Sync>;

/// A connection to a bundle whose server prints tables only when told to, with answers of its own before the bundle's.
pub fn connect(stage: &Path, tables: bool, before: Before) -> (Connection, Asked) {
    let bundle = Arc::new(Bundle::open(stage).expect("a bundle"));
    let clock = bundle.manifest().captured_at.map(Clock::fixed).unwrap_or_default();
    let asked = Asked::default();
    let noted = asked.clone();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        noted.lock().expect("a lock").push(format!("{path}?{query}"));
        let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).filter(|_| tables).unwrap_or("application/json").to_owned();
        let answer = before(&path, &query).unwrap_or_else(|| bundle.answer(request.method(), &path, &query, &accept));
        async move { Ok::<_, std::convert::Infallible>(answer.map(Body::from)) }
    });
    (Connection::from_client(kube::Client::new(service, "default"), clock, Meter::default()), asked)
}

/// Nothing before the bundle.
pub fn plain() -> Before {
    Arc::new(|_, _| None)
}

/// Refuses some collections.
pub fn forbidding(paths: &[&str]) -> Before {
    let paths: BTreeSet<String> = paths.iter().map(|p| (*p).to_owned()).collect();
    Arc::new(move |path, _| {
        paths.contains(path).then(|| {
            let body = serde_json::json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": format!("{path} is forbidden") });
            Response::builder().status(403).body(body.to_string().into_bytes()).expect("a response")
        })
    })
}
