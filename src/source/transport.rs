//! The way to a server.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::Config;
use kube::client::{Body, ClientBuilder, ConfigExt, DynBody};
use tower::util::BoxService;
use tower::{BoxError, ServiceBuilder, ServiceExt as _};
use tower_http::decompression::DecompressionLayer;

/// What sends a request.
type Transport = BoxService<Request<Body>, Response<Box<DynBody>>, BoxError>;

/// A client's builder, with what the kubeconfig asks for on top of the connection. Through a proxy it is kube's own; that one, straight to the
/// server, would wait 40 ms for its first answer: the request is small and comes right after the handshake's last word, so that Nagle's algorithm
/// holds it back until that is acknowledged, which the server is in no hurry to do.
///
/// # Errors
/// Certificates, keys or headers of the configuration that cannot be used.
pub(super) fn builder(config: Config) -> kube::Result<ClientBuilder<Transport>> {
    if config.proxy_url.is_some() {
        return ClientBuilder::try_from(config);
    }
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let mut connector = TimeoutConnector::new(config.rustls_https_connector_with_connector(tcp)?);
    connector.set_connect_timeout(config.connect_timeout);
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    connector.set_reset_reader_on_write(config.reset_reader_on_write);
    let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(DecompressionLayer::new().gzip(!config.disable_compression))
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(client)
        .map_response(boxed)
        .boxed();
    Ok(ClientBuilder::new(service, config.default_namespace))
}

fn boxed<B>(response: Response<B>) -> Response<Box<DynBody>>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    response.map(|body| Box::new(body.map_err(Into::into)) as Box<DynBody>)
}
