//! a2 answers: what killed this pod, how sure are we, what shows it, and what to do now. It answers for a pod
//! that is already gone, and says honestly when the evidence is not enough.
//!
//! # One way through
//!
//! ```text
//!             ┌────────── rounds, under one budget ──────────┐
//!  target ──► plan ──► collect ──► CaseFile ──► reconstruct ──► Facts ──► rules ──► Investigation ──► report
//!             (pure)   (I/O)       (data)       (pure)          (data)    (pure)    (data)            (pure)
//! ```
//!
//! Everything from `reconstruct` on is synchronous and pure: no clock, no environment, no terminal. "Now" is the
//! server's own time, kept in [`evidence::CaseFile::observed_at`].
//!
//! # The rooms, in order; a room uses only rooms above it
//!
//! | room | what lives there |
//! |---|---|
//! | [`evidence`] | plain data: what was asked, what came back, what could not be seen |
//! | [`redact`] | secrets and escape codes out of any text, before it is shown or stored |
//! | [`signatures`] | what a log says: blocks, signatures, entities |
//! | [`reconstruct`] | what happened: primary container, deaths, removal, siblings, timeline; ends in facts |
//! | [`rules`] | the engine: parse, match, rank; one cause per file |
//! | [`diagnosis`] | the investigation, and the plan of what is still worth asking |
//! | [`source`] | where answers come from: always a `kube::Client` |
//! | [`collect`] | answers questions with a client, concurrently, under the budget |
//! | [`scan`] | many pods at once |
//! | [`evaluation`] | how good the rules are: verdicts held to labelled cases |
//! | [`report`] | renderers |
//! | [`cli`] | the shell: arguments, terminal, files, exit codes |

pub mod cli;
pub mod collect;
pub mod diagnosis;
pub mod evaluation;
pub mod evidence;
pub mod reconstruct;
pub mod redact;
pub mod report;
pub mod rules;
pub mod scan;
pub mod signatures;
pub mod source;
