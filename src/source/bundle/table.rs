//! Lists as bodies: whole, in pages, or as the server's table.

use std::collections::BTreeSet;

use http::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::raw::columns;
use crate::source::query::Query;
use crate::source::status::{fail, json_response};

#[derive(Serialize)]
struct ListBody<'a> {
    kind: &'a str,
    #[serde(rename = "apiVersion")]
    api_version: &'a str,
    metadata: Value,
    items: &'a [&'a Value],
}

/// Entries of one page, and the metadata of the list.
type Page<'a, T> = (&'a [T], Value);

/// One page of the items: `limit` and `continue` as the API server has them, with a token of our own.
pub(super) fn page<'a, T>(all: &'a [T], query: &Query) -> Result<Page<'a, T>, Box<Response<Vec<u8>>>> {
    let start = match query.get("continue") {
        None => 0,
        Some(token) => match token.strip_prefix("from:").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n <= all.len()) {
            Some(start) => start,
            None => return Err(Box::new(fail(410, "Expired", "The provided continue parameter is too old to display a consistent list result."))),
        },
    };
    let end = match query.number("limit") {
        Some(limit) if limit > 0 => all.len().min(start + limit),
        _ => all.len(),
    };
    let mut metadata = json!({ "resourceVersion": "1" });
    if end < all.len()
        && let Some(map) = metadata.as_object_mut()
    {
        map.insert("continue".to_owned(), Value::from(format!("from:{end}")));
        if query.get("labelSelector").is_none() && query.get("fieldSelector").is_none() {
            map.insert("remainingItemCount".to_owned(), Value::from(all.len() - end));
        }
    }
    Ok((all.get(start..end).unwrap_or_default(), metadata))
}

/// A list body.
pub(super) fn list(kind: &str, api_version: &str, items: &[&Value], metadata: Value) -> Response<Vec<u8>> {
    let body = serde_json::to_vec(&ListBody { kind: &format!("{kind}List"), api_version, metadata, items }).unwrap_or_default();
    let mut response = json_response(200, &Value::Null);
    *response.body_mut() = body;
    response
}

/// One page of rows that were printed here.
pub(super) fn printed(rows: &[Value], query: &Query) -> Response<Vec<u8>> {
    match page(rows, query) {
        Ok((rows, metadata)) => {
            json_response(200, &json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": columns(), "rows": rows }))
        }
        Err(refused) => *refused,
    }
}

/// The recorded table, cut down to some names; `None` when the recording is no table.
pub(super) fn table(recorded: &[u8], names: Option<&BTreeSet<&str>>, query: &Query) -> Option<Response<Vec<u8>>> {
    let mut table: Value = serde_json::from_slice(recorded).ok()?;
    if table.get("kind").and_then(Value::as_str) != Some("Table") {
        return None;
    }
    let columns = table.get("columnDefinitions").and_then(Value::as_array)?;
    let at = columns.iter().position(|c| c.get("name").and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case("name")))?;
    let rows = table.get_mut("rows")?.as_array_mut()?;
    if let Some(names) = names {
        rows.retain(|row| row.pointer(&format!("/cells/{at}")).and_then(Value::as_str).is_some_and(|n| names.contains(n)));
    }
    let rows = std::mem::take(rows);
    let (rows, metadata) = match page(&rows, query) {
        Ok((rows, metadata)) => (rows.to_vec(), metadata),
        Err(refused) => return Some(*refused),
    };
    let map = table.as_object_mut()?;
    map.insert("rows".to_owned(), Value::Array(rows));
    map.insert("metadata".to_owned(), metadata);
    Some(json_response(200, &table))
}
