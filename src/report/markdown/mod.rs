//! The ticket: Markdown without HTML, for GitHub and Jira.

mod escape;
mod render;

pub use render::render;
