//! The one integration binary; the tree mirrors `src/`.

mod cli;
mod house;
mod report;
mod rules;
mod support;
