//! The table of citations that facts, deaths and the timeline point into.

use std::collections::HashMap;

use crate::evidence::Citation;

/// Index into [`Citations`]; `CitationId(0)` is shown as `e1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitationId(pub usize);

impl CitationId {
    /// `e1`, `e2`, …
    pub fn label(self) -> String {
        format!("e{}", self.0 + 1)
    }
}

/// All citations of one case; the same citation is kept once.
#[derive(Clone, Debug, Default)]
pub struct Citations {
    all: Vec<Citation>,
    seen: HashMap<Citation, CitationId>,
}

impl Citations {
    /// Adds a citation, or finds it again.
    pub fn cite(&mut self, citation: Citation) -> CitationId {
        if let Some(id) = self.seen.get(&citation) {
            return *id;
        }
        let id = CitationId(self.all.len());
        self.all.push(citation.clone());
        self.seen.insert(citation, id);
        id
    }

    /// The citation behind an id.
    pub fn get(&self, id: CitationId) -> Option<&Citation> {
        self.all.get(id.0)
    }

    /// All of them, in the order in which they were made.
    pub fn all(&self) -> &[Citation] {
        &self.all
    }
}
