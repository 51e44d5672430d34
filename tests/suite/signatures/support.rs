//! Logs out of text.

use a2::evidence::{LogLine, LogTail, Time, parse_time};
use a2::signatures::{ReadContext, Reading, read};

/// Lines without times.
pub fn plain(text: &str) -> Vec<LogLine> {
    text.lines().map(|l| LogLine { time: None, text: l.to_owned() }).collect()
}

/// Lines as `seconds|text`, seconds after noon.
pub fn timed(text: &str) -> Vec<LogLine> {
    text.lines()
        .map(|l| {
            let (at, rest) = l.split_once('|').expect("seconds|text");
            let ms = (at.trim().parse::<f64>().expect("seconds") * 1000.0).round() as i64;
            LogLine { time: Some(noon() + chrono::TimeDelta::milliseconds(ms)), text: rest.to_owned() }
        })
        .collect()
}

/// The day all tests happen on.
pub fn noon() -> Time {
    parse_time("2026-01-02T12:00:00Z").expect("time")
}

/// An instance that ended with that code.
pub fn ended(lines: &[LogLine], exit_code: i64) -> Reading {
    read(lines, &ReadContext { exit_code: Some(exit_code), ..ReadContext::default() })
}

/// An instance that runs.
pub fn alive(lines: &[LogLine]) -> Reading {
    read(lines, &ReadContext { alive: true, ..ReadContext::default() })
}

/// Causes of an ending, root first.
pub fn causes(reading: &Reading) -> Vec<&'static str> {
    reading.ending.iter().flat_map(|e| e.findings.iter().map(|f| f.cause)).collect()
}

/// A body as the log API sends it.
pub fn body(bytes: &[u8]) -> Vec<LogLine> {
    LogTail::parse("pod", "main", false, bytes).lines
}
