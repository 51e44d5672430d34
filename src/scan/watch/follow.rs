//! One watch, kept up: bookmarks, reconnects, a fresh start where the server's history does not reach back, and looks in its
//! place where watching is not allowed.

use bytes::BytesMut;
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use serde_json::Value;
use tokio::sync::mpsc::Sender;
use tokio::time::{Duration, Instant};

use crate::collect::is_bearable;
use crate::evidence::Object;
use crate::source::{Connection, collection_path, encode, from_kube};

/// The server ends a watch after so long; the next one goes on where it ended. Below what proxies take for idle.
const WATCH_SECONDS: u64 = 240;
/// The server writes a bookmark a minute: a stream that is silent for so long has lost its other end.
const SILENCE: Duration = Duration::from_secs(150);
/// A longer line is no pod.
const MAX_LINE: usize = 8 * 1024 * 1024;
/// Pauses between tries.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After so many broken tries in a row the version itself is doubted: the server may have been restored from a backup.
const TRIES: u32 = 5;
/// Time for one answer that is no watch.
pub(super) const ANSWER: Duration = Duration::from_secs(30);
/// Where nobody may watch, everything is looked at this often, and watching is tried again after so many looks.
const LOOK: Duration = Duration::from_secs(30);
const LOOKS: u32 = 20;

/// What a watch heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// A pod as it is now.
    Pod(Object),
    /// A pod as it was last.
    Gone(Object),
    /// Changes may have been missed: look again at the namespace, or at all of them.
    Missed(Option<String>),
    /// It is heard again.
    Back(Option<String>),
    /// It is not heard: tried again.
    Lost(Option<String>, String),
    /// It may not be heard: looked at again and again instead.
    Refused(Option<String>, String),
}

/// What is watched.
pub(super) struct Scope {
    /// `None`: all namespaces with one watch.
    pub(super) namespace: Option<String>,
    /// Encoded query part, or empty.
    pub(super) selectors: String,
}

impl Scope {
    fn uri(&self, query: &str) -> String {
        let path = collection_path("v1", self.namespace.as_deref().map(encode).as_deref(), "pods");
        let more = if self.selectors.is_empty() { String::new() } else { format!("&{}", self.selectors) };
        format!("{path}?{query}{more}")
    }
}

/// Why there is no version, or no stream.
#[derive(Debug)]
pub(super) struct Unheard {
    /// 401 or 403.
    pub(super) refused: bool,
    /// Lower-case fragment.
    pub(super) why: String,
}

