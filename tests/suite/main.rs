//! One integration binary; the tree mirrors `src/`.

mod rules;
