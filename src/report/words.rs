//! Times, spans and sizes in words.

use chrono::TimeDelta;

use crate::evidence::Time;

/// kubectl's form: `Sat, 21 Nov 2026 23:12:26 +0000`.
pub fn rfc1123(time: Time) -> String {
    time.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// `23:12:26`.
pub fn clock(time: Time) -> String {
    time.format("%H:%M:%S").to_string()
}

/// Since when, for a narrow column: the time of day, or the day.
pub fn since(time: Time, now: Time) -> String {
    if (now - time).num_hours() < 20 { clock(time) } else { time.format("%d %b").to_string() }
}

/// `2026-11-21 23:12:26 UTC`.
pub fn moment(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// kubectl's age (apimachinery `duration.HumanDuration`): at most two units, the second dropped when it says little.
pub fn kubectl_age(span: TimeDelta) -> String {
    let seconds = span.num_seconds();
    if seconds < -1 {
        return "<invalid>".to_owned();
    }
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |big: i64, b: &str, small: i64, s: &str| if small == 0 { format!("{big}{b}") } else { format!("{big}{b}{small}{s}") };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

/// A span for people: `4 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. Negative spans read as their amount.
pub fn span(seconds: i64) -> String {
    let s = seconds.unsigned_abs();
    let two = |big: u64, b: &str, small: u64, t: &str| if small == 0 { format!("{big} {b}") } else { format!("{big} {b} {small} {t}") };
    match s {
        0..60 => format!("{s} s"),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        3600..86_400 => two(s / 3600, "h", s / 60 % 60, "min"),
        _ => two(s / 86_400, "d", s / 3600 % 24, "h"),
    }
}

/// A time relative to a reference: `-4 s`, `0`, `+3 min 12 s`.
pub fn relative(time: Time, reference: Time) -> String {
    let seconds = (time - reference).num_seconds();
    match seconds {
        0 => "0".to_owned(),
        1.. => format!("+{}", span(seconds)),
        _ => format!("-{}", span(seconds)),
    }
}

/// A fragment at the beginning of a line.
pub fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1 request`, `3 requests`.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// `812 B`, `47.1 KiB`, `3.2 MiB`.
pub fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{:.1} KiB", count as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", count as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", count as f64 / 1_073_741_824.0),
    }
}
