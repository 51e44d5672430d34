//! The one integration binary; the tree mirrors `src/`.

mod cli;
mod collect;
mod house;
mod report;
mod rules;
mod source;
mod support;
