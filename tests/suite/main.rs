//! The one integration binary; the tree mirrors `src/`.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test may fail loudly")]

mod bundles;
mod cli;
mod collect;
mod evaluation;
mod gates;
mod house;
mod reconstruct;
mod redact;
mod redteam;
mod report;
mod robust;
mod rules;
mod scan;
mod scenarios;
mod server;
mod shown;
mod signatures;
mod source;
mod support;
