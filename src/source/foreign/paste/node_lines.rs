//! Lines of the node's own logs: the kernel's ring buffer, the journal, klog (kubelet), logfmt (containerd).

use crate::evidence::{Time, parse_time};

use super::ages::{in_year, plain_time};

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Kernel,
    Kubelet,
    Runtime,
}

/// When a line was written, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When<'a> {
    /// A moment.
    At(Time),
    /// Month, day and time without a year, and their format.
    Yearless(&'a str, &'static str),
    /// Seconds since boot, which tell no moment, or nothing.
    Unknown,
}

impl When<'_> {
    /// The moment; the year is that of the reference.
    pub(super) fn time(self, reference: Option<Time>) -> Option<Time> {
        match self {
            Self::At(time) => Some(time),
            Self::Yearless(text, format) => in_year(text, format, reference),
            Self::Unknown => None,
        }
    }
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeLine<'a> {
    pub(super) speaker: Speaker,
    pub(super) when: When<'a>,
    pub(super) host: Option<&'a str>,
    pub(super) text: &'a str,
    /// The form alone says who wrote it; a bare `[12.3]` may be any program's.
    sure: bool,
}

const KERNEL_WORDS: [&str; 9] =
    ["oom-kill", "Out of memory", "out of memory", "Killed process", "segfault at", "traps: ", "oom_reaper", "general protection", "task_memcg"];

/// Whether node lines begin here.
pub(super) fn begins(lines: &[&str]) -> bool {
    let Some(first) = lines.first().and_then(|l| read(l)) else { return false };
    first.sure || lines.iter().take(60).take_while(|l| !l.trim().is_empty()).any(|l| KERNEL_WORDS.iter().any(|w| l.contains(w)))
}

/// Reads a line; `None` when it has none of the forms.
pub(super) fn read(line: &str) -> Option<NodeLine<'_>> {
    let line = line.trim_end();
    if let Some((when, host, tag, text)) = journal(line) {
        let speaker = match tag {
            "kernel" => Speaker::Kernel,
            "kubelet" => Speaker::Kubelet,
            "containerd" | "crio" | "dockerd" => Speaker::Runtime,
            _ => return None,
        };
        let text = if speaker == Speaker::Kernel { without_uptime(text) } else { text };
        let inner = if speaker == Speaker::Kubelet { klog(text) } else { None };
        return Some(NodeLine {
            speaker,
            when: if when == When::Unknown { inner.map_or(when, |i| i.0) } else { when },
            host: Some(host),
            text: inner.map_or(text, |i| i.1),
            sure: true,
        });
    }
    if let Some((when, text)) = klog(line) {
        return Some(NodeLine { speaker: Speaker::Kubelet, when, host: None, text, sure: true });
    }
    if let Some((time, text)) = line.strip_prefix("time=\"").and_then(|r| r.split_once('"')).filter(|(_, rest)| rest.contains(" msg=")) {
        return Some(NodeLine { speaker: Speaker::Runtime, when: parse_time(time).map_or(When::Unknown, When::At), host: None, text, sure: true });
    }
    dmesg(line)
}

/// `[12345.678901] text`, `[Sat Nov 21 23:47:50 2026] text`, `2026-11-21T23:47:50,123456+00:00 text` (dmesg), `<4>[…] text`.
fn dmesg(line: &str) -> Option<NodeLine<'_>> {
    let kernel = |when, text, sure| Some(NodeLine { speaker: Speaker::Kernel, when, host: None, text, sure });
    let bare =
        line.strip_prefix('<').and_then(|r| r.split_once('>')).filter(|(n, _)| n.len() <= 3 && n.bytes().all(|b| b.is_ascii_digit())).map_or(line, |(_, r)| r);
    if let Some((stamp, text)) = bare.strip_prefix('[').and_then(|r| r.split_once("] ")) {
        let stamp = stamp.trim();
        if stamp.len() <= 20 && stamp.contains('.') && stamp.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return kernel(When::Unknown, text, false);
        }
        return kernel(When::At(plain_time(stamp, "%a %b %e %H:%M:%S %Y")?), text, false);
    }
    let (stamp, text) = line.split_once(' ')?;
    let time = parse_time(&stamp.replacen(',', ".", 1)).filter(|_| stamp.contains(','))?;
    kernel(When::At(time), text, false)
}

