//! Stack traces and error blocks, one file per language.

mod beam;
mod block;
mod cursor;
mod dotnet;
mod find;
mod go;
mod jvm;
mod native;
mod node;
mod python;
mod rust;
mod scripts;

pub use block::{Block, BlockKind, ErrorPart};
pub(super) use cursor::{Rows, indented, logger};
pub use find::blocks;
pub(super) use find::find;
