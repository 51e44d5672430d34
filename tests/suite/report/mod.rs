//! The report room.

mod cases;
mod describe;
mod fixture;
mod schema;
mod table;
