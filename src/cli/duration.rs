//! Durations as Kubernetes tools write them: `24h`, `10s`, `1h30m`, `500ms`; days and weeks too, and bare seconds.

use std::time::Duration;

/// The longest duration taken: a hundred years. Sums of times stay far from overflow.
const LONGEST_SECONDS: f64 = 100.0 * 366.0 * 86_400.0;

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing there.
    #[error("empty duration, expected something like 10s, 1h30m or 24h")]
    Empty,
    /// A unit that does not exist.
    #[error("unknown unit {0:?}, expected ms, s, m, h, d or w")]
    Unit(String),
    /// No number where one must stand.
    #[error("expected a number at {0:?}, as in 10s, 1h30m or 24h")]
    Number(String),
    /// Beyond a century.
    #[error("longer than a hundred years")]
    TooLong,
}

/// Reads a duration. A number without a unit counts seconds, as `kubectl --request-timeout` has it.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Empty);
    }
    if let Ok(seconds) = rest.parse::<u32>() {
        return bounded(f64::from(seconds));
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()));
        let amount: f64 = number.parse().map_err(|_| DurationError::Number(rest.to_owned()))?;
        let (unit, next) = after.split_at(after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len()));
        seconds += amount
            * match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                "w" => 7.0 * 86_400.0,
                other => return Err(DurationError::Unit(other.to_owned())),
            };
        rest = next;
    }
    bounded(seconds)
}

fn bounded(seconds: f64) -> Result<Duration, DurationError> {
    if seconds > LONGEST_SECONDS {
        return Err(DurationError::TooLong);
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| DurationError::TooLong)
}
