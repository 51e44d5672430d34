//! What is kept of pods that fail or disappear: last object, events and log tails, redacted, a bundle each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use futures::StreamExt;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::{Duration, Instant};

use super::board::Key;
use crate::collect::{self, Extras, Known};
use crate::evidence::{Budget, Object, Options, Pod, State, Target};
use crate::redact::Redactor;
use crate::source::{BundleInfo, Connection, SourceError, encode, kept, object_path};

/// What one pod may take.
const POD_MILLISECONDS: u64 = 10_000;
/// Pods that are read at once: keeping must not slow down what is told.
const AT_ONCE: usize = 2;
/// Pods that wait to be read; of more than that the oldest is let go, for its log is the first that is lost anyhow.
const MOST_WAITING: usize = 500;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlightLimits {
    /// Pods; the oldest makes room.
    pub pods: usize,
    /// Bytes on disk; the oldest makes room. The newest pod stays, whatever its size.
    pub bytes: u64,
}

impl Default for FlightLimits {
    fn default() -> Self {
        Self { pods: 200, bytes: 32 * 1024 * 1024 }
    }
}

/// Keeps pods in a directory that `--from` reads.
pub struct Flight {
    directory: PathBuf,
    limits: FlightLimits,
    redactor: Redactor,
}

impl Flight {
    /// Keeps pods in a directory: a new one, an empty one, or one that was used for this before.
    ///
    /// # Errors
    /// It cannot be made or written, or holds something else.
    pub fn open(directory: PathBuf, limits: FlightLimits) -> Result<Self, SourceError> {
        kept::prepare(&directory)?;
        Ok(Self { directory, limits, redactor: Redactor::new() })
    }

    /// Keeps a pod as it is, with its events and, while it is there, its logs.
    async fn keep(&self, conn: &Connection, options: &Options, pod: &Object, there: bool) -> Result<(), SourceError> {
        let (namespace, name) = (pod.text("/metadata/namespace").unwrap_or_default().to_owned(), pod.name().to_owned());
        let Some(place) = kept::place(&self.directory, &namespace, &name, pod.uid()) else { return Ok(()) };
        let path = object_path("v1", Some(&encode(&namespace)), "pods", &encode(&name));
        let Ok(body) = serde_json::to_vec(pod.raw()) else { return Ok(()) };
        let conn = conn.clone().recorded();
        let Some(recorder) = conn.recorder.clone() else { return Ok(()) };
        // Of a pod that is gone nobody has a log any more, and its first events may have expired: what was kept of it while it was there stands.
        if !there && place.is_file() {
            for (file, body) in kept::logs_of(&place).unwrap_or_default() {
                recorder.keep_log(&path, &file, body);
            }
            for event in kept::events_of(&place).unwrap_or_default() {
                let Some(event_name) = event.pointer("/metadata/name").and_then(|n| n.as_str()) else { continue };
                let path = object_path("v1", Some(&encode(&namespace)), "events", &encode(event_name));
                recorder.keep(&path, event.to_string().into());
            }
        }
        recorder.keep(&path, body.into());
        let target = Target { namespace: namespace.clone(), name: name.clone(), uid: None };
        let known = Known { pod: Some(Pod::from_object(pod.clone())), events: None };
        let extras = Extras { namespace_given: true, known, brief: true, ..Extras::default() };
        let budget = Budget { rounds: 2, concurrency: 2, milliseconds: POD_MILLISECONDS };
        let options = Options { logs: options.logs && there, ..options.clone() };
        // What could not be asked is a gap of the bundle: recorded as refused, or not there.
        let _case = collect::collect(&conn, target, options, budget, extras).await;
        let info = BundleInfo {
            captured_at: conn.now(),
            server_version: conn.server_version.clone(),
            namespaces: vec![namespace],
            node_events_since: conn.node_events_since,
        };
        let unwritable = |e: std::io::Error| SourceError::Unwritable { path: self.directory.clone(), why: e.to_string().to_lowercase() };
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(unwritable)?;
        }
        recorder.write(&place, &info, &|text| self.redactor.redact(text).into_owned())?;
        kept::prune(&self.directory, self.limits.pods, self.limits.bytes).map_err(unwritable)
    }
}

