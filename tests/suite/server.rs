//! A listener in front of a bundle, for what only a socket shows.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use a2::source::bundle::Bundle;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

/// Serves a closure until the test ends; gives the address.
pub async fn serve(answer: impl Fn(&Request<Incoming>) -> Response<Vec<u8>> + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = answer(&request).map(|body| Full::new(Bytes::from(body)));
                    async move { Ok::<_, Infallible>(response) }
                });
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// Serves a bundle.
pub async fn serve_bundle(path: &std::path::Path) -> String {
    let bundle = Bundle::open(path).expect("a bundle");
    serve(move |request| {
        let accept = request.headers().get("accept").and_then(|a| a.to_str().ok()).unwrap_or_default();
        bundle.answer(request.method(), request.uri().path(), request.uri().query().unwrap_or_default(), accept)
    })
    .await
}

/// Counts calls.
pub fn counter() -> (Arc<AtomicUsize>, impl Fn() -> usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let read = count.clone();
    (count, move || read.load(Ordering::Relaxed))
}
