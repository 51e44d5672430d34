mod agreement;
mod corpus;
mod findings;
mod requests;

mod service;
mod triage;
mod watch;
