//! Where answers come from: always a `kube::Client`.
//!
//! A live cluster, a bundle and a cluster that misbehaves on purpose are the same type to everything after this room:
//! a [`Connection`]. What was never asked of a cluster is answered as such ([`NOT_COVERED`]), never as "does not exist".

pub mod bundle;
mod cluster;
mod connection;
mod error;
pub mod foreign;
pub mod kept;
mod kubeconfig;
mod observe;
mod query;
mod record_write;
mod recording;
mod resource;
mod status;
mod transport;

pub(crate) use cluster::from_kube;
pub use cluster::{ClusterOptions, connect};
pub use connection::{Clock, Connection, Meter};
pub use error::SourceError;
pub use kubeconfig::{Overrides, contexts};
pub use observe::{Observe, ObserveLayer};
pub use query::{Query, encode};
pub use record_write::BundleInfo;
pub use recording::{Recorder, Recording};
pub use resource::{ApiPath, collection_path, kind_of, object_path, plural_of};
pub use status::{GAP_WARNING, MALFORMED, NOT_COVERED, gap_warning, read_gap_warning};
