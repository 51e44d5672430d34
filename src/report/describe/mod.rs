//! What `kubectl describe pod` says, as data and as text, with what it leaves out: the UID, the grace of a deletion,
//! messages of waiting containers, restart policies of containers, meanings of exit codes.

mod container;
mod env;
mod event;
mod exit;
mod ghost;
mod pod;
mod text;
mod volume;
mod writer;

pub use container::containers;
pub use event::events;
pub use exit::exit_meaning;
pub use pod::pod;
pub use text::render;
