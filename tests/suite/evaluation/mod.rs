//! Scoring on labelled cases.

mod corpus;
mod figures;
