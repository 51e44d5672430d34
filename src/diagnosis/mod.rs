//! The investigation: the verdict with everything behind it; and the plan of what is still worth asking.

mod investigation;
mod names;
mod plan;
mod plan_gone;
mod plan_logs;
mod question;
mod trouble;

pub use investigation::{DoneBox, Investigation, NextStep, Suspect, Verdict};
pub use names::{NameShape, argo_hash, cron_job_of, is_kin, names_object};
pub use plan::{Hints, MAX_PEERS, plan};
pub use question::Question;
pub use trouble::{is_failed, is_troubled};
