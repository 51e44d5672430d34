//! One integration binary; the tree mirrors `src/`.

mod report;
mod rules;
//! The one integration binary; the tree mirrors `src/`.

mod cli;
mod house;
mod support;
