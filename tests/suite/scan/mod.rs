mod agreement;
mod corpus;
mod findings;
mod requests;

mod service;
mod shapes;
mod triage;
mod watch;
