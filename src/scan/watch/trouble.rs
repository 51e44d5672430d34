//! What the watch cannot hear or keep, while it goes on.

use std::collections::BTreeMap;

use super::board::Change;
use crate::evidence::Time;
use crate::source::SourceError;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// The stream or the server is away: tried again.
    Lost,
    /// Watching, or listing, is not allowed: looked at every half minute instead.
    Refused,
    /// What should be kept cannot be written.
    Unwritten,
}

/// One trouble.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// What.
    pub kind: TroubleKind,
    /// Where; `None`: everywhere.
    pub namespace: Option<String>,
    /// Why, as a lower-case fragment; the server's message where it gave one.
    pub why: String,
    /// Since when.
    pub since: Time,
}

/// The troubles of the moment.
#[derive(Default)]
pub(super) struct Troubles {
    streams: BTreeMap<Option<String>, Trouble>,
    look: Option<Trouble>,
    keep: Option<Trouble>,
    news: bool,
}

impl Troubles {
    fn stream(&mut self, kind: TroubleKind, namespace: Option<String>, why: String, since: Time) -> Vec<Change> {
        match self.streams.get_mut(&namespace) {
            Some(known) if known.kind == kind => known.why = why,
            _ => {
                self.streams.insert(namespace.clone(), Trouble { kind, namespace, why, since });
                self.news = true;
            }
        }
        Vec::new()
    }

    pub(super) fn lost(&mut self, namespace: Option<String>, why: String, since: Time) -> Vec<Change> {
        self.stream(TroubleKind::Lost, namespace, why, since)
    }

    pub(super) fn refused(&mut self, namespace: Option<String>, why: String, since: Time) -> Vec<Change> {
        self.stream(TroubleKind::Refused, namespace, why, since)
    }

    pub(super) fn back(&mut self, namespace: Option<String>) -> Vec<Change> {
        self.news |= self.streams.remove(&namespace).is_some();
        Vec::new()
    }

    pub(super) fn no_look(&mut self, why: String, since: Time) -> Vec<Change> {
        self.news |= self.look.is_none();
        let since = self.look.as_ref().map_or(since, |l| l.since);
        self.look = Some(Trouble { kind: TroubleKind::Lost, namespace: None, why, since });
        Vec::new()
    }

    pub(super) fn looked(&mut self) {
        self.news |= self.look.take().is_some();
    }

    pub(super) fn kept(&mut self, kept: Result<(), SourceError>, since: Time) {
        match kept {
            Ok(()) => self.news |= self.keep.take().is_some(),
            Err(error) => {
                self.news |= self.keep.is_none();
                let since = self.keep.as_ref().map_or(since, |k| k.since);
                self.keep = Some(Trouble { kind: TroubleKind::Unwritten, namespace: None, why: error.to_string(), since });
            }
        }
    }

    /// Whether something came or went since this was asked last.
    pub(super) fn is_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    pub(super) fn list(&self) -> Vec<Trouble> {
        let mut all: Vec<Trouble> = self.streams.values().chain(&self.look).chain(&self.keep).cloned().collect();
        all.sort();
        all
    }
}
