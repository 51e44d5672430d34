//! The engine: rules are data (one cause per file in `builtin/`), parsed, matched against facts, and ranked.
//!
//! A rule says which facts speak for its cause and which against ([`weights`]), what must hold, and what the cause may stand behind.
//! [`judge()`] weighs every rule ([`hypothesis`]), lets causes compete as paths ([`chain`]), and names the root of the best one.

pub mod causes;
pub mod chain;
pub mod condition;
pub mod evaluate;
pub mod example;
pub mod hypothesis;
mod judge;
pub mod parse;
mod ranking;
pub mod rule;
mod set;
mod siblings;
pub mod suggest;
pub mod template;
pub mod weights;

pub use judge::{Judgement, judge};
pub use parse::RuleError;
pub use ranking::{Confidence, Priority, RankedCause, Remedy, Sign};
pub use set::{Prose, RuleSet};
