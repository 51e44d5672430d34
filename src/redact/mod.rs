//! Secrets and escape codes out of any text, before it is shown or stored.
//!
//! [`clean`] neutralises what would steer a terminal or hide text; [`Redactor`] replaces secrets by typed placeholders,
//! the same secret by the same placeholder; [`Redactor::show`] does both. What a verdict rests on (host names, error
//! words, user names, paths) stays.

mod clean;
mod names;
mod patterns;
mod redactor;

pub use clean::clean;
pub use names::secret_name;
pub use redactor::{Redactor, redact, show};
