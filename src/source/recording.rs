//! A tower layer that keeps what the API said, for `--save`.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use tower::{BoxError, Layer, Service, ServiceExt};

use super::query::Query;
use super::status::GAP_WARNING;

/// One request with its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) path: String,
    pub(super) query: Query,
    /// A table was asked for.
    pub(super) table: bool,
    /// 0 until the answer is there.
    pub(super) code: u16,
    pub(super) body: Bytes,
    /// What the source said was missing, in the words of [`super::gap_warning`].
    pub(super) warnings: Vec<String>,
}

/// Keeps every answer in memory until it is written. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    /// Puts the recorder around a client.
    pub(super) fn wrap(&self, client: kube::Client) -> Recording<ClientService> {
        self.layer(ClientService { client })
    }

    /// Keeps an object that came another way (from a watch) as if it had been asked for by name.
    pub fn keep(&self, path: &str, body: Bytes) {
        let exchange = Exchange { path: path.to_owned(), query: Query::default(), table: false, code: 200, body, warnings: Vec::new() };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// Keeps a log that was read before: `main.log` or `main.previous.log` of the pod at `path`.
    pub fn keep_log(&self, path: &str, file: &str, body: Bytes) {
        let name = file.strip_suffix(".log").unwrap_or(file);
        let (container, previous) = name.strip_suffix(".previous").map_or((name, false), |c| (c, true));
        let query = Query::parse(&format!("container={}&previous={previous}", super::query::encode(container)));
        let exchange = Exchange { path: format!("{path}/log"), query, table: false, code: 200, body, warnings: Vec::new() };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// Everything kept so far, in the order of the requests.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn begin(&self, request: &Request<Body>) -> usize {
        let accept = request.headers().get(http::header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
        let exchange = Exchange {
            path: request.uri().path().to_owned(),
            query: Query::parse(request.uri().query().unwrap_or_default()),
            table: accept.contains("as=Table"),
            code: 0,
            body: Bytes::new(),
            warnings: Vec::new(),
        };
        let mut all = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(exchange);
        all.len() - 1
    }

    fn finish(&self, index: usize, parts: &http::response::Parts, body: Bytes) {
        if let Some(exchange) = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
            exchange.code = parts.status.as_u16();
            exchange.body = body;
            let warnings = parts.headers.get_all(http::header::WARNING).iter().filter_map(|w| w.to_str().ok());
            exchange.warnings = warnings.filter(|w| w.starts_with(GAP_WARNING)).map(str::to_owned).collect();
        }
    }
}

impl<S> Layer<S> for Recorder {
    type Service = Recording<S>;

    fn layer(&self, inner: S) -> Recording<S> {
        Recording { inner, recorder: self.clone() }
    }
}

/// Keeps what passes through it.
#[derive(Clone, Debug)]
pub struct Recording<S> {
    inner: S,
    recorder: Recorder,
}

impl<S, B> Service<Request<Body>> for Recording<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (inner, recorder) = (self.inner.clone(), self.recorder.clone());
        let index = recorder.begin(&request);
        Box::pin(async move {
            let response = inner.oneshot(request).await.map_err(Into::into)?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(Into::into)?.to_bytes();
            recorder.finish(index, &parts, body.clone());
            Ok(Response::from_parts(parts, Body::from(body)))
        })
    }
}

/// A client as a service again.
#[derive(Clone)]
pub struct ClientService {
    client: kube::Client,
}

impl Service<Request<Body>> for ClientService {
    type Response = Response<Body>;
    type Error = kube::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, kube::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), kube::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let client = self.client.clone();
        Box::pin(async move { client.send(request).await })
    }
}
