//! Label and field selectors, as the API server reads them (KV/apimachinery/pkg/labels, …/fields).

use serde_json::Value;

/// A parsed `labelSelector`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    terms: Vec<(String, LabelTest)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum LabelTest {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
}

impl LabelSelector {
    /// Parses `a=b,c!=d,e in (x,y),f notin (z),g,!h`; the error is a lower-case fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let terms = split_outside_parentheses(text)?.into_iter().map(str::trim).filter(|t| !t.is_empty()).map(parse_label_term);
        Ok(Self { terms: terms.collect::<Result<_, _>>()? })
    }

    /// Whether an object's labels match. `!=` and `notin` hold where the key is missing.
    pub fn matches(&self, object: &Value) -> bool {
        let labels = object.pointer("/metadata/labels");
        self.terms.iter().all(|(key, test)| {
            let value = labels.and_then(|l| l.get(key)).and_then(Value::as_str);
            match test {
                LabelTest::Exists => value.is_some(),
                LabelTest::Absent => value.is_none(),
                LabelTest::In(set) => value.is_some_and(|v| set.iter().any(|s| s == v)),
                LabelTest::NotIn(set) => value.is_none_or(|v| set.iter().all(|s| s != v)),
            }
        })
    }
}

fn split_outside_parentheses(text: &str) -> Result<Vec<&str>, String> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if !(0..=1).contains(&depth) {
            break;
        }
    }
    if depth != 0 {
        return Err("unable to parse requirement: unbalanced parentheses".to_owned());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn parse_label_term(term: &str) -> Result<(String, LabelTest), String> {
    let one = |key: &str, value: &str, test: fn(Vec<String>) -> LabelTest| (key.trim().to_owned(), test(vec![value.trim().to_owned()]));
    let parsed = if let Some((key, value)) = term.split_once("!=") {
        one(key, value, LabelTest::NotIn)
    } else if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        one(key, value, LabelTest::In)
    } else if let Some((front, set)) = term.split_once('(') {
        let values: Vec<String> = set.trim_end().trim_end_matches(')').split(',').map(|v| v.trim().to_owned()).collect();
        match front.split_whitespace().collect::<Vec<_>>().as_slice() {
            [key, "in"] => ((*key).to_owned(), LabelTest::In(values)),
            [key, "notin"] => ((*key).to_owned(), LabelTest::NotIn(values)),
            _ => return Err(format!("unable to parse requirement: {term}")),
        }
    } else if let Some(key) = term.strip_prefix('!') {
        (key.trim().to_owned(), LabelTest::Absent)
    } else {
        (term.to_owned(), LabelTest::Exists)
    };
    if parsed.0.is_empty() || parsed.0.contains(char::is_whitespace) {
        return Err(format!("unable to parse requirement: {term}"));
    }
    Ok(parsed)
}

/// A parsed `fieldSelector`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    terms: Vec<(String, String, bool)>,
}

impl FieldSelector {
    /// Parses `a.b=c,d!=e`; `\,` `\=` and `\\` are escapes. The error is a lower-case fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = vec![String::new()];
        let mut escaped = false;
        for c in text.chars() {
            match (c, escaped) {
                (',', false) => parts.push(String::new()),
                ('\\', false) => {
                    escaped = true;
                    continue;
                }
                _ => {
                    if let Some(last) = parts.last_mut() {
                        last.push(c);
                    }
                }
            }
            escaped = false;
        }
        let terms = parts.iter().filter(|p| !p.is_empty()).map(|part| {
            let (key, value, equal) = match part.split_once("!=") {
                Some((k, v)) => (k, v, false),
                None => match part.split_once("==").or_else(|| part.split_once('=')) {
                    Some((k, v)) => (k, v, true),
                    None => return Err(format!("invalid selector: '{part}'; can't understand '{part}'")),
                },
            };
            Ok((key.to_owned(), value.to_owned(), equal))
        });
        Ok(Self { terms: terms.collect::<Result<_, _>>()? })
    }

    /// Whether an object's fields match; a missing field is the empty text.
    pub fn matches(&self, object: &Value) -> bool {
        self.terms.iter().all(|(key, value, equal)| (field(object, key) == *value) == *equal)
    }
}

/// The field's text. Both event APIs show the same objects under different names.
fn field(object: &Value, key: &str) -> String {
    let pointer = format!("/{}", key.replace('.', "/"));
    let alias = match key {
        "source" => Some("/source/component".to_owned()),
        "reportingController" => Some("/reportingComponent".to_owned()),
        "reportingComponent" => Some("/reportingController".to_owned()),
        _ if key.starts_with("regarding.") => Some(pointer.replacen("/regarding", "/involvedObject", 1)),
        _ if key.starts_with("involvedObject.") => Some(pointer.replacen("/involvedObject", "/regarding", 1)),
        _ => None,
    };
    let found = [Some(pointer), alias].into_iter().flatten().filter_map(|p| object.pointer(&p)).find(|v| !v.is_null() && !v.is_object());
    match found {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        Some(Value::Bool(b)) => b.to_string(),
        _ if matches!(key, "spec.unschedulable" | "spec.hostNetwork") => "false".to_owned(),
        _ => String::new(),
    }
}
