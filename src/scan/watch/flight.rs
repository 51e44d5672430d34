//! What is kept of pods that fail or disappear: last object, events and log tails, redacted, as one bundle.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use tokio::time::{Duration, Instant};

use crate::collect::{self, Extras, Known};
use crate::evidence::{Budget, Object, Options, Target};
use crate::redact::Redactor;
use crate::source::{BundleInfo, Connection, Recorder, SourceError, encode, object_path, write_directory};

/// At most so many pods are kept; the oldest makes room.
const MOST_PODS: usize = 200;
/// At most so many bytes are kept of all of them, as they came.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Writing is put off so long, so that a burst of failures is one write.
const PUT_OFF: Duration = Duration::from_secs(5);
/// What one pod may take.
const POD_MILLISECONDS: u64 = 10_000;

struct Kept {
    namespace: String,
    name: String,
    recorder: Recorder,
}

/// Keeps pods in a directory that `--from` reads.
pub struct Flight {
    directory: PathBuf,
    kept: VecDeque<Kept>,
    written: BTreeSet<String>,
    due: Option<Instant>,
}

impl Flight {
    /// Keeps pods in a directory, which must be empty or not there.
    ///
    /// # Errors
    /// It cannot be made, or holds something already.
    pub fn new(directory: PathBuf) -> Result<Self, SourceError> {
        let unwritable = |why: String| SourceError::Unwritable { path: directory.clone(), why };
        std::fs::create_dir_all(&directory).map_err(|e| unwritable(e.to_string().to_lowercase()))?;
        let mut entries = std::fs::read_dir(&directory).map_err(|e| unwritable(e.to_string().to_lowercase()))?;
        if entries.next().is_some() {
            return Err(unwritable("it is not empty, and what was kept before would be lost".to_owned()));
        }
        Ok(Self { directory, kept: VecDeque::new(), written: BTreeSet::new(), due: None })
    }

    /// When the next write is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Keeps a pod as it is, with its events and, while it is there, its logs.
    pub(super) async fn keep(&mut self, conn: &Connection, options: &Options, pod: &Object, there: bool) {
        let (namespace, name) = (pod.text("/metadata/namespace").unwrap_or_default().to_owned(), pod.name().to_owned());
        let path = object_path("v1", Some(&encode(&namespace)), "pods", &encode(&name));
        let Ok(body) = serde_json::to_vec(pod.raw()) else { return };
        let known = self.kept.iter().position(|k| k.namespace == namespace && k.name == name);
        // Logs of a pod that is gone cannot be asked for; those kept while it was there stand beside its last object.
        let conn = match known {
            Some(at) if !there => {
                if let Some(kept) = self.kept.get(at) {
                    kept.recorder.keep(&path, body.into());
                }
                self.put_off();
                return;
            }
            Some(at) => {
                self.kept.remove(at);
                conn.clone().recorded()
            }
            None => conn.clone().recorded(),
        };
        let Some(recorder) = conn.recorder.clone() else { return };
        recorder.keep(&path, body.into());
        let target = Target { namespace: namespace.clone(), name: name.clone(), uid: None };
        let known = Known { pod: Some(pod.clone()), events: None };
        let extras = Extras { namespace_given: true, name_peers: None, known: Some(&known), brief: true };
        let budget = Budget { rounds: 2, concurrency: 2, milliseconds: POD_MILLISECONDS };
        let options = Options { logs: options.logs && there, ..options.clone() };
        // What could not be asked is a gap of the bundle: recorded as refused, or not there.
        let _case = collect::collect(&conn, target, options, budget, extras).await;
        self.kept.push_back(Kept { namespace, name, recorder });
        while self.kept.len() > MOST_PODS || (self.kept.len() > 1 && self.kept.iter().map(|k| k.recorder.bytes()).sum::<usize>() > MOST_BYTES) {
            self.kept.pop_front();
        }
        self.put_off();
    }

    fn put_off(&mut self) {
        self.due.get_or_insert(Instant::now() + PUT_OFF);
    }

    /// Writes what changed since the last time.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn write(&mut self, conn: &Connection) -> Result<(), SourceError> {
        if self.due.take().is_none() {
            return Ok(());
        }
        let namespaces: BTreeSet<String> = self.kept.iter().map(|k| k.namespace.clone()).collect();
        let info = BundleInfo {
            captured_at: conn.now(),
            server_version: conn.server_version.clone(),
            namespaces: namespaces.into_iter().collect(),
            node_events_since: conn.node_events_since,
        };
        let recorders: Vec<&Recorder> = self.kept.iter().map(|k| &k.recorder).collect();
        let redactor = Redactor::new();
        self.written = write_directory(&recorders, &self.directory, &self.written, &info, &|text| redactor.redact(text).into_owned())?;
        Ok(())
    }
}
