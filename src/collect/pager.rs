//! Pages of a list: turned, read, and put into objects.

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::Value;

use crate::evidence::{GapKind, Object};
use crate::source::{ApiPath, kind_of};

use super::ask::{Asker, Failure, Listed, MAX_BODY_BYTES, Reply, fill_in, not_json, shorten, whole};
use super::page::{self, Item, Page, Wanted};

/// Smaller bodies are read at once, larger ones beside the work of the network.
const LARGE: usize = 128 * 1024;

/// Turns the pages of a list: the next one is asked for while one is read.
pub(super) struct Pager<'q, 'a> {
    asker: &'q Asker<'a>,
    /// Path and query without the token.
    uri: String,
    kind: String,
    api_version: String,
    accept: &'static str,
    wanted: Option<Arc<Wanted>>,
    /// Pages that may still be asked for.
    left: usize,
    /// Pages that were asked for and taken.
    pub(super) turned: usize,
    next: Next,
    /// Room of a page that was read, for one to come: fresh memory costs as much as reading what is put into it.
    room: BytesMut,
}

/// What comes next.
enum Next {
    /// To be asked for, with a token but for the first page.
    Ask(String),
    /// Came already.
    Came(Result<Reply, Failure>),
    /// The end.
    End,
}

impl<'q, 'a> Pager<'q, 'a> {
    pub(super) fn new(asker: &'q Asker<'a>, path: &str, selectors: &str, limit: usize, pages: usize, accept: &'static str) -> Self {
        let parsed = ApiPath::parse(path).unwrap_or_default();
        let and = if selectors.is_empty() { "" } else { "&" };
        Self {
            asker,
            uri: format!("{path}?limit={limit}{and}{selectors}"),
            kind: kind_of(&parsed.resource).unwrap_or_default().to_owned(),
            api_version: parsed.api_version,
            accept,
            wanted: None,
            left: pages,
            turned: 0,
            next: Next::Ask(String::new()),
            room: BytesMut::new(),
        }
    }

    /// Without the items that are not wanted.
    pub(super) fn wanting(self, wanted: Arc<Wanted>) -> Self {
        Self { wanted: Some(wanted), ..self }
    }

    async fn fetch(&self, token: &str, room: BytesMut) -> Result<Reply, Failure> {
        let uri = if token.is_empty() { self.uri.clone() } else { format!("{}&continue={}", self.uri, crate::source::encode(token)) };
        self.asker.fetch_into(&uri, self.accept, MAX_BODY_BYTES, room).await
    }

    /// The next page; `None` after the last one, and after a failure.
    pub(super) async fn next(&mut self) -> Option<Result<Listed, Failure>> {
        let reply = match std::mem::replace(&mut self.next, Next::End) {
            Next::Ask(token) if self.left > 0 => self.fetch(&token, BytesMut::new()).await,
            Next::Came(reply) => reply,
            Next::Ask(_) | Next::End => return None,
        };
        self.left = self.left.saturating_sub(1);
        self.turned += 1;
        let reply = match reply {
            Ok(reply) => reply,
            Err(failure) => return Some(Err(failure)),
        };
        let ahead = if self.left > 0 && !reply.cut { page::early_token(&reply.body) } else { None };
        let early = ahead.is_some();
        let Reply { body, warnings, cut } = reply;
        let mut room = std::mem::take(&mut self.room);
        if early {
            // The next page is likely to have as many bytes, and a few more.
            room.clear();
            room.reserve((body.len() + body.len() / 16).min(MAX_BODY_BYTES));
        }
        let ((read, body), came) = tokio::join!(self.read(Reply { body, warnings: Vec::new(), cut }, self.wanted.clone()), async {
            match ahead {
                Some(token) => Some(self.fetch(&token, room).await),
                None => None,
            }
        });
        let read = match read.and_then(|page| self.take(page)) {
            Ok(read) => read,
            Err(failure) => return Some(Err(failure)),
        };
        let (mut listed, token) = read;
        listed.problems.extend(warnings);
        listed.more = !token.is_empty();
        if listed.more {
            self.room = body;
        }
        self.next = match came {
            Some(reply) => Next::Came(reply),
            None if !token.is_empty() && !early => Next::Ask(token),
            None => Next::End,
        };
        Some(Ok(listed))
    }

    fn take(&self, page: Page) -> Result<(Listed, String), Failure> {
        let mut listed = Listed::default();
        if let Some(rows) = page.rows {
            listed.rows = rows;
            return Ok((listed, page.token));
        }
        let Some(items) = page.items else { return Err(Failure::malformed(format!("the answer is a \"{}\", not a list", shorten(&page.kind)))) };
        let kind = Some(self.kind.as_str()).filter(|k| !k.is_empty()).or_else(|| page.kind.strip_suffix("List")).unwrap_or_default();
        let (all, mut nameless) = (items.len(), Vec::new());
        for (index, item) in items.into_iter().enumerate() {
            let named = match item {
                Item::LetGo => {
                    listed.let_go += 1;
                    continue;
                }
                Item::Other => None,
                Item::Object(mut map) => {
                    fill_in(&mut map, kind, &self.api_version);
                    Some(Object::new(Value::Object(map))).filter(|o| !o.name().is_empty())
                }
            };
            match named {
                Some(object) => listed.items.push(object),
                None => nameless.push(index),
            }
        }
        // One problem, however many there are.
        match nameless.as_slice() {
            [] => {}
            [index] => listed.problems.push((GapKind::Malformed, format!("item {index} of {} is not an object with a name", self.path()))),
            [first, ..] => {
                let why = format!("{} of the {all} items of {} are not objects with a name, item {first} first", nameless.len(), self.path());
                listed.problems.push((GapKind::Malformed, why));
            }
        }
        Ok((listed, page.token))
    }

    /// Reads a page, and gives its room back.
    async fn read(&self, reply: Reply, wanted: Option<Arc<Wanted>>) -> (Result<Page, Failure>, BytesMut) {
        let large = reply.body.len() >= LARGE;
        let page = move || {
            let read = whole(&reply).and_then(|body| page::page(body, wanted.as_deref()).map_err(not_json));
            (read, reply.body)
        };
        let lost = |error| (Err(Failure::malformed(format!("the answer could not be read: {error}"))), BytesMut::new());
        let (read, room) = if large { self.asker.conn.beside(page).await.unwrap_or_else(lost) } else { page() };
        (read.and_then(|page| page.ok_or_else(|| Failure::malformed("the answer is not a list"))), room)
    }

    fn path(&self) -> &str {
        self.uri.split('?').next().unwrap_or_default()
    }
}
