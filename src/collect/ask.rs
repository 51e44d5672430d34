//! One request, and every way in which it can fail.

use std::sync::Arc;

use bytes::BytesMut;
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{Duration, Instant};

use crate::evidence::{GapKind, Object, PodRow};
use crate::source::{ApiPath, Connection, MALFORMED, NOT_COVERED, SourceError, from_kube, read_gap_warning};

use super::page::{self, Wanted};
use super::pager::Pager;
use super::weigh::{MAX_WEIGHT, is_bearable};

/// Larger list bodies are not read to their end.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// Larger log bodies are not read to their end; asked again with fewer lines.
pub const MAX_LOG_BODY_BYTES: usize = 1024 * 1024;

/// What one request may take of the time that is left.
const SHARE: f64 = 0.4;

/// A connection that fails sooner may have been closed before the request was sent on it.
const HASTY: Duration = Duration::from_millis(500);

/// What the API server's Table is asked for with (KV/apiserver/pkg/endpoints/handlers/response.go `asTable`).
const ACCEPT_TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
const ACCEPT_JSON: &str = "application/json";

/// Asks, never more than so many at once.
pub(super) struct Asker<'a> {
    pub(super) conn: &'a Connection,
    permits: Semaphore,
    until: Option<Until>,
}

/// When a request has had its time.
#[derive(Clone, Copy)]
enum Until {
    /// All of them by then.
    Moment(Instant),
    /// Each has a share of what is left until then.
    Share(Instant),
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// HTTP status; `None` without an HTTP answer.
    pub(super) code: Option<u16>,
    pub(super) kind: GapKind,
    /// Lower-case fragment with the server's words.
    pub(super) why: String,
    /// What it says about the connection as a whole.
    pub(super) fatal: Option<SourceError>,
}

impl Failure {
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self { code: Some(200), kind: GapKind::Malformed, why: why.into(), fatal: None }
    }

    pub(super) fn late() -> Self {
        Self { code: None, kind: GapKind::TimedOut, why: "no answer within the time allowed".to_owned(), fatal: None }
    }

    pub(super) fn is_absent(&self) -> bool {
        self.code == Some(404)
    }
}

/// What is asked has until then.
pub(super) async fn within<T>(until: Instant, asking: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout_at(until, asking).await.unwrap_or_else(|_| Err(Failure::late()))
}

/// A body, and what the source said was missing from it.
pub(super) struct Reply {
    pub(super) body: BytesMut,
    pub(super) warnings: Vec<(GapKind, String)>,
    /// There was more than the cap.
    pub(super) cut: bool,
}

/// A list, as far as it was read.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) items: Vec<Object>,
    /// The server printed rows instead of objects.
    pub(super) rows: Vec<PodRow>,
    /// How many objects were let go after they were looked at.
    pub(super) let_go: usize,
    /// There is more than was read.
    pub(super) more: bool,
    /// What is missing from it.
    pub(super) problems: Vec<(GapKind, String)>,
}

/// Lets go of what is not needed of a page that was just read.
pub(super) type Thin<'t> = dyn Fn(&mut Listed) + Sync + 't;

impl<'a> Asker<'a> {
    pub(super) fn new(conn: &'a Connection, concurrency: usize) -> Self {
        Self { conn, permits: Semaphore::new(concurrency.max(1)), until: None }
    }

    /// With an end for each request: a question of several is told which of them had no answer.
    pub(super) fn until(self, until: Instant) -> Self {
        Self { until: Some(Until::Moment(until)), ..self }
    }

    /// With a share of the time for each request: one that hangs does not take it from all that follow.
    pub(super) fn sharing(self, deadline: Instant) -> Self {
        Self { until: Some(Until::Share(deadline)), ..self }
    }

    /// One GET. The body is read in chunks, up to the cap.
    pub(super) async fn fetch(&self, uri: &str, accept: &str, cap: usize) -> Result<Reply, Failure> {
        self.fetch_into(uri, accept, cap, BytesMut::new()).await
    }

    /// The same into room that was made before.
    pub(super) async fn fetch_into(&self, uri: &str, accept: &str, cap: usize, room: BytesMut) -> Result<Reply, Failure> {
        let until = match self.until {
            Some(Until::Moment(until)) => until,
            Some(Until::Share(deadline)) => {
                let now = Instant::now();
                now + deadline.saturating_duration_since(now).mul_f64(SHARE)
            }
            None => return self.send(uri, accept, cap, room).await,
        };
        within(until, self.send(uri, accept, cap, room)).await
    }

