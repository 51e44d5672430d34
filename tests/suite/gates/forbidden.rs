//! A cluster that refuses part of what is asked: the gap has a name, and nothing is said more surely than with everything in hand.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use a2::evidence::GapKind;
use a2::source::bundle::{Bundle, BundleService};
use a2::source::{Clock, Connection, Meter};
use http::{Request, Response};
use kube::client::Body;
use tower::Service;

use super::corpus::{Stage, over, stages, with_runtime};
use super::integrity;
use super::said::judge;

/// Refuses with 403 what a role does not allow.
#[derive(Clone)]
struct Guard {
    inner: BundleService,
    allows: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Service<Request<Body>> for Guard {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        if (self.allows)(&path) {
            return self.inner.call(request);
        }
        let body = serde_json::json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403,
            "message": format!("{path} is forbidden: User \"u\" cannot do that") });
        ready(Ok(Response::builder()
            .status(403)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string().into_bytes()))
            .expect("a response")))
    }
}

/// The stage seen with fewer rights.
fn behind(stage: &Stage, allows: impl Fn(&str) -> bool + Send + Sync + 'static) -> a2::diagnosis::Investigation {
    let bundle = Arc::new(Bundle::open(&stage.dir).expect("a bundle"));
    let manifest = bundle.manifest().clone();
    let open = || {
        let guard = Guard { inner: BundleService::new(bundle), allows: Arc::new(allows) };
        let client = kube::Client::new(guard, stage.target.namespace.clone());
        let clock = manifest.captured_at.map(Clock::fixed).unwrap_or_default();
        let mut connection = Connection::from_client(client, clock, Meter::default());
        connection.server_version = manifest.server_version;
        connection.node_events_since = manifest.node_events_since;
        connection
    };
    judge(&with_runtime(open, &stage.target))
}

fn checked(stage: &Stage, resource: &str, report: &a2::diagnosis::Investigation) -> Vec<String> {
    let mut wrong = integrity::sound(report);
    wrong.extend(integrity::placed(report));
    let refused = report.gaps.iter().filter(|g| g.kind == GapKind::Forbidden).collect::<Vec<_>>();
    if !refused.iter().any(|g| g.resource == resource && !g.verb.is_empty() && !g.what.is_empty()) {
        wrong.push(format!("no gap names {resource}: {refused:?}"));
    }
    let (was, is) = (&stage.base.verdict, &report.verdict);
    if is.confidence > was.confidence {
        wrong.push(format!("{} {} became {} {}", was.cause, was.confidence.word(), is.cause, is.confidence.word()));
    }
    wrong
}

#[test]
fn without_events_nothing_is_said_more_surely() {
    over("events forbidden", stages(), |stage| checked(stage, "events", &behind(stage, |path| !path.ends_with("/events"))));
}

#[test]
fn with_the_pod_alone_nothing_is_said_more_surely() {
    let alone = stages().iter().filter(|s| s.case.pod.is_some());
    over("all but get pods forbidden", alone, |stage| {
        let pod = format!("/api/v1/namespaces/{}/pods/{}", stage.target.namespace, stage.target.name);
        checked(stage, "events", &behind(stage, move |path| path == pod))
    });
}

#[test]
fn without_logs_nothing_is_said_more_surely() {
    let logged = stages().iter().filter(|s| s.case.logs.iter().any(|l| l.pod == s.target.name));
    over("logs forbidden", logged, |stage| checked(stage, "pods/log", &behind(stage, |path| !path.ends_with("/log"))));
}

#[test]
fn without_owners_and_nodes_nothing_is_said_more_surely() {
    // A reader of one namespace: pods, their logs and events, nothing of controllers and nothing of the cluster.
    let owned = stages().iter().filter(|s| s.case.node.is_some() && !s.case.owners.is_empty());
    over("owners and nodes forbidden", owned, |stage| {
        let allows = |path: &str| !path.starts_with("/apis/") && !path.starts_with("/api/v1/nodes") && !path.starts_with("/api/v1/namespaces/default/");
        checked(stage, "nodes", &behind(stage, allows))
    });
}
