//! What an answer would weigh in memory, told before it is read into values: 50 MB of empty objects come to more than a gigabyte.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What one answer may weigh. Fifteen hundred whole pods come to about as much, and no more than five hundred are asked for at once.
pub const MAX_WEIGHT: usize = 256 * 1024 * 1024;
/// Bodies below this are within the bound, whatever they hold: no byte of JSON costs more than this share.
const LIGHT: usize = MAX_WEIGHT / 128;

/// A value in a list or an object.
const VALUE: usize = size_of::<Value>();
/// The text of a key, as it is set aside.
const KEY: usize = 24;
/// Entries for which room is made at once (`BTreeMap`'s `CAPACITY`).
const AT_ONCE: usize = 11;
/// An object that is not empty.
const OBJECT: usize = AT_ONCE * (VALUE + size_of::<String>()) + 16 + KEY;
/// An entry beside its value, where there are more than that: of the room that is made for many, half may stay empty.
const ENTRY: usize = VALUE + 2 * size_of::<String>() + 16 + KEY;

/// Whether a body of JSON can be read within the bound. What is no JSON weighs nothing: reading it says so.
pub fn is_bearable(body: &[u8]) -> bool {
    if body.len() < LIGHT {
        return true;
    }
    let mut left = Left(MAX_WEIGHT);
    let mut read = serde_json::Deserializer::from_slice(body);
    let _malformed_or_too_heavy = Weigh(&mut left).deserialize(&mut read);
    left.0 > 0
}

/// What may still be set aside; zero once there was too much.
struct Left(usize);

impl Left {
    fn take<E: Error>(&mut self, weight: usize) -> Result<(), E> {
        self.0 = self.0.saturating_sub(weight);
        if self.0 == 0 { Err(E::custom("too heavy")) } else { Ok(()) }
    }
}

struct Weigh<'a>(&'a mut Left);

impl<'de> DeserializeSeed<'de> for Weigh<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Weigh<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.take(VALUE)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.0.take(VALUE)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.0.take(VALUE)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.0.take(VALUE)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.0.take(VALUE)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.take(VALUE + text.len() + 16)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.take(VALUE)?;
        let mut empty = true;
        while list.next_element_seed(Weigh(self.0))?.is_some() {
            // Room is made for four at first; and a list that grows has for a moment twice what it holds.
            self.0.take(if std::mem::take(&mut empty) { 3 * VALUE } else { VALUE })?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.take(VALUE)?;
        let mut entries = 0;
        while map.next_key::<IgnoredAny>()?.is_some() {
            entries += 1;
            self.0.take(match entries {
                1 => OBJECT,
                2..=AT_ONCE => KEY,
                _ => ENTRY,
            })?;
            map.next_value_seed(Weigh(self.0))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(item: &str, count: usize) -> Vec<u8> {
        format!("[{}]", vec![item; count].join(",")).into_bytes()
    }

    #[test]
    fn what_is_large_is_not_what_is_heavy() {
        let long = format!("\"{}\"", "x".repeat(1 << 20));
        assert!(is_bearable(&list(&long, 50)), "50 MB of text");
        assert!(!is_bearable(&list("{}", 8 << 20)), "24 MB of empty objects");
        assert!(!is_bearable(&list("{\"a\":1}", 1 << 20)), "8 MB of small objects");
        assert!(!is_bearable(&list("[1]", 4 << 20)), "16 MB of small lists");
        assert!(is_bearable(&list("{}", 1 << 19)), "1.5 MB of empty objects");
        assert!(is_bearable(b"no JSON"));
    }
}
