//! The engine: rules are data (one cause per file in `builtin/`), parsed, matched against facts, and ranked.

mod ranking;

pub use ranking::{Confidence, Priority, RankedCause, Remedy, Sign};
