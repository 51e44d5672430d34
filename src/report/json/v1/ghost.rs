//! What a rebuilt pod has beside the pod: where its values are from, how far it came, what cannot be rebuilt.

use schemars::JsonSchema;
use serde::Serialize;

use super::Stamp;

/// Where a value of a rebuilt pod is from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// Which value.
    pub what: String,
    /// The object and field, or the events.
    pub from: String,
    /// How sure it is.
    #[schemars(extend("enum" = ["certain", "likely", "doubtful"]))]
    pub sure: String,
    /// Why no surer, or why so sure.
    pub why: String,
}

/// One rung of the way that a pod takes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rung {
    /// Which.
    #[schemars(extend("enum" = ["scheduled", "pulled", "created", "started", "killed"]))]
    pub rung: String,
    /// The container; null for the whole pod.
    pub container: Option<String>,
    /// First time.
    pub first: Option<Stamp>,
    /// Last time.
    pub last: Option<Stamp>,
    /// How often.
    pub count: i64,
}

/// Something that cannot be rebuilt.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unknowable {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}
