//! Dumps that other tools wrote: `kubectl cluster-info dump` (a directory, or one stream), troubleshoot.sh support bundles,
//! OpenShift must-gather, crust-gather archives. Objects say themselves what they are; the layout tells which lists are
//! whole, and whose a log is.

mod files;
mod logs;
mod read;

pub use read::open;
