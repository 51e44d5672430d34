//! The engine: rules are data (one cause per file in `builtin/`), parsed, matched against facts, and ranked.
//!
//! A rule says which facts speak for its cause and which against ([`weights`]), what must hold, and what the cause may stand behind.
//! [`judge()`] weighs every rule ([`hypothesis`]), lets causes compete as paths ([`chain`]), and names the root of the best one.

pub mod causes;
pub mod chain;
pub mod condition;
pub mod evaluate;
pub mod example;
mod examples;
mod explain;
mod hints;
pub mod hypothesis;
mod judge;
pub mod parse;
mod phrase;
mod ranking;
pub mod rule;
mod schema;
mod set;
mod siblings;
mod signals;
pub mod signature_file;
pub mod suggest;
pub mod template;
pub mod weights;

pub use examples::{Tried, try_examples};
pub use explain::{Topic, explain, words};
pub use judge::{Judgement, judge};
pub use parse::RuleError;
pub use phrase::phrase;
pub use ranking::{Confidence, Priority, RankedCause, Remedy, Sign};
pub use schema::{rule_schema, signature_schema};
pub use set::{Prose, RuleSet, is_signature_file};
