//! What text says: blocks (stack traces), signatures, entities, and which of it ended a container instance.
//!
//! Pure and data-driven: `data/*.yaml` holds the signatures, exit codes and reasons; the build script turns them into
//! tables. A signature's pattern is tried only where one of the literals it requires occurs (one Aho-Corasick pass for
//! all signatures), and compiled only when first tried.
//!
//! Entry points: [`read`] for the log of one container instance, [`classify`] for a single message of the platform (an
//! event, a waiting or termination message, probe output), [`exit_code`] and [`reason`] for what the platform's own
//! words mean. [`with_own`] reads with signatures of one's own beside them.

mod blocks;
mod catalog;
mod classify;
mod ending;
mod entity;
mod exit;
mod explain;
mod finding;
mod live;
mod own;
mod platform;
mod prefilter;
mod read;
mod repeats;
mod rows;
mod scan;
mod units;

pub use blocks::{Block, BlockKind, ErrorPart, blocks};
pub use catalog::{MADE_HERE, Role, Scope, Signature, signature, signatures};
pub use classify::classify;
pub use entity::{Entity, EntityKind, is_local};
pub use exit::{ExitMeaning, ReasonMeaning, ReasonOf, Specificity, exit_code, exit_codes, reason, reasons};
pub use finding::{Ending, Finding, ReadContext, Reading, Repeat};
pub use own::{Draft, LARGEST_PATTERN, LONGEST_PATTERN, MOST, Own, OwnError, RANK, with_own};
pub use read::read;
pub use rows::Level;
pub use scan::{Hit, hits, scan_buffer};
