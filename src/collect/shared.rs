//! What many targets have in common, asked once for all of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::absorb::Found;
use super::ask::{Asker, Failure};
use super::objects::{View, answer};
use super::siblings::Answered;
use crate::diagnosis::Question;
use crate::evidence::{Event, Gap, GapKind};
use crate::source::{Connection, collection_path};

/// Answers that are remembered: a node may be tens of kilobytes.
const MOST: usize = 64;

/// Lines of kernels, and events of all nodes, a page.
const LINES: usize = 500;

/// From so many nodes on, the events of all are listed at once: the server looks through as many for those of one (events are not indexed
/// by what they are about).
const ONE_BY_ONE: usize = 3;

type Told = Arc<OnceCell<Result<Answered, Failure>>>;

/// Answers about nodes and owners, and whether nodes may be asked about at all.
#[derive(Default)]
pub struct Shared {
    told: Mutex<BTreeMap<Question, Told>>,
    no_nodes: AtomicBool,
    no_node_events: AtomicBool,
    kernel: OnceCell<Result<Vec<Event>, Failure>>,
    /// Events of all nodes, by node; `None` where they could not be had whole.
    of_nodes: OnceCell<Option<BTreeMap<String, Vec<Event>>>>,
}

impl Shared {
    /// Answers a question, from memory where another target has asked it. What was only late is asked again.
    pub(super) async fn answer(&self, asker: &Asker<'_>, question: &Question, view: &View) -> Result<Answered, Failure> {
        let refused = match question {
            Question::Node { .. } => Some(&self.no_nodes),
            Question::NodeEvents { .. } => Some(&self.no_node_events),
            Question::Owner { .. } => None,
            _ => return answer(asker, question, view).await,
        };
        // Who may not read one node may read none.
        if refused.is_some_and(|r| r.load(Ordering::Relaxed)) {
            return Err(Failure { code: Some(403), kind: GapKind::Forbidden, why: "refused before".to_owned(), fatal: None });
        }
        if let Question::NodeEvents { name } = question
            && self.are_many(question)
            && let Some(all) = self.of_nodes(asker).await
        {
            return Ok((all.get(name).into_iter().flatten().cloned().map(Found::NodeEvent).collect(), Vec::new()));
        }
        let cell = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.len() >= MOST && !told.contains_key(question) {
                told.clear();
            }
            Arc::clone(told.entry(question.clone()).or_default())
        };
        let asked = async {
            match answer(asker, question, view).await {
                Err(failure) if failure.code.is_none() => Err(failure),
                settled => Ok(settled),
            }
        };
        let settled = cell.get_or_try_init(|| asked).await?.clone();
        if let (Err(Failure { kind: GapKind::Forbidden, .. }), Some(refused)) = (&settled, refused) {
            refused.store(true, Ordering::Relaxed);
        }
        settled
    }

    /// Whether enough nodes were asked about one by one, and this is another.
    fn are_many(&self, question: &Question) -> bool {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let one_by_one = told.keys().filter(|q| matches!(q, Question::NodeEvents { .. })).count();
        !told.contains_key(question) && (one_by_one >= ONE_BY_ONE || self.of_nodes.initialized())
    }

    async fn of_nodes(&self, asker: &Asker<'_>) -> Option<&BTreeMap<String, Vec<Event>>> {
        let listed = async {
            let listed = asker.list(&events_of_nodes(), "fieldSelector=involvedObject.kind%3DNode", LINES, 4).await.ok()?;
            if listed.more || !listed.problems.is_empty() {
                return None;
            }
            let mut by_node = BTreeMap::<String, Vec<Event>>::new();
            for object in listed.items {
                let event = Event::from_object(object)?;
                by_node.entry(event.about.name.clone()).or_default().push(event);
            }
            Some(by_node)
        };
        self.of_nodes.get_or_init(|| listed).await.as_ref()
    }

    /// What the kernels of all nodes told of processes that they killed for memory (node-problem-detector): one list, asked once. A main
    /// process that ends by its own hand after its child was killed shows nothing of it in its status.
    ///
    /// # Errors
    /// The gap, when it could not be read.
    pub async fn kernel_lines(&self, conn: &Connection, node: &str, deadline: Instant) -> Result<Vec<Event>, Gap> {
        let asked = async {
            let asker = Asker::new(conn, 1).sharing(deadline);
            let listed = asker.list(&events_of_nodes(), "fieldSelector=reason%3DOOMKilling", LINES, 4).await;
            match listed {
                Ok(listed) => Ok(Ok(listed.items.into_iter().filter_map(Event::from_object).filter(|e| e.about.kind == "Node").collect())),
                Err(failure) if failure.code.is_none() => Err(failure),
                Err(failure) => Ok(Err(failure)),
            }
        };
        let gap = |f: &Failure| Gap::new(f.kind, "list", "events", format!("events about node {node}"), f.why.clone());
        match self.kernel.get_or_try_init(|| asked).await {
            Ok(Ok(lines)) => Ok(lines.iter().filter(|e| e.about.name == node).cloned().collect()),
            Ok(Err(failure)) => Err(gap(failure)),
            Err(failure) => Err(gap(&failure)),
        }
    }
}

/// Events of nodes live in namespace default.
fn events_of_nodes() -> String {
    collection_path("v1", Some("default"), "events")
}
