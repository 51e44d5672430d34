//! One rule: one cause, as data.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::condition::Condition;
use super::example::Examples;
use super::weights::{CapWord, Prior, PriorityWord, Risk, Weight};

/// A rule file.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Cause id; the file is named after it.
    #[schemars(schema_with = "super::schema::cause_id")]
    pub cause: String,
    /// One line.
    pub title: String,
    /// Declares a cause that the taxonomy does not have, with its meaning in one line. Only in rules of one's own.
    #[serde(default)]
    pub meaning: Option<String>,
    /// What it means and how it comes about; shown by `a2 explain`.
    #[serde(default)]
    pub why: String,
    /// Which kinds of subject it speaks about.
    pub subject: Subjects,
    /// How common it is; orders what evidence leaves equal.
    #[serde(default)]
    pub prior: Prior,
    /// A veto when absent. When unseen the hypothesis stays, and the gap is shown.
    #[serde(default)]
    pub requires: Option<Condition>,
    /// Signs for and against.
    pub evidence: Vec<Evidence>,
    /// Causes that this one may stand behind.
    #[serde(default)]
    pub explains: Vec<Explains>,
    /// Limits of the confidence word.
    #[serde(default)]
    pub cap: Many<Cap>,
    /// Cheap read-only commands that would settle it.
    #[serde(default)]
    pub confirm_with: Vec<String>,
    /// What to do about it.
    #[serde(default)]
    pub remedy: Vec<RemedyEntry>,
    /// Remarks on the spec, never causes.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// Where the facts behind the rule are documented.
    #[serde(default)]
    pub references: Vec<String>,
    /// Facts that must lead to this cause, and facts that must not; run by the tests.
    #[serde(default)]
    pub examples: Examples,
}

/// A sign for or against a cause.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// When it shows.
    pub when: Condition,
    /// What it is worth.
    pub weight: Weight,
    /// Signs of one group count once: they are not independent of each other.
    #[serde(default)]
    pub group: Option<String>,
    /// The sentence for people; `{exit_code}` and fact names are filled in.
    pub says: String,
}

/// A cause that this one may stand behind.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explains {
    /// The id of what it explains.
    #[schemars(schema_with = "super::schema::cause_id")]
    pub cause: String,
    /// When it does; always, when left out.
    #[serde(default)]
    pub when: Option<Condition>,
}

/// A limit of the confidence word.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// When it applies; also when this cannot be seen.
    pub when: Condition,
    /// The strongest word allowed.
    pub at: CapWord,
}

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyEntry {
    /// What to do.
    #[serde(rename = "do")]
    pub action: String,
    /// How urgent.
    pub priority: PriorityWord,
    /// What it touches.
    pub risk: Risk,
    /// When it applies; always, when left out.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Preview of the change, as a strategic merge patch of the pod template.
    #[serde(default)]
    pub patch: Option<serde_json::Value>,
}

/// A remark on the spec.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// When it applies.
    pub when: Condition,
    /// The remark.
    pub says: String,
}

/// Kinds of subject that a rule speaks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects(Vec<String>);

/// The kinds that `subject:` takes, besides `any`.
pub const SUBJECTS: [&str; 7] = ["death", "waiting", "running", "completed", "rejected", "never-created", "gone"];

impl Subjects {
    /// Whether the rule speaks about this kind of subject. An unknown kind is spoken about by `any` alone.
    pub fn include(&self, kind: Option<&str>) -> bool {
        self.0.is_empty() || kind.is_some_and(|k| self.0.iter().any(|s| s == k))
    }

    /// The first one named; a death for `any`.
    pub fn first(&self) -> &str {
        self.0.first().map_or("death", String::as_str)
    }
}

impl<'de> Deserialize<'de> for Subjects {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Subjects;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                write!(f, "`any`, one of {}, or a list of those", SUBJECTS.join(", "))
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Subjects, E> {
                if word == "any" {
                    return Ok(Subjects(Vec::new()));
                }
                if SUBJECTS.contains(&word) {
                    return Ok(Subjects(vec![word.to_owned()]));
                }
                Err(E::custom(format!("unknown subject `{word}`{}; known are any, {}", super::suggest::hint(word, SUBJECTS), SUBJECTS.join(", "))))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Subjects, A::Error> {
                let mut all = Vec::new();
                while let Some(Subjects(some)) = seq.next_element()? {
                    all.extend(some);
                }
                if all.is_empty() { Err(de::Error::custom("an empty list of subjects")) } else { Ok(Subjects(all)) }
            }
        }
        d.deserialize_any(V)
    }
}

/// A list that may be written as a single item.
#[derive(Clone, Debug, PartialEq)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = Many<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("one entry or a list of entries")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
                Ok(Many(vec![T::deserialize(de::value::MapAccessDeserializer::new(map))?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Many<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = seq.next_element()? {
                    all.push(one);
                }
                Ok(Many(all))
            }
        }
        d.deserialize_any(V(std::marker::PhantomData))
    }
}
