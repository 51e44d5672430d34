//! Answering questions: budgets, failures, and the whole recorded corpus.

mod corpus;
mod failures;
mod gone;
mod siblings;
