//! Argo Workflows: pod names split by hash, node status, message grammar (argo `workflow/util/pod_name.go`,
//! `workflow/controller/operator.go` `inferFailedReason`).

use std::io::Read as _;

use base64::Engine as _;
use serde_json::Value;

use crate::evidence::{Object, Time, parse_time};

/// How many bytes a compressed node status may unpack to.
const MAX_NODE_BYTES: u64 = 64 * 1024 * 1024;

/// FNV-1a over the node name, 32 bits: the decimal at the end of pod names and node ids.
pub fn node_hash(node_name: &str) -> u32 {
    node_name.bytes().fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}

/// The pod name (format v2) of a node of a workflow.
pub fn pod_name(workflow: &str, template: &str, node_name: &str) -> String {
    if node_name == workflow {
        return workflow.to_owned();
    }
    let mut prefix = if template.is_empty() { workflow.to_owned() } else { format!("{workflow}-{template}") };
    if prefix.len() > 242 {
        let mut end = 242;
        while !prefix.is_char_boundary(end) {
            end -= 1;
        }
        prefix.truncate(end);
    }
    format!("{prefix}-{}", node_hash(node_name))
}

/// The decimal hash at the end of a pod name, with what stands before it.
pub fn split_pod_name(pod: &str) -> Option<(&str, u32)> {
    let (prefix, hash) = pod.rsplit_once('-')?;
    // FNV gives up to ten digits; shorter ones than six are so rare that a counter is likelier.
    (hash.len() >= 6 && hash.len() <= 10 && !prefix.is_empty()).then(|| hash.parse().ok().map(|h| (prefix, h)))?
}

/// A node of a workflow's status.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowNode {
    /// Key in `status.nodes`.
    pub id: String,
    /// Full name, hashed into the id.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
    /// `Pod`, `Retry`, `DAG`, …
    pub kind: String,
    /// Template, by name or reference.
    pub template: String,
    /// `Failed` is user code, `Error` is infrastructure.
    pub phase: String,
    /// Message.
    pub message: Option<String>,
    /// Start.
    pub started: Option<Time>,
    /// End.
    pub finished: Option<Time>,
    /// The node that it ran on.
    pub host: Option<String>,
    /// `outputs.exitCode`.
    pub exit_code: Option<i64>,
    /// Ids of its children.
    pub children: Vec<String>,
    /// `boundaryID`.
    pub boundary: Option<String>,
}

/// The nodes of a workflow, decoded when compressed.
#[derive(Clone, Debug, PartialEq)]
pub enum Nodes {
    /// They were read, in key order.
    Read(Vec<WorkflowNode>),
    /// They live in the Argo database (`offloadNodeStatusVersion`).
    Offloaded,
    /// They are compressed and cannot be unpacked.
    Malformed(String),
}

/// Reads `status.nodes`, or unpacks `status.compressedNodes` (base64 of gzipped JSON).
pub fn nodes(workflow: &Object) -> Nodes {
    if let Some(Value::Object(map)) = workflow.at("/status/nodes")
        && !map.is_empty()
    {
        return Nodes::Read(read_nodes(map));
    }
    if let Some(packed) = workflow.text("/status/compressedNodes").filter(|t| !t.is_empty()) {
        return match unpack(packed) {
            Ok(map) => Nodes::Read(read_nodes(&map)),
            Err(why) => Nodes::Malformed(why),
        };
    }
    if workflow.text("/status/offloadNodeStatusVersion").is_some_and(|v| !v.is_empty()) { Nodes::Offloaded } else { Nodes::Read(Vec::new()) }
}

fn unpack(packed: &str) -> Result<serde_json::Map<String, Value>, String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed.trim()).map_err(|e| format!("not base64: {e}"))?;
    let mut json = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).take(MAX_NODE_BYTES).read_to_end(&mut json).map_err(|e| format!("not gzip: {e}"))?;
    match serde_json::from_slice(&json) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("not a map of nodes".to_owned()),
        Err(e) => Err(format!("not JSON: {e}")),
    }
}

