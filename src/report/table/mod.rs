//! The terminal report: designed for a tired person, understandable without colour, in the width it is told.

mod around;
mod causes;
mod ending;
mod headline;
mod layout;
mod logs;
mod palette;
mod render;
mod timeline;

pub use render::render;
