//! An API object, whole and read leniently.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::time::{Time, parse_time};

/// An API object as the server sent it. Cheap to clone; the raw value stays reachable.
///
/// Paths are JSON pointers (RFC 6901): `/status/phase`. A missing field and one of the wrong type both read as `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    raw: Arc<Value>,
}

/// One entry of `metadata.ownerReferences`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerRef {
    /// For instance `apps/v1`.
    pub api_version: String,
    /// For instance `ReplicaSet`.
    pub kind: String,
    /// The owner's name, in the namespace of the owned object.
    pub name: String,
    /// The owner's UID; may be empty in hand-written objects.
    pub uid: String,
    /// Whether it is the managing controller (at most one is).
    pub controller: bool,
}

/// Names an object without holding it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectRef {
    /// For instance `Pod`.
    pub kind: String,
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// Empty where the reporter gave none (kubelet events about nodes).
    pub uid: String,
}

impl ObjectRef {
    /// `Pod/cto/name`, or `Node/name` for cluster-scoped objects: the form used in citations.
    pub fn path(&self) -> String {
        if self.namespace.is_empty() { format!("{}/{}", self.kind, self.name) } else { format!("{}/{}/{}", self.kind, self.namespace, self.name) }
    }
}

impl Object {
    /// Wraps a raw value; anything but a JSON object reads as an object without fields.
    pub fn new(raw: Value) -> Self {
        Self { raw: Arc::new(raw) }
    }

    /// The raw value.
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// The value at a JSON pointer; JSON `null` reads as absent.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        // As `Value::pointer`, which copies every step to undo escapes that hardly any pointer has.
        let found = if pointer.contains('~') {
            self.raw.pointer(pointer)
        } else {
            pointer.split('/').skip(1).try_fold(self.raw.as_ref(), |value, step| match value {
                Value::Object(map) => map.get(step),
                Value::Array(list) => step.parse::<usize>().ok().and_then(|index| list.get(index)),
                _ => None,
            })
        };
        found.filter(|v| !v.is_null())
    }

    /// The string at a JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.at(pointer).and_then(Value::as_str)
    }

    /// The integer at a JSON pointer.
    pub fn int(&self, pointer: &str) -> Option<i64> {
        self.at(pointer).and_then(int)
    }

    /// The boolean at a JSON pointer.
    pub fn flag(&self, pointer: &str) -> Option<bool> {
        self.at(pointer).and_then(Value::as_bool)
    }

    /// The time at a JSON pointer; a malformed one reads as absent.
    pub fn time(&self, pointer: &str) -> Option<Time> {
        self.text(pointer).and_then(parse_time)
    }

    /// The array at a JSON pointer; empty when absent.
    pub fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A map of strings (labels, annotations, quantities); numbers are kept in their JSON form, other values are left out.
    pub fn map(&self, pointer: &str) -> BTreeMap<String, String> {
        string_map(self.at(pointer))
    }

    /// `kind`, or empty.
    pub fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_default()
    }

    /// `apiVersion`, or empty.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion").unwrap_or_default()
    }

    /// `metadata.name`, or empty.
    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// `metadata.namespace`, or empty.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace").unwrap_or_default()
    }

    /// `metadata.uid`, or empty.
    pub fn uid(&self) -> &str {
        self.text("/metadata/uid").unwrap_or_default()
    }

    /// `metadata.labels`.
    pub fn labels(&self) -> BTreeMap<String, String> {
        self.map("/metadata/labels")
    }

    /// `metadata.annotations`.
    pub fn annotations(&self) -> BTreeMap<String, String> {
        self.map("/metadata/annotations")
    }

    /// `metadata.ownerReferences`, the controller first.
    pub fn owners(&self) -> Vec<OwnerRef> {
        let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut owners: Vec<OwnerRef> = self
            .list("/metadata/ownerReferences")
            .iter()
            .map(|v| OwnerRef {
                api_version: text(v, "apiVersion"),
                kind: text(v, "kind"),
                name: text(v, "name"),
                uid: text(v, "uid"),
                controller: v.get("controller").and_then(Value::as_bool).unwrap_or(false),
            })
            .filter(|o| !o.kind.is_empty() && !o.name.is_empty())
            .collect();
        owners.sort_by_key(|o| !o.controller);
        owners
    }

    /// Names this object.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef { kind: self.kind().to_owned(), namespace: self.namespace().to_owned(), name: self.name().to_owned(), uid: self.uid().to_owned() }
    }
}

/// No count, code or duration of the API comes near it; sums of what is read, and times so far away, cannot overflow.
pub(super) const MAX_INT: i64 = 1 << 40;

/// Reads an integer, held within [`MAX_INT`] either way.
pub(super) fn int(value: &Value) -> Option<i64> {
    value.as_i64().map(|n| n.clamp(-MAX_INT, MAX_INT))
}

/// Reads a map of strings out of a JSON object.
pub(super) fn string_map(value: Option<&Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(map)) = value else { return BTreeMap::new() };
    map.iter()
        .filter_map(|(k, v)| match v {
            Value::String(s) => Some((k.clone(), s.clone())),
            Value::Number(n) => Some((k.clone(), n.to_string())),
            Value::Bool(b) => Some((k.clone(), b.to_string())),
            _ => None,
        })
        .collect()
}
