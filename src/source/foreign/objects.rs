//! Objects out of whatever holds them: lists, lists of lists, plain arrays, single objects.

use serde_json::Value;

/// Lists within lists are followed this far.
const MAX_DEPTH: usize = 4;

/// All objects in a value, with the kind of their list filled in where they do not say their own.
pub(super) fn of(value: Value) -> Vec<Value> {
    let mut found = Vec::new();
    collect(value, None, 0, &mut found);
    found
}

/// The kind of what a list holds, by the list's own kind (`PodList`).
pub(super) fn kind_in(list: &Value) -> Option<String> {
    let kind = list.get("kind").and_then(Value::as_str)?;
    kind.strip_suffix("List").filter(|k| !k.is_empty()).map(str::to_owned)
}

fn collect(value: Value, of: Option<(String, String)>, depth: usize, found: &mut Vec<Value>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| collect(item, of.clone(), depth + 1, found)),
        Value::Object(mut map) => {
            if let Some(Value::Array(items)) = map.remove("items") {
                let list = Value::Object(map);
                let version = list.get("apiVersion").and_then(Value::as_str).unwrap_or("v1").to_owned();
                let kind = kind_in(&list).map(|k| (k, version)).or(of);
                items.into_iter().for_each(|item| collect(item, kind.clone(), depth + 1, found));
                return;
            }
            if let Some((kind, version)) = of {
                let missing = |v: Option<&Value>| v.and_then(Value::as_str).is_none_or(str::is_empty);
                if missing(map.get("kind")) {
                    map.insert("kind".to_owned(), Value::from(kind));
                }
                if missing(map.get("apiVersion")) {
                    map.insert("apiVersion".to_owned(), Value::from(version));
                }
            }
            found.push(Value::Object(map));
        }
        _ => {}
    }
}
