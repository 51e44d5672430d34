//! What each target does with one input. Apart from the targets, so that `growth` measures the same.

mod bundle;
mod cases;
mod lists;
mod logs;
mod messages;
mod paste;
mod redact;
mod rules;
mod tables;

pub use bundle::bundle;
pub use cases::cases;
pub use lists::lists;
pub use logs::logs;
pub use messages::messages;
pub use paste::paste;
pub use redact::redact;
pub use rules::rules;
pub use tables::tables;
