//! One integration binary; its modules mirror the rooms of the library.

mod collect;
mod source;
mod support;
