//! The terminal report: designed for a tired person, understandable without colour, in the width it is told.

mod around;
mod causes;
mod ending;
mod headline;
pub(crate) mod layout;
mod logs;
pub(crate) mod palette;
mod render;
mod timeline;

pub use layout::{fit, percent};
pub use render::render;
