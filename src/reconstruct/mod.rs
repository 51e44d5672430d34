//! What happened: incarnations, the primary container, deaths with their mechanism, removal, siblings, timeline; it ends in facts.
//!
//! [`reconstruct()`] runs the steps in order; each step has its own file and writes citations and facts into one scene.

pub mod argo;
mod changes;
mod citations;
mod context;
mod deaths;
pub mod facts;
mod ghost;
mod history;
mod horizon;
mod incarnations;
mod kernel;
mod kills;
mod ladder;
mod lints;
mod lives;
mod logs;
mod mechanism;
mod peers;
mod primary;
mod probes;
mod reach;
mod remembered;
mod removal;
mod runtime;
mod scene;
mod sibling_books;
mod siblings;
mod silence;
mod starts;
mod stops;
mod subject;
pub mod tekton;
mod templates;
mod timeline;
mod trace;
mod waits;
mod whole;

pub use citations::{CitationId, Citations};
pub use facts::{Fact, Facts, Value};
pub use history::{
    Context, Death, DeathSource, History, Impact, Incarnation, Kill, LastSign, Link, LogExcerpt, Mechanism, Primary, Removal, RetryLoop, SiblingRow, Siblings,
    Silence, Subject, SubjectKind, TimelineEntry,
};
pub use mechanism::{is_crash_signal, signal_of};
pub use primary::{SIDECAR_NAMES, is_sidecar};
pub use reach::{Horizon, Provenance, Rung};
pub use scene::{Judged, JudgedPod};
pub use whole::reconstruct;
