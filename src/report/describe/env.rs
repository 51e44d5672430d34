//! Variables of a container. Values of Secrets are never in a pod object; references are told in kubectl's words.

use serde_json::Value;

use crate::evidence::Object;
use crate::report::clean::Cleaner;
use crate::report::json::v1::{EnvFrom, EnvVar};

/// Reads `env` of a container's spec; `pod` resolves what refers to its own fields.
pub fn variables(spec: &Value, pod: &Object, clean: &Cleaner<'_>) -> Vec<EnvVar> {
    list(spec, "env").filter_map(|entry| variable(entry, spec, pod, clean)).collect()
}

fn variable(entry: &Value, spec: &Value, pod: &Object, clean: &Cleaner<'_>) -> Option<EnvVar> {
    let name = text(entry, "name")?;
    let optional = |v: &Value| Some(v.get("optional").and_then(Value::as_bool).unwrap_or(false));
    let key = |v: &Value| text(v, "key").unwrap_or_default().to_owned();
    let of = |v: &Value| text(v, "name").unwrap_or_default().to_owned();
    let source = entry.get("valueFrom").unwrap_or(&Value::Null);
    let (value, from, optional) = if let Some(field) = source.get("fieldRef") {
        let path = text(field, "fieldPath").unwrap_or_default();
        let version = text(field, "apiVersion").unwrap_or("v1");
        (Some(field_value(pod, path)), Some(format!("{version}:{path}")), None)
    } else if let Some(field) = source.get("resourceFieldRef") {
        let resource = text(field, "resource").unwrap_or_default();
        (Some(resource_value(spec, resource, text(field, "divisor"))), Some(resource.to_owned()), None)
    } else if let Some(secret) = source.get("secretKeyRef") {
        (None, Some(format!("set to the key '{}' in secret '{}'", key(secret), of(secret))), optional(secret))
    } else if let Some(map) = source.get("configMapKeyRef") {
        (None, Some(format!("set to the key '{}' of config map '{}'", key(map), of(map))), optional(map))
    } else if let Some(file) = source.get("fileKeyRef") {
        (None, Some(format!("set to the key '{}' of file '{}'", key(file), text(file, "path").unwrap_or_default())), optional(file))
    } else {
        (Some(text(entry, "value").unwrap_or_default().to_owned()), None, None)
    };
    Some(EnvVar { name: clean.line(name), value: value.map(|v| clean.value(name, &v)), from: clean.some(from.as_deref()), optional })
}

/// Reads `envFrom` of a container's spec.
pub fn sources(spec: &Value, clean: &Cleaner<'_>) -> Vec<EnvFrom> {
    list(spec, "envFrom")
        .filter_map(|entry| {
            let (kind, source) = [("ConfigMap", "configMapRef"), ("Secret", "secretRef")].iter().find_map(|(k, f)| Some((*k, entry.get(f)?)))?;
            Some(EnvFrom {
                name: clean.line(text(source, "name").unwrap_or_default()),
                kind: kind.to_owned(),
                prefix: clean.some(text(entry, "prefix")),
                optional: source.get("optional").and_then(Value::as_bool).unwrap_or(false),
            })
        })
        .collect()
}

/// The value of a field of the pod that the downward API offers.
fn field_value(pod: &Object, path: &str) -> String {
    if let Some((map, rest)) = path.split_once("['") {
        let key = rest.strip_suffix("']").unwrap_or(rest);
        let values = if map.ends_with("labels") { pod.labels() } else { pod.annotations() };
        return values.get(key).cloned().unwrap_or_default();
    }
    pod.text(&format!("/{}", path.replace('.', "/"))).unwrap_or_default().to_owned()
}

/// The value of a limit or request, in units of the divisor, rounded up as the kubelet does.
fn resource_value(spec: &Value, resource: &str, divisor: Option<&str>) -> String {
    let Some((list, name)) = resource.split_once('.') else { return String::new() };
    let quantity = spec.pointer(&format!("/resources/{list}")).and_then(|l| l.get(name)).and_then(Value::as_str);
    let Some(milli) = quantity.and_then(milli_units) else {
        return if list == "limits" { "node allocatable".to_owned() } else { "0".to_owned() };
    };
    let unit = divisor.and_then(milli_units).filter(|d| *d > 0).unwrap_or(1000);
    ((milli + unit - 1) / unit).to_string()
}

/// A Kubernetes quantity in thousandths.
fn milli_units(quantity: &str) -> Option<i128> {
    let digits = quantity.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(quantity.len());
    let (number, suffix) = quantity.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor: f64 = match suffix {
        "m" => 1.0,
        "" => 1e3,
        "k" => 1e6,
        "M" => 1e9,
        "G" => 1e12,
        "T" => 1e15,
        "Ki" => 1024e3,
        "Mi" => 1_048_576e3,
        "Gi" => 1_073_741_824e3,
        "Ti" => 1_099_511_627_776e3,
        _ => return None,
    };
    Some((number * factor).ceil() as i128)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|t| !t.is_empty())
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}
