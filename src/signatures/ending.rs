//! Which part of a log ended the instance.
