//! Bundles, clusters, recordings.
