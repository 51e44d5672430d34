//! The scan that goes on: the first look, and then only what changes.
//!
//! A watch per namespace says which pods changed; what looks wrong then is judged as in a scan. What no watch on pods can
//! tell (owners without pods, warnings about green pods) is found by looking at everything again from time to time.

mod board;
mod flight;
mod follow;
mod look;
mod run;
mod trouble;

pub use board::{Change, ChangeKind};
pub use flight::{Flight, FlightLimits};
pub use run::{View, watch};
pub use trouble::{Trouble, TroubleKind};
