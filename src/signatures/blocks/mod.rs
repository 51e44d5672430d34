//! Stack traces and error blocks.

mod block;

pub use block::{Block, BlockKind, ErrorPart};

use crate::evidence::LogLine;

/// The blocks of a log, by first line.
pub fn blocks(lines: &[LogLine]) -> Vec<Block> {
    find(&super::rows::rows(lines))
}

pub(super) fn find(_rows: &[super::rows::Row<'_>]) -> Vec<Block> {
    Vec::new()
}
