//! Logs of what is done, to stderr; only set up when asked for, so that a plain run does not pay for it.

use tracing_subscriber::EnvFilter;

/// Starts logging for `-v` (requests), `-vv` (the libraries' words about them too), `-vvv` (everything), or as `A2_LOG` says.
pub fn start(verbose: u8) {
    let asked = std::env::var("A2_LOG").ok().filter(|text| !text.is_empty());
    let filter = match (asked, verbose) {
        (Some(asked), _) => EnvFilter::builder().parse_lossy(asked),
        (None, 0) => return,
        (None, 1) => EnvFilter::new("a2=info"),
        (None, 2) => EnvFilter::new("a2=debug,kube=debug,hyper_util=debug"),
        (None, _) => EnvFilter::new("trace"),
    };
    // A second call, as in tests, keeps the first logger.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true).without_time().try_init();
}
