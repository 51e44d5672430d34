//! Conditions: which facts hold. No arithmetic, no paths, no patterns; what cannot be said is a missing fact.

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::suggest;
use crate::reconstruct::Value;
use crate::reconstruct::facts::{self, Kind, REGISTRY, Spec};

/// What must hold of the facts.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A fact has a value that matches.
    Fact(&'static Spec, Matcher),
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Which values match.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// One of these.
    In(Vec<Value>),
    /// There is a value, and none of the values is among these.
    NotIn(Vec<Value>),
    /// A number from `min` to `max`, both included.
    Range(Option<i64>, Option<i64>),
    /// There is any value (`true`), or none (`false`).
    Exists(bool),
}

impl Condition {
    /// Walks all facts named in it.
    pub fn visit(&self, each: &mut impl FnMut(&'static Spec, &Matcher)) {
        match self {
            Self::Fact(spec, matcher) => each(spec, matcher),
            Self::All(list) | Self::Any(list) => list.iter().for_each(|c| c.visit(each)),
            Self::Not(inner) => inner.visit(each),
        }
    }
}

const OPERATORS: [&str; 3] = ["all", "any", "not"];
const MATCHERS: [&str; 4] = ["min", "max", "exists", "not_in"];

enum Key {
    All,
    Any,
    Not,
    Fact(&'static Spec),
}

/// Reads a key and refuses unknown ones where they stand, so that the error carries the key's own line and column.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Key, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Key;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the name of a fact, `all`, `any` or `not`")
    }
    fn visit_str<E: de::Error>(self, key: &str) -> Result<Key, E> {
        match key {
            "all" => Ok(Key::All),
            "any" => Ok(Key::Any),
            "not" => Ok(Key::Not),
            name => facts::spec(name).map(Key::Fact).ok_or_else(|| unknown_fact(name)),
        }
    }
}

/// The error for a name that is no fact.
pub fn unknown_fact<E: de::Error>(name: &str) -> E {
    let known = REGISTRY.iter().map(|s| s.name).chain(OPERATORS);
    // A bare `exit_code` is meant as `death.exit_code`: people leave the family out.
    let tail = REGISTRY.iter().map(|s| s.name).find(|n| n.split_once('.').is_some_and(|(_, t)| t == name));
    let hint = tail.map(|n| format!("; did you mean `{n}`?")).unwrap_or_else(|| suggest::hint(name, known));
    E::custom(format!("unknown fact `{name}`{hint}"))
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Condition;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a condition: a map of facts, `all`, `any` or `not`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
                let mut parts = Vec::new();
                while let Some(key) = map.next_key_seed(KeySeed)? {
                    parts.push(match key {
                        Key::All => Condition::All(list(map.next_value()?)?),
                        Key::Any => Condition::Any(list(map.next_value()?)?),
                        Key::Not => Condition::Not(Box::new(map.next_value()?)),
                        Key::Fact(spec) => Condition::Fact(spec, map.next_value_seed(MatcherSeed(spec))?),
                    });
                }
                match (parts.len(), parts.pop()) {
                    (1, Some(only)) => Ok(only),
                    (_, Some(last)) => {
                        parts.push(last);
                        Ok(Condition::All(parts))
                    }
                    (_, None) => Err(de::Error::custom("an empty condition; name a fact, or leave the key out")),
                }
            }
        }
        d.deserialize_map(V)
    }
}

fn list<E: de::Error>(conditions: Vec<Condition>) -> Result<Vec<Condition>, E> {
    if conditions.is_empty() { Err(E::custom("an empty list of conditions")) } else { Ok(conditions) }
}

