//! The loop: what the watches say, what is due, and a look at everything now and then.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

use super::board::{Board, Change, Key, key_of};
use super::flight::Flight;
use super::follow::{Heard, Scope, follow, newest};
use crate::collect::Known;
use crate::evidence::{Object, Pod, PodRow, Time};
use crate::rules::RuleSet;
use crate::scan::judge::Look;
use crate::scan::run::{namespaces, order};
use crate::scan::{Finding, Scan, ScanOptions, scan};
use crate::source::{Connection, SourceError, encode};

/// Changes of a pod are judged this long after the first of them: they come in bursts.
const SETTLE: Duration = Duration::from_secs(1);
/// After this long everything is looked at again.
const AGAIN: Duration = Duration::from_secs(300);
/// Pods that wait to be judged; what does not fit is found at the next look at everything.
const MOST_DUE: usize = 2000;
/// Pods judged at once.
const AT_ONCE: usize = 8;

struct Due {
    at: Instant,
    /// As the watch saw it last; `None`: ask.
    object: Option<Object>,
}

struct State<'a> {
    conn: &'a Connection,
    rules: &'a RuleSet,
    options: &'a ScanOptions,
    board: Board,
    last: Scan,
    due: BTreeMap<Key, Due>,
    flight: Option<&'a mut Flight>,
}

/// Scans, and goes on with what changes, until `told` says that it is enough. `told` sees what stands now, and the changes
/// (at first: all findings).
///
/// # Errors
/// The first look failed, or what is to be kept cannot be written.
pub async fn watch(
    conn: &Connection,
    rules: &RuleSet,
    options: &ScanOptions,
    flight: Option<&mut Flight>,
    told: &mut dyn FnMut(&Scan, &[Change]) -> ControlFlow<()>,
) -> Result<(), SourceError> {
    conn.clock.follow();
    let names = namespaces(conn, options, &mut Vec::new()).await?;
    let scopes: Vec<Scope> = names.iter().map(|n| Scope { namespace: n.clone(), selectors: selectors(options) }).collect();
    // The versions are taken before the first look: what happens meanwhile is heard twice rather than not at all.
    let versions: Vec<Option<String>> = futures::stream::iter(scopes.iter().map(|s| newest(conn, s))).buffered(AT_ONCE).collect().await;
    let first = scan(conn, rules, options).await?;
    let mut state = State { conn, rules, options, board: Board::default(), last: first.clone(), due: BTreeMap::new(), flight };
    let changes = state.board.replace(first.findings, &|_| false, now(conn));
    state.keep_new(&changes).await;
    if state.tell(&changes, told).is_break() {
        return state.write();
    }
    let (sender, mut heard) = mpsc::channel(256);
    let follows = scopes.iter().zip(versions).map(|(scope, version)| follow(conn, scope, version, sender.clone()));
    let mut follows = std::pin::pin!(futures::future::join_all(follows));
    let mut again = Instant::now() + AGAIN;
    loop {
        let next = state.due.values().map(|d| d.at).chain(state.flight.as_ref().and_then(|f| f.due())).chain([again]).min().unwrap_or(again);
        let changes = tokio::select! {
            _ = &mut follows => return state.write(),
            what = heard.recv() => match what {
                Some(what) => state.hear(what).await,
                None => return state.write(),
            },
            () = tokio::time::sleep_until(next) => {
                if again <= Instant::now() {
                    again = Instant::now() + AGAIN;
                    state.look_again().await?
                } else {
                    state.judge_due().await
                }
            }
        };
        state.keep_new(&changes).await;
        if state.flight.as_ref().and_then(|f| f.due()).is_some_and(|at| at <= Instant::now()) {
            state.write()?;
        }
        if !changes.is_empty() && state.tell(&changes, told).is_break() {
            return state.write();
        }
    }
}

fn now(conn: &Connection) -> Time {
    conn.now().unwrap_or(Time::UNIX_EPOCH)
}