    async fn send(&self, uri: &str, accept: &str, cap: usize, mut read: BytesMut) -> Result<Reply, Failure> {
        let _permit = self.permits.acquire().await.ok();
        let _turn = self.conn.turns.asking.acquire().await.ok();
        let request = || {
            http::Request::get(uri).header(http::header::ACCEPT, accept).body(Body::empty()).map_err(|e| Failure {
                code: None,
                kind: GapKind::NotAsked,
                why: format!("not a valid request: {e}"),
                fatal: None,
            })
        };
        let started = Instant::now();
        let response = match self.conn.client.send(request()?).await.map_err(|e| self.transport(&e)) {
            // Servers and proxies close idle connections without a word: a request that went out on one is asked again on another.
            Err(Failure { fatal: Some(SourceError::Unreachable { .. }), .. }) if started.elapsed() < HASTY => {
                self.conn.client.send(request()?).await.map_err(|e| self.transport(&e))?
            }
            answer => answer?,
        };
        let status = response.status();
        let warnings = response.headers().get_all(http::header::WARNING).iter().filter_map(read_gap_warning).collect();
        let mut body = response.into_body();
        read.clear();
        let mut cut = false;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| Failure { code: Some(status.as_u16()), ..self.transport(&e) })?;
            if let Some(data) = frame.data_ref() {
                read.extend_from_slice(data);
                if read.len() > cap {
                    cut = true;
                    break;
                }
            }
        }
        if status.is_success() { Ok(Reply { body: read, warnings, cut }) } else { Err(refused(status.as_u16(), &read)) }
    }

    fn transport(&self, error: &kube::Error) -> Failure {
        let fatal = from_kube(error, &self.conn.server);
        let kind = if matches!(fatal, SourceError::Credentials(_)) { GapKind::Forbidden } else { GapKind::TimedOut };
        let why = match &fatal {
            SourceError::Unreachable { why, .. } | SourceError::Tls { why, .. } | SourceError::Credentials(why) => why.clone(),
            other => other.to_string(),
        };
        Failure { code: None, kind, why, fatal: Some(fatal) }
    }

    /// One object by name; its kind and name are checked.
    pub(super) async fn get(&self, uri: &str, kind: &str, name: &str) -> Result<Object, Failure> {
        let reply = self.fetch(uri, ACCEPT_JSON, MAX_BODY_BYTES).await?;
        let read = page::object(whole(&reply)?).map_err(not_json)?;
        let mut map = read.ok_or_else(|| Failure::malformed(format!("expected a {kind}, got something else")))?;
        let api_version = ApiPath::parse(uri).map(|p| p.api_version).unwrap_or_default();
        fill_in(&mut map, kind, &api_version);
        let object = Object::new(Value::Object(map));
        if object.kind() != kind {
            return Err(Failure::malformed(format!("expected a {kind}, got \"{}\"", shorten(object.kind()))));
        }
        if object.name() != name {
            return Err(Failure::malformed(format!("asked for {name}, got \"{}\"", shorten(object.name()))));
        }
        Ok(object)
    }

    /// A list in pages of `limit`, up to `pages`. `path` is a collection; `selectors` an encoded query part or empty.
    pub(super) async fn list(&self, path: &str, selectors: &str, limit: usize, pages: usize) -> Result<Listed, Failure> {
        self.gather(Pager::new(self, path, selectors, limit, pages, ACCEPT_JSON), &|_| {}).await
    }

    /// Pods as the server's printed rows. Servers and proxies that know no tables answer with the objects: both are taken.
    pub(super) async fn rows(&self, path: &str, selectors: &str, limit: usize, pages: usize) -> Result<Listed, Failure> {
        self.rows_thinned(path, selectors, limit, pages, &|_| {}).await
    }

    /// The same where a page that came as objects is thinned out at once: `thin` sees all that was kept so far, and the page.
    pub(super) async fn rows_thinned(&self, path: &str, selectors: &str, limit: usize, pages: usize, thin: &Thin<'_>) -> Result<Listed, Failure> {
        let selectors = if selectors.is_empty() { "includeObject=None".to_owned() } else { format!("includeObject=None&{selectors}") };
        self.gather(Pager::new(self, path, &selectors, limit, pages, ACCEPT_TABLE), thin).await
    }

    /// A list of which each page is thinned out as it comes.
    pub(super) async fn list_thinned(&self, path: &str, selectors: &str, limit: usize, pages: usize, thin: &Thin<'_>) -> Result<Listed, Failure> {
        self.gather(Pager::new(self, path, selectors, limit, pages, ACCEPT_JSON), thin).await
    }

    /// A list page by page, without the items that `wanted` does not want.
    pub(super) fn pages_of(&self, path: &str, limit: usize, pages: usize, wanted: Arc<Wanted>) -> Pager<'_, 'a> {
        Pager::new(self, path, "", limit, pages, ACCEPT_JSON).wanting(wanted)
    }

    async fn gather(&self, mut pager: Pager<'_, 'a>, thin: &Thin<'_>) -> Result<Listed, Failure> {
        let mut listed = Listed::default();
        while let Some(page) = pager.next().await {
            let mut page = match page {
                Ok(page) => page,
                // What was read before stands; a token runs out when the server compacts its history.
                Err(failure) if pager.turned > 1 => {
                    listed.problems.push((failure.kind, format!("after {} entries: {}", listed.items.len() + listed.rows.len(), failure.why)));
                    listed.more = true;
                    return Ok(listed);
                }
                Err(failure) => return Err(failure),
            };
            listed.items.append(&mut page.items);
            listed.rows.append(&mut page.rows);
            listed.problems.append(&mut page.problems);
            let before = listed.items.len();
            thin(&mut listed);
            listed.let_go += before - listed.items.len().min(before);
            listed.more = page.more;
        }
        Ok(listed)
    }
}

