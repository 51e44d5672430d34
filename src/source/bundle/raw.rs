//! A long list without its items being parsed: where each lies in the file, and what a server would print of pods.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::evidence::{Object, Pod, PodRow, Time};
use crate::source::resource::{ApiPath, kind_of};

use super::list::fill_in;

/// Shorter lists are parsed whole, once.
const LONG: usize = 256 * 1024;

/// Where the items of a long list lie.
#[derive(Debug)]
pub(super) struct RawList {
    body: Bytes,
    by_name: BTreeMap<String, Range<usize>>,
    kind: Option<String>,
    api_version: String,
    rows: OnceLock<Vec<Value>>,
}

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl RawList {
    /// Reads a list's outline. `None` for what is short, or not as a server writes it: that is parsed whole, with its problems told.
    pub(super) fn read(body: Bytes, collection: &ApiPath) -> Option<Self> {
        if body.len() < LONG {
            return None;
        }
        let outer: Outer<'_> = serde_json::from_slice(&body).ok()?;
        let start = body.as_ptr() as usize;
        let mut by_name = BTreeMap::new();
        for item in &outer.items {
            let head: Head<'_> = serde_json::from_str(item.get()).ok()?;
            let from = (item.get().as_ptr() as usize).checked_sub(start)?;
            let twice = by_name.insert(head.metadata.name.clone().into_owned(), from..from + item.get().len()).is_some();
            if head.metadata.name.is_empty() || twice {
                return None;
            }
        }
        let kind = kind_of(&collection.resource).or_else(|| outer.kind.strip_suffix("List").filter(|k| !k.is_empty())).map(str::to_owned);
        Some(Self { by_name, kind, api_version: collection.api_version.clone(), rows: OnceLock::new(), body })
    }

    /// One item, parsed.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.by_name.get(name).and_then(|at| self.item(at))
    }

    fn item(&self, at: &Range<usize>) -> Option<Value> {
        let mut item: Value = serde_json::from_slice(self.body.get(at.clone())?).ok()?;
        fill_in(item.as_object_mut()?, self.kind.as_deref(), &self.api_version);
        Some(item)
    }

    /// Rows of pods as a server prints them; each pod is parsed and let go.
    pub(super) fn rows(&self, now: Option<Time>) -> &[Value] {
        self.rows.get_or_init(|| {
            self.by_name.values().filter_map(|at| self.item(at)).map(|pod| row(&PodRow::from_pod(&Pod::from_object(Object::new(pod)), now))).collect()
        })
    }
}

/// The columns of [`row`].
pub(super) fn columns() -> Value {
    ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node"].map(|name| json!({ "name": name, "type": "string" })).as_slice().into()
}

fn row(row: &PodRow) -> Value {
    let ago = row.restarted_ago.map(|s| format!(" ({s}s ago)")).unwrap_or_default();
    let or_none = |text: &str| if text.is_empty() { "<none>".to_owned() } else { text.to_owned() };
    json!({ "cells": [row.name, format!("{}/{}", row.ready, row.containers), row.status, format!("{}{ago}", row.restarts), or_none(&row.age), or_none(&row.ip), or_none(&row.node)] })
}
