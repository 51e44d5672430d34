//! How far what is left of a pod reaches: where its values are from, which rungs it climbed, what is lost when.

use super::citations::CitationId;
use crate::evidence::Time;

/// Where one value of a rebuilt pod is from, and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The value: "the node", "command, limits and probes of container main".
    pub what: String,
    /// Where it is from: `ReplicaSet/shop/web-5d9c: spec.template`, `event Scheduled`.
    pub from: String,
    /// `certain`, `likely` or `doubtful`.
    pub sure: &'static str,
    /// Why no surer, or why so sure; a lower-case fragment.
    pub why: String,
}

/// A piece of evidence that is lost, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// What: "events of the pod", "earlier ends of container main", "Job nightly and its pods".
    pub what: String,
    /// Lost already.
    pub lost: bool,
    /// When it will be lost, or (for what is lost) up to when it was kept, where that can be told.
    pub at: Option<Time>,
    /// Lower-case fragment: how that is known.
    pub why: String,
    /// The one command that keeps it, where one does.
    pub capture: Option<String>,
}

/// One rung of the way a pod takes, as events tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// `scheduled`, `pulled`, `created`, `started` or `killed`.
    pub rung: &'static str,
    /// The container; `None` for the whole pod.
    pub container: Option<String>,
    /// First time.
    pub first: Option<Time>,
    /// Last time.
    pub last: Option<Time>,
    /// How often.
    pub count: i64,
    /// The event.
    pub cited: CitationId,
}
