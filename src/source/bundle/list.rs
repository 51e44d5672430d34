//! Lists of a bundle: parsed when asked for, once, item by item.

use std::sync::Arc;

use serde_json::Value;

use crate::source::resource::{ApiPath, kind_of};

use super::archive::Store;

/// A list that was read.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The items, with `kind` and `apiVersion` filled in.
    pub(super) items: Vec<Value>,
    /// What had to be left out: lower-case fragments.
    pub(super) problems: Vec<String>,
    /// Whether there was a file.
    pub(super) present: bool,
}

impl Loaded {
    /// Reads the list at a collection path. No file is an empty list; the error says why a file cannot be read.
    pub(super) fn read(store: &Store, collection: &ApiPath) -> Result<Arc<Self>, String> {
        let path = collection.collection();
        let file = format!("{}.json", path.trim_start_matches('/'));
        let Some(body) = store.read(&file).map_err(|why| format!("{file}: {why}"))? else { return Ok(Arc::new(Self::default())) };
        let value: Value = serde_json::from_slice(&body).map_err(|e| format!("{file} is not JSON: {e}"))?;
        let Value::Object(mut list) = value else { return Err(format!("{file} is not a list")) };
        let Some(Value::Array(items)) = list.remove("items") else { return Err(format!("{file} has no items")) };
        let list_kind = list.get("kind").and_then(Value::as_str).and_then(|k| k.strip_suffix("List")).filter(|k| !k.is_empty());
        let kind = kind_of(&collection.resource).or(list_kind);
        let mut loaded = Self { present: true, ..Self::default() };
        for (index, mut item) in items.into_iter().enumerate() {
            let named = item.pointer("/metadata/name").and_then(Value::as_str).is_some_and(|n| !n.is_empty());
            let Some(map) = item.as_object_mut().filter(|_| named) else {
                loaded.problems.push(format!("{file}: item {index} is not an object with a name"));
                continue;
            };
            fill_in(map, kind, &collection.api_version);
            loaded.items.push(item);
        }
        Ok(Arc::new(loaded))
    }
}

/// Items inside a list carry neither kind nor apiVersion when the API server wrote it.
pub(super) fn fill_in(item: &mut serde_json::Map<String, Value>, kind: Option<&str>, api_version: &str) {
    let missing = |map: &serde_json::Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).is_none_or(str::is_empty);
    if let Some(kind) = kind
        && missing(item, "kind")
    {
        item.insert("kind".to_owned(), Value::from(kind));
    }
    if missing(item, "apiVersion") {
        item.insert("apiVersion".to_owned(), Value::from(api_version));
    }
}
