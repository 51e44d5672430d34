//! The body of an object or a list, read as it lies: field ownership is skipped, and items that are not wanted are never built.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::evidence::{PodRow, read_rows};

/// Whether an item may still be wanted, once one of its fields is known: `metadata` of a pod, `involvedObject` of an event.
pub(super) type Wanted = dyn Fn(&str, &Value) -> bool + Send + Sync;

/// One page of a list.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// `kind`, as the server wrote it.
    pub(super) kind: String,
    /// `metadata.continue`; empty on the last page.
    pub(super) token: String,
    /// The items; `None` where there was no `items`.
    pub(super) items: Option<Vec<Item>>,
    /// The rows of a Table.
    pub(super) rows: Option<Vec<PodRow>>,
}

/// One item of a list.
#[derive(Debug, PartialEq)]
pub(super) enum Item {
    /// A JSON object.
    Object(Map<String, Value>),
    /// Not wanted.
    LetGo,
    /// Anything else than an object.
    Other,
}

/// Reads the body of one object; `None` where it is JSON, but no object.
pub(super) fn object(body: &[u8]) -> Result<Option<Map<String, Value>>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let item = ItemSeed { wanted: None }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(match item {
        Item::Object(map) => Some(map),
        _ => None,
    })
}

/// Reads the body of a list or Table; `None` where it is JSON, but neither.
pub(super) fn page(body: &[u8], wanted: Option<&Wanted>) -> Result<Option<Page>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let page = reader.deserialize_any(PageVisitor { wanted })?;
    reader.end()?;
    Ok(page)
}

/// The `continue` token, where `metadata` stands before the items, as Go writes it: the next page can be asked for while this one is read.
pub(super) fn early_token(body: &[u8]) -> Option<String> {
    let mut token = None;
    // The rest of the body is left unread, which ends in an error of no interest.
    let _ = serde_json::Deserializer::from_slice(body).deserialize_map(TokenVisitor { token: &mut token });
    token.filter(|t| !t.is_empty())
}

fn token_of(metadata: &Value) -> String {
    metadata.get("continue").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What is read of a list's `metadata` before the body was weighed.
#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "continue")]
    token: Option<String>,
}

struct TokenVisitor<'t> {
    token: &'t mut Option<String>,
}

impl<'de> Visitor<'de> for TokenVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "kind" | "apiVersion" => {
                    map.next_value::<IgnoredAny>()?;
                }
                "metadata" => {
                    *self.token = map.next_value::<Metadata>()?.token;
                    break;
                }
                _ => break,
            }
        }
        Ok(())
    }
}

/// Visits anything that is no object or array, all alike.
macro_rules! scalars {
    ($value:expr) => {
        fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

struct PageVisitor<'w> {
    wanted: Option<&'w Wanted>,
}

impl<'de> Visitor<'de> for PageVisitor<'_> {
    type Value = Option<Page>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    scalars!(None);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut page = Page::default();
        let mut table = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "items" => page.items = map.next_value_seed(ItemsSeed { wanted: self.wanted })?,
                "metadata" => page.token = token_of(&map.next_value()?),
                "kind" | "columnDefinitions" | "rows" => {
                    table.insert(key, map.next_value()?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        page.kind = table.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        page.rows = read_rows(&Value::Object(table));
        Ok(Some(page))
    }
}

#[derive(Clone, Copy)]
struct ItemsSeed<'w> {
    wanted: Option<&'w Wanted>,
}

impl<'de> DeserializeSeed<'de> for ItemsSeed<'_> {
    type Value = Option<Vec<Item>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemsSeed<'_> {
    type Value = Option<Vec<Item>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("items")
    }

    scalars!(None);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(ItemSeed { wanted: self.wanted })? {
            items.push(item);
        }
        Ok(Some(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        skip_rest(&mut map)?;
        Ok(None)
    }
}

struct ItemSeed<'w> {
    wanted: Option<&'w Wanted>,
}

