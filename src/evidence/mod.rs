//! Plain data: what was asked of the cluster, what came back, and what could not be seen.
//!
//! Nothing here judges. API objects are kept whole ([`Object`]) and read leniently: a field of the wrong shape
//! reads as absent, it never fails the object around it.

mod casefile;
mod citation;
mod container;
mod event;
mod gap;
mod log;
mod node;
mod object;
mod pod;
mod probe;
mod row;
mod time;

pub use casefile::{Budget, CaseFile, Cost, ENDPOINTS, NodeLog, Options, Owner, Peer, PeerRelation, ProjectCommands, Related, Target};
pub use citation::{Authority, Citation, Source};
pub use container::{Container, ContainerKind, ContainerRef, Hook, Mount, Port, RestartRule, State, Terminated};
pub use event::{Event, Reporter};
pub use gap::{Gap, GapKind, SourceStatus};
pub use log::{LogLine, LogStatus, LogTail, MAX_LINE_BYTES, MAX_LOG_BYTES};
pub use node::Node;
pub use object::{Object, ObjectRef, OwnerRef};
pub use pod::{Condition, Deletion, Pod, Volume};
pub use probe::{Probe, ProbeHandler, ProbeKind};
pub use row::{PodRow, age_seconds, read_rows};
pub use time::{Time, format_time, parse_time, show_time};
