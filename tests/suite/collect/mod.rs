//! Answering questions: budgets, failures, and the whole recorded corpus.

mod corpus;
