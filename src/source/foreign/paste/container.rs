//! One container of `kubectl describe pod` (kubectl `describe.go`, `describeContainers`).

use serde_json::{Map, Value, json};

use super::ages::describe_time;
use super::env;

/// Fields of a container, at their indentation; other lines continue a text that had line ends in it.
const FIELDS: [&str; 22] = [
    "Container ID",
    "Image",
    "Image ID",
    "Port",
    "Ports",
    "Host Port",
    "Host Ports",
    "SeccompProfile",
    "Command",
    "Args",
    "State",
    "Last State",
    "Ready",
    "Restart Count",
    "Limits",
    "Requests",
    "Liveness",
    "Readiness",
    "Startup",
    "Environment Variables from",
    "Environment",
    "Mounts",
];
/// Fields of a state.
const STATE_FIELDS: [&str; 6] = ["Reason", "Message", "Exit Code", "Signal", "Started", "Finished"];

/// A container as its two halves.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) spec: Value,
    pub(super) status: Value,
}

/// A container while its lines come in.
#[derive(Debug, Default)]
pub(super) struct Reading {
    name: String,
    spec: Map<String, Value>,
    status: Map<String, Value>,
    field: String,
    state: Map<String, Value>,
    state_kind: String,
    last: Option<String>,
    ran: bool,
}

impl Reading {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Takes one line of the container's block.
    pub(super) fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        let (key, value) = text.split_once(':').map_or((text, ""), |(k, v)| (k, v.trim()));
        if indent == 4 && (FIELDS.contains(&key) || (key == "Devices" && value.is_empty())) {
            self.end_state();
            key.clone_into(&mut self.field);
            self.last = None;
            self.begin(key, value);
        } else if matches!(self.field.as_str(), "State" | "Last State") && indent == 6 && STATE_FIELDS.contains(&key) {
            self.in_state(key, value);
        } else if let (Some(last), "State" | "Last State") = (self.last.clone(), self.field.as_str()) {
            self.state.entry(last).and_modify(|v| {
                if let Value::String(s) = v {
                    s.push('\n');
                    s.push_str(line.trim_end());
                }
            });
        } else if !text.is_empty() {
            self.inside(line, text, key, value);
        }
    }

    fn begin(&mut self, key: &str, value: &str) {
        let set = |map: &mut Map<String, Value>, key: &str, value: &str| {
            if !value.is_empty() && value != "<none>" {
                map.insert(key.to_owned(), Value::from(value));
            }
        };
        match key {
            "Container ID" => set(&mut self.status, "containerID", value),
            "Image" => set(&mut self.spec, "image", value),
            "Image ID" => set(&mut self.status, "imageID", value),
            "Port" | "Ports" => self.ports(value),
            "Ready" => {
                self.status.insert("ready".to_owned(), Value::from(value == "True"));
            }
            "Restart Count" => {
                self.ran = true;
                self.status.insert("restartCount".to_owned(), Value::from(value.parse::<i64>().unwrap_or(0)));
            }
            "State" | "Last State" => {
                value.split_whitespace().next().unwrap_or_default().to_lowercase().clone_into(&mut self.state_kind);
            }
            "Liveness" | "Readiness" | "Startup" => {
                if let Some(probe) = probe(value) {
                    self.spec.insert(format!("{}Probe", key.to_lowercase()), probe);
                }
            }
            _ => {}
        }
    }

    fn in_state(&mut self, key: &str, value: &str) {
        let (name, value) = match key {
            "Exit Code" | "Signal" => (if key == "Signal" { "signal" } else { "exitCode" }, value.parse::<i64>().ok().map(Value::from)),
            "Started" | "Finished" => {
                (if key == "Started" { "startedAt" } else { "finishedAt" }, describe_time(value).map(|t| Value::from(crate::evidence::format_time(t))))
            }
            "Reason" => ("reason", Some(Value::from(value))),
            _ => ("message", Some(Value::from(value))),
        };
        self.last = (name == "message").then(|| name.to_owned());
        if let Some(value) = value {
            self.state.insert(name.to_owned(), value);
        }
    }

    fn end_state(&mut self) {
        if !self.state_kind.is_empty() {
            let key = if self.field == "State" { "state" } else { "lastState" };
            let mut state = Map::new();
            state.insert(std::mem::take(&mut self.state_kind), Value::Object(std::mem::take(&mut self.state)));
            self.status.insert(key.to_owned(), Value::Object(state));
        }
    }

    fn inside(&mut self, line: &str, text: &str, key: &str, value: &str) {
        fn list<'a>(map: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Vec<Value>> {
            map.entry(name.to_owned()).or_insert_with(|| json!([])).as_array_mut()
        }
        match self.field.as_str() {
            "Command" | "Args" => {
                let name = self.field.to_lowercase();
                if let Some(words) = list(&mut self.spec, &name) {
                    words.push(Value::from(line.strip_prefix("      ").unwrap_or(text)));
                }
            }
            "Limits" | "Requests" if !value.is_empty() => {
                let name = self.field.to_lowercase();
                let resources = self.spec.entry("resources".to_owned()).or_insert_with(|| json!({}));
                if let Some(map) = resources.as_object_mut() {
                    let of = map.entry(name).or_insert_with(|| json!({}));
                    if let Some(of) = of.as_object_mut() {
                        of.insert(key.to_owned(), Value::from(value));
                    }
                }
            }
            "Environment" => {
                if let Some(all) = list(&mut self.spec, "env") {
                    env::variable(text, all);
                }
            }
            "Environment Variables from" => {
                if let (Some(all), Some(source)) = (list(&mut self.spec, "envFrom"), env::source(text)) {
                    all.push(source);
                }
            }
            "Mounts" => {
                if let (Some(all), Some(mount)) = (list(&mut self.spec, "volumeMounts"), mount(text)) {
                    all.push(mount);
                }
            }
            _ => {}
        }
    }

    fn ports(&mut self, value: &str) {
        let ports: Vec<Value> = value
            .split(',')
            .filter_map(|p| {
                let p = p.trim();
                let (number, rest) = p.split_once('/')?;
                let (protocol, name) = rest.split_once(' ').map_or((rest, ""), |(p, n)| (p, n.trim_matches(['(', ')'])));
                let mut port = json!({ "containerPort": number.parse::<i64>().ok()?, "protocol": protocol });
                if let (false, Some(map)) = (name.is_empty(), port.as_object_mut()) {
                    map.insert("name".to_owned(), Value::from(name));
                }
                Some(port)
            })
            .collect();
        if !ports.is_empty() {
            self.spec.insert("ports".to_owned(), Value::from(ports));
        }
    }

    /// The container, whole.
    pub(super) fn finish(mut self) -> Described {
        self.end_state();
        self.spec.insert("name".to_owned(), Value::from(self.name.clone()));
        self.status.insert("name".to_owned(), Value::from(self.name));
        if let Some(image) = self.spec.get("image") {
            self.status.insert("image".to_owned(), image.clone());
        }
        let known = self.ran || self.status.contains_key("state");
        Described { spec: Value::Object(self.spec), status: if known { Value::Object(self.status) } else { Value::Null } }
    }
}

