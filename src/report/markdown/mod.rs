//! The ticket: Markdown without HTML, for GitHub and Jira.

pub(crate) mod escape;
mod render;

pub use render::render;
