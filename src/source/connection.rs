//! A client, and what belongs to it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use tokio::sync::Semaphore;

use crate::evidence::{Cost, Time};

use super::recording::Recorder;

/// Counts requests and body bytes.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    counts: Arc<(AtomicU64, AtomicU64)>,
}

impl Meter {
    /// What was spent so far.
    pub fn read(&self) -> Cost {
        Cost { requests: self.counts.0.load(Ordering::Relaxed), bytes: self.counts.1.load(Ordering::Relaxed) }
    }

    /// One more request.
    pub(super) fn request(&self) {
        self.counts.0.fetch_add(1, Ordering::Relaxed);
    }

    /// More body bytes.
    pub(super) fn bytes(&self, count: usize) {
        self.counts.1.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// Remembers the first moment that the server told, so that one answer has one "now"; or, told to, the latest. The local
/// clock may be wrong: it is only held against the server's, so that whoever reads times or has a token refused can be told.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    first: Arc<OnceLock<Time>>,
    latest: Arc<Mutex<Option<(Time, Instant)>>>,
    follows: Arc<AtomicBool>,
    ahead: Arc<OnceLock<TimeDelta>>,
    /// This machine's time at the first answer, for a live server that tells none.
    own: Option<Arc<OnceLock<Time>>>,
}

impl Clock {
    /// A clock that stands still.
    pub fn fixed(time: Time) -> Self {
        let clock = Self::default();
        clock.hear(time);
        clock
    }

    /// The clock of a live server. Where none of its answers tells the time, as behind some proxies, this machine's stands in: a
    /// recording without a time has happened at another one.
    pub fn live() -> Self {
        Self { own: Some(Arc::default()), ..Self::default() }
    }

    /// "Now", once the server said so.
    pub fn now(&self) -> Option<Time> {
        let told = match self.follows.load(Ordering::Relaxed) {
            true => {
                let latest = *self.latest.lock().unwrap_or_else(PoisonError::into_inner);
                latest.map(|(time, heard)| time + TimeDelta::seconds(i64::try_from(heard.elapsed().as_secs()).unwrap_or(0)))
            }
            false => self.first.get().copied(),
        };
        told.or_else(|| self.own.as_ref()?.get().copied())
    }

    /// Whether "now" is this machine's.
    pub fn is_own(&self) -> bool {
        self.first.get().is_none() && self.own.as_ref().is_some_and(|own| own.get().is_some())
    }

    /// Takes an answer without a time.
    pub(super) fn hear_none(&self) {
        if let Some(own) = &self.own {
            let _ = own.set(Utc::now());
        }
    }

    /// How far the clock that was heard first was ahead of this machine's.
    pub fn ahead(&self) -> Option<TimeDelta> {
        self.ahead.get().copied()
    }

    /// From here on "now" is what the server told last and the seconds that went by since.
    pub fn follow(&self) {
        self.follows.store(true, Ordering::Relaxed);
    }

    /// Takes the time heard. Answers may come in another order than they were written: it never goes back.
    pub(super) fn hear(&self, time: Time) {
        if self.first.set(time).is_ok() {
            let _ = self.ahead.set(time - Utc::now());
        }
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.is_none_or(|(before, _)| time > before) {
            *latest = Some((time, Instant::now()));
        }
    }
}

/// Clocks that differ by less are as good as alike: the header has whole seconds, and an answer takes its time.
const NOTICEABLE: TimeDelta = TimeDelta::seconds(60);

/// Requests that one source answers at once.
const IN_FLIGHT: usize = 8;

/// Bounds of what goes on at once about one source, whoever wants it.
#[derive(Clone)]
pub struct Turns {
    /// Requests.
    pub asking: Arc<Semaphore>,
    /// Work that takes the processor.
    working: Arc<Semaphore>,
}

impl Default for Turns {
    /// One core is left to the thread that asks: as long as it waits for its turn, the server waits for the next question.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { asking: Arc::new(Semaphore::new(IN_FLIGHT)), working: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))) }
    }
}

/// A source of answers, live or recorded.
#[derive(Clone)]
pub struct Connection {
    /// The client; the only way to ask.
    pub client: kube::Client,
    /// "Now" of this source.
    pub clock: Clock,
    /// Namespace of the context, or the first of the bundle.
    pub default_namespace: String,
    /// The server's version, where it is known without asking.
    pub server_version: Option<String>,
    /// How a report names the source: `context kind-dev`, `bundle case.tar.gz`.
    pub description: String,
    /// The server's address, for errors; empty for a bundle.
    pub server: String,
    /// Node events before this were cut by the recorder.
    pub node_events_since: Option<Time>,
    /// What it costs.
    pub meter: Meter,
    /// Other namespaces that the user's kubeconfig names for this cluster.
    pub known_namespaces: Vec<String>,
    /// Bounds what goes on at once.
    pub turns: Turns,
    /// Keeps what the API says, when `--save` asks for it.
    pub recorder: Option<Recorder>,
}

impl Connection {
    /// Any client as a source without a recorder: for tests and embedding.
    pub fn from_client(client: kube::Client, clock: Clock, meter: Meter) -> Self {
        Self {
            default_namespace: client.default_namespace().to_owned(),
            client,
            clock,
            server_version: None,
            description: "client".to_owned(),
            server: String::new(),
            node_events_since: None,
            meter,
            known_namespaces: Vec::new(),
            turns: Turns::default(),
            recorder: None,
        }
    }

    /// "Now" of this source; `None` before the first answer of a live cluster.
    pub fn now(&self) -> Option<Time> {
        self.clock.now()
    }

    /// How far the server's clock is ahead of this machine's, where that is more than a request takes; `None` for a recording,
    /// whose time is that of its making.
    pub fn skew(&self) -> Option<TimeDelta> {
        self.clock.ahead().filter(|ahead| !self.server.is_empty() && ahead.abs() >= NOTICEABLE)
    }

    /// Does work beside that of the network, in another thread. It must end by itself: what hangs takes a core for good.
    ///
    /// # Errors
    /// The work panicked, or the program is about to end.
    pub async fn beside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, tokio::task::JoinError> {
        let _turn = self.turns.working.acquire().await;
        tokio::task::spawn_blocking(work).await
    }

    /// The same source, with everything it says from here on kept for a bundle.
    pub fn recorded(mut self) -> Self {
        let recorder = Recorder::default();
        let namespace = self.default_namespace.clone();
        let service = recorder.wrap(self.client);
        self.client = kube::Client::new(service, namespace);
        self.recorder = Some(recorder);
        self
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("description", &self.description).finish_non_exhaustive()
    }
}
