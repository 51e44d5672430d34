//! A tower layer that meters every request, remembers the server's clock, and does without compression where the server is near.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use kube::client::Body;
use tower::{BoxError, Layer, Service};

use crate::evidence::Time;

use super::connection::{Clock, Meter};

/// A server that began to answer this soon is in the same building, where bandwidth is ample: compressing costs the server, and whoever waits, more
/// than it saves (the `disable-compression` of a kubeconfig is there for the same reason: KV/client-go/tools/clientcmd/api/types.go).
const NEAR: Duration = Duration::from_millis(2);

/// Puts [`Observe`] around a service.
#[derive(Clone, Debug, Default)]
pub struct ObserveLayer {
    /// Counts.
    pub meter: Meter,
    /// Hears the `Date` header.
    pub clock: Clock,
}

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Observe<S> {
        Observe { inner, meter: self.meter.clone(), clock: self.clock.clone(), near: Arc::default() }
    }
}

/// Meters requests and bytes, and hears the server's `Date`.
#[derive(Clone, Debug)]
pub struct Observe<S> {
    inner: S,
    meter: Meter,
    clock: Clock,
    /// Some answer came soon enough.
    near: Arc<AtomicBool>,
}

impl<S, B> Service<Request<Body>> for Observe<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<UnsyncBoxBody<Bytes, BoxError>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        self.meter.request();
        if self.near.load(Ordering::Relaxed) {
            request.headers_mut().entry(http::header::ACCEPT_ENCODING).or_insert(http::HeaderValue::from_static("identity"));
        }
        let (meter, clock, near) = (self.meter.clone(), self.clock.clone(), self.near.clone());
        let (method, uri, asked) = (request.method().clone(), request.uri().clone(), Instant::now());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await.map_err(Into::into)?;
            tracing::info!("{method} {uri} {} after {} ms", response.status().as_u16(), asked.elapsed().as_millis());
            if asked.elapsed() < NEAR {
                near.store(true, Ordering::Relaxed);
            }
            match response.headers().get(http::header::DATE).and_then(|d| d.to_str().ok()).and_then(parse_http_date) {
                Some(date) => clock.hear(date),
                None => clock.hear_none(),
            }
            Ok(response.map(|body| {
                let counted = body.map_frame(move |frame| {
                    if let Some(data) = frame.data_ref() {
                        meter.bytes(data.len());
                    }
                    frame
                });
                counted.map_err(Into::into).boxed_unsync()
            }))
        })
    }
}

/// Reads an IMF-fixdate (RFC 9110 §5.6.7), the only form that servers send today.
fn parse_http_date(text: &str) -> Option<Time> {
    chrono::DateTime::parse_from_rfc2822(text).ok().map(|t| t.to_utc())
}

/// Writes an IMF-fixdate; fractions of a second are lost.
pub(super) fn http_date(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_go_both_ways() {
        let time = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(time.timestamp(), 784_111_777);
    }
}
