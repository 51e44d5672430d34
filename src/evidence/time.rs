//! Time as the API writes it. The domain speaks chrono; the client libraries speak jiff and are converted at the door.

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment, always UTC.
pub type Time = DateTime<Utc>;

/// Reads an RFC 3339 time. `1970-01-01T00:00:00Z` is what runtimes write for "never" and is returned as such:
/// callers that mean "did it start" must compare with the epoch.
pub fn parse_time(text: &str) -> Option<Time> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.with_timezone(&Utc))
}

/// Writes a moment for people, to the second: `2026-11-21 23:47:51 UTC`.
pub fn show_time(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Writes RFC 3339 in UTC, with a fraction only where there is one.
pub fn format_time(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
