//! What was asked of the server, as the server itself wrote it down.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// One request, as the audit log has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The API verb.
    pub verb: String,
    /// `pods`, `pods/log`, `replicasets.apps`; the path, where it is no resource (`/version`).
    pub resource: String,
    /// Empty for what has none, and for a list across all.
    pub namespace: String,
    /// The object's name, where the request names one.
    pub name: String,
    /// The HTTP status.
    pub code: u64,
}

/// Waits until nothing more is written, and says how long the log is: a request's line may come a moment after its answer.
pub fn settled(log: &Path) -> u64 {
    let length = || fs::metadata(log).map_or(0, |m| m.len());
    let mut before = length();
    loop {
        thread::sleep(Duration::from_millis(30));
        let now = length();
        if now == before {
            return now;
        }
        before = now;
    }
}

/// The requests of one user that were written after the first `mark` bytes.
pub fn requests(log: &Path, mark: u64, user: &str) -> Vec<Request> {
    let text = fs::read(log).expect("the audit log");
    let new = &text[usize::try_from(mark).expect("a log that fits in memory")..];
    let events = new.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice::<Value>(line).expect("an audit event"));
    events.filter(|event| event["user"]["username"] == user && event["stage"] == "ResponseComplete").map(|event| request(&event)).collect()
}

fn request(event: &Value) -> Request {
    let object = &event["objectRef"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut resource = match object["resource"].as_str() {
        Some(resource) => resource.to_owned(),
        None => text(&event["requestURI"]),
    };
    if let Some(group) = object["apiGroup"].as_str() {
        resource = format!("{resource}.{group}");
    }
    if let Some(part) = object["subresource"].as_str() {
        resource = format!("{resource}/{part}");
    }
    Request {
        verb: text(&event["verb"]),
        resource,
        namespace: text(&object["namespace"]),
        name: text(&object["name"]),
        code: event["responseStatus"]["code"].as_u64().unwrap_or_default(),
    }
}
