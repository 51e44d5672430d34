//! Something between a2 and the server that does what networks, load balancers and time do to a watch.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::StreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use crate::server::RUNTIME;

type Answer = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

/// What is done to what passes.
#[derive(Default)]
pub struct Mode {
    /// Watches are asked to end after so many seconds: the server's own timeout.
    pub seconds: Option<u32>,
    /// The next watch asks from this version.
    pub version: Option<&'static str>,
    /// Nobody answers: connections are closed.
    pub away: bool,
}

/// Plain HTTP on loopback, answered by the server as its administrator.
pub struct Proxy {
    /// For `KUBECONFIG`.
    pub kubeconfig: PathBuf,
    /// What is done.
    pub mode: Arc<Mutex<Mode>>,
    seen: Arc<Mutex<Vec<String>>>,
    cut: broadcast::Sender<()>,
    _directory: tempfile::TempDir,
}

impl Proxy {
    /// Listens.
    pub fn start(admin: Client) -> Self {
        let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let directory = tempfile::tempdir().expect("a directory");
        let kubeconfig = directory.path().join("kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: proxied\nclusters: [{{name: test, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\nusers: [{{name: nobody, user: {{}}}}]\ncontexts: [{{name: proxied, context: {{cluster: test, user: nobody}}}}]\n"
        );
        fs::write(&kubeconfig, text).expect("a kubeconfig");
        let (cut, _) = broadcast::channel(4);
        let (mode, seen) = (Arc::<Mutex<Mode>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let shared = (admin, Arc::clone(&mode), Arc::clone(&seen), cut.clone());
        RUNTIME.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let (admin, mode, seen, cut) = shared.clone();
                        async move { pass(request, admin, &mode, &seen, &cut).await }
                    });
                    let _closed = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { kubeconfig, mode, seen, cut, _directory: directory }
    }

    /// Changes what is done.
    pub fn set(&self, change: impl FnOnce(&mut Mode)) {
        change(&mut self.mode.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Breaks every open stream in its middle.
    pub fn cut(&self) {
        let _nobody = self.cut.send(());
    }

    /// The watches asked for so far, as they came.
    pub fn watches(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|uri| uri.contains("watch=true")).cloned().collect()
    }
}

async fn pass(
    request: Request<Incoming>,
    admin: Client,
    mode: &Mutex<Mode>,
    seen: &Mutex<Vec<String>>,
    cut: &broadcast::Sender<()>,
) -> Result<Answer, std::io::Error> {
    // Before the watch is seen: who waits for it may cut it at once.
    let mut broken = cut.subscribe();
    let mut uri = request.uri().to_string();
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(uri.clone());
    let watches = uri.contains("watch=true");
    {
        let mut mode = mode.lock().unwrap_or_else(PoisonError::into_inner);
        if mode.away {
            return Err(std::io::Error::other("away"));
        }
        if let Some(seconds) = mode.seconds.filter(|_| watches) {
            uri = with(&uri, "timeoutSeconds", &seconds.to_string());
        }
        if watches && let Some(version) = mode.version.take() {
            uri = with(&uri, "resourceVersion", version);
        }
    }
    let mut asked = Request::get(&uri);
    if let Some(accept) = request.headers().get("accept") {
        asked = asked.header("accept", accept);
    }
    let answer = match admin.send(asked.body(Body::empty()).expect("a request")).await {
        Ok(answer) => answer,
        Err(e) => {
            return Ok(Response::builder().status(502).body(Full::new(Bytes::from(e.to_string())).map_err(|e| match e {}).boxed_unsync()).expect("an answer"));
        }
    };
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove("transfer-encoding");
    let frames = body.into_data_stream().map(|data| data.map(Frame::data).map_err(std::io::Error::other));
    let cut = futures::stream::once(async move {
        let _told = broken.recv().await;
        Err(std::io::Error::other("cut"))
    });
    let body = match watches {
        true => {
            StreamBody::new(until_error(futures::stream::select(frames.map(Some).chain(futures::stream::once(async { None })), cut.map(Some)))).boxed_unsync()
        }
        false => StreamBody::new(frames).boxed_unsync(),
    };
    Ok(Response::from_parts(parts, body))
}

/// Ends at the server's end (`None`), and after an error.
fn until_error(
    all: impl futures::Stream<Item = Option<Result<Frame<Bytes>, std::io::Error>>> + Send,
) -> impl futures::Stream<Item = Result<Frame<Bytes>, std::io::Error>> + Send {
    all.take_while(|item| std::future::ready(item.is_some())).filter_map(std::future::ready)
}

fn with(uri: &str, key: &str, value: &str) -> String {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let kept = query.split('&').filter(|p| !p.starts_with(&format!("{key}=")));
    format!("{path}?{}", kept.chain([format!("{key}={value}").as_str()]).collect::<Vec<_>>().join("&"))
}
