//! A stand-in for the kubelets of all nodes: it answers for logs, from a recording, in a kubelet's words.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::recording::{LogKey, Recording, time};
use crate::server::RUNTIME;

/// What it has to say at the moment.
#[derive(Default)]
struct State {
    logs: BTreeMap<LogKey, Vec<u8>>,
    /// Why a container that never ran has no log, by namespace, pod and container.
    waiting: BTreeMap<(String, String, String), String>,
    /// Whom to tell of a request that will never be answered.
    hold: Option<Sender<()>>,
}

/// What a TLS server needs.
pub fn tls(certificate: &Path, key: &Path) -> ServerConfig {
    let chain = CertificateDer::pem_file_iter(certificate).expect("a certificate file").collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().expect("TLS versions");
    config.with_no_client_auth().with_single_cert(chain, key).expect("a key that fits")
}

/// A TLS server on loopback; the API server trusts any kubelet unless it is given an authority.
pub struct Kubelet {
    /// Where it listens.
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Kubelet {
    /// Listens, under the certificate given.
    pub fn start(certificate: &Path, key: &Path) -> Self {
        let tls = TlsAcceptor::from(Arc::new(tls(certificate, key)));
        let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<Mutex<State>>::default();
        let answers = Arc::clone(&state);
        RUNTIME.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, state) = (tls.clone(), Arc::clone(&answers));
                tokio::spawn(async move {
                    let Ok(stream) = tls.accept(stream).await else { return };
                    let service = service_fn(|request| answer(request, Arc::clone(&state)));
                    // A caller that goes away is none of the kubelet's business.
                    let _closed = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { port, state }
    }

    /// From now on it answers from this recording.
    pub fn serve(&self, recording: &Recording) {
        let waiting = recording.objects.iter().filter(|(key, _)| key.starts_with("/registry/pods/")).flat_map(|(_, pod)| {
            let name = |field: &str| pod["metadata"][field].as_str().unwrap_or_default().to_owned();
            let statuses = ["initContainerStatuses", "containerStatuses"].into_iter().filter_map(|kind| pod["status"][kind].as_array()).flatten();
            statuses.filter_map(move |status| {
                let reason = status["state"]["waiting"]["reason"].as_str()?;
                Some(((name("namespace"), name("name"), status["name"].as_str()?.to_owned()), reason.to_owned()))
            })
        });
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State { logs: recording.logs.clone(), waiting: waiting.collect(), hold: None };
    }

    /// From now on it answers nothing, and tells the receiver of each request that it leaves waiting.
    pub fn hold(&self) -> Receiver<()> {
        let (sender, receiver) = channel();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).hold = Some(sender);
        receiver
    }
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let held = state.lock().unwrap_or_else(PoisonError::into_inner).hold.clone();
    if let Some(held) = held {
        let _told = held.send(());
        std::future::pending::<()>().await;
    }
    let (status, body) = {
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        files(request.uri().path(), &state).unwrap_or_else(|| log(&request, &state))
    };
    Ok(Response::builder().status(status).header("content-type", "text/plain").body(Full::new(Bytes::from(body))).expect("a response"))
}

/// `GET /logs/pods/<namespace>_<pod>_<uid>/[<container>/[<count>.log]]`: the log directory of the node, as Go's file server lists it.
fn files(path: &str, state: &State) -> Option<(u16, Vec<u8>)> {
    let mut parts = path.strip_prefix("/logs/pods/")?.split('/').filter(|part| !part.is_empty());
    let mut pod = parts.next()?.splitn(3, '_');
    let (namespace, pod) = (pod.next()?, pod.next()?);
    let of_pod: Vec<_> = state.logs.iter().filter(|((ns, name, ..), _)| ns == namespace && name == pod).collect();
    let list = |names: Vec<String>| (200, names.iter().map(|name| format!("<a href=\"{name}\">{name}</a>\n")).collect::<String>().into_bytes());
    // The count of an instance before is one less.
    let file = |previous: bool| format!("{}.log", u8::from(!previous));
    match (parts.next(), parts.next()) {
        (None, _) => {
            let mut names: Vec<String> = of_pod.iter().map(|((_, _, container, _), _)| format!("{container}/")).collect();
            names.dedup();
            Some(list(names))
        }
        (Some(container), None) => Some(list(of_pod.iter().filter(|((_, _, c, _), _)| c == container).map(|((.., previous), _)| file(*previous)).collect())),
        (Some(container), Some(name)) => {
            let (_, text) = of_pod.iter().find(|((_, _, c, previous), _)| c == container && file(*previous) == name)?;
            let cri = text.split_inclusive(|b| *b == b'\n').flat_map(|line| match stamp(line) {
                Some((at, rest)) => [at.as_bytes(), b" stdout F ", rest].concat(),
                None => line.to_vec(),
            });
            Some((200, cri.collect()))
        }
    }
}

/// `GET /containerLogs/<namespace>/<pod>/<container>?previous=…&timestamps=…&tailLines=…&limitBytes=…&sinceSeconds=…&sinceTime=…`
/// (pkg/kubelet/server/server.go, pkg/kubelet/kuberuntime/logs/logs.go).
fn log(request: &Request<Incoming>, state: &State) -> (u16, Vec<u8>) {
    let parts: Vec<&str> = request.uri().path().split('/').collect();
    let ["", "containerLogs", namespace, pod, container] = parts[..] else { return (404, b"404 page not found\n".to_vec()) };
    let query: BTreeMap<&str, &str> = request.uri().query().unwrap_or_default().split('&').filter_map(|p| p.split_once('=')).collect();
    let is = |name: &str| query.get(name) == Some(&"true");
    let number = |name: &str| query.get(name).and_then(|n| n.parse::<usize>().ok());
    let key = (namespace.to_owned(), pod.to_owned(), container.to_owned(), is("previous"));
    let Some(text) = state.logs.get(&key) else { return (400, missing(&key, state).into_bytes()) };

    let since = match (number("sinceSeconds"), query.get("sinceTime")) {
        (Some(seconds), _) => Some(Utc::now() - TimeDelta::seconds(seconds as i64)),
        (None, text) => text.and_then(|t| time(&t.replace("%3A", ":"))),
    };
    let lines = text.split_inclusive(|b| *b == b'\n').filter(|line| match (since, stamp(line)) {
        (Some(since), Some((at, _))) => time(at).is_none_or(|at| at >= since),
        _ => true,
    });
    let lines: Vec<&[u8]> = lines.map(|line| if is("timestamps") { line } else { stamp(line).map_or(line, |(_, rest)| rest) }).collect();
    let first = number("tailLines").map_or(0, |n| lines.len().saturating_sub(n));
    let mut body = lines[first..].concat();
    body.truncate(number("limitBytes").unwrap_or(usize::MAX));
    (200, body)
}

/// A line's time and what follows it; `None` for what the kubelet itself wrote into the answer.
fn stamp(line: &[u8]) -> Option<(&str, &[u8])> {
    let end = line.iter().position(|b| *b == b' ')?;
    let at = std::str::from_utf8(&line[..end]).ok()?;
    time(at).map(|_| (at, &line[end + 1..]))
}

/// Why there is no such log (pkg/kubelet/kubelet_pods.go, `validateContainerLogStatus`).
fn missing((namespace, pod, container, previous): &LogKey, state: &State) -> String {
    if *previous {
        return format!("previous terminated container \"{container}\" in pod \"{pod}\" not found");
    }
    let why = match state.waiting.get(&(namespace.clone(), pod.clone(), container.clone())).map(String::as_str) {
        Some("ErrImagePull") => "waiting to start: image can't be pulled",
        Some("ImagePullBackOff") => "waiting to start: trying and failing to pull image",
        Some(reason) => return format!("container \"{container}\" in pod \"{pod}\" is waiting to start: {reason}"),
        None => "not available",
    };
    format!("container \"{container}\" in pod \"{pod}\" is {why}")
}
