//! The state of a container in a word or two.
//!
//! `run 300`, `run 300 unready`, `exit 1`, `exit 137 OOMKilled ago=30 lived=5`, `exit 128 StartError never`, `wait ReasonOfIt`,
//! `crash` (in CrashLoopBackOff after `last`), `none`.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// "Now" in every case.
pub fn now() -> DateTime<Utc> {
    "2030-01-02T03:04:05Z".parse().expect("a time")
}

/// So many seconds ago, as the API writes it.
pub fn ago(seconds: i64) -> String {
    (now() - Duration::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A state, parsed.
#[derive(Clone, Debug)]
pub enum State {
    Running { since: i64, ready: bool },
    Exited { code: i64, reason: String, ago: i64, lived: i64, timeless: bool, never: bool },
    Waiting(String),
    None,
}

impl State {
    pub fn parse(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |key: &str, default: i64| {
            words.iter().find_map(|w| w.strip_prefix(key).and_then(|w| w.strip_prefix('='))).map_or(default, |n| n.parse().expect("a number"))
        };
        match words.first().copied().unwrap_or_default() {
            "run" => Self::Running { since: words.get(1).map_or(300, |n| n.parse().expect("seconds")), ready: !words.contains(&"unready") },
            "exit" => {
                let code = words.get(1).expect("a code").parse().expect("a code");
                let named = words.iter().skip(2).find(|w| !w.contains('=') && !matches!(**w, "timeless" | "never"));
                let reason = named.map_or(if code == 0 { "Completed" } else { "Error" }, |w| *w).to_owned();
                let flag = |name: &str| words.contains(&name);
                Self::Exited { code, reason, ago: number("ago", 20), lived: number("lived", 60), timeless: flag("timeless"), never: flag("never") }
            }
            "wait" => Self::Waiting((*words.get(1).expect("a reason")).to_owned()),
            "crash" => Self::Waiting("CrashLoopBackOff".to_owned()),
            "none" => Self::None,
            other => panic!("no state {other:?} in {text:?}"),
        }
    }

    /// Seconds ago at which its log ends.
    pub fn log_end(&self) -> i64 {
        match self {
            Self::Exited { ago, .. } => *ago,
            _ => 0,
        }
    }

    pub fn json(&self, message: Option<&str>) -> Value {
        match self {
            Self::Running { since, .. } => json!({ "running": { "startedAt": ago(*since) } }),
            Self::Exited { code, reason, ago: at, lived, timeless, never } => {
                let mut end = json!({ "exitCode": code, "reason": reason });
                if !timeless {
                    end["startedAt"] = json!(if *never { "1970-01-01T00:00:00Z".to_owned() } else { ago(at + lived) });
                    end["finishedAt"] = json!(ago(*at));
                    end["containerID"] = json!("containerd://5d0a3a0ad3c1b5c4bb3f6f6e6d1f6f5a3bb0a1d9d4c4f0b1c3b5a7d9e8f01234");
                } else {
                    end["startedAt"] = Value::Null;
                    end["finishedAt"] = Value::Null;
                }
                if let Some(message) = message {
                    end["message"] = json!(message);
                }
                json!({ "terminated": end })
            }
            Self::Waiting(reason) => {
                let mut wait = json!({ "reason": reason });
                if let Some(message) = message {
                    wait["message"] = json!(message);
                }
                json!({ "waiting": wait })
            }
            Self::None => Value::Null,
        }
    }
}