/// Follows one scope until nobody listens.
pub(super) async fn follow(conn: &Connection, scope: &Scope, mut version: Option<String>, heard: Sender<Heard>) {
    let (mut pause, mut broken, mut lost) = (SHORTEST_PAUSE, 0, false);
    loop {
        if version.is_none() {
            match newest(conn, scope).await {
                // Whatever happened until this version is not heard of any more.
                Ok(newest) => {
                    version = Some(newest);
                    if heard.send(Heard::Missed(scope.namespace.clone())).await.is_err() {
                        return;
                    }
                }
                Err(unheard) => {
                    let told = if unheard.refused { Heard::Refused } else { Heard::Lost };
                    lost = true;
                    if heard.send(told(scope.namespace.clone(), unheard.why)).await.is_err() {
                        return;
                    }
                }
            }
        }
        let started = Instant::now();
        let ended = match &version {
            Some(from) => listen(conn, scope, from.clone(), &heard, &mut version, &mut lost).await,
            None => Ended::Mute,
        };
        match ended {
            Ended::Unheard => return,
            Ended::AsPlanned => {
                (pause, broken) = (SHORTEST_PAUSE, 0);
                // A server that closes each stream at once is not asked all the time.
                if started.elapsed() > LONGEST_PAUSE {
                    continue;
                }
            }
            Ended::TooOld => {
                version = None;
                // The next try begins afresh, at once; where that is too old again there is a pause.
                broken += 1;
                if broken == 1 {
                    continue;
                }
            }
            Ended::Broken(why) => {
                broken += 1;
                if broken % TRIES == 0 {
                    version = None;
                }
                lost = true;
                if heard.send(Heard::Lost(scope.namespace.clone(), why)).await.is_err() {
                    return;
                }
            }
            Ended::Refused(why) => {
                lost = true;
                if heard.send(Heard::Refused(scope.namespace.clone(), why)).await.is_err() || !look_instead(scope, &heard).await {
                    return;
                }
                continue;
            }
            Ended::Mute => {}
        }
        if !rest(pause, &heard).await {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// False when nobody listens any more.
async fn rest(pause: Duration, heard: &Sender<Heard>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(pause) => true,
        () = heard.closed() => false,
    }
}

async fn look_instead(scope: &Scope, heard: &Sender<Heard>) -> bool {
    for _ in 0..LOOKS {
        if !rest(LOOK, heard).await || heard.send(Heard::Missed(scope.namespace.clone())).await.is_err() {
            return false;
        }
    }
    true
}

/// The version of the collection now: the metadata of a list of one row.
pub(super) async fn newest(conn: &Connection, scope: &Scope) -> Result<String, Unheard> {
    let accept = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
    let broken = |why: String| Unheard { refused: false, why };
    let asked = async {
        let request = http::Request::get(scope.uri("limit=1&includeObject=None")).header(http::header::ACCEPT, accept).body(Body::empty());
        let request = request.map_err(|e| broken(e.to_string()))?;
        let response = conn.client.send(request).await.map_err(|e| broken(from_kube(&e, &conn.server).to_string()))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_LINE).collect().await.map_err(|e| broken(e.to_string()))?.to_bytes();
        if !is_bearable(&body) {
            return Err(broken("the answer would take too much memory".to_owned()));
        }
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status != 200 {
            return Err(Unheard { refused: matches!(status, 401 | 403), why: said(status, &answer) });
        }
        let version = answer.pointer("/metadata/resourceVersion").and_then(Value::as_str).filter(|v| !v.is_empty());
        version.map(str::to_owned).ok_or_else(|| broken("the list has no version to watch from".to_owned()))
    };
    tokio::time::timeout(ANSWER, asked).await.unwrap_or_else(|_| Err(broken(format!("no answer within {} s", ANSWER.as_secs()))))
}

fn said(status: u16, answer: &Value) -> String {
    match answer.get("message").and_then(Value::as_str).filter(|m| !m.is_empty()) {
        Some(message) => format!("{status}: {}", message.chars().take(300).collect::<String>()),
        None => status.to_string(),
    }
}

enum Ended {
    /// Nobody listens any more.
    Unheard,
    /// The server closed it after it had said something.
    AsPlanned,
    /// 410: the version is out of the server's history.
    TooOld,
    /// 401 or 403.
    Refused(String),
    /// No answer, or a broken one.
    Broken(String),
    /// There was no version to listen from.
    Mute,
}

async fn listen(conn: &Connection, scope: &Scope, from: String, heard: &Sender<Heard>, version: &mut Option<String>, lost: &mut bool) -> Ended {
    let query = format!("watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={}", encode(&from));
    let request = match http::Request::get(scope.uri(&query)).header(http::header::ACCEPT, "application/json").body(Body::empty()) {
        Ok(request) => request,
        Err(e) => return Ended::Broken(e.to_string()),
    };
    // The header of a watch comes at once, whether or not there is something to tell.
    let response = match tokio::time::timeout(ANSWER, conn.client.send(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(e)) => return Ended::Broken(from_kube(&e, &conn.server).to_string()),
        Err(_) => return Ended::Broken(format!("no answer within {} s", ANSWER.as_secs())),
    };
    let status = response.status();
    let mut body = response.into_body();
    if !status.is_success() {
        let answer = tokio::time::timeout(ANSWER, Limited::new(body, MAX_LINE).collect()).await.ok().and_then(Result::ok).map(|b| b.to_bytes());
        let answer: Value = answer.and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
        return match status.as_u16() {
            410 => Ended::TooOld,
            code @ (401 | 403) => Ended::Refused(said(code, &answer)),
            code => Ended::Broken(said(code, &answer)),
        };
    }
    if std::mem::take(lost) && heard.send(Heard::Back(scope.namespace.clone())).await.is_err() {
        return Ended::Unheard;
    }
    let mut buffer = BytesMut::new();
    let mut told = false;
    loop {
        let frame = tokio::select! {
            frame = tokio::time::timeout(SILENCE, body.frame()) => frame,
            () = heard.closed() => return Ended::Unheard,
        };
        let data = match frame {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => data,
                Err(_) => continue,
            },
            // Whether it can be heard again tells the next try.
            Ok(_) if told => return Ended::AsPlanned,
            Ok(Some(Err(e))) => return Ended::Broken(e.to_string()),
            Ok(None) => return Ended::Broken("the stream ended before anything was said".to_owned()),
            Err(_) => return Ended::AsPlanned,
        };
        buffer.extend_from_slice(&data);
        while let Some(end) = buffer.iter().position(|b| *b == b'\n') {
            let line = buffer.split_to(end + 1);
            let Some(event) = Some(&line).filter(|line| is_bearable(line)).and_then(|line| serde_json::from_slice::<Value>(line).ok()) else { continue };
            match take(event, version) {
                Taken::Heard(what) => {
                    told = true;
                    if heard.send(what).await.is_err() {
                        return Ended::Unheard;
                    }
                }
                Taken::Nothing => told = true,
                Taken::TooOld => return Ended::TooOld,
                Taken::Broken(why) => return Ended::Broken(why),
            }
        }
        if buffer.len() > MAX_LINE {
            return Ended::TooOld; // What it was cannot be known: look again.
        }
    }
}

enum Taken {
    Heard(Heard),
    Nothing,
    TooOld,
    Broken(String),
}

fn take(mut event: Value, version: &mut Option<String>) -> Taken {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut object = event.get_mut("object").map(Value::take).unwrap_or_default();
    if kind == "ERROR" {
        let code = object.get("code").and_then(Value::as_i64).unwrap_or_default();
        return if code == 410 { Taken::TooOld } else { Taken::Broken(said(u16::try_from(code).unwrap_or_default(), &object)) };
    }
    if let Some(seen) = object.pointer("/metadata/resourceVersion").and_then(Value::as_str).filter(|v| !v.is_empty()) {
        *version = Some(seen.to_owned());
    }
    if let Some(map) = object.as_object_mut() {
        map.entry("kind").or_insert_with(|| Value::from("Pod"));
        map.entry("apiVersion").or_insert_with(|| Value::from("v1"));
    }
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    match kind.as_str() {
        "ADDED" | "MODIFIED" => Taken::Heard(Heard::Pod(Object::new(object))),
        "DELETED" => Taken::Heard(Heard::Gone(Object::new(object))),
        _ => Taken::Nothing,
    }
}
