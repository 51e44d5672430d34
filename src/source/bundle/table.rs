//! Lists as bodies: whole, in pages, or as the server's table.

use std::collections::BTreeSet;

use http::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};

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

/// A recorded table.
#[derive(Debug)]
pub(super) struct Recorded {
    head: Map<String, Value>,
    rows: Vec<Value>,
    /// The column of names.
    name_at: usize,
}

impl Recorded {
    /// Reads it; `None` when the recording is no table.
    pub(super) fn read(recorded: &[u8]) -> Option<Self> {
        let Value::Object(mut head) = serde_json::from_slice(recorded).ok()? else { return None };
        if head.get("kind").and_then(Value::as_str) != Some("Table") {
            return None;
        }
        let Some(Value::Array(rows)) = head.remove("rows") else { return None };
        let columns = head.get("columnDefinitions").and_then(Value::as_array)?;
        let name_at = columns.iter().position(|c| c.get("name").and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case("name")))?;
        Some(Self { head, rows, name_at })
    }

    /// One page of it, cut down to some names.
    pub(super) fn answer(&self, names: Option<&BTreeSet<&str>>, query: &Query) -> Response<Vec<u8>> {
        let name = |row: &Value| row.get("cells").and_then(|c| c.get(self.name_at)?.as_str()).map(str::to_owned);
        let chosen: Vec<&Value> = self.rows.iter().filter(|row| names.is_none_or(|names| name(row).is_some_and(|n| names.contains(n.as_str())))).collect();
        match page(&chosen, query) {
            Ok((rows, metadata)) => {
                let mut table = self.head.clone();
                table.insert("rows".to_owned(), rows.iter().map(|row| (*row).clone()).collect());
                table.insert("metadata".to_owned(), metadata);
                json_response(200, &Value::Object(table))
            }
            Err(refused) => *refused,
        }
    }
}
