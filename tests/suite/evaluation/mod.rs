//! Scoring on labelled cases.

mod accuracy;
mod corpus;
mod figures;