fn selectors(options: &ScanOptions) -> String {
    // Excluded labels are left out by the watch itself, where they are plain.
    let labels: Vec<String> =
        options.selector.iter().cloned().chain(options.exclude.iter().filter_map(|l| l.split_once('=')).map(|(k, v)| format!("{k}!={v}"))).collect();
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
                let row = PodRow::from_pod(&pod, self.conn.now());
                let known = self.board.findings.contains_key(&key) || self.due.contains_key(&key);
                if known || (row.is_suspect() && self.due.len() < MOST_DUE) {
                    let at = self.due.get(&key).map_or_else(|| Instant::now() + SETTLE, |d| d.at.min(Instant::now() + SETTLE));
                    self.due.insert(key, Due { at, object: Some(object) });
                }
                Vec::new()
            }
            Heard::Gone(object) => {
                let key = (object.text("/metadata/namespace").unwrap_or_default().to_owned(), object.name().to_owned());
                self.due.remove(&key);
                if let Some(flight) = &mut self.flight {
                    flight.keep(self.conn, &self.options.options, &object, false).await;
                }
                self.board.set(key, None, now(self.conn), true).into_iter().collect()
            }
            Heard::Missed(namespace) => {
                let options = ScanOptions { namespaces: vec![namespace.clone()], all_namespaces: false, ..self.options.clone() };
                match scan(self.conn, self.rules, &options).await {
                    Ok(seen) => self.replace(seen.findings, &|other| other != namespace, &seen.gaps.clone()),
                    Err(_) => Vec::new(), // The next look at everything tries again.
                }
            }
        }
    }

    /// Judges the pods whose time has come.
    async fn judge_due(&mut self) -> Vec<Change> {
        let time = Instant::now();
        let ready: Vec<Key> = self.due.iter().filter(|(_, d)| d.at <= time).map(|(k, _)| k.clone()).collect();
        let deadline = time + Duration::from_millis(self.options.budget.milliseconds);
        let look = Look { conn: self.conn, rules: Arc::new(self.rules.clone()), options: self.options, deadline, no_workflows: AtomicBool::new(false) };
        let mut objects: BTreeMap<Key, Option<Object>> = ready.iter().filter_map(|k| Some((k.clone(), self.due.remove(k)?.object))).collect();
        let judged = ready.iter().map(|key| {
            let known = Known { pod: objects.get_mut(key).and_then(Option::take), events: None };
            let limit = self.options.max_age_seconds.map(|limit| (limit, false));
            let look = &look;
            async move {
                let whole = known.pod.clone();
                (key.clone(), whole, look.judge(&key.0, &key.1, known, limit).await)
            }
        });
        let mut all: Vec<_> = futures::stream::iter(judged).buffer_unordered(AT_ONCE).collect().await;
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut changes = Vec::new();
        for (key, object, (finding, gaps)) in all {
            if finding.is_none() && gaps.iter().any(|g| g.resource == "pods" && g.verb == "get") {
                continue; // Not seen is not well.
            }
            // Not yet a finding, but it looks wrong: it may be one after the grace.
            let looks_wrong = object.as_ref().is_some_and(|o| PodRow::from_pod(&Pod::from_object(o.clone()), None).is_suspect());
            if finding.is_none() && looks_wrong && self.options.grace_seconds > 0 {
                let grace = u64::try_from(self.options.grace_seconds).unwrap_or(60);
                self.due.entry(key.clone()).or_insert(Due { at: Instant::now() + Duration::from_secs(grace), object: None });
            }
            let finding = finding.filter(|f| f.severity >= self.options.severity && (!self.options.silent_only || f.silent));
            changes.extend(self.board.set(key, finding, now(self.conn), false));
        }
        changes
    }

    async fn look_again(&mut self) -> Result<Vec<Change>, SourceError> {
        let seen = match scan(self.conn, self.rules, self.options).await {
            Ok(seen) => seen,
            // A server that is away for a while is no reason to stop watching.
            Err(SourceError::Credentials(why)) => return Err(SourceError::Credentials(why)),
            Err(_) => return Ok(Vec::new()),
        };
        let findings = seen.findings.clone();
        let gaps = seen.gaps.clone();
        self.last = seen;
        Ok(self.replace(findings, &|_| false, &gaps))
    }

    /// Takes a look at whole namespaces; what it could not see is left as it stands.
    fn replace(&mut self, found: Vec<Finding>, outside: &dyn Fn(&str) -> bool, gaps: &[crate::evidence::Gap]) -> Vec<Change> {
        let unread = |namespace: &str| gaps.iter().any(|g| g.resource == "pods" && g.what.ends_with(&format!(" {namespace}")));
        self.board.replace(found, &|namespace| outside(namespace) || unread(namespace), now(self.conn))
    }

    /// Keeps the pods that became findings.
    async fn keep_new(&mut self, changes: &[Change]) {
        use super::board::ChangeKind::{Changed, Found};
        let Some(flight) = &mut self.flight else { return };
        for change in changes.iter().filter(|c| matches!(c.kind, Found | Changed)) {
            let Some(name) = &change.finding.pod else { continue };
            let read = crate::collect::objects_of(self.conn, &change.finding.namespace, "pods", Some(name)).await;
            let Some(object) = read.ok().and_then(|all| all.into_iter().next()) else { continue };
            flight.keep(self.conn, &self.options.options, &object, true).await;
        }
    }

    fn write(&mut self) -> Result<(), SourceError> {
        match &mut self.flight {
            Some(flight) => flight.write(self.conn),
            None => Ok(()),
        }
    }

    fn tell(&mut self, changes: &[Change], told: &mut dyn FnMut(&Scan, &[Change]) -> ControlFlow<()>) -> ControlFlow<()> {
        let pods = self.last.counts.pods;
        let mut findings: Vec<Finding> = self.board.findings.values().cloned().collect();
        findings.sort_by(order);
        let failed = findings.iter().filter(|f| f.pod.is_some()).map(key_of).collect::<std::collections::BTreeSet<_>>().len();
        self.last.counts.findings = findings.len();
        self.last.counts.silent = findings.iter().filter(|f| f.silent).count();
        self.last.counts.healthy = pods.saturating_sub(failed);
        self.last.findings = findings;
        self.last.observed_at = now(self.conn);
        let cost = self.conn.meter.read();
        self.last.cost = cost;
        told(&self.last, changes)
    }
}
