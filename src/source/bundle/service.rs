//! The bundle as a tower `Service`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use kube::client::{Body, ClientBuilder};
use tower::Service;

use crate::source::SourceError;
use crate::source::connection::{Clock, Connection, Meter, Turns};
use crate::source::observe::{ObserveLayer, http_date};
use crate::source::resource::ApiPath;

use super::archive::Store;
use super::list::Loaded;
use super::manifest::Manifest;
use super::raw::RawList;
use super::table::Recorded;

/// A bundle that answers requests.
pub struct Bundle {
    pub(super) store: Store,
    pub(super) manifest: Manifest,
    cache: Mutex<BTreeMap<String, Result<Arc<Loaded>, String>>>,
    outlines: Mutex<BTreeMap<String, Option<Arc<RawList>>>>,
    tables: Mutex<BTreeMap<String, Option<Arc<Recorded>>>>,
}

impl Bundle {
    /// Opens a directory or an archive; only `bundle.json` is parsed.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let store = Store::open(path)?;
        let body = match store.read("bundle.json") {
            Ok(Some(body)) => body,
            Ok(None) => return Err(SourceError::NotABundle { path: path.to_owned(), inside: Vec::new() }),
            Err(why) => return Err(SourceError::Unreadable { path: path.to_owned(), why }),
        };
        let manifest = Manifest::parse(&body).map_err(|why| SourceError::BadManifest { path: path.to_owned(), why })?;
        Ok(Self { store, manifest, cache: Mutex::default(), outlines: Mutex::default(), tables: Mutex::default() })
    }

    /// A bundle whose files are at hand, named by their paths in it.
    pub(in crate::source) fn from_files(files: BTreeMap<String, Bytes>, manifest: Manifest) -> Self {
        Self { store: Store::Archive(files), manifest, cache: Mutex::default(), outlines: Mutex::default(), tables: Mutex::default() }
    }

    /// What `bundle.json` says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Answers one request: method, path with query, and the `Accept` header.
    pub fn answer(&self, method: &http::Method, path: &str, query: &str, accept: &str) -> Response<Vec<u8>> {
        let mut response = self.route(method, path, query, accept);
        if let Some(date) = self.manifest.captured_at.and_then(|t| HeaderValue::from_str(&http_date(t)).ok()) {
            response.headers_mut().insert(http::header::DATE, date);
        }
        response
    }

    /// The outline of a long list; `None` where it is short, was parsed whole already, or is not to be read so.
    pub(super) fn outline(&self, collection: &ApiPath) -> Option<Arc<RawList>> {
        let path = collection.collection();
        if self.cache.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&path) {
            return None;
        }
        let mut outlines = self.outlines.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || self.store.read(&format!("{}.json", path.trim_start_matches('/'))).ok().flatten().and_then(|body| RawList::read(body, collection));
        outlines.entry(path.clone()).or_insert_with(|| read().map(Arc::new)).clone()
    }

    /// The table that a server printed, read at the first of its pages.
    pub(super) fn recorded(&self, path: &str) -> Option<Arc<Recorded>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || self.store.read(&format!("{}.table.json", path.trim_start_matches('/'))).ok().flatten().and_then(|body| Recorded::read(&body));
        tables.entry(path.to_owned()).or_insert_with(|| read().map(Arc::new)).clone()
    }

    /// A list, parsed at the first question.
    pub(super) fn load(&self, collection: &ApiPath) -> Result<Arc<Loaded>, String> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.entry(collection.collection()).or_insert_with(|| Loaded::read(&self.store, collection)).clone()
    }
}

/// The tower `Service` over a bundle.
#[derive(Clone)]
pub struct BundleService {
    bundle: Arc<Bundle>,
}

impl BundleService {
    /// Wraps a bundle.
    pub fn new(bundle: Arc<Bundle>) -> Self {
        Self { bundle }
    }
}

impl Service<Request<Body>> for BundleService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let accept = request.headers().get(http::header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
        let answer = self.bundle.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), accept);
        ready(Ok(answer.map(Body::from)))
    }
}

/// Opens a bundle as a connection. Must be called inside a tokio runtime, as any `kube::Client`.
pub fn open(path: &Path) -> Result<Connection, SourceError> {
    Ok(connect(Bundle::open(path)?, format!("bundle {}", path.display())))
}

/// A connection to a bundle that is open already.
pub(in crate::source) fn connect(bundle: Bundle, description: String) -> Connection {
    let bundle = Arc::new(bundle);
    let manifest = bundle.manifest.clone();
    let meter = Meter::default();
    // The file has fractions of a second that the Date header has not.
    let clock = manifest.captured_at.map(Clock::fixed).unwrap_or_default();
    let default_namespace = manifest.namespaces.first().cloned().unwrap_or_else(|| "default".to_owned());
    let layer = ObserveLayer { meter: meter.clone(), clock: clock.clone() };
    let client = ClientBuilder::new(BundleService::new(bundle), default_namespace.clone()).with_layer(&layer).build();
    Connection {
        client,
        clock,
        default_namespace,
        server_version: manifest.server_version,
        description,
        server: String::new(),
        node_events_since: manifest.node_events_since,
        meter,
        known_namespaces: manifest.namespaces,
        turns: Turns::default(),
        recorder: None,
    }
}
