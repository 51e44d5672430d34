//! The investigation: the verdict with everything behind it.

mod investigation;

pub use investigation::{Confidence, DoneBox, Investigation, NextStep, Priority, RankedCause, Remedy, Sign, Suspect, Verdict};
