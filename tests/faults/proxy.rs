//! A server on a real socket, with TLS where it is told to, in front of whatever answers: a bundle or a real API server.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use a2::source::ApiPath;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::fault::Fault;

/// One request, as far as faults are chosen by it and as the server behind needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub path: String,
    pub query: String,
    pub accept: String,
    pub authorization: String,
}

impl Asked {
    /// The request without what differs from run to run: versions and moments.
    pub fn shape(&self) -> String {
        let kept: Vec<&str> =
            self.query.split('&').filter(|part| !["resourceVersion=", "continue=", "sinceTime="].iter().any(|key| part.starts_with(key))).collect();
        format!("{}?{}", self.path, kept.join("&"))
    }

    /// What the request is about, as gaps name it: `pods`, `replicasets.apps`, `pods/log`; empty where it is no resource.
    pub fn resource(&self) -> String {
        let Some(path) = ApiPath::parse(&self.path) else { return if self.path.contains("/nodes/") { "nodes/proxy".to_owned() } else { String::new() } };
        match &path.subresource {
            Some(part) => format!("{}/{part}", path.resource_with_group()),
            None => path.resource_with_group(),
        }
    }

    /// The endpoint: which resource, how asked for, whatever the names.
    pub fn endpoint(&self) -> String {
        let path = ApiPath::parse(&self.path).unwrap_or_default();
        let verb = if self.query.contains("watch=true") {
            "watch"
        } else if path.name.is_some() {
            "get"
        } else {
            "list"
        };
        let mut parts: Vec<String> = self.query.split('&').filter(|part| !part.is_empty()).map(of_selector).collect();
        parts.sort();
        let table = if self.accept.contains("as=Table") { " rows" } else { "" };
        let cluster = if path.namespace.is_none() && path.name.is_none() { " everywhere" } else { "" };
        let place = if ApiPath::parse(&self.path).is_none() { self.path.split('/').filter(|p| !p.is_empty()).count().to_string() } else { String::new() };
        format!("{verb} {}{place}{table}{cluster} {}", self.resource(), parts.join(" "))
    }
}

/// A part of a query without the names and values of one cluster.
fn of_selector(part: &str) -> String {
    let text = part.replace("%3D", "=").replace("%2C", ",").replace("%21", "!");
    let (key, value) = text.split_once('=').unwrap_or((&text, ""));
    match key {
        "fieldSelector" => {
            let kept = value.split(',').map(|term| match term.split_once('=') {
                Some((field, value)) if field.ends_with("kind") || field.ends_with("reason") || field.ends_with("type!") => format!("{field}={value}"),
                Some((field, _)) => field.to_owned(),
                None => term.to_owned(),
            });
            format!("{key}={}", kept.collect::<Vec<_>>().join(","))
        }
        "previous" | "limit" | "tailLines" => text.clone(),
        _ => key.to_owned(),
    }
}

/// A body, as far as it is there yet.
pub enum Body {
    Whole(Vec<u8>),
    /// Comes in pieces, as a watch does.
    Pieces(Box<dyn Iterator<Item = Vec<u8>>>),
}

impl Body {
    /// All of it, or its first piece.
    pub fn whole(self) -> Vec<u8> {
        match self {
            Self::Whole(body) => body,
            Self::Pieces(mut pieces) => pieces.next().unwrap_or_default(),
        }
    }
}

/// What the server behind says.
pub struct Answer {
    pub code: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

/// Whatever answers.
pub type Upstream = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

type Picks = dyn Fn(&Asked, usize) -> Option<Fault> + Send + Sync;

/// A connection, plain or not.
pub trait Wire: Read + Write + Send {
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

/// How the server treats connections.
#[derive(Clone, Default)]
pub struct Manners {
    /// It speaks TLS.
    pub tls: Option<Arc<ServerConfig>>,
    /// It closes every connection after one answer.
    pub closes: bool,
    /// After so many answers it is gone.
    pub dies_after: Option<usize>,
    /// It takes connections and never says a word.
    pub mute: bool,
    /// Its clock is so many seconds ahead.
    pub ahead: i64,
    /// It does not tell the time.
    pub no_date: bool,
}

/// The server; it ends with the value.
pub struct Proxy {
    pub address: String,
    /// Every request so far.
    pub seen: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    /// Every request so far, by what it was about.
    pub fn asked(&self) -> Vec<Asked> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address.rsplit('/').next().unwrap_or_default());
    }
}

