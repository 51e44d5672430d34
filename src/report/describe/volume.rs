//! Volumes with the details that kubectl prints (kubectl/pkg/describe/describe.go, one function per source).

use serde_json::Value;

use crate::report::clean::Cleaner;
use crate::report::json::v1::{Detail, VolumeStatus};

/// Key shown, field of the source, and what stands for an absent field.
type Field = (&'static str, &'static str, &'static str);

/// Spec key, kubectl's words for it, and the fields it shows.
const SOURCES: &[(&str, &str, &[Field])] = &[
    ("hostPath", "HostPath (bare host directory volume)", &[("Path", "path", ""), ("HostPathType", "type", "<none>")]),
    ("emptyDir", "EmptyDir (a temporary directory that shares a pod's lifetime)", &[("Medium", "medium", ""), ("SizeLimit", "sizeLimit", "<unset>")]),
    ("secret", "Secret (a volume populated by a Secret)", &[("SecretName", "secretName", ""), ("Optional", "optional", "false")]),
    ("configMap", "ConfigMap (a volume populated by a ConfigMap)", &[("Name", "name", ""), ("Optional", "optional", "false")]),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", "false")],
    ),
    ("nfs", "NFS (an NFS mount that lasts the lifetime of a pod)", &[("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", "false")]),
    (
        "csi",
        "CSI (a Container Storage Interface (CSI) volume source)",
        &[("Driver", "driver", ""), ("FSType", "fsType", ""), ("ReadOnly", "readOnly", "false")],
    ),
    ("gitRepo", "GitRepo (a volume that is pulled from git when the pod is created)", &[("Repository", "repository", ""), ("Revision", "revision", "")]),
    ("downwardAPI", "DownwardAPI (a volume populated by information about the pod)", &[]),
    ("image", "Image (a container image or OCI artifact)", &[("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")]),
    ("ephemeral", "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)", &[]),
];

/// Reads `spec.volumes`.
pub fn volumes(specs: &[Value], clean: &Cleaner<'_>) -> Vec<VolumeStatus> {
    specs.iter().filter_map(|spec| volume(spec, clean)).collect()
}

fn volume(spec: &Value, clean: &Cleaner<'_>) -> Option<VolumeStatus> {
    let map = spec.as_object()?;
    let name = map.get("name").and_then(Value::as_str)?;
    let found = map.iter().find(|(key, _)| *key != "name");
    let (kind, body) = found.map_or(("", &Value::Null), |(k, v)| (k.as_str(), v));
    let refers_to = ["claimName", "secretName", "name", "path", "reference"].iter().find_map(|k| body.get(k).and_then(Value::as_str));
    let mut details = Vec::new();
    match SOURCES.iter().find(|(key, ..)| *key == kind) {
        Some((_, words, fields)) => {
            push(&mut details, "Type", words);
            for (key, field, absent) in *fields {
                push(&mut details, key, &scalar(body.get(field)).unwrap_or_else(|| (*absent).to_owned()));
            }
            more(kind, body, &mut details);
        }
        None if kind == "projected" => projected(body, &mut details),
        None => {
            push(&mut details, "Type", if kind.is_empty() { "<unknown>" } else { kind });
            for (key, value) in body.as_object().into_iter().flatten() {
                if let Some(value) = scalar(Some(value)) {
                    push(&mut details, key, &value);
                }
            }
        }
    }
    for detail in &mut details {
        detail.value = clean.line(&detail.value);
        detail.key = clean.line(&detail.key);
    }
    Some(VolumeStatus { name: clean.line(name), kind: clean.line(kind), refers_to: clean.some(refers_to), details })
}

/// What does not fit into one field a line.
fn more(kind: &str, body: &Value, details: &mut Vec<Detail>) {
    match kind {
        "csi" => {
            for (key, value) in body.get("volumeAttributes").and_then(Value::as_object).into_iter().flatten() {
                push(details, "VolumeAttributes", &format!("{key}={}", value.as_str().unwrap_or_default()));
            }
        }
        "downwardAPI" => {
            for item in body.get("items").and_then(Value::as_array).into_iter().flatten() {
                let path = item.get("path").and_then(Value::as_str).unwrap_or_default();
                let field = item.pointer("/fieldRef/fieldPath").or_else(|| item.pointer("/resourceFieldRef/resource")).and_then(Value::as_str);
                push(details, "Items", &format!("{} -> {path}", field.unwrap_or_default()));
            }
        }
        "ephemeral" => {
            let spec = body.pointer("/volumeClaimTemplate/spec").unwrap_or(&Value::Null);
            push(details, "StorageClass", spec.get("storageClassName").and_then(Value::as_str).unwrap_or_default());
            push(details, "Capacity", spec.pointer("/resources/requests/storage").and_then(Value::as_str).unwrap_or_default());
            let modes: Vec<&str> = spec.get("accessModes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
            push(details, "Access Modes", &modes.join(","));
        }
        _ => {}
    }
}

fn projected(body: &Value, details: &mut Vec<Detail>) {
    push(details, "Type", "Projected (a volume that contains injected data from multiple sources)");
    for source in body.get("sources").and_then(Value::as_array).into_iter().flatten() {
        let optional = |v: &Value| v.get("optional").and_then(Value::as_bool).unwrap_or(false).to_string();
        let name = |v: &Value| v.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(secret) = source.get("secret") {
            push(details, "SecretName", &name(secret));
            push(details, "Optional", &optional(secret));
        } else if source.get("downwardAPI").is_some() {
            push(details, "DownwardAPI", "true");
        } else if let Some(map) = source.get("configMap") {
            push(details, "ConfigMapName", &name(map));
            push(details, "Optional", &optional(map));
        } else if let Some(token) = source.get("serviceAccountToken") {
            push(details, "TokenExpirationSeconds", &token.get("expirationSeconds").and_then(Value::as_i64).unwrap_or(3600).to_string());
        } else if let Some(bundle) = source.get("clusterTrustBundle") {
            push(details, "ClusterTrustBundle", &name(bundle));
        }
    }
}

fn push(details: &mut Vec<Detail>, key: &str, value: &str) {
    details.push(Detail { key: key.to_owned(), value: value.to_owned() });
}

fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
