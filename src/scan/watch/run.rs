//! The loop: what the watches say, what is due, and a look at everything now and then.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

use super::board::{Board, Change, Key, key_of};
use super::flight::{Flight, Keeping};
use super::follow::{ANSWER, Heard, Scope, follow, newest};
use super::look::{Due, Filter};
use super::trouble::{Trouble, Troubles};
use crate::collect;
use crate::evidence::{Gap, GapKind, Pod, PodRow, Time};
use crate::rules::RuleSet;
use crate::scan::run::{namespaces, order};
use crate::scan::seen::Seen;
use crate::scan::{Finding, Scan, ScanOptions, scan};
use crate::source::{Connection, SourceError, encode};

/// Changes of a pod are judged this long after the first of them: they come in bursts.
const SETTLE: Duration = Duration::from_secs(1);
/// The number of pods is told no sooner after the last time.
const RECOUNT: Duration = Duration::from_millis(500);
/// After this long everything is looked at again.
const AGAIN: Duration = Duration::from_secs(300);
/// Pods that wait to be judged; what does not fit is found at the next look at everything.
const MOST_DUE: usize = 2000;
/// Pods and namespaces asked about at once.
const AT_ONCE: usize = 8;
/// Findings that are looked after one by one when they are gone from a look; the others stand until the next.
const MOST_MISSED: usize = 200;

/// What a watched scan knows at one moment.
pub struct View<'a> {
    /// What stands now.
    pub scan: &'a Scan,
    /// What changed since the view before; at first, all findings.
    pub changes: &'a [Change],
    /// What the watch cannot hear or keep.
    pub troubles: &'a [Trouble],
}

pub(super) struct State<'a> {
    pub(super) conn: &'a Connection,
    pub(super) rules: Arc<RuleSet>,
    pub(super) options: &'a ScanOptions,
    pub(super) filter: Filter,
    pub(super) board: Board,
    last: Scan,
    pub(super) due: BTreeMap<Key, Due>,
    /// Pods that went away before they were judged, as they were last.
    pub(super) ended: Vec<(Key, crate::evidence::Object)>,
    pub(super) keeping: Keeping<'a>,
    troubles: Troubles,
    /// The pods that are there.
    seen: Seen,
    /// How many of them were told, and when.
    counted: (usize, Instant),
}

