//! One page that needs nothing else: no network, no scripts. For people who get a link, and for paper.

mod escape;
mod memory;
mod picture;
mod render;
mod style;

pub use render::render;
