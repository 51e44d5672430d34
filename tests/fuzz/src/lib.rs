//! What the fuzz targets share with the tests: recorded cases, ways to damage them, and what is done with an input.

pub mod feed;
pub mod made;
pub mod mutate;
