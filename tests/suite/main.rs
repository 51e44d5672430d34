//! The integration suite; the tree mirrors `src/`.

mod signatures;
