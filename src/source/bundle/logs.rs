//! Logs of a bundle, answered as the kubelet answers them.

use bytes::Bytes;
use http::{HeaderValue, Response};
use serde_json::Value;

use crate::evidence::parse_time;
use crate::source::query::Query;

/// A log as a plain-text body, with `tailLines`, `timestamps` and `limitBytes` applied in the kubelet's order.
pub(super) fn serve(log: &Bytes, query: &Query) -> Response<Vec<u8>> {
    let mut body: &[u8] = log;
    if let Some(count) = query.number("tailLines") {
        body = tail(body, count);
    }
    let mut out = if query.is_true("timestamps") { body.to_vec() } else { without_stamps(body) };
    if let Some(limit) = query.number("limitBytes") {
        out.truncate(limit);
    }
    let mut response = Response::new(out);
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

fn tail(body: &[u8], count: usize) -> &[u8] {
    if count == 0 {
        return &[];
    }
    let content = body.strip_suffix(b"\n").unwrap_or(body);
    let start = content.iter().enumerate().rev().filter(|(_, b)| **b == b'\n').nth(count - 1).map_or(0, |(at, _)| at + 1);
    body.get(start..).unwrap_or_default()
}

fn without_stamps(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|b| *b == b'\n') {
        let stamp =
            line.iter().position(|b| *b == b' ').and_then(|at| std::str::from_utf8(line.get(..at)?).ok().filter(|s| parse_time(s).is_some()).map(|_| at));
        out.extend_from_slice(match stamp {
            Some(at) => line.get(at + 1..).unwrap_or_default(),
            None => line,
        });
    }
    out
}

/// All container names of a pod.
pub(super) fn containers(pod: &Value) -> Vec<&str> {
    let lists = ["/spec/initContainers", "/spec/containers", "/spec/ephemeralContainers"];
    let entries = lists.iter().filter_map(|p| pod.pointer(p).and_then(Value::as_array)).flatten();
    entries.filter_map(|c| c.get("name").and_then(Value::as_str)).collect()
}
