//! The shell from the outside, and its small parts from the inside.

mod completion;
mod config;
mod documents;
mod duration;
mod failures;
mod generated;
mod investigate;
mod kubectl;
mod pod_name;
mod rules;
mod scan;
mod writing_rules;