/// Reads what a fact must match, checked against the type of the fact.
pub struct MatcherSeed(pub &'static Spec);

impl MatcherSeed {
    fn one<E: de::Error>(&self, value: Value) -> Result<Value, E> {
        check(self.0, &value).map_err(E::custom)?;
        Ok(value)
    }
}

/// Whether a value has the type of a fact; the error says what the fact takes.
pub fn check(spec: &Spec, value: &Value) -> Result<(), String> {
    match (spec.kind, value) {
        (Kind::Bool, Value::Bool(_)) | (Kind::Int, Value::Int(_)) | (Kind::Text | Kind::Cause | Kind::Signature, Value::Text(_)) => Ok(()),
        (Kind::Word(words), Value::Text(word)) if words.contains(&word.as_str()) => Ok(()),
        (Kind::Word(words), Value::Text(word)) => {
            let hint = suggest::hint(word, words.iter().copied());
            Err(format!("`{}` is never `{word}`{hint} (one of {})", spec.name, words.join(", ")))
        }
        (kind, value) => Err(format!("`{}` takes {}, not {}", spec.name, takes(kind), described(value))),
    }
}

fn takes(kind: Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Int => "a whole number".to_owned(),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Text => "text".to_owned(),
        Kind::Cause => "a cause id".to_owned(),
        Kind::Signature => "a signature id".to_owned(),
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Bool(v) => format!("`{v}`"),
        Value::Int(v) => format!("the number {v}"),
        Value::Text(v) => format!("the text `{v}`"),
    }
}

impl<'de> DeserializeSeed<'de> for MatcherSeed {
    type Value = Matcher;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Matcher, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MatcherSeed {
    type Value = Matcher;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}, a list of such, or {{min, max, exists, not_in}}", takes(self.0.kind))
    }
    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Matcher, E> {
        Ok(Matcher::In(vec![self.one(v.into())?]))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Matcher, E> {
        Ok(Matcher::In(vec![self.one(v.into())?]))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Matcher, E> {
        self.visit_i64(i64::try_from(v).map_err(|_| E::custom("a number beyond any fact"))?)
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Matcher, E> {
        Ok(Matcher::In(vec![self.one(v.into())?]))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Matcher, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(ValueSeed(self.0))? {
            values.push(value);
        }
        if values.is_empty() { Err(de::Error::custom("an empty list of values")) } else { Ok(Matcher::In(values)) }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Matcher, A::Error> {
        let (mut min, mut max, mut other) = (None, None, None);
        while let Some(key) = map.next_key_seed(OperatorSeed(self.0))? {
            match key {
                "min" => min = Some(map.next_value::<i64>()?),
                "max" => max = Some(map.next_value::<i64>()?),
                "exists" => other = Some(Matcher::Exists(map.next_value()?)),
                _ => {
                    let Matcher::In(values) = map.next_value_seed(MatcherSeed(self.0))? else {
                        return Err(de::Error::custom("`not_in` takes a list of values"));
                    };
                    other = Some(Matcher::NotIn(values));
                }
            }
        }
        match (min, max, other) {
            (None, None, Some(matcher)) => Ok(matcher),
            (Some(low), Some(high), None) if low > high => Err(de::Error::custom(format!("min {low} is above max {high}"))),
            (None, None, None) => Err(de::Error::custom("an empty matcher; it takes min, max, exists or not_in")),
            (min, max, None) => Ok(Matcher::Range(min, max)),
            _ => Err(de::Error::custom("one matcher takes either min and max, or exists, or not_in; join several with `all`")),
        }
    }
}

struct OperatorSeed(&'static Spec);

impl<'de> DeserializeSeed<'de> for OperatorSeed {
    type Value = &'static str;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<&'static str, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for OperatorSeed {
    type Value = &'static str;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("min, max, exists or not_in")
    }
    fn visit_str<E: de::Error>(self, key: &str) -> Result<&'static str, E> {
        let Some(known) = MATCHERS.iter().find(|k| **k == key) else {
            return Err(E::custom(format!("unknown matcher `{key}`{}; known are {}", suggest::hint(key, MATCHERS), MATCHERS.join(", "))));
        };
        if matches!(*known, "min" | "max") && self.0.kind != Kind::Int {
            return Err(E::custom(format!("`{}` takes {}, which has no {known}", self.0.name, takes(self.0.kind))));
        }
        Ok(known)
    }
}

/// Reads one value of a fact.
pub struct ValueSeed(pub &'static Spec);

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl Visitor<'_> for ValueSeed {
    type Value = Value;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&takes(self.0.kind))
    }
    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Value, E> {
        MatcherSeed(self.0).one(v.into())
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Value, E> {
        MatcherSeed(self.0).one(v.into())
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Value, E> {
        self.visit_i64(i64::try_from(v).map_err(|_| E::custom("a number beyond any fact"))?)
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        MatcherSeed(self.0).one(v.into())
    }
}
