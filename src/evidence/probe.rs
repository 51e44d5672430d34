//! Probes of containers.

use serde_json::Value;

use super::object::int;

/// Which probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// Kills.
    Liveness,
    /// Takes out of service.
    Readiness,
    /// Kills while starting.
    Startup,
}

impl ProbeKind {
    /// Lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Liveness => "liveness",
            Self::Readiness => "readiness",
            Self::Startup => "startup",
        }
    }
}

/// What a probe does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeHandler {
    /// HTTP GET.
    Http {
        /// Number or name of the port.
        port: String,
        /// Path.
        path: String,
        /// `HTTP` or `HTTPS`.
        scheme: String,
    },
    /// TCP connect.
    Tcp {
        /// Number or name of the port.
        port: String,
    },
    /// gRPC health check.
    Grpc {
        /// The port.
        port: String,
    },
    /// A command in the container.
    Exec {
        /// The command.
        command: Vec<String>,
    },
}

/// A probe with the API's defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it does.
    pub handler: ProbeHandler,
    /// Default 0.
    pub initial_delay: i64,
    /// Default 10.
    pub period: i64,
    /// Default 1.
    pub timeout: i64,
    /// Default 3.
    pub failure_threshold: i64,
    /// Default 1.
    pub success_threshold: i64,
    /// The probe's own grace, where set.
    pub grace: Option<i64>,
}

impl Probe {
    /// Reads `livenessProbe` and its like; `None` where it does nothing.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let number = |k: &str, default: i64| value.get(k).and_then(int).unwrap_or(default);
        let port = |v: &Value| match v.get("port") {
            Some(Value::String(s)) => s.clone(),
            Some(Value::Number(n)) => n.to_string(),
            _ => String::new(),
        };
        let text = |v: &Value, k: &str, default: &str| v.get(k).and_then(Value::as_str).unwrap_or(default).to_owned();
        let handler = if let Some(h) = value.get("httpGet") {
            ProbeHandler::Http { port: port(h), path: text(h, "path", "/"), scheme: text(h, "scheme", "HTTP") }
        } else if let Some(t) = value.get("tcpSocket") {
            ProbeHandler::Tcp { port: port(t) }
        } else if let Some(g) = value.get("grpc") {
            ProbeHandler::Grpc { port: port(g) }
        } else {
            let exec = value.get("exec")?;
            ProbeHandler::Exec {
                command: exec.get("command").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            }
        };
        Some(Self {
            handler,
            initial_delay: number("initialDelaySeconds", 0),
            period: number("periodSeconds", 10),
            timeout: number("timeoutSeconds", 1),
            failure_threshold: number("failureThreshold", 3),
            success_threshold: number("successThreshold", 1),
            grace: value.get("terminationGracePeriodSeconds").and_then(int),
        })
    }
}