/// Items inside a list carry neither kind nor apiVersion.
pub(super) fn fill_in(map: &mut serde_json::Map<String, Value>, kind: &str, api_version: &str) {
    for (key, text) in [("kind", kind), ("apiVersion", api_version)] {
        if !text.is_empty() && map.get(key).and_then(Value::as_str).is_none_or(str::is_empty) {
            map.insert(key.to_owned(), Value::from(text));
        }
    }
}

/// The body, when all of it is there.
pub(super) fn whole(reply: &Reply) -> Result<&[u8], Failure> {
    if reply.cut {
        return Err(Failure::malformed(format!("the answer is larger than {} MiB", MAX_BODY_BYTES >> 20)));
    }
    if !is_bearable(&reply.body) {
        return Err(Failure::malformed(format!("the answer would take more than {} MiB of memory", MAX_WEIGHT >> 20)));
    }
    Ok(&reply.body)
}

pub(super) fn not_json(error: serde_json::Error) -> Failure {
    Failure::malformed(format!("the answer is not JSON: {error}"))
}

/// Reads a failure `Status`, or whatever else came with the code.
fn refused(code: u16, body: &[u8]) -> Failure {
    let status: Option<Value> = serde_json::from_slice(body).ok();
    let text = |key: &str| status.as_ref().and_then(|s| s.get(key)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (reason, message) = (text("reason"), text("message"));
    let kind = match (code, reason.as_str()) {
        (_, NOT_COVERED) => GapKind::NotAsked,
        (_, MALFORMED) => GapKind::Malformed,
        (401 | 403, _) => GapKind::Forbidden,
        (404, _) => GapKind::NotFound,
        (410, _) => GapKind::Expired,
        (408 | 429 | 500..=599, _) => GapKind::TimedOut,
        _ => GapKind::Malformed,
    };
    let words = if message.is_empty() { String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ") } else { message };
    let fatal = (code == 401).then(|| SourceError::Credentials(if words.is_empty() { "401 unauthorized".to_owned() } else { shorten(&words) }));
    // Our own word for what a recording lacks; it has no path or code that anyone could look up.
    let words = if reason == NOT_COVERED { "not in what was recorded".to_owned() } else { words };
    let why = if reason == NOT_COVERED {
        words.clone()
    } else if words.is_empty() {
        code.to_string()
    } else {
        format!("{code}: {}", shorten(&words))
    };
    Failure { code: Some(code), kind, why, fatal }
}

/// Bounds foreign words in our own.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 300 { text.to_owned() } else { text.chars().take(300).chain(['…']).collect() }
}
