//! Many pods at once: what is dead while it looks alive, and what is plainly dead.
//!
//! The server's printed rows and the Warning events name the suspects ([`triage`]); only these are read whole, judged by
//! the same reconstruction and the same rules as an investigation, and let go.

mod absent;
mod finding;
mod judge;
mod kept;
mod memory;
mod options;
mod outlived;
mod remarks;
mod run;
mod seen;
mod severity;
mod triage;
mod watch;

pub use finding::{Finding, Severity};
pub use kept::scan_kept;
pub use memory::Runs;
pub use options::ScanOptions;
pub use run::{Counts, Scan, scan};
pub use triage::{Lens, suspects};
pub use watch::{Change, ChangeKind, Flight, FlightLimits, Trouble, TroubleKind, View, watch};
