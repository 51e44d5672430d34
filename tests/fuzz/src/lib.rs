//! What the fuzz targets share with the tests: recorded cases, and ways to damage them.

pub mod mutate;