/// `http-get http://:8080/health delay=0s timeout=1s period=4s #success=1 #failure=3` (kubectl `DescribeProbe`).
fn probe(text: &str) -> Option<Value> {
    let (handler, attributes) = text.split_once(" delay=").map_or((text, ""), |(h, a)| (h, a));
    let (kind, rest) = handler.split_once(' ')?;
    let mut probe = match kind {
        "http-get" => {
            let (scheme, rest) = rest.split_once("://")?;
            let (authority, path) = rest.split_once('/').map_or((rest, String::new()), |(a, p)| (a, format!("/{p}")));
            json!({ "httpGet": { "scheme": scheme.to_uppercase(), "port": port(authority.rsplit(':').next()?), "path": path } })
        }
        "tcp-socket" => json!({ "tcpSocket": { "port": port(rest.rsplit(':').next()?) } }),
        "grpc" => json!({ "grpc": { "port": port(rest.split_whitespace().next()?.rsplit(':').next()?) } }),
        "exec" => {
            let words: Vec<&str> = rest.trim().trim_start_matches('[').trim_end_matches(']').split(' ').collect();
            json!({ "exec": { "command": words } })
        }
        _ => return None,
    };
    let map = probe.as_object_mut()?;
    for (at, word) in attributes.split_whitespace().enumerate() {
        let (key, number) = if at == 0 { ("delay", word) } else { word.split_once('=')? };
        let key = match key {
            "delay" => "initialDelaySeconds",
            "timeout" => "timeoutSeconds",
            "period" => "periodSeconds",
            "#success" => "successThreshold",
            "#failure" => "failureThreshold",
            _ => continue,
        };
        if let Some(number) = super::ages::age(number.trim()).map(|a| a.seconds).or_else(|| number.parse().ok()) {
            map.insert(key.to_owned(), Value::from(number));
        }
    }
    Some(probe)
}

fn port(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

/// `/app from app (ro)`, `/x from y (rw,path="sub")`.
fn mount(text: &str) -> Option<Value> {
    let (path, rest) = text.split_once(" from ")?;
    let (volume, flags) = rest.split_once(" (").unwrap_or((rest, ""));
    Some(json!({ "mountPath": path, "name": volume, "readOnly": flags.starts_with("ro") }))
}
