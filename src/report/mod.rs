//! Renderers. An investigation is turned into one document of plain, cleaned data ([`json::v1`]); JSON, YAML, the
//! terminal report, the ticket and the page all show that document, so that what is redacted in one is redacted in all.
//!
//! Nothing here prints: every renderer is a function from data to text.

pub mod accuracy;
mod clean;
pub mod describe;
pub mod grid;
pub mod html;
pub mod json;
pub mod knowledge;
pub mod markdown;
mod options;
mod phrases;
mod render;
pub mod scan;
pub mod table;
pub mod words;
pub mod yaml;

pub use clean::{Cleaner, Redaction, Unredacted};
pub use options::RenderOptions;
pub use render::{Format, document, document_with, render};
