//! The newest moment that objects speak of: a stand-in for "now" where nothing else tells it.

use serde_json::Value;

use crate::evidence::{Time, parse_time};

/// Deeper values are not looked through.
const MAX_DEPTH: usize = 12;

/// The newest time anywhere in an object that lies in its past: deadlines and expiry dates are left out.
pub(super) fn newest(value: &Value) -> Option<Time> {
    walk(value, "", 0)
}

fn walk(value: &Value, key: &str, depth: usize) -> Option<Time> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::String(text) if is_past(key) => parse_time(text),
        Value::Object(map) => map.iter().filter_map(|(k, v)| walk(v, k, depth + 1)).max(),
        Value::Array(list) => list.iter().filter_map(|v| walk(v, key, depth + 1)).max(),
        _ => None,
    }
}

/// Fields that tell when something happened; `deletionTimestamp` and the like tell when it will.
fn is_past(key: &str) -> bool {
    let ends = key.ends_with("Timestamp") || key.ends_with("Time") || key.ends_with("At") || key == "time";
    let future = key.starts_with("deletion") || key.starts_with("expir") || key.starts_with("next") || key.starts_with("notAfter");
    ends && !future
}
