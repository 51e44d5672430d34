//! The investigation: the verdict with everything behind it.

mod diagnose;
mod done;
mod fingerprint;
mod headline;
mod investigation;
mod steps;
mod suspects;

pub use diagnose::diagnose;
pub use headline::age;
pub use investigation::{DoneBox, Investigation, NextStep, Suspect, Verdict};
