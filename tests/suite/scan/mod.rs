mod corpus;
mod findings;

mod service;
mod triage;
