//! Answering questions: budgets, failures, and the whole recorded corpus.

mod clock;
mod corpus;
mod failures;
mod gone;
mod node_logs;
mod resolve;
mod services;
mod siblings;