impl<'de> DeserializeSeed<'de> for ItemSeed<'_> {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Item, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed<'_> {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    scalars!(Item::Other);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let mut item = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = match key.as_str() {
                "metadata" => map.next_value_seed(Without { keys: &["managedFields"], deep: false })?,
                "spec" if self.wanted.is_some() => map.next_value_seed(Without { keys: &NOT_JUDGED, deep: true })?,
                _ => map.next_value()?,
            };
            if self.wanted.is_some_and(|wanted| !wanted(&key, &value)) {
                skip_rest(&mut map)?;
                return Ok(Item::LetGo);
            }
            item.insert(key, value);
        }
        Ok(Item::Object(item))
    }
}

/// What takes room in a spec and no judgement looks at: many pods are read to be judged, without it.
pub const NOT_JUDGED: [&str; 5] = ["env", "affinity", "tolerations", "securityContext", "topologySpreadConstraints"];

/// A value without entries that are large and of no use here: field ownership is half of an object.
#[derive(Clone, Copy)]
struct Without {
    keys: &'static [&'static str],
    /// Also within what the value holds.
    deep: bool,
}

impl<'de> DeserializeSeed<'de> for Without {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Without {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if self.keys.contains(&key.as_str()) {
                map.next_value::<IgnoredAny>()?;
            } else if self.deep {
                kept.insert(key, map.next_value_seed(self)?);
            } else {
                kept.insert(key, map.next_value()?);
            }
        }
        Ok(Value::Object(kept))
    }
}

fn skip_rest<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn items(text: &str, wanted: Option<&Wanted>) -> Vec<Item> {
        page(text.as_bytes(), wanted).unwrap().unwrap().items.unwrap()
    }

    #[test]
    fn field_ownership_is_skipped_and_the_rest_kept() {
        let read = object(br#"{"kind":"Pod","metadata":{"name":"a","managedFields":[{"manager":"x"}],"uid":"u"},"spec":{"managedFields":1}}"#).unwrap();
        assert_eq!(Value::Object(read.unwrap()), json!({"kind": "Pod", "metadata": {"name": "a", "uid": "u"}, "spec": {"managedFields": 1}}));
        assert_eq!(object(b"[1]").unwrap(), None);
        assert!(object(b"{} x").is_err(), "what follows the object is an error");
    }

    #[test]
    fn what_is_not_wanted_is_let_go() {
        let wanted: &Wanted = &|key, value| key != "metadata" || value.get("name") == Some(&json!("b"));
        let read = items(r#"{"items":[{"metadata":{"name":"a"},"spec":{}},{"spec":{},"metadata":{"name":"b"}},7]}"#, Some(wanted));
        assert!(matches!(read.as_slice(), [Item::LetGo, Item::Object(b), Item::Other] if b.contains_key("spec")), "{read:?}");
    }

    #[test]
    fn what_is_not_judged_is_left_out_of_pods_that_were_chosen_and_of_nothing_else() {
        let pod = r#"{"items":[{"metadata":{"name":"a","labels":{"env":"prod"}},"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"}],"securityContext":{"runAsUser":1},"ports":[{"containerPort":80}]}]},"status":{"env":-1.5}}]}"#;
        let whole = items(pod, None);
        assert!(matches!(whole.as_slice(), [Item::Object(o)] if Value::Object(o.clone()) == serde_json::from_str::<Value>(pod).unwrap()["items"][0]));
        let Some(Item::Object(chosen)) = items(pod, Some(&|_, _| true)).pop() else { panic!("an object") };
        let expected = json!({ "metadata": { "name": "a", "labels": { "env": "prod" } }, "spec": { "containers": [{ "name": "c", "ports": [{ "containerPort": 80 }] }] }, "status": { "env": -1.5 } });
        assert_eq!(Value::Object(chosen), expected);
    }

    #[test]
    fn the_token_is_known_before_the_items_are() {
        assert_eq!(early_token(br#"{"kind":"PodList","metadata":{"continue":"t"},"items":[{"cut"#).as_deref(), Some("t"));
        assert_eq!(early_token(br#"{"items":[],"metadata":{"continue":"t"}}"#), None, "asked for after the items then");
        assert_eq!(early_token(br#"{"metadata":{}}"#), None);
        assert_eq!(early_token(b"[]"), None);
        assert_eq!(page(br#"{"items":[],"metadata":{"continue":"t"}}"#, None).unwrap().unwrap().token, "t");
    }
}
