//! Bundles, clusters, recordings.

mod archive;
mod bundle;
mod cluster;
mod dumps;
mod http;
mod paste;
mod recording;
mod selector;