struct Job {
    key: Key,
    /// `None`: as it is now.
    pod: Option<Object>,
    there: bool,
}

/// Pods on their way into the directory.
pub(super) struct Keeping<'a> {
    conn: &'a Connection,
    options: &'a Options,
    flight: Option<&'a Flight>,
    waiting: VecDeque<Job>,
    /// One pod is read once at a time, so that its last object comes last.
    busy: BTreeSet<Key>,
    running: FuturesUnordered<LocalBoxFuture<'a, (Key, Result<(), SourceError>)>>,
    /// Restarts at which a pod was kept, by uid: what became a finding was mostly kept when it ended.
    at: BTreeMap<String, i64>,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(conn: &'a Connection, options: &'a Options, flight: Option<&'a Flight>) -> Self {
        Self { conn, options, flight, waiting: VecDeque::new(), busy: BTreeSet::new(), running: FuturesUnordered::new(), at: BTreeMap::new() }
    }

    /// Looks at a pod that a watch heard of. A container that ended for the first time is kept before it is judged: its
    /// pod may be gone a second later.
    pub(super) fn heard(&mut self, key: &Key, pod: &Pod) {
        if self.flight.is_some() && has_failed(pod) && !self.at.contains_key(pod.object.uid()) {
            self.at.insert(pod.object.uid().to_owned(), restarts(pod));
            self.push(Job { key: key.clone(), pod: Some(pod.object.clone()), there: true });
        }
    }

    /// Keeps a pod that became a finding, or a finding of another kind.
    pub(super) fn found(&mut self, key: &Key, pod: Option<Object>) {
        if self.flight.is_none() {
            return;
        }
        if let Some(object) = &pod {
            let (uid, count) = (object.uid().to_owned(), restarts(&Pod::from_object(object.clone())));
            if self.at.insert(uid, count) == Some(count) {
                return;
            }
        }
        self.push(Job { key: key.clone(), pod, there: true });
    }

    /// Keeps the last object of a pod that is gone.
    pub(super) fn gone(&mut self, key: &Key, pod: Object) {
        self.at.remove(pod.uid());
        if self.flight.is_some() {
            self.push(Job { key: key.clone(), pod: Some(pod), there: false });
        }
    }

    fn push(&mut self, job: Job) {
        // What still waits for the same pod is overtaken by what is newer.
        self.waiting.retain(|w| w.key != job.key);
        self.waiting.push_back(job);
        if self.waiting.len() > MOST_WAITING {
            self.waiting.pop_front();
        }
        self.start();
    }

    fn start(&mut self) {
        let Some(flight) = self.flight else { return };
        while self.running.len() < AT_ONCE {
            let Some(at) = self.waiting.iter().position(|job| !self.busy.contains(&job.key)) else { return };
            let Some(job) = self.waiting.remove(at) else { return };
            self.busy.insert(job.key.clone());
            let (conn, options) = (self.conn, self.options);
            self.running.push(Box::pin(async move {
                let pod = match job.pod {
                    Some(pod) => Some(pod),
                    None => collect::objects_of(conn, &job.key.0, "pods", Some(&job.key.1), Instant::now() + Duration::from_millis(POD_MILLISECONDS))
                        .await
                        .ok()
                        .and_then(|all| all.into_iter().next()),
                };
                let kept = match pod {
                    Some(pod) => flight.keep(conn, options, &pod, job.there).await,
                    None => Ok(()), // Gone meanwhile: the watch brings its last object.
                };
                (job.key, kept)
            }));
        }
    }

    /// Waits until one more is kept; forever where nothing is to be kept.
    pub(super) async fn next(&mut self) -> Result<(), SourceError> {
        match self.running.next().await {
            Some((key, kept)) => {
                self.busy.remove(&key);
                self.start();
                kept
            }
            None => std::future::pending().await,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }
}

fn restarts(pod: &Pod) -> i64 {
    pod.containers.iter().map(|c| c.restarts).sum()
}

/// Something in it ended badly.
fn has_failed(pod: &Pod) -> bool {
    let badly = |state: &State| state.terminated().is_some_and(|t| t.exit_code != 0);
    pod.phase == "Failed" || pod.containers.iter().any(|c| badly(&c.state) || badly(&c.last_state))
}