fn read_nodes(map: &serde_json::Map<String, Value>) -> Vec<WorkflowNode> {
    let text = |v: &Value, p: &str| v.pointer(p).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let mut nodes: Vec<WorkflowNode> = map
        .iter()
        .filter(|(_, v)| v.is_object())
        .map(|(id, v)| WorkflowNode {
            id: id.clone(),
            name: text(v, "/name").unwrap_or_default(),
            display_name: text(v, "/displayName").unwrap_or_default(),
            kind: text(v, "/type").unwrap_or_default(),
            template: text(v, "/templateName").or_else(|| text(v, "/templateRef/template")).unwrap_or_default(),
            phase: text(v, "/phase").unwrap_or_default(),
            message: text(v, "/message"),
            started: text(v, "/startedAt").and_then(|t| parse_time(&t)),
            finished: text(v, "/finishedAt").and_then(|t| parse_time(&t)),
            host: text(v, "/hostNodeName"),
            exit_code: text(v, "/outputs/exitCode").and_then(|c| c.parse().ok()).or_else(|| v.pointer("/outputs/exitCode").and_then(Value::as_i64)),
            children: v.pointer("/children").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            boundary: text(v, "/boundaryID"),
        })
        .collect();
    nodes.sort_by(|a, b| a.id.cmp(&b.id));
    nodes
}

/// The node behind a pod name: by id `<workflow>-<hash>` (which must agree with the hash of the node's own name), or,
/// in the old name format, the id itself.
pub fn node_of<'n>(workflow: &str, nodes: &'n [WorkflowNode], pod: &str) -> Option<&'n WorkflowNode> {
    if pod == workflow {
        return nodes.iter().find(|n| n.id == workflow && n.kind == "Pod");
    }
    let (prefix, hash) = split_pod_name(pod)?;
    let id = format!("{workflow}-{hash}");
    let verified = |n: &&WorkflowNode| n.id == id && (n.name.is_empty() || node_hash(&n.name) == hash);
    nodes.iter().find(verified).filter(|_| prefix == workflow || prefix.starts_with(&format!("{workflow}-")) || prefix.len() >= 242)
}

/// Whether somebody stopped the workflow, and the step with it (`workflow shutdown with strategy:  Terminate`).
pub fn is_shutdown(message: &str) -> bool {
    message.starts_with("workflow shutdown with strategy")
}

/// What a node's message says of a container's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeMessage {
    /// The container that it names; older controllers name none.
    pub container: Option<String>,
    /// `OOMKilled`, `Error`, …
    pub reason: Option<String>,
    /// The code.
    pub exit_code: Option<i64>,
    /// What follows: the termination message (workload text).
    pub rest: Option<String>,
}

/// Reads `main: OOMKilled (exit code 137): text`, `Error (exit code 1)` and the like.
pub fn read_message(message: &str) -> Option<NodeMessage> {
    let (head, tail) = message.split_once(" (exit code ")?;
    let (code, rest) = tail.split_once(')')?;
    let exit_code = code.trim().parse().ok()?;
    let (container, reason) = match head.rsplit_once(": ") {
        Some((c, r)) if !c.contains(' ') => (Some(c.to_owned()), r),
        _ => (None, head),
    };
    let reason = reason.trim();
    if reason.is_empty() || reason.contains(' ') {
        return None;
    }
    let rest = rest.trim_start_matches(':').trim();
    Some(NodeMessage { container, reason: Some(reason.to_owned()), exit_code: Some(exit_code), rest: (!rest.is_empty()).then(|| rest.to_owned()) })
}

/// Whose deadline a node's message speaks of.
pub fn deadline_in(message: &str) -> Option<&'static str> {
    if message.contains("Step exceeded its deadline") {
        Some("step")
    } else if message.contains("Max duration limit exceeded") || message.contains("exceeded workflow deadline") {
        Some("workflow")
    } else if message.contains("Pod was active on the node longer than the specified deadline") {
        Some("pod")
    } else {
        None
    }
}
