//! The tail of one container log.

use super::time::Time;

/// How many bytes of a log's end are read.
pub const MAX_LOG_BYTES: usize = 256 * 1024;
/// A longer line is cut here; the cut is marked by `…`.
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// What came of asking for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogStatus {
    /// It was read; it may be empty, which is a finding of its own.
    Read,
    /// The kubelet has none: the container never ran, or its log is gone. With the server's words.
    Absent(String),
    /// It could not be asked or read; a gap says why.
    Unseen,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The kubelet's time stamp of the line.
    pub time: Option<Time>,
    /// The text, lossily decoded, raw (not redacted), without its line end.
    pub text: String,
}

/// The tail of one container log: of the present instance, or of the previous one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTail {
    /// The pod's name.
    pub pod: String,
    /// The container's name.
    pub container: String,
    /// Of the instance before the present one.
    pub previous: bool,
    /// What came of asking.
    pub status: LogStatus,
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// Whether older lines were left out.
    pub truncated: bool,
}

impl LogTail {
    /// The time of the last line that has one.
    pub fn last_time(&self) -> Option<Time> {
        self.lines.iter().rev().find_map(|l| l.time)
    }

    /// How a report names it: `main` or `main (previous)`.
    pub fn label(&self) -> String {
        if self.previous { format!("{} (previous)", self.container) } else { self.container.clone() }
    }

    /// Parses a body as the log API sends it with `timestamps=true`. Bytes are decoded lossily, partial lines of the
    /// CRI format were already joined by the kubelet. Bodies that are the API's own words instead of a log
    /// ("unable to retrieve container logs for …", "failed to try resolving symlinks in path …") are an absence.
    pub fn parse(pod: &str, container: &str, previous: bool, body: &[u8]) -> Self {
        let truncated = body.len() >= MAX_LOG_BYTES;
        let start = body.len().saturating_sub(MAX_LOG_BYTES);
        let text = String::from_utf8_lossy(&body[start..]);
        let mut tail = Self { pod: pod.to_owned(), container: container.to_owned(), previous, status: LogStatus::Read, lines: Vec::new(), truncated };
        let trimmed = text.trim();
        let api_words = trimmed.starts_with("unable to retrieve container logs for ") || trimmed.starts_with("failed to try resolving symlinks in path ");
        if api_words && trimmed.lines().count() <= 1 {
            tail.status = LogStatus::Absent(trimmed.to_owned());
            return tail;
        }
        let mut lines = text.split('\n');
        if start > 0 {
            lines.next(); // The first line is cut in the middle.
        }
        for raw in lines {
            let raw = raw.strip_suffix('\r').unwrap_or(raw);
            let (time, line) = match raw.split_once(' ') {
                Some((stamp, rest)) => match super::time::parse_time(stamp) {
                    Some(t) => (Some(t), rest),
                    None => (None, raw),
                },
                None => match super::time::parse_time(raw) {
                    Some(t) => (Some(t), ""),
                    None => (None, raw),
                },
            };
            tail.lines.push(LogLine { time, text: cut(line) });
        }
        if tail.lines.last().is_some_and(|l| l.time.is_none() && l.text.is_empty()) {
            tail.lines.pop(); // What follows the last line end is no line.
        }
        tail
    }
}

/// Cuts a line at [`MAX_LINE_BYTES`], on a character boundary.
fn cut(line: &str) -> String {
    if line.len() <= MAX_LINE_BYTES {
        return line.to_owned();
    }
    let mut end = MAX_LINE_BYTES;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &line[..end])
}
