mod corpus;

mod service;
mod triage;
