//! Renderers of a scan: table, Markdown and names. JSON and YAML are the document itself.

mod fold;
mod markdown;
mod names;
mod table;

pub use fold::{Group, fold};
pub use markdown::markdown;
pub use names::names;
pub use table::table;
