//! JSON: a versioned set of structs of its own, its schema, and the way from the domain to it.

pub(crate) mod convert;
mod error;
mod evaluation;
mod knowledge;
mod scan;
mod schema;
mod text;
pub mod v1;

pub use convert::investigation;
pub use error::error;
pub use evaluation::evaluation;
pub use knowledge::{explanation, rule_check, rules};
pub use scan::{change, scan};
pub use schema::{Document, schema};
pub use text::{render, render_line};
