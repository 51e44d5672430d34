//! What a log says.

mod blocks;
mod corpus;
mod endings;
mod live;
mod properties;
mod support;
