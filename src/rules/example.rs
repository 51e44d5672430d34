//! Inline examples of a rule: minimal facts that must lead to its cause, and facts that must not.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::condition::{ValueSeed, unknown_fact};
use crate::evidence::{Authority, Citation, Gap, GapKind, Source};
use crate::reconstruct::facts::{self, REGISTRY, Spec};
use crate::reconstruct::{Citations, Facts, Value};

/// The examples of a rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Must lead to the rule's cause.
    #[serde(default)]
    pub yes: Vec<Example>,
    /// Must not.
    #[serde(default)]
    pub no: Vec<Example>,
}

/// Minimal facts: `death: { reason: OOMKilled }` or `death.reason: OOMKilled`; a list for several values, `~` for what could not be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example(Vec<(&'static Spec, Option<Vec<Value>>)>);

impl Example {
    /// The facts, with citations as their usual sources would give: logs and messages by the workload, the rest by the kubelet.
    pub fn facts(&self, subject: &str) -> (Facts, Citations) {
        let (mut facts, mut citations) = (Facts::default(), Citations::default());
        for (spec, values) in &self.0 {
            match values {
                None => facts.unseen(spec.name, Gap::new(GapKind::Forbidden, "get", "example", spec.name, "the example says so")),
                Some(values) => {
                    for value in values {
                        let id = citations.cite(citation(spec.name, value));
                        facts.hold(spec.name, value.clone(), [id]);
                    }
                }
            }
        }
        if facts.get("subject.kind").is_none() {
            // An example that tells of a death is about that death.
            let kind = if self.0.iter().any(|(spec, _)| spec.name.starts_with("death.")) { "death" } else { subject };
            facts.hold("subject.kind", kind, []);
        }
        (facts, citations)
    }
}

fn citation(name: &str, value: &Value) -> Citation {
    let family = name.split_once('.').map_or(name, |(family, _)| family);
    let (source, authority) = match (family, name) {
        ("log" | "message", _) | (_, "peer.said" | "probe.output_cause" | "probe.masked") => (Source::Log, Authority::Workload),
        ("siblings" | "peer", _) => (Source::Sibling, Authority::Kubelet),
        ("owner", _) => (Source::Owner, Authority::Controller),
        ("workflow", _) => (Source::Workflow, Authority::Controller),
        ("node", _) => (Source::Node, Authority::Kubelet),
        _ => (Source::Pod, Authority::Kubelet),
    };
    Citation { source, object: "Pod/example/example".to_owned(), field: name.to_owned(), time: None, text: value.to_string(), authority }
}

impl<'de> Deserialize<'de> for Example {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut all = Vec::new();
        d.deserialize_map(Family { prefix: String::new(), into: &mut all })?;
        Ok(Self(all))
    }
}

/// Reads a map of facts, or of the rest of their names below a prefix.
struct Family<'a> {
    prefix: String,
    into: &'a mut Vec<(&'static Spec, Option<Vec<Value>>)>,
}

impl<'de> DeserializeSeed<'de> for Family<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Family<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a map of facts and their values")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Name(&self.prefix))? {
            match facts::spec(&key) {
                Some(spec) => {
                    let values = map.next_value_seed(Values(spec))?;
                    self.into.push((spec, values));
                }
                None => map.next_value_seed(Family { prefix: format!("{key}."), into: &mut *self.into })?,
            }
        }
        Ok(())
    }
}

/// A fact's name, or the first part of some.
struct Name<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = String;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<String, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = String;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the name of a fact")
    }
    fn visit_str<E: de::Error>(self, key: &str) -> Result<String, E> {
        let name = format!("{}{key}", self.0);
        let family = format!("{name}.");
        if facts::spec(&name).is_some() || REGISTRY.iter().any(|s| s.name.starts_with(&family)) { Ok(name) } else { Err(unknown_fact(&name)) }
    }
}

struct Values(&'static Spec);

impl<'de> DeserializeSeed<'de> for Values {
    type Value = Option<Vec<Value>>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values {
    type Value = Option<Vec<Value>>;
    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a value, a list of values, or nothing for what could not be seen")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Self::Value, E> {
        ValueSeed(self.0).visit_bool(v).map(|v| Some(vec![v]))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Self::Value, E> {
        ValueSeed(self.0).visit_i64(v).map(|v| Some(vec![v]))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Self::Value, E> {
        ValueSeed(self.0).visit_u64(v).map(|v| Some(vec![v]))
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Self::Value, E> {
        ValueSeed(self.0).visit_str(v).map(|v| Some(vec![v]))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(ValueSeed(self.0))? {
            values.push(value);
        }
        Ok(Some(values))
    }
}