/// Serves what answers; the closure says which request gets which fault (with the number of requests before it).
pub fn serve(upstream: Upstream, manners: Manners, picks: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let scheme = if manners.tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listener.local_addr().expect("an address"));
    let (seen, ended, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let picks: Arc<Picks> = Arc::new(picks);
    let (seen_in, ended_in) = (seen.clone(), ended.clone());
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            if ended_in.load(Ordering::SeqCst) || manners.dies_after.is_some_and(|most| count.load(Ordering::SeqCst) >= most) {
                return; // The listener closes: connections are refused from here on.
            }
            if manners.mute {
                kept.push(stream);
                continue;
            }
            let (upstream, picks, seen, ended, count, manners) =
                (upstream.clone(), picks.clone(), seen_in.clone(), ended_in.clone(), count.clone(), manners.clone());
            std::thread::spawn(move || {
                let _nagle = stream.set_nodelay(true);
                let wire: Box<dyn Wire> = match &manners.tls {
                    Some(tls) => match ServerConnection::new(tls.clone()) {
                        Ok(session) => Box::new(StreamOwned::new(session, stream)),
                        Err(_) => return,
                    },
                    None => Box::new(stream),
                };
                let mut wire = BufReader::new(wire);
                while let Some(asked) = read_request(&mut wire) {
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    if manners.dies_after.is_some_and(|most| number >= most) {
                        break;
                    }
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
                    let answer = || upstream(&asked);
                    let written = match picks(&asked, number) {
                        Some(fault) => fault.write(wire.get_mut().as_mut(), answer, &ended),
                        None => write_answer(wire.get_mut().as_mut(), answer(), &manners, &ended),
                    };
                    match written {
                        Ok(()) if !manners.closes => {}
                        Ok(()) => break,
                        Err(_) => return, // A reset is one only when nothing else is said.
                    }
                }
                let _ = wire.get_mut().flush();
                let _ = wire.get_ref().socket().shutdown(Shutdown::Both);
            });
        }
    });
    Proxy { address, seen, ended }
}

fn read_request(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut asked = Asked { path: path.to_owned(), query: query.to_owned(), ..Asked::default() };
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|n| *n > 0)?;
        if header.trim().is_empty() {
            return Some(asked);
        }
        let Some((name, value)) = header.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "accept" => asked.accept = value.trim().to_owned(),
            "authorization" => asked.authorization = value.trim().to_owned(),
            _ => {}
        }
    }
}

fn write_answer(wire: &mut dyn Wire, answer: Answer, manners: &Manners, ended: &AtomicBool) -> Result<()> {
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.code);
    for (name, value) in &answer.headers {
        match name.as_str() {
            "date" if manners.no_date => {}
            "date" => head.push_str(&format!("date: {}\r\n", ahead(value, manners.ahead))),
            "content-type" | "warning" | "retry-after" => head.push_str(&format!("{name}: {value}\r\n")),
            _ => {}
        }
    }
    match answer.body {
        Body::Whole(body) => {
            wire.write_all(format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes())?;
            wire.write_all(&body)?;
        }
        Body::Pieces(pieces) => {
            wire.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes())?;
            wire.flush()?;
            for piece in pieces.filter(|piece| !piece.is_empty()) {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                wire.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
                wire.write_all(&piece)?;
                wire.write_all(b"\r\n")?;
                wire.flush()?;
            }
            wire.write_all(b"0\r\n\r\n")?;
        }
    }
    wire.flush()
}

/// A time of HTTP, so many seconds later.
fn ahead(date: &str, seconds: i64) -> String {
    let Ok(time) = chrono::DateTime::parse_from_rfc2822(date) else { return date.to_owned() };
    (time + chrono::TimeDelta::seconds(seconds)).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
