//! What the user asked of a scan.

use super::finding::Severity;
use crate::evidence::{Budget, Options};

/// What the user asked of a scan.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    /// Namespaces; empty means the connection's own, unless `all`.
    pub namespaces: Vec<String>,
    /// All namespaces.
    pub all_namespaces: bool,
    /// Label selector.
    pub selector: Option<String>,
    /// Field selector.
    pub field_selector: Option<String>,
    /// Label selectors whose pods are left out.
    pub exclude: Vec<String>,
    /// Deaths and restarts older than this are history.
    pub since_seconds: i64,
    /// How long a pod may be not ready, waiting or lingering before it counts.
    pub grace_seconds: i64,
    /// How long a step may run, where there is a limit. Seconds.
    pub max_age_seconds: Option<i64>,
    /// Label selectors whose pods have a limit of their own, in seconds.
    pub limits: Vec<(String, i64)>,
    /// Findings below this are left out.
    pub severity: Severity,
    /// Only silent failures.
    pub silent_only: bool,
    /// Options of each investigation; its window decides what a finding is about, that of the scan whether it is one.
    pub options: Options,
    /// Budget of the whole scan.
    pub budget: Budget,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            namespaces: Vec::new(),
            all_namespaces: false,
            selector: None,
            field_selector: None,
            exclude: Vec::new(),
            since_seconds: 3600,
            grace_seconds: 60,
            max_age_seconds: None,
            limits: Vec::new(),
            severity: Severity::Info,
            silent_only: false,
            options: Options::default(),
            budget: Budget { rounds: 2, concurrency: 8, milliseconds: 30_000 },
        }
    }
}