/// Scans, and goes on with what changes, until `told` says that it is enough.
///
/// # Errors
/// The first look failed. From then on whatever fails is trouble that is told, and tried again.
pub async fn watch(
    conn: &Connection,
    rules: &RuleSet,
    options: &ScanOptions,
    flight: Option<&Flight>,
    told: &mut dyn FnMut(&View<'_>) -> ControlFlow<()>,
) -> Result<(), SourceError> {
    conn.clock.follow();
    let scopes = scopes(conn, options).await?;
    // The versions are taken before the first look: what happens meanwhile is heard twice rather than not at all.
    // A version that does not come must not keep the first look waiting.
    let patience = Duration::from_millis(options.budget.milliseconds).mul_f64(0.4);
    let versions: Vec<Option<String>> =
        futures::stream::iter(scopes.iter().map(|s| tokio::time::timeout(patience, newest(conn, s)))).buffered(AT_ONCE).map(|v| v.ok()?.ok()).collect().await;
    let first = scan(conn, rules, options).await?;
    let mut state = State {
        conn,
        rules: Arc::new(rules.clone()),
        options,
        filter: Filter::new(options),
        board: Board::default(),
        last: Scan { seen: Seen::default(), ..first.clone() },
        due: BTreeMap::new(),
        ended: Vec::new(),
        keeping: Keeping::new(conn, &options.options, flight),
        troubles: Troubles::default(),
        counted: (first.seen.count(), Instant::now()),
        seen: first.seen,
    };
    let changes = state.board.take(first.findings, now(conn));
    state.keep(&changes);
    if state.tell(&changes, told).is_break() {
        return Ok(());
    }
    let (sender, mut heard) = mpsc::channel(256);
    let follows = scopes.iter().zip(versions).map(|(scope, version)| follow(conn, scope, version, sender.clone()));
    let mut follows = std::pin::pin!(futures::future::join_all(follows));
    let mut again = Instant::now() + AGAIN;
    loop {
        let next = state.due.values().map(|d| d.at).chain([again]).min().unwrap_or(again);
        let next = if state.ended.is_empty() { next } else { Instant::now() };
        let next = state.recount_at().map_or(next, |at| at.min(next));
        let changes = tokio::select! {
            _ = &mut follows => return Ok(()),
            what = heard.recv() => match what {
                Some(what) => state.hear(what).await,
                None => return Ok(()),
            },
            kept = state.keeping.next() => {
                state.troubles.kept(kept, now(conn));
                Vec::new()
            }
            () = tokio::time::sleep_until(next) => {
                if again <= Instant::now() {
                    again = Instant::now() + AGAIN;
                    state.look_again().await
                } else {
                    state.judge_due().await
                }
            }
        };
        let counted = state.recount_at().is_some_and(|at| at <= Instant::now());
        if (!changes.is_empty() || state.troubles.is_news() || counted) && state.tell(&changes, told).is_break() {
            return state.finish().await;
        }
    }
}

/// One watch over everything where that is allowed: it hears of namespaces that are made later, too. Else one a namespace.
async fn scopes(conn: &Connection, options: &ScanOptions) -> Result<Vec<Scope>, SourceError> {
    let all = Scope { namespace: None, selectors: selectors(options) };
    if options.all_namespaces && newest(conn, &all).await.is_ok() {
        return Ok(vec![all]);
    }
    let names = namespaces(conn, options, &mut Vec::new()).await?;
    Ok(names.into_iter().map(|n| Scope { namespace: Some(n), selectors: selectors(options) }).collect())
}

pub(super) fn now(conn: &Connection) -> Time {
    conn.now().unwrap_or(Time::UNIX_EPOCH)
}

fn selectors(options: &ScanOptions) -> String {
    // Excluded labels are left out by the watch itself where they are plain; what it brings all the same is let go.
    let plain = |l: &String| l.split_once('=').filter(|(k, v)| !k.ends_with('!') && !v.starts_with('=')).map(|(k, v)| format!("{k}!={v}"));
    let labels: Vec<String> = options.selector.iter().cloned().chain(options.exclude.iter().filter_map(plain)).collect();
    let labels = (!labels.is_empty()).then(|| format!("labelSelector={}", encode(&labels.join(","))));
    let fields = options.field_selector.as_ref().map(|f| format!("fieldSelector={}", encode(f)));
    [labels, fields].into_iter().flatten().collect::<Vec<_>>().join("&")
}

impl State<'_> {
    /// Takes what a watch heard.
    async fn hear(&mut self, what: Heard) -> Vec<Change> {
        match what {
            Heard::Pod(object) => {
                let pod = Pod::from_object(object.clone());
                let key = (pod.namespace.clone(), pod.name.clone());
                if self.filter.is_excluded(&object) {
                    self.seen.go(&key.0, &key.1);
                    return Vec::new();
                }
                self.board.is_there(&key);
                self.seen.come(&key.0, &key.1);
                let row = PodRow::from_pod(&pod, self.conn.now());
                let known = self.board.findings.contains_key(&key) || self.due.contains_key(&key);
                if known || (self.filter.is_suspect(&row) && self.due.len() < MOST_DUE) {
                    self.keeping.heard(&key, &pod);
                    let at = self.due.get(&key).map_or_else(|| Instant::now() + SETTLE, |d| d.at.min(Instant::now() + SETTLE));
                    self.due.insert(key, Due { at, object: Some(object) });
                }
                Vec::new()
            }
            Heard::Gone(object) => {
                let key = (object.text("/metadata/namespace").unwrap_or_default().to_owned(), object.name().to_owned());
                if self.filter.is_excluded(&object) {
                    return Vec::new();
                }
                self.seen.go(&key.0, &key.1);
                self.unread(&key, Vec::new());
                self.keeping.gone(&key, object.clone());
                // What failed and was taken away at once has not been judged yet.
                let unjudged = self.due.remove(&key).is_some() || object.text("/status/phase") == Some("Failed");
                if unjudged && !self.board.findings.contains_key(&key) {
                    self.ended.push((key, object));
                    return Vec::new();
                }
                self.board.set(key, None, now(self.conn), true).into_iter().collect()
            }
            Heard::Missed(namespace) => {
                let mut options = self.options.clone();
                if let Some(namespace) = &namespace {
                    options.namespaces = vec![namespace.clone()];
                    options.all_namespaces = false;
                }
                match self.look(&options).await {
                    Ok(seen) => {
                        self.count(seen.seen, namespace.is_none(), &seen.gaps);
                        self.replace(seen.findings, &|other| namespace.as_ref().is_some_and(|n| n != other), &seen.gaps).await
                    }
                    Err(why) => {
                        self.troubles.lost(namespace, why, now(self.conn));
                        Vec::new()
                    }
                }
            }
            Heard::Back(scope) => self.troubles.back(scope),
            Heard::Lost(scope, why) => self.troubles.lost(scope, why, now(self.conn)),
            Heard::Refused(scope, why) => self.troubles.refused(scope, why, now(self.conn)),
        }
    }

    /// Takes the pods that a look saw. Those of a namespace that could not be listed did not go away.
    fn count(&mut self, seen: Seen, all: bool, gaps: &[Gap]) {
        let unread = |namespace: &str| gaps.iter().any(|g| g.resource == "pods" && g.verb == "list" && g.what.ends_with(&format!(" namespace {namespace}")));
        self.seen.update(seen, all, &unread);
    }

    /// What could not be read of a pod, in place of what could not be read of it before.
    pub(super) fn unread(&mut self, key: &Key, gaps: Vec<Gap>) {
        let (whole, part) = (format!("pod {}", key.1), format!(" of pod {}", key.1));
        self.last.gaps.retain(|g| g.what != whole && !g.what.ends_with(&part));
        self.last.gaps.extend(gaps);
        self.last.gaps.sort();
        self.last.gaps.dedup();
    }

    /// When another number of pods is to be told: soon, but not with each of many that come at once.
    fn recount_at(&self) -> Option<Instant> {
        let (told, at) = self.counted;
        (told != self.seen.count()).then(|| at + RECOUNT)
    }

    /// A whole look, within its time.
    async fn look(&self, options: &ScanOptions) -> Result<Scan, String> {
        let most = Duration::from_millis(options.budget.milliseconds) + ANSWER;
        match tokio::time::timeout(most, scan(self.conn, &self.rules, options)).await {
            Ok(seen) => seen.map_err(|e| e.to_string()),
            Err(_) => Err(format!("no answer within {} s", most.as_secs())),
        }
    }

    async fn look_again(&mut self) -> Vec<Change> {
        let seen = match self.look(self.options).await {
            Ok(seen) => seen,
            // A server that is away for a while is no reason to stop watching.
            Err(why) => return self.troubles.no_look(why, now(self.conn)),
        };
        self.troubles.looked();
        let (findings, gaps) = (seen.findings.clone(), seen.gaps.clone());
        self.count(seen.seen, true, &gaps);
        self.last = Scan { seen: Seen::default(), ..seen };
        self.replace(findings, &|_| false, &gaps).await
    }

    /// Takes a look at whole namespaces; what it could not see is left as it stands.
    async fn replace(&mut self, found: Vec<Finding>, outside: &dyn Fn(&str) -> bool, gaps: &[Gap]) -> Vec<Change> {
        let unread = |key: &Key| {
            outside(&key.0)
                || gaps.iter().any(|g| g.resource == "pods" && (g.what.ends_with(&format!(" namespace {}", key.0)) || g.what == format!("pod {}", key.1)))
                // Owners without pods are told by events, workflows that failed by their list.
                || (key.1.ends_with('/') && gaps.iter().any(|g| g.resource == "events" && g.what.ends_with(&format!(" namespace {}", key.0))))
        };
        let missing: Vec<Key> = self.board.missing(&found).into_iter().filter(|k| !unread(k)).collect();
        let asked = missing.into_iter().take(MOST_MISSED).map(|key| async {
            if key.1.ends_with('/') {
                return Some((key, false));
            }
            match collect::objects_of(self.conn, &key.0, "pods", Some(&key.1), Instant::now() + Duration::from_millis(self.options.budget.milliseconds)).await {
                Ok(_) => Some((key, false)),
                Err(gap) if gap.kind == GapKind::NotFound => Some((key, true)),
                Err(_) => None, // Not seen is not well.
            }
        });
        let settled: BTreeMap<Key, bool> = futures::stream::iter(asked).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
        let time = now(self.conn);
        let mut changes = Vec::new();
        for (key, gone) in &settled {
            changes.extend(self.board.set(key.clone(), None, time, *gone));
        }
        changes.extend(self.board.take(found, time));
        self.keep(&changes);
        changes
    }

    /// Keeps the pods that a look found, the worst first.
    fn keep(&mut self, changes: &[Change]) {
        use super::board::ChangeKind::{Changed, Found};
        let mut fresh: Vec<&Finding> = changes.iter().filter(|c| matches!(c.kind, Found | Changed)).map(|c| &c.finding).collect();
        fresh.sort_by(|a, b| order(a, b));
        for finding in fresh.into_iter().filter(|f| f.pod.is_some()) {
            let key = key_of(finding);
            if !self.board.is_gone(&key) {
                self.keeping.found(&key, None);
            }
        }
    }

    /// Lets what is being kept come to its end, for a moment.
    async fn finish(&mut self) -> Result<(), SourceError> {
        let all = async {
            while !self.keeping.is_idle() {
                self.keeping.next().await?;
            }
            Ok(())
        };
        tokio::time::timeout(ANSWER, all).await.unwrap_or(Ok(()))
    }

    fn tell(&mut self, changes: &[Change], told: &mut dyn FnMut(&View<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        self.counted = (self.seen.count(), Instant::now());
        let mut findings: Vec<Finding> = self.board.findings.values().cloned().collect();
        findings.sort_by(order);
        self.last.counts.findings = findings.len();
        self.last.counts.silent = findings.iter().filter(|f| f.silent).count();
        self.last.counts.pods = self.counted.0;
        self.last.counts.healthy = self.seen.healthy(&findings).saturating_sub(self.last.counts.unread);
        self.last.findings = findings;
        self.last.observed_at = now(self.conn);
        self.last.cost = self.conn.meter.read();
        told(&View { scan: &self.last, changes, troubles: &self.troubles.list() })
    }
}
