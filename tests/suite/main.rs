//! The one integration binary; the tree mirrors `src/`.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test may fail loudly")]

mod bundles;
mod cli;
mod collect;
mod house;
mod report;
mod rules;
mod server;
mod source;
mod support;
