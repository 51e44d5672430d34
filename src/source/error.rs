//! What keeps a source from being opened or asked at all, each with the next thing to type.

use std::path::PathBuf;

/// A source that could not be opened, or that answered nothing at all.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// No kubeconfig and not inside a cluster.
    #[error("no kubeconfig found{}", .path.as_ref().map(|p| format!(" at {}", p.display())).unwrap_or_default())]
    NoKubeconfig {
        /// The file that was asked for, if one was.
        path: Option<PathBuf>,
    },
    /// A kubeconfig that cannot be used.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(String),
    /// The context does not exist.
    #[error("no context named \"{name}\" in the kubeconfig")]
    UnknownContext {
        /// As given.
        name: String,
        /// What there is, sorted.
        known: Vec<String>,
    },
    /// There is no current context.
    #[error("the kubeconfig has no current context")]
    NoCurrentContext {
        /// What there is, sorted.
        known: Vec<String>,
    },
    /// 401, or a credential plugin that failed.
    #[error("the cluster did not accept the credentials: {0}")]
    Credentials(String),
    /// No connection.
    #[error("cannot reach the cluster at {server}: {why}")]
    Unreachable {
        /// The server's address.
        server: String,
        /// Lower-case fragment.
        why: String,
    },
    /// A connection, but no trust.
    #[error("TLS to {server} failed: {why}")]
    Tls {
        /// The server's address.
        server: String,
        /// Lower-case fragment.
        why: String,
    },
    /// There is no such file or directory.
    #[error("cannot read {}: {why}", .path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Lower-case fragment.
        why: String,
    },
    /// A directory or archive without `bundle.json`.
    #[error("{} is not a bundle: it has no bundle.json", .path.display())]
    NotABundle {
        /// The path.
        path: PathBuf,
        /// Directories below that are bundles, sorted.
        inside: Vec<String>,
    },
    /// `bundle.json` that cannot be read.
    #[error("{}: {why}", .path.display())]
    BadManifest {
        /// The path.
        path: PathBuf,
        /// Lower-case fragment.
        why: String,
    },
    /// A damaged archive.
    #[error("{} is damaged: {why}", .path.display())]
    Corrupt {
        /// The path.
        path: PathBuf,
        /// Lower-case fragment.
        why: String,
    },
    /// An archive with entries that no bundle has.
    #[error("{} is refused: entry \"{entry}\" {why}", .path.display())]
    UnsafeEntry {
        /// The path.
        path: PathBuf,
        /// The entry's name, printable.
        entry: String,
        /// "is absolute", "is a link", …
        why: &'static str,
    },
    /// An archive beyond the bounds.
    #[error("{} is refused: more than {limit}", .path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// Which bound.
        limit: String,
    },
    /// A paste beyond the bound.
    #[error("the pasted text is longer than {limit} MiB")]
    PasteTooLong {
        /// The bound.
        limit: usize,
    },
    /// A paste that is about no pod.
    #[error("nothing in the pasted text is about a pod")]
    NothingPasted,
    /// A bundle could not be written.
    #[error("cannot write {}: {why}", .path.display())]
    Unwritable {
        /// The path.
        path: PathBuf,
        /// Lower-case fragment.
        why: String,
    },
}

impl SourceError {
    /// The next thing to type or to look at.
    pub fn hint(&self) -> Option<String> {
        let contexts = |known: &[String]| match known {
            [] => "kubectl config get-contexts".to_owned(),
            _ => format!("known contexts: {}; choose one with --context", known.join(", ")),
        };
        Some(match self {
            Self::NoKubeconfig { path: Some(_) } => "check the path given with --kubeconfig or KUBECONFIG".to_owned(),
            Self::NoKubeconfig { path: None } => "set KUBECONFIG, give --kubeconfig FILE, or read a recording with --from BUNDLE".to_owned(),
            Self::Kubeconfig(_) => "kubectl config view".to_owned(),
            Self::UnknownContext { known, .. } | Self::NoCurrentContext { known } => contexts(known),
            Self::Credentials(_) => "log in again (the token or certificate may have expired), then: kubectl auth whoami".to_owned(),
            Self::Unreachable { .. } => "is the VPN up and the context the right one? kubectl cluster-info; --request-timeout allows more time".to_owned(),
            // Certificates are valid between two moments, and it is this machine's clock that judges them.
            Self::Tls { why, .. } if ["not valid yet", "not yet valid", "expired"].iter().any(|sign| why.contains(sign)) => {
                "is this machine's clock right? date -u shows it; if it is, the server's certificate has to be renewed".to_owned()
            }
            Self::Tls { .. } => "check certificate-authority and tls-server-name of the cluster in the kubeconfig".to_owned(),
            Self::Unreadable { .. } => "--from takes a directory or a .tar.gz that holds bundle.json".to_owned(),
            Self::NotABundle { inside, .. } if !inside.is_empty() => format!("try one of the bundles inside: {}", inside.join(", ")),
            Self::NotABundle { .. } => {
                "--from takes what --save writes, or a cluster-info dump, support bundle, must-gather or crust-gather archive".to_owned()
            }
            Self::BadManifest { .. } => "bundle.json must be a JSON object; record again with --save FILE".to_owned(),
            Self::Corrupt { .. } => "copy or download it again; gzip -t FILE checks it".to_owned(),
            Self::UnsafeEntry { .. } => "archives with links, devices or paths outside of themselves are not read; unpack and check it by hand".to_owned(),
            Self::TooLarge { .. } => "unpack it and give the directory".to_owned(),
            Self::PasteTooLong { .. } => "paste the description, the events and the end of the log; dumps are read with --from".to_owned(),
            Self::NothingPasted => "paste what these print: kubectl describe pod NAME; kubectl logs NAME --previous".to_owned(),
            Self::Unwritable { .. } => "choose another place for --save".to_owned(),
        })
    }
}
