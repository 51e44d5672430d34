//! The shell: arguments, terminal, configuration, exit codes. The only room that knows there is a process around it.
//!
//! ```text
//! arguments ──► args ──► one file per subcommand ──► stdout        Failure ──► stderr (and one JSON object under -o json)
//!               config ─┘                             Exit ─────────────────► exit code
//! ```
//!
//! [`run`] is all that `main` calls; [`command`] is the command line as data, for completions, manual pages and tests.

mod args;
mod args_cluster;
mod args_rules;
mod ask;
mod clocks;
mod complete;
mod completions;
mod config;
mod duration;
mod ending;
mod evaluate;
mod exit;
mod explain;
mod failure;
mod help;
mod investigate;
mod kept;
mod logging;
mod man;
mod pod_name;
mod prescan;
mod progress;
mod readable;
mod request;
mod rule_files;
mod rules;
mod run;
mod scan;
mod schema;
mod screen;
mod show;
mod suggest;
mod terminal;
mod waiting;
mod watch;

pub use args::{Cli, Color, Output};
pub use config::{Config, ConfigError, Limits};
pub use duration::{DurationError, parse_duration};
pub use exit::Exit;
pub use failure::Failure;
pub use pod_name::{PodName, PodNameError};
pub use run::{command, run};
