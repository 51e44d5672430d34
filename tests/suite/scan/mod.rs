mod corpus;
mod findings;

mod service;
mod triage;
mod watch;
