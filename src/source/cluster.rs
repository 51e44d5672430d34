//! A live cluster, over the network.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use kube::client::retry::RetryPolicy;
use tower::buffer::BufferLayer;
use tower::retry::RetryLayer;

use super::connection::{Clock, Connection, Meter, Turns};
use super::error::SourceError;
use super::kubeconfig::{Overrides, load};
use super::observe::ObserveLayer;
use super::transport;

/// Which cluster, and as whom.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// A kubeconfig file; otherwise the list in `KUBECONFIG`, otherwise `~/.kube/config`, otherwise in-cluster.
    pub kubeconfig: Option<PathBuf>,
    /// The context; otherwise the current one.
    pub context: Option<String>,
    /// `--as`.
    pub impersonate: Option<String>,
    /// `--as-group`.
    pub impersonate_groups: Vec<String>,
    /// Time for one answer; 30 s when unset.
    pub request_timeout: Option<Duration>,
    /// What stands in place of the kubeconfig's own words.
    pub overrides: Overrides,
}

/// Opens a connection to a cluster. No request is sent yet (but credential plugins may run).
pub async fn connect(options: &ClusterOptions) -> Result<Connection, SourceError> {
    let (mut config, description, known_namespaces) = load(options).await?;
    if let Some(user) = &options.impersonate {
        config.auth_info.impersonate = Some(user.clone());
    }
    if !options.impersonate_groups.is_empty() {
        config.auth_info.impersonate_groups = Some(options.impersonate_groups.clone());
    }
    let timeout = options.request_timeout.unwrap_or(Duration::from_secs(30));
    config.connect_timeout = Some(timeout.min(Duration::from_secs(5)));
    config.read_timeout = Some(timeout);
    // Without this the idle time of a pooled connection counts against the next answer.
    config.reset_reader_on_write = true;
    config.write_timeout = Some(timeout);
    // The client's own retries go on for minutes without a word; ours are three and short.
    config.default_retry = false;

    let server = config.cluster_url.to_string();
    let default_namespace = config.default_namespace.clone();
    let meter = Meter::default();
    let clock = Clock::live();
    let builder = transport::builder(config).map_err(|e| from_kube(&e, &server))?;
    let policy = RetryPolicy::new(Duration::from_millis(100), Duration::from_secs(2), 3, true).map_err(|e| SourceError::Kubeconfig(e.to_string()))?;
    let client = builder
        .with_layer(&ObserveLayer { meter: meter.clone(), clock: clock.clone() })
        .with_layer(&BufferLayer::new(64))
        .with_layer(&RetryLayer::new(policy))
        .build();
    Ok(Connection {
        client,
        clock,
        default_namespace,
        server_version: None,
        description,
        server,
        node_events_since: None,
        meter,
        known_namespaces,
        turns: Turns::default(),
        recorder: None,
    })
}

/// What a failed request says about the connection as a whole.
pub(crate) fn from_kube(error: &kube::Error, server: &str) -> SourceError {
    let why = one_line(error);
    // A connection that ends is no matter of trust, whatever lay around it.
    let lower = why.to_ascii_lowercase().replace("without sending tls close_notify", "");
    let server = server.to_owned();
    match error {
        kube::Error::Auth(_) => SourceError::Credentials(why),
        kube::Error::Api(status) if status.code == 401 => SourceError::Credentials(status.message.clone()),
        kube::Error::InferKubeconfig(_) | kube::Error::InferConfig(_) => SourceError::Kubeconfig(why),
        _ if lower.contains("auth exec") || lower.contains("exec-plugin") || lower.contains("token file") => SourceError::Credentials(why),
        _ if ["certificate", "tls", "handshake", "corrupt message", "alert"].iter().any(|w| lower.contains(w)) => SourceError::Tls { server, why },
        _ => SourceError::Unreachable { server, why },
    }
}

/// An error and its causes on one line, without repeats.
pub(crate) fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let part = cause.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = cause.source();
    }
    for prefix in ["ServiceError: ", "HyperError: "] {
        if let Some(rest) = text.strip_prefix(prefix) {
            text = rest.to_owned();
        }
    }
    // The TLS library adds where to read about itself.
    if let Some(at) = text.find(": https://docs.rs/") {
        text.truncate(at);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &str) -> SourceError {
        from_kube(&kube::Error::Service(words.to_owned().into()), "https://server")
    }

    #[test]
    fn a_connection_that_ends_is_no_matter_of_trust() {
        let ended = "connection error: peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof";
        let error = told(ended);
        assert!(matches!(&error, SourceError::Unreachable { why, .. } if why.ends_with("close_notify")), "{error}");
        assert!(matches!(told("invalid peer certificate: UnknownIssuer"), SourceError::Tls { .. }));
    }

    #[test]
    fn a_certificate_out_of_its_time_is_a_matter_of_clocks() {
        for why in ["invalid peer certificate: certificate not valid yet: verification time 1 (UNIX)", "invalid peer certificate: certificate expired"] {
            let hint = told(why).hint().unwrap_or_default();
            assert!(hint.contains("date -u"), "{why}: {hint}");
        }
        assert!(!told("invalid peer certificate: UnknownIssuer").hint().unwrap_or_default().contains("date -u"));
    }
}