fn without_uptime(text: &str) -> &str {
    let inner = text.strip_prefix('[').and_then(|r| r.split_once("] "));
    inner.filter(|(stamp, _)| stamp.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.')).map_or(text, |(_, rest)| rest)
}

/// `Nov 21 23:47:50 host tag[123]: text`, or with an ISO time (`journalctl -o short-iso`).
fn journal(line: &str) -> Option<(When<'_>, &str, &str, &str)> {
    let (when, rest) = if let Some((stamp, rest)) = line.split_once(' ').filter(|(s, _)| s.len() >= 19 && s.contains('T')) {
        (When::At(iso(stamp)?), rest)
    } else {
        const FORMAT: &str = "%b %e %H:%M:%S%.f";
        let bytes = line.as_bytes();
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].iter().any(|m| line.starts_with(m));
        if !month || bytes.get(3) != Some(&b' ') {
            return None;
        }
        let end = line.char_indices().skip(7).find(|(_, c)| *c == ' ').map(|(at, _)| at)?;
        let stamp = line.get(..end).filter(|s| s.matches(':').count() == 2)?;
        (When::Yearless(stamp, FORMAT), line.get(end + 1..)?)
    };
    let (host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(": ")?;
    let tag = tag.split('[').next()?;
    (!host.is_empty() && !tag.contains(' ')).then_some((when, host, tag, text))
}

/// RFC 3339, or with the zone as `+0000`.
fn iso(stamp: &str) -> Option<Time> {
    parse_time(stamp).or_else(|| chrono::DateTime::parse_from_str(stamp, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(|t| t.to_utc()))
}

/// `E1121 23:47:50.123456    1234 file.go:123] text`.
fn klog(line: &str) -> Option<(When<'_>, &str)> {
    let bytes = line.as_bytes();
    let shape = matches!(bytes.first()?, b'I' | b'W' | b'E' | b'F') && bytes.get(1..5)?.iter().all(u8::is_ascii_digit) && bytes.get(5) == Some(&b' ');
    let (front, text) = line.split_once("] ").filter(|_| shape)?;
    let stamp = front.get(1..)?.split_whitespace().take(2).map(str::len).sum::<usize>() + 2;
    Some((When::Yearless(front.get(1..stamp)?, "%m%d %H:%M:%S%.f"), text))
}

/// A value of a structured line: `key="value"` or `key=value`.
pub(super) fn value(text: &str, key: &str) -> Option<String> {
    let at = text.match_indices(key).map(|(at, _)| at).find(|at| {
        let before = at.checked_sub(1).and_then(|b| text.as_bytes().get(b));
        matches!(before, None | Some(b' ')) && text.as_bytes().get(at + key.len()) == Some(&b'=')
    })?;
    let rest = text.get(at + key.len() + 1..)?;
    let Some(quoted) = rest.strip_prefix('"') else { return Some(rest.split(' ').next()?.to_owned()) };
    let mut out = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_node_lines() {
        let at = parse_time("2026-11-25T00:00:00Z");
        let time = |line: &str| read(line).and_then(|l| l.when.time(at)).map(crate::evidence::format_time);
        assert_eq!(time("Nov 21 23:47:50 n1 kernel: [12.5] java invoked oom-killer: x").as_deref(), Some("2026-11-21T23:47:50Z"));
        assert_eq!(time("Dec  1 23:47:50 n1 kernel: x y").as_deref(), Some("2025-12-01T23:47:50Z"));
        assert_eq!(time("2026-11-21T23:47:50+0000 n1 kubelet[33]: I1121 23:47:50.1 33 a.go:1] \"Killing\"").as_deref(), Some("2026-11-21T23:47:50Z"));
        assert_eq!(time("[Sat Nov 21 23:47:50 2026] Memory cgroup out of memory: Killed process 1 (x)").as_deref(), Some("2026-11-21T23:47:50Z"));
        assert_eq!(time("2026-11-21T23:47:50,123456+00:00 x: segfault at 0").as_deref(), Some("2026-11-21T23:47:50.123456Z"));
        assert_eq!(time("E1121 23:47:50.250000    1234 pod_workers.go:1301] \"Error syncing pod\"").as_deref(), Some("2026-11-21T23:47:50.250Z"));
        assert_eq!(time("time=\"2026-11-21T23:47:50Z\" level=info msg=\"TaskOOM\"").as_deref(), Some("2026-11-21T23:47:50Z"));
        assert_eq!(read("[12345.678901] x[1]: segfault at 0 ip").map(|l| l.text), Some("x[1]: segfault at 0 ip"));
        for line in ["2026-11-21T23:47:50Z INFO starting", "[INFO] x", "Nov is a month", "I am here", "time=1 msg=x"] {
            assert!(read(line).is_none(), "{line}");
        }
        assert!(!begins(&["[  0.123] started", "[  0.124] ready"]));
    }

    #[test]
    fn values() {
        let line = r#""Probe failed" probeType="Liveness" pod="shop/web" output="Get \"http://x\": refused""#;
        assert_eq!(value(line, "probeType").as_deref(), Some("Liveness"));
        assert_eq!(value(line, "output").as_deref(), Some("Get \"http://x\": refused"));
        assert_eq!(value(line, "absent"), None);
    }
}
