//! Durations.

use std::time::Duration;

use a2::cli::{DurationError, parse_duration};
use proptest::prelude::*;

#[test]
fn units_add_up() {
    for (text, milliseconds) in [
        ("24h", 86_400_000),
        ("10s", 10_000),
        ("1h30m", 5_400_000),
        ("500ms", 500),
        ("1.5h", 5_400_000),
        ("2d", 172_800_000),
        ("1w", 604_800_000),
        ("1m500ms", 60_500),
        ("30", 30_000),
        ("0", 0),
        (" 5s ", 5_000),
    ] {
        assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text:?}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    assert_eq!(parse_duration(""), Err(DurationError::Empty));
    assert_eq!(parse_duration("10y"), Err(DurationError::Unit("y".into())));
    assert_eq!(parse_duration("h"), Err(DurationError::Number("h".into())));
    assert_eq!(parse_duration("-5s"), Err(DurationError::Number("-5s".into())));
    assert_eq!(parse_duration("1h30"), Err(DurationError::Unit(String::new())));
    assert_eq!(parse_duration("1.2.3s"), Err(DurationError::Number("1.2.3s".into())));
    assert_eq!(parse_duration("99999999999999999999w"), Err(DurationError::TooLong));
    assert_eq!(parse_duration("5\u{fe0f}s"), Err(DurationError::Unit("\u{fe0f}s".into())));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = parse_duration(&text);
    }

    #[test]
    fn what_is_written_is_read(hours in 0u64..1000, minutes in 0u64..60, seconds in 0u64..60) {
        prop_assert_eq!(parse_duration(&format!("{hours}h{minutes}m{seconds}s")), Ok(Duration::from_secs(hours * 3600 + minutes * 60 + seconds)));
    }
}
