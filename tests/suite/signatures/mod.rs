//! What text says: logs, messages of the platform, codes.

mod blocks;
mod codes;
mod corpus;
mod edges;
mod endings;
mod examples;
mod live;
mod platform;
mod platform_corpus;
mod properties;
mod support;
