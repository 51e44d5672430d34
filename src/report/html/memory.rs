//! Memory as bars: what was allowed beside what was used, where somebody measured it.

use std::fmt::Write as _;

use super::escape::text;
use crate::report::json::v1::Investigation;
use crate::report::table::fit;
use crate::report::words;

/// One bar.
struct Bar {
    label: String,
    bytes: u64,
    class: &'static str,
}

/// The picture; empty unless memory was measured or is what the verdict is about.
pub fn memory(document: &Investigation) -> String {
    let used = used(document);
    if used.is_empty() && !document.verdict.cause.starts_with("oom.") {
        return String::new();
    }
    let mut bars = Vec::new();
    for container in document.containers.iter().filter(|c| c.kind != "init" && c.kind != "ephemeral") {
        for (word, of, class) in [("requests", &container.requests, "request"), ("limit", &container.limits, "limit")] {
            if let Some(bytes) = of.get("memory").and_then(|quantity| quantity_bytes(quantity)) {
                bars.push(Bar { label: format!("{}: {word}", container.name), bytes, class });
            }
        }
    }
    let measured = !used.is_empty();
    bars.extend(used);
    let Some(most) = bars.iter().map(|b| b.bytes).max().filter(|m| *m > 0) else { return String::new() };
    let height = 22.0 * bars.len() as f64 + 6.0;
    let mut svg = String::new();
    let _ = write!(svg, "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"memory\">");
    for (i, bar) in bars.iter().enumerate() {
        let y = 22.0 * i as f64;
        let width = (480.0 * bar.bytes as f64 / most as f64).max(1.0);
        let _ = write!(svg, "<text x=\"0\" y=\"{:.0}\">{}</text>", y + 15.0, text(&fit(&bar.label, 44)));
        let _ = write!(svg, "<rect class=\"{}\" x=\"300\" y=\"{:.0}\" width=\"{width:.0}\" height=\"14\"/>", bar.class, y + 4.0);
        let _ = write!(svg, "<text x=\"{:.0}\" y=\"{:.0}\">{}</text>", 308.0 + width, y + 15.0, words::bytes(bar.bytes));
    }
    svg.push_str("</svg>");
    if !measured {
        svg.push_str("<p class=\"faint\">What was used at the end is not on record: the kernel's line or a metric would tell.</p>");
    }
    svg
}

/// What the evidence says was used: the kernel's line about a process that it killed, the kubelet's message of an eviction.
fn used(document: &Investigation) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for evidence in document.evidence.iter().filter(|e| e.authority != "workload") {
        let killed = killed(&evidence.text).map(|(process, bytes)| (format!("{process}: used when killed [{}]", evidence.id), bytes));
        let evicted = evicted(&evidence.text).map(|(container, bytes)| (format!("{container}: used when evicted [{}]", evidence.id), bytes));
        for (label, bytes) in [killed, evicted].into_iter().flatten() {
            // The same measure may be told twice: by the kernel's log, and by an event that quotes it.
            let name = label.split(':').next().unwrap_or_default().to_owned();
            if !bars.iter().any(|b| b.bytes == bytes && b.label.starts_with(&name)) {
                bars.push(Bar { label, bytes, class: "end" });
            }
        }
    }
    bars
}

/// `Killed process 4242 (tally) total-vm:…kB, anon-rss:65536kB, file-rss:0kB, shmem-rss:0kB` (Linux, `mm/oom_kill.c`).
fn killed(line: &str) -> Option<(String, u64)> {
    let process = line.split_once("Killed process ")?.1.split_once('(')?.1.split_once(')')?.0.to_owned();
    let part = |name: &str| {
        let (_, rest) = line.split_once(name)?;
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u64>().ok()
    };
    let anonymous = part("anon-rss:")?;
    let kilobytes = [part("file-rss:"), part("shmem-rss:")].into_iter().flatten().fold(anonymous, u64::saturating_add);
    (kilobytes > 0).then(|| (process, kilobytes.saturating_mul(1024)))
}

/// `Container main was using 123456Ki, request is 0` (kubelet, `eviction/helpers.go`).
fn evicted(message: &str) -> Option<(String, u64)> {
    if !message.contains("resource: memory") {
        return None;
    }
    let (container, rest) = message.split_once("Container ")?.1.split_once(" was using ")?;
    let quantity: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some((container.to_owned(), quantity_bytes(&quantity)?))
}

/// A quantity in bytes: `64Mi`, `1G`, `65536`, `1.5Gi` (apimachinery, `resource.Quantity`).
fn quantity_bytes(quantity: &str) -> Option<u64> {
    let digits = quantity.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(quantity.len());
    let (number, unit) = quantity.split_at(digits);
    let factor = match unit {
        "" => 1.0,
        "m" => 0.001,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * factor;
    (bytes.is_finite() && bytes >= 1.0).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_read_from_those_who_measure() {
        let line = "Memory cgroup out of memory: Killed process 4242 (tally) total-vm:1048576kB, anon-rss:65536kB, file-rss:512kB, shmem-rss:0kB, UID:0";
        assert_eq!(killed(line), Some(("tally".to_owned(), 66048 * 1024)));
        assert_eq!(killed("oom_reaper: reaped process 4242 (tally), now anon-rss:0kB"), None);
        let message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 3Mi. Container main was using 123456Ki, request is 0, has larger consumption of memory. ";
        assert_eq!(evicted(message), Some(("main".to_owned(), 123_456 * 1024)));
        assert_eq!(evicted("The node was low on resource: ephemeral-storage. Container main was using 12Ki, request is 0"), None);
    }

    #[test]
    fn quantities() {
        assert_eq!(["64Mi", "1G", "1.5Gi", "65536"].map(quantity_bytes), [Some(64 << 20), Some(1_000_000_000), Some(3 << 29), Some(65536)]);
        assert_eq!(["", "Mi", "x", "1X", "0", "1e9999"].map(quantity_bytes), [None; 6]);
    }
}
