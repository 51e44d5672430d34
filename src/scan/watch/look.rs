//! One pod that changed: whether it deserves a look, and what the look says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures::StreamExt;
use tokio::time::{Duration, Instant};

use super::board::{Change, ChangeKind, Key};
use super::run::{State, now};
use crate::collect::{Known, Shared};
use crate::evidence::{Object, Pod, PodRow};
use crate::scan::judge::{Look, Suspect};
use crate::scan::{Lens, ScanOptions, suspects};
use crate::source::bundle::LabelSelector;

/// Pods judged at once.
const AT_ONCE: usize = 8;

/// A pod that is to be judged.
pub(super) struct Due {
    pub(super) at: Instant,
    /// As the watch saw it last; `None`: ask.
    pub(super) object: Option<Object>,
}

/// What a scan asks the server to tell apart, told apart here: a watch brings every pod.
pub(super) struct Filter {
    lens: Lens,
    excluded: Vec<LabelSelector>,
    limits: Vec<(LabelSelector, i64)>,
}

impl Filter {
    pub(super) fn new(options: &ScanOptions) -> Self {
        // A selector that cannot be read was refused by the server before, and is a gap of the first look.
        let read = |text: &String| LabelSelector::parse(text).ok();
        Self {
            lens: Lens { since_seconds: options.since_seconds, max_age_seconds: options.max_age_seconds, limits: BTreeMap::new() },
            excluded: options.exclude.iter().filter_map(read).collect(),
            limits: options.limits.iter().filter_map(|(label, limit)| Some((read(label)?, *limit))).collect(),
        }
    }

    pub(super) fn is_excluded(&self, pod: &Object) -> bool {
        self.excluded.iter().any(|s| s.matches(pod.raw()))
    }

    /// By the same triage as a scan, but for the warnings.
    pub(super) fn is_suspect(&self, row: &PodRow) -> bool {
        !suspects(std::slice::from_ref(row), &[], &[], &self.lens).is_empty()
    }

    /// The age limit of a pod, and whether it is its own.
    fn limit_of(&self, pod: Option<&Object>) -> Option<(i64, bool)> {
        let own = pod.and_then(|p| self.limits.iter().filter(|(s, _)| s.matches(p.raw())).map(|(_, limit)| *limit).min());
        own.map(|limit| (limit, true)).or(self.lens.max_age_seconds.map(|limit| (limit, false)))
    }
}

impl State<'_> {
    /// Judges the pods whose time has come, and those that went away before it came.
    pub(super) async fn judge_due(&mut self) -> Vec<Change> {
        let time = Instant::now();
        let mut ready: BTreeMap<Key, (Option<Object>, bool)> = BTreeMap::new();
        let keys: Vec<Key> = self.due.iter().filter(|(_, d)| d.at <= time).map(|(k, _)| k.clone()).collect();
        for key in keys {
            let object = self.due.remove(&key).and_then(|d| d.object);
            ready.insert(key, (object, false));
        }
        for (key, object) in std::mem::take(&mut self.ended) {
            ready.entry(key).or_insert((Some(object), true));
        }
        let deadline = time + Duration::from_millis(self.options.budget.milliseconds);
        let look = Look {
            conn: self.conn,
            rules: Arc::clone(&self.rules),
            options: self.options,
            deadline,
            no_workflows: AtomicBool::new(false),
            shared: Shared::default(),
        };
        let judged = ready.into_iter().map(|(key, (object, gone))| {
            let limit = self.filter.limit_of(object.as_ref());
            let known = Known { pod: object.clone().map(Pod::from_object), events: None };
            let look = &look;
            async move {
                let (finding, gaps) = look.judge(&key.0, Suspect { name: key.1.clone(), known, limit }).await;
                (key, object, gone, finding, gaps)
            }
        });
        let mut all: Vec<_> = futures::stream::iter(judged).buffer_unordered(AT_ONCE).collect().await;
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut changes = Vec::new();
        for (key, object, gone, finding, gaps) in all {
            if finding.is_none() && !gone && gaps.iter().any(|g| g.resource == "pods" && g.verb == "get") {
                continue; // Not seen is not well.
            }
            self.unread(&key, if gone { Vec::new() } else { gaps });
            // Not yet a finding, but it looks wrong: it may be one after the grace.
            let looks_wrong = object.as_ref().is_some_and(|o| self.filter.is_suspect(&PodRow::from_pod(&Pod::from_object(o.clone()), self.conn.now())));
            if finding.is_none() && looks_wrong && !gone && self.options.grace_seconds > 0 {
                let grace = u64::try_from(self.options.grace_seconds).unwrap_or(60);
                self.due.entry(key.clone()).or_insert(Due { at: Instant::now() + Duration::from_secs(grace), object: None });
            }
            let finding = finding.map(|f| self.board.as_known(&key, f));
            let finding = finding.filter(|f| f.severity >= self.options.severity && (!self.options.silent_only || f.silent));
            let change = self.board.set(key.clone(), finding, now(self.conn), false);
            if !gone && change.as_ref().is_some_and(|c| matches!(c.kind, ChangeKind::Found | ChangeKind::Changed)) {
                self.keeping.found(&key, object);
            }
            changes.extend(change);
            if gone {
                changes.extend(self.board.set(key, None, now(self.conn), true));
            }
        }
        changes
    }
}
