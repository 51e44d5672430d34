//! What the answer rests on, what it lacks, what it cost, and what to do.

use schemars::JsonSchema;
use serde::Serialize;

use super::Stamp;

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// `e1`, `e2`, …
    pub id: String,
    /// Kind of source.
    #[schemars(extend("enum" = ["pod", "event", "log", "node", "owner", "sibling", "workflow", "archive", "metrics"]))]
    pub source: String,
    /// `Pod/namespace/name`.
    pub object: String,
    /// Path of the field, or which log.
    pub field: String,
    /// When it happened or was written.
    pub time: Option<Stamp>,
    /// What it says.
    pub text: String,
    /// Who vouches for it.
    #[schemars(extend("enum" = ["kubelet", "controller", "kernel", "runtime", "workload"]))]
    pub authority: String,
}

/// How one source answered.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceRow {
    /// The source.
    pub name: String,
    /// How it answered.
    #[schemars(extend("enum" = ["ok", "empty", "forbidden", "expired", "not-found", "timed-out", "malformed", "not-asked"]))]
    pub status: String,
    /// More about it.
    pub detail: String,
}

/// Something that could not be learned.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GapRow {
    /// Why, in one word.
    #[schemars(extend("enum" = ["forbidden", "expired", "not-found", "timed-out", "malformed", "not-asked"]))]
    pub kind: String,
    /// The API verb; empty when no request stands behind it.
    pub verb: String,
    /// The API resource.
    pub resource: String,
    /// What is missing.
    pub what: String,
    /// Why it is missing.
    pub why: String,
    /// The command that would capture it next time.
    pub capture: Option<String>,
}

/// Evidence that is lost, or will be.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HorizonRow {
    /// What.
    pub what: String,
    /// Whether it is lost already.
    pub lost: bool,
    /// When it will be lost; for what is lost, up to when it was kept, where that can be told.
    pub at: Option<Stamp>,
    /// How that is known.
    pub why: String,
    /// The command that keeps what there still is.
    pub capture: Option<String>,
}

/// One thing to do next.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NextStep {
    /// What to do.
    pub r#do: String,
    /// A command that can be copied.
    pub command: Option<String>,
    /// How urgent.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    pub priority: String,
}

/// One box of the definition of done.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoneBox {
    /// `Code fix`, `Deployment` or `Verification`.
    pub group: String,
    /// What must hold.
    pub item: String,
    /// Whether it holds.
    #[schemars(extend("enum" = ["done", "open", "not-checkable"]))]
    pub state: String,
    /// What shows it.
    pub evidence: Vec<String>,
}

/// What the answer cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Bytes received.
    pub bytes: u64,
}

/// What is printed instead of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// Version of this format.
    #[schemars(extend("const" = "a2/v1"))]
    pub api_version: &'static str,
    /// Which document this is.
    #[schemars(extend("const" = "Error"))]
    pub kind: &'static str,
    /// The exit code.
    pub code: u8,
    /// What went wrong.
    pub message: String,
    /// The next thing to type.
    pub hint: Option<String>,
    /// What could not be learned on the way.
    pub gaps: Vec<GapRow>,
}
