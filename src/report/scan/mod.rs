//! Renderers of a scan: table, the page of a watched one, Markdown and names. JSON and YAML are the document itself.

mod fold;
mod live;
mod markdown;
mod names;
mod table;

pub use fold::{Group, fold};
pub use live::{Live, live};
pub use markdown::markdown;
pub use names::names;
pub use table::table;
