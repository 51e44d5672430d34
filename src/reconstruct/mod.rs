//! What happened: incarnations, the primary container, deaths with their mechanism, removal, siblings, timeline; it ends in facts.

mod citations;
pub mod facts;
mod history;

pub use citations::{CitationId, Citations};
pub use facts::{Fact, Facts, Value};
pub use history::{
    Context, Death, DeathSource, History, Impact, Incarnation, Kill, LastSign, Link, LogExcerpt, Mechanism, Primary, Removal, RetryLoop, SiblingRow, Siblings,
    Silence, Subject, SubjectKind, TimelineEntry,
};
