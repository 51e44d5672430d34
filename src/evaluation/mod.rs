//! How good the rules are: verdicts held to labelled cases.
//!
//! [`labels`] finds the cases, [`evaluate()`] judges each with the rules in force (and, where asked, with a family of rules taken away),
//! [`Figures`] and [`Evaluation`] say what came of it.

mod figures;
mod label;
mod outcome;
mod run;

pub use figures::{Bin, Confusion, Figures, Rate, Word, bins, confusion, words};
pub use label::{Label, LabelError, Truth, labels};
pub use outcome::{LeftOut, Outcome, parents};
pub use run::{Evaluation, evaluate};
