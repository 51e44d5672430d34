//! Bundles, clusters, recordings.

mod archive;
mod bundle;
mod cluster;
mod http;
mod recording;
mod selector;
