//! What other programs wrote down, laid out as API paths, so that everything after this room works on it unchanged.
//!
//! ```text
//! pasted text ──► documents ──► objects, events, logs ─┐
//!                                                      ├──► Layout ──► the bundle's own Service
//! dump (directory, archive, text) ──► files ───────────┘
//! ```
//!
//! What a paste or a dump does not hold was never asked: it is answered with [`super::NOT_COVERED`], never as absent.

mod dump;
mod layout;
mod moments;
mod objects;
mod paste;

pub use dump::open;
pub use paste::{MAX_PASTE_BYTES, Pasted, PodId, paste};
