//! The server with a case on it answers as the recorded one did: only then is agreement with the bundle worth something.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::recorded_stages;
use crate::server::Server;

#[test]
fn a_loaded_case_is_served_as_it_was_recorded() {
    let mut server = Server::shared();
    let (mut loading, mut reading) = (Vec::new(), Vec::new());
    for stage in recorded_stages() {
        let start = Instant::now();
        let recording = server.load(&stage.path);
        loading.push(start.elapsed());
        let start = Instant::now();
        for (path, keys) in &recording.lists {
            let list = server.call("GET", path, "").unwrap_or_else(|e| panic!("{} {path}: {e}", stage.name));
            let items = list["items"].as_array().expect("a list");
            let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            let recorded: BTreeSet<String> = keys.iter().map(|key| name(&recording.objects[key])).collect();
            assert_eq!(items.iter().map(name).collect::<BTreeSet<_>>(), recorded, "{} {path}", stage.name);
            for object in keys.iter().map(|key| &recording.objects[key]) {
                let served = items.iter().find(|item| name(item) == name(object)).expect("names are equal");
                if let Err(place) = holds(served, object) {
                    panic!("{} {path} {}: the server says otherwise at {place}", stage.name, name(object));
                }
            }
        }
        reading.push(start.elapsed());
        for ((namespace, pod, container, previous), log) in &recording.logs {
            let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}&previous={previous}&timestamps=true");
            let served = server.text(&path).unwrap_or_else(|e| panic!("{} {path}: {e}", stage.name));
            assert_eq!(served.as_bytes(), log, "{} {path}", stage.name);
        }
    }
    let spread = |times: &mut Vec<Duration>| {
        times.sort();
        (times[times.len() / 2], times[times.len() - 1])
    };
    println!("{} stages; median and longest: loaded in {:?}, all lists read in {:?}", loading.len(), spread(&mut loading), spread(&mut reading));
}

/// Whether the server's object has everything that the recorded one has (kind and version of an item stand on its list); else where not.
fn holds(served: &Value, recorded: &Value) -> Result<(), String> {
    match (served, recorded) {
        (Value::Object(served), Value::Object(recorded)) => recorded
            .iter()
            .filter(|(key, value)| !matches!(key.as_str(), "apiVersion" | "kind") && !value.is_null())
            .try_for_each(|(key, value)| served.get(key).map_or(Err(String::from("(missing)")), |s| holds(s, value)).map_err(|place| format!(".{key}{place}"))),
        (Value::Array(served), Value::Array(recorded)) if served.len() == recorded.len() => {
            served.iter().zip(recorded).enumerate().try_for_each(|(i, (s, r))| holds(s, r).map_err(|place| format!("[{i}]{place}")))
        }
        _ if served == recorded => Ok(()),
        _ => Err(format!(": {served}, recorded {recorded}")),
    }
}

#[test]
fn two_servers_run_at_once() {
    let (first, second) = (Server::start(), Server::start());
    let id = |server: &Server| server.call("GET", "/api/v1/namespaces/kube-system", "").expect("a namespace")["metadata"]["uid"].clone();
    assert_ne!(id(&first), id(&second));
}
