//! A bundle: what an API said, kept as files, answered again through a tower `Service`.
//!
//! A list that was recorded is whole: absent there is a real 404, and a recorded list without a file was empty. A list
//! that was never asked is answered with [`super::NOT_COVERED`]. Files are read when they are asked for, once.

mod archive;
mod list;
mod logs;
mod manifest;
mod raw;
mod route;
mod selector;
mod service;
mod table;

pub use manifest::{Answer, Manifest};
pub use selector::{FieldSelector, LabelSelector};
pub use service::{Bundle, BundleService, open};
