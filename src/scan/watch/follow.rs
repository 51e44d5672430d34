//! One watch, kept up: bookmarks, reconnects, and a fresh start where the server's history does not reach back.

use bytes::BytesMut;
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;
use tokio::sync::mpsc::Sender;
use tokio::time::Duration;

use crate::evidence::Object;
use crate::source::{Connection, collection_path, encode};

/// The server ends a watch after so long; the next one goes on where it ended. Below what proxies take for idle.
const WATCH_SECONDS: u64 = 240;
/// A longer line is no pod.
const MAX_LINE: usize = 8 * 1024 * 1024;
/// Pauses between tries.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a watch heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// A pod as it is now.
    Pod(Object),
    /// A pod as it was last.
    Gone(Object),
    /// Changes may have been missed: look at the namespace again.
    Missed(String),
}

/// What is watched.
pub(super) struct Scope {
    pub(super) namespace: String,
    /// Encoded query part, or empty.
    pub(super) selectors: String,
}

impl Scope {
    fn uri(&self, query: &str) -> String {
        let path = collection_path("v1", Some(&encode(&self.namespace)), "pods");
        let more = if self.selectors.is_empty() { String::new() } else { format!("&{}", self.selectors) };
        format!("{path}?{query}{more}")
    }
}

/// Follows one namespace until nobody listens.
pub(super) async fn follow(conn: &Connection, scope: &Scope, mut version: Option<String>, heard: Sender<Heard>) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        if version.is_none() {
            version = newest(conn, scope).await;
            // Whatever happened until this version is not heard of any more.
            if version.is_some() && heard.send(Heard::Missed(scope.namespace.clone())).await.is_err() {
                return;
            }
        }
        let ended = match &version {
            Some(from) => listen(conn, scope, from.clone(), &heard, &mut version).await,
            None => Ended::Refused,
        };
        match ended {
            Ended::Unheard => return,
            Ended::AsPlanned => pause = SHORTEST_PAUSE,
            Ended::TooOld => version = None,
            Ended::Refused => {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = heard.closed() => return,
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// The version of the collection now: the metadata of a list of one row.
pub(super) async fn newest(conn: &Connection, scope: &Scope) -> Option<String> {
    let accept = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
    let request = http::Request::get(scope.uri("limit=1&includeObject=None")).header(http::header::ACCEPT, accept).body(Body::empty()).ok()?;
    let response = conn.client.send(request).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let body = response.into_body().collect().await.ok()?.to_bytes();
    let list: Value = serde_json::from_slice(&body).ok()?;
    list.pointer("/metadata/resourceVersion").and_then(Value::as_str).filter(|v| !v.is_empty()).map(str::to_owned)
}

enum Ended {
    /// Nobody listens any more.
    Unheard,
    /// The server closed it after it had said something.
    AsPlanned,
    /// 410: the version is out of the server's history.
    TooOld,
    /// No answer, or a broken one.
    Refused,
}

async fn listen(conn: &Connection, scope: &Scope, from: String, heard: &Sender<Heard>, version: &mut Option<String>) -> Ended {
    let query = format!("watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={}", encode(&from));
    let Ok(request) = http::Request::get(scope.uri(&query)).header(http::header::ACCEPT, "application/json").body(Body::empty()) else { return Ended::Refused };
    let response = match conn.client.send(request).await {
        Ok(response) if response.status().as_u16() == 410 => return Ended::TooOld,
        Ok(response) if response.status().is_success() => response,
        _ => return Ended::Refused,
    };
    let mut body = response.into_body();
    let mut buffer = BytesMut::new();
    let mut said = false;
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            () = heard.closed() => return Ended::Unheard,
        };
        let Some(Ok(frame)) = frame else { return if said { Ended::AsPlanned } else { Ended::Refused } };
        let Some(data) = frame.data_ref() else { continue };
        buffer.extend_from_slice(data);
        while let Some(end) = buffer.iter().position(|b| *b == b'\n') {
            let line = buffer.split_to(end + 1);
            let Ok(event) = serde_json::from_slice::<Value>(&line) else { continue };
            match take(event, version) {
                Taken::Heard(what) => {
                    said = true;
                    if heard.send(what).await.is_err() {
                        return Ended::Unheard;
                    }
                }
                Taken::Nothing => said = true,
                Taken::TooOld => return Ended::TooOld,
                Taken::Broken => return Ended::Refused,
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
    Broken,
}

fn take(mut event: Value, version: &mut Option<String>) -> Taken {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut object = event.get_mut("object").map(Value::take).unwrap_or_default();
    if kind == "ERROR" {
        return if object.get("code").and_then(Value::as_i64) == Some(410) { Taken::TooOld } else { Taken::Broken };
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
