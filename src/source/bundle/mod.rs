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

pub(super) use archive::{MAX_BYTES, MAX_ENTRIES, unpack};
pub use manifest::{Answer, LogsAsked, Manifest};
pub use selector::{FieldSelector, LabelSelector};
pub(super) use service::connect;
pub use service::{Bundle, BundleService, open};
