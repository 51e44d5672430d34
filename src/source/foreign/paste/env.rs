//! Variables as `kubectl describe pod` prints them.

use serde_json::{Value, json};

/// Reads one line of an Environment block into the list; a line without a name continues the value before it.
pub(super) fn variable(text: &str, all: &mut Vec<Value>) {
    if text == "<none>" {
        return;
    }
    let named = text.split_once(':').filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace));
    let Some((name, value)) = named else {
        if let Some(Value::String(last)) = all.last_mut().and_then(|v| v.get_mut("value")) {
            last.push('\n');
            last.push_str(text);
        }
        return;
    };
    let value = value.trim();
    let refers = |mark: &str| -> Option<(String, String)> {
        let (key, rest) = value.strip_prefix("<set to the key '")?.split_once('\'')?;
        let (object, _) = rest.split_once(mark)?.1.split_once('\'')?;
        Some((key.to_owned(), object.to_owned()))
    };
    let optional = value.ends_with("Optional: true");
    all.push(if let Some((key, secret)) = refers("in secret '").or_else(|| refers("of secret '")) {
        json!({ "name": name, "valueFrom": { "secretKeyRef": { "key": key, "name": secret, "optional": optional } } })
    } else if let Some((key, map)) = refers("of config map '").or_else(|| refers("in config map '")) {
        json!({ "name": name, "valueFrom": { "configMapKeyRef": { "key": key, "name": map, "optional": optional } } })
    } else if let Some((_, path)) = value.rsplit_once("(v1:").filter(|_| value.ends_with(')')) {
        json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": path.trim_end_matches(')') } } })
    } else {
        json!({ "name": name, "value": value })
    });
}

/// `name  ConfigMap  Optional: false`.
pub(super) fn source(text: &str) -> Option<Value> {
    let mut words = text.split_whitespace();
    let (name, kind) = (words.next()?, words.next()?);
    let optional = text.ends_with("true");
    match kind {
        "ConfigMap" => Some(json!({ "configMapRef": { "name": name, "optional": optional } })),
        "Secret" => Some(json!({ "secretRef": { "name": name, "optional": optional } })),
        _ => None,
    }
}
