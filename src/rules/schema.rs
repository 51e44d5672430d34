//! JSON Schema (draft 2020-12) of the files that people write: editors complete and check with it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::causes;
use super::condition::Condition;
use super::example::Example;
use super::rule::{Many, Rule, SUBJECTS, Subjects};
use super::signature_file::SignatureFile;
use crate::reconstruct::facts::{Kind, REGISTRY, Spec};

/// The schema of a rule file.
pub fn rule_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Rule>().to_value();
    if let Some(map) = schema.as_object_mut() {
        map.insert("title".to_owned(), json!("A rule of a2: one cause, as data"));
    }
    schema
}

/// The schema of a file of signatures.
pub fn signature_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<SignatureFile>().to_value();
    if let Some(map) = schema.as_object_mut() {
        map.insert("title".to_owned(), json!("Signatures of a2: how log lines and messages are recognised"));
    }
    schema
}

/// What one value of a fact may be.
fn value(kind: Kind) -> Value {
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int => json!({ "type": "integer" }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Text | Kind::Cause | Kind::Signature => json!({ "type": "string" }),
    }
}

/// What a condition may hold a fact to.
fn matcher(kind: Kind) -> Value {
    let one = value(kind);
    let list = json!({ "type": "array", "items": one, "minItems": 1 });
    let mut operators = Map::new();
    operators.insert("exists".to_owned(), json!({ "type": "boolean", "description": "There is any value, or none." }));
    operators.insert("not_in".to_owned(), json!({ "anyOf": [one, list], "description": "There is a value, and none is among these." }));
    if kind == Kind::Int {
        operators.insert("min".to_owned(), json!({ "type": "integer", "description": "At least this." }));
        operators.insert("max".to_owned(), json!({ "type": "integer", "description": "At most this." }));
    }
    json!({ "anyOf": [one, list, { "type": "object", "properties": operators, "additionalProperties": false, "minProperties": 1 }] })
}

/// What an example may say of a fact.
fn held(kind: Kind) -> Value {
    let one = value(kind);
    json!({ "anyOf": [one, { "type": "array", "items": one }, { "type": "null" }] })
}

/// The description of a fact beside a schema that all facts of its kind share; those with words of their own have their own.
fn described(generator: &mut SchemaGenerator, spec: &Spec, what: &str, of: fn(Kind) -> Value) -> Value {
    let name = match spec.kind {
        Kind::Bool => "Bool".to_owned(),
        Kind::Int => "Int".to_owned(),
        Kind::Text => "Text".to_owned(),
        Kind::Cause => "Cause".to_owned(),
        Kind::Signature => "Signature".to_owned(),
        Kind::Word(_) => spec.name.to_owned(),
    };
    let name = format!("{what} {name}").replace(' ', "-");
    generator.definitions_mut().entry(name.clone()).or_insert_with(|| of(spec.kind));
    json!({ "description": spec.doc, "$ref": format!("#/$defs/{name}") })
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<Self>().to_value();
        let list = json!({ "type": "array", "items": inner, "minItems": 1 });
        let mut properties = Map::new();
        for (name, what) in [("all", "All of these hold."), ("any", "At least one of these holds.")] {
            let mut list = list.clone();
            if let Some(map) = list.as_object_mut() {
                map.insert("description".to_owned(), json!(what));
            }
            properties.insert(name.to_owned(), list);
        }
        properties.insert("not".to_owned(), json!({ "allOf": [inner], "description": "This does not hold. What could not be seen stays unseen." }));
        for spec in REGISTRY {
            properties.insert(spec.name.to_owned(), described(generator, spec, "matches", matcher));
        }
        json_schema!({
            "type": "object",
            "description": "What must hold of the facts; several keys mean all of them.",
            "properties": properties,
            "additionalProperties": false,
            "minProperties": 1
        })
    }
}

impl JsonSchema for Example {
    fn schema_name() -> Cow<'static, str> {
        "Example".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        let mut families: Map<String, Value> = Map::new();
        for spec in REGISTRY {
            let held = described(generator, spec, "holds", held);
            if let Some((family, rest)) = spec.name.split_once('.') {
                let inside = families.entry(family.to_owned()).or_insert_with(|| json!({}));
                if let Some(map) = inside.as_object_mut() {
                    map.insert(rest.to_owned(), held.clone());
                }
            }
            properties.insert(spec.name.to_owned(), held);
        }
        for (family, inside) in families {
            properties.insert(family, json!({ "type": "object", "properties": inside, "additionalProperties": false }));
        }
        json_schema!({
            "type": "object",
            "description": "Minimal facts: a value, a list of values, or null for what could not be seen.",
            "properties": properties,
            "additionalProperties": false
        })
    }
}

impl JsonSchema for Subjects {
    fn schema_name() -> Cow<'static, str> {
        "Subjects".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = ["any"].into_iter().chain(SUBJECTS).collect();
        json_schema!({ "anyOf": [{ "enum": words }, { "type": "array", "items": { "enum": words }, "minItems": 1 }] })
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Many{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>().to_value();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// Completion for cause ids: those of the taxonomy, or any other that a rule declares.
pub(super) fn cause_id(_: &mut SchemaGenerator) -> Schema {
    let known: Vec<&str> = causes::CAUSES.iter().map(|(id, _)| *id).filter(|id| *id != causes::UNKNOWN).collect();
    json_schema!({ "anyOf": [{ "enum": known }, { "type": "string", "pattern": "^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*$" }] })
}
