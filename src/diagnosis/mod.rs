//! The investigation: the verdict with everything behind it; and the plan of what is still worth asking.

mod diagnose;
mod done;
mod fingerprint;
mod headline;
mod investigation;
mod kin;
mod names;
mod peers;
mod plan;
mod plan_brief;
mod plan_gone;
mod plan_logs;
mod question;
mod steps;
mod suspects;
mod trouble;

pub use diagnose::diagnose;
pub use headline::age;
pub use investigation::{DoneBox, Investigation, NextStep, Suspect, Verdict};
pub use kin::Kin;
pub use names::{NameShape, TaskRunName, cron_job_of, is_kin, names_object};
pub use peers::peers_named;
pub use plan::{Hints, MAX_PEERS, plan};
pub use question::Question;
pub use trouble::{is_failed, is_troubled};
