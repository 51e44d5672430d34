//! The report room.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

mod browser;
mod cases;
mod describe;
mod fixture;
mod hostile;
mod leaks;
mod objects;
mod outputs;
mod real;
mod schema;
mod table;
mod tickets;
