//! One integration binary; the tree mirrors `src/`.

mod report;
mod rules;
