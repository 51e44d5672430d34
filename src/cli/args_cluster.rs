//! Which cluster is asked, and as whom: kubectl's flags.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use clap_complete::ArgValueCompleter;

use super::complete;
use super::duration::parse_duration;

/// Flags that mean nothing where a bundle answers.
pub const OF_A_CLUSTER: [&str; 14] = [
    "context",
    "kubeconfig",
    "impersonate",
    "impersonate_groups",
    "request_timeout",
    "cluster",
    "user",
    "server",
    "token",
    "certificate_authority",
    "client_certificate",
    "client_key",
    "tls_server_name",
    "insecure_skip_tls_verify",
];

/// Which cluster, and as whom; kubectl's names and meanings.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which cluster")]
pub struct ClusterArgs {
    /// The namespace [default: the context's]
    #[arg(short, long, value_name = "NAMESPACE", add = ArgValueCompleter::new(complete::namespaces))]
    pub namespace: Option<String>,
    /// The rest of it.
    #[command(flatten)]
    pub at: WhereArgs,
}

/// Which cluster, and as whom, without a namespace.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which cluster")]
pub struct WhereArgs {
    /// The kubeconfig context to use
    #[arg(long, value_name = "CONTEXT", add = ArgValueCompleter::new(complete::contexts))]
    pub context: Option<String>,
    /// The kubeconfig file to use
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub kubeconfig: Option<PathBuf>,
    /// The user to impersonate
    #[arg(long = "as", id = "impersonate", value_name = "USER")]
    pub impersonate: Option<String>,
    /// A group to impersonate; may be repeated
    #[arg(long = "as-group", value_name = "GROUP", requires = "impersonate")]
    pub impersonate_groups: Vec<String>,
    /// Time for a single request; 0 means no limit of its own [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub request_timeout: Option<Duration>,
    /// What stands in place of the kubeconfig's own words.
    #[command(flatten)]
    pub instead: InsteadArgs,
}

/// kubectl's flags that stand in place of what the kubeconfig says.
#[derive(Clone, Default, Args)]
#[command(next_help_heading = "Instead of what the kubeconfig says")]
pub struct InsteadArgs {
    /// The kubeconfig cluster to use
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// The kubeconfig user to use
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Address of the API server
    #[arg(short, long, value_name = "URL", value_hint = ValueHint::Url)]
    pub server: Option<String>,
    /// Bearer token for the API server
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Certificate authority of the API server
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "insecure_skip_tls_verify")]
    pub certificate_authority: Option<PathBuf>,
    /// Client certificate
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_certificate: Option<PathBuf>,
    /// Key of the client certificate
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_key: Option<PathBuf>,
    /// Name to expect in the server's certificate
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// Accept any certificate of the server: whoever answers may be anybody
    #[arg(long)]
    pub insecure_skip_tls_verify: bool,
}

/// A token is never printed, nor logged.
impl std::fmt::Debug for InsteadArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InsteadArgs").field("cluster", &self.cluster).field("user", &self.user).field("server", &self.server).finish_non_exhaustive()
    }
}
