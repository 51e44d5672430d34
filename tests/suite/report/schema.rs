//! The JSON documents and their schemas.

use std::path::PathBuf;

use a2::report::{Cleaner, json};
use serde_json::Value;

use super::fixture;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schema")
}

#[test]
fn schemas_in_docs_are_fresh() {
    for document in json::Document::ALL {
        let path = directory().join(document.file());
        let fresh = json::render(&json::schema(document));
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(directory()).unwrap();
            std::fs::write(&path, &fresh).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == fresh, "{} is stale: run the tests with BLESS=1", path.display());
    }
}

pub fn check(document: json::Document, value: &Value) {
    let validator = jsonschema::validator_for(&json::schema(document)).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn investigations_match_their_schema() {
    let redact = |text: &str| text.to_owned();
    for (name, investigation) in fixture::all() {
        let text = json::render(&json::investigation(&investigation, &Cleaner::new(&redact)));
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        check(json::Document::Investigation, &value);
        assert_eq!(text, json::render(&json::investigation(&investigation, &Cleaner::new(&redact))), "{name}: same input, same bytes");
    }
}
