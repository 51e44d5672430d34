//! What can go wrong between a2 and a server, and what must hold of every run all the same. Shared by `tests/suite/robust` (a bundle behind
//! a plain socket, quick) and `tests/apiserver/matrix.rs` (the real API server behind TLS, everything).

pub mod fault;
pub mod matrix;
pub mod proxy;
