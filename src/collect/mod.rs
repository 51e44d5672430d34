//! Answers questions with a client: concurrently, in rounds, under one budget.
//!
//! Every question that stays without an answer becomes a gap with its verb, its resource and the command that would
//! answer it next time; the rest stands. Answers are put into the case in the order of the questions, so the same
//! cluster gives the same case however its answers arrive.

mod absorb;
mod ask;
mod clock;
mod describe;
mod log;
mod node_logs;
mod objects;
mod overview;
mod page;
mod pager;
mod peers;
mod resolve;
mod run;
mod shared;
mod siblings;
mod weigh;
mod workflows;

pub use ask::{MAX_BODY_BYTES, MAX_LOG_BODY_BYTES};
pub use overview::{Asked, Overview, failed_workflows, namespace_exists, namespace_names, namespaces, objects_among, objects_of, overview, pod_names};
pub use page::NOT_JUDGED;
pub use resolve::{Resolved, resolve};
pub use run::{Extras, Known, NamePeers, collect};
pub use shared::Shared;
pub use siblings::MAX_WHOLE_SIBLINGS;
pub use weigh::{MAX_WEIGHT, is_bearable};
