//! The investigation: the verdict with everything behind it.

mod investigation;

pub use investigation::{DoneBox, Investigation, NextStep, Suspect, Verdict};
