//! Times and ages as kubectl prints them.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};

use crate::evidence::{Time, parse_time};

/// An age, and how coarse it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    /// Seconds; the true age is not less.
    pub(super) seconds: i64,
    /// What the printer left out is less than this many seconds.
    pub(super) grain: i64,
}

/// `45s`, `9m30s`, `29m`, `5h30m`, `30h`, `3d4h`, `12d`, `2y40d` (apimachinery `duration.HumanDuration`).
pub(super) fn age(text: &str) -> Option<Age> {
    let mut seconds: i64 = 0;
    let mut grain = None;
    let mut digits = String::new();
    for c in text.trim().chars() {
        if c.is_ascii_digit() && digits.len() < 9 {
            digits.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'y' => 365 * 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
        grain = Some(unit);
    }
    // Up to ten minutes seconds are left out only where they are zero.
    let grain = if seconds < 600 { 1 } else { grain? };
    (digits.is_empty() && seconds < 100 * 365 * 86_400).then_some(Age { seconds, grain })
}

/// `Sat, 21 Nov 2026 23:47:51 +0000`, as describe prints times.
pub(super) fn describe_time(text: &str) -> Option<Time> {
    let text = text.trim();
    DateTime::parse_from_rfc2822(text).ok().map(|t| t.to_utc()).filter(of_our_age).or_else(|| parse_time(text))
}

/// The years that the API can write; others are no times of a cluster, and adding to the last of them overflows.
fn of_our_age(time: &Time) -> bool {
    (0..=9999).contains(&time.year())
}

/// A wall-clock time without a zone, taken as UTC, as nodes are set up.
pub(super) fn plain_time(text: &str, format: &str) -> Option<Time> {
    NaiveDateTime::parse_from_str(text, format).ok().map(|t| t.and_utc()).filter(of_our_age)
}

/// A time of a log line that does not tell its year: the year in which it lies just before, or at, the reference.
pub(super) fn in_year(month_day_time: &str, format: &str, reference: Option<Time>) -> Option<Time> {
    let reference = reference?;
    let of = |year: i32| plain_time(&format!("{year} {month_day_time}"), &format!("%Y {format}"));
    let this: DateTime<Utc> = of(reference.year()).or_else(|| of(reference.year() - 1))?;
    if this > reference + TimeDelta::days(2) { of(reference.year() - 1) } else { Some(this) }
}
