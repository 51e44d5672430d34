//! What is said where this machine's clock and the server's differ. Ages are the server's; times on the wall here are not.

use chrono::TimeDelta;

use super::Failure;
use crate::report::words;
use crate::source::{Connection, SourceError};

/// A note for whoever compares times, as a lower-case fragment.
pub fn note(connection: &Connection) -> Option<String> {
    if connection.clock.is_own() {
        return Some("the server does not tell the time: ages are counted by this machine's clock".to_owned());
    }
    connection.skew().map(|ahead| format!("{}; times and ages here are the server's", difference(ahead)))
}

/// An error of the source, with the clock as a hint where it may be why: tokens and certificates have their time.
pub fn explain(error: SourceError, connection: &Connection) -> Failure {
    let judged_by_clocks = matches!(error, SourceError::Credentials(_) | SourceError::Tls { .. });
    let failure = Failure::from(error);
    match connection.skew().filter(|_| judged_by_clocks) {
        Some(ahead) => failure.hint(format!("{}: tokens are valid between two moments", difference(ahead))),
        None => failure,
    }
}

fn difference(ahead: TimeDelta) -> String {
    let direction = if ahead > TimeDelta::zero() { "behind" } else { "ahead of" };
    format!("this machine's clock is {} {direction} the server's", words::span(ahead.abs().num_seconds()))
}
