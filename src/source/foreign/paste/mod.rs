//! What people paste into tickets: `kubectl describe pod`, objects, events, logs, node logs, alone or together.
//!
//! [`documents`](split) are cut first, each is read on its own, and what only the whole paste tells is settled last: the
//! moment it speaks of (ages are relative), the pod that a log belongs to, and the container that a kernel line is about.

mod ages;
mod assemble;
mod clock;
mod container;
mod describe;
mod env;
mod event_text;
mod headers;
mod logs;
mod node_events;
mod node_join;
mod node_lines;
mod split;
mod tables;

pub use assemble::{MAX_PASTE_BYTES, Pasted, PodId, paste};
pub(super) use split::{Document, split};
