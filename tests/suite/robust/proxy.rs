//! A server on a real socket in front of a bundle. It answers as the bundle does, except where a fault is wanted: those are
//! written byte by byte, so that what is tested is the client as shipped and not a stand-in for its transport.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use a2::source::bundle::Bundle;

/// What can go wrong with one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A status with the API's own kind of body.
    Code(u16),
    /// 429, and when to come again.
    Throttled,
    /// The connection ends before a byte of the answer.
    ResetBefore,
    /// The connection ends in the middle of the body.
    ResetInside,
    /// A byte now and then.
    Drip,
    /// Never a byte.
    Silence,
    /// A login page of some proxy, with 200.
    NotJson,
    /// Half of the body, announced as whole.
    Truncated,
    /// Another kind of object.
    WrongKind,
    /// 50 MB: a list like any other, only large.
    Huge,
    /// 70 MB: more than is read.
    TooLarge,
    /// Bytes that are no text.
    NotText,
    /// Two lines of 10 MB.
    LongLines,
    /// 256 MB in a few hundred kB.
    GzipBomb,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Code(401),
        Self::Code(403),
        Self::Code(404),
        Self::Code(409),
        Self::Code(410),
        Self::Code(500),
        Self::Code(503),
        Self::Throttled,
        Self::ResetBefore,
        Self::ResetInside,
        Self::Drip,
        Self::Silence,
        Self::NotJson,
        Self::Truncated,
        Self::WrongKind,
        Self::Huge,
        Self::TooLarge,
        Self::NotText,
        Self::LongLines,
        Self::GzipBomb,
    ];
}

/// One request, as far as faults are chosen by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub path: String,
    pub query: String,
    pub accept: String,
}

type Picks = dyn Fn(&Asked, usize) -> Option<Fault> + Send + Sync;

/// The server; it ends with the value.
pub struct Proxy {
    pub address: String,
    /// Every request so far.
    pub seen: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address.trim_start_matches("http://"));
    }
}

/// How the server treats connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manners {
    /// It closes every connection after one answer.
    pub closes: bool,
    /// After so many answers it is gone.
    pub dies_after: Option<usize>,
}

/// Serves a bundle; the closure says which request gets which fault (with the number of requests before it).
pub fn serve(bundle: Arc<Bundle>, manners: Manners, picks: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (seen, ended, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let picks: Arc<Picks> = Arc::new(picks);
    let (seen_in, ended_in) = (seen.clone(), ended.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            if ended_in.load(Ordering::SeqCst) || manners.dies_after.is_some_and(|most| count.load(Ordering::SeqCst) >= most) {
                return; // The listener closes: connections are refused from here on.
            }
            let (bundle, picks, seen, ended, count) = (bundle.clone(), picks.clone(), seen_in.clone(), ended_in.clone(), count.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(asked) = read_request(&mut reader) {
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    if manners.dies_after.is_some_and(|most| number >= most) {
                        break;
                    }
                    seen.lock().unwrap().push(asked.clone());
                    let fault = picks(&asked, number);
                    let answer = bundle.answer(&http::Method::GET, &asked.path, &asked.query, &asked.accept);
                    if write_answer(&stream, &answer, fault, &ended).is_err() || manners.closes {
                        break;
                    }
                }
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    });
    Proxy { address, seen, ended }
}

fn read_request(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut accept = String::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|n| *n > 0)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("accept")
        {
            accept = value.trim().to_owned();
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Asked { path: path.to_owned(), query: query.to_owned(), accept })
}

static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![b' '; 1 << 20];
    (0..256).for_each(|_| gz.write_all(&zeros).unwrap());
    gz.finish().unwrap()
});

static HUGE: LazyLock<Vec<u8>> = LazyLock::new(|| list_of(50));
static TOO_LARGE: LazyLock<Vec<u8>> = LazyLock::new(|| list_of(70));

fn list_of(megabytes: usize) -> Vec<u8> {
    let item = format!("{{\"metadata\":{{\"name\":\"x\",\"annotations\":{{\"a\":\"{}\"}}}}}}", "x".repeat(1 << 20));
    format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"items\":[{}]}}", vec![item; megabytes].join(",")).into_bytes()
}

fn write_answer(mut stream: &TcpStream, answer: &http::Response<Vec<u8>>, fault: Option<Fault>, ended: &AtomicBool) -> std::io::Result<()> {
    let mut send = |code: u16, kind: &str, more: &str, body: &[u8]| -> std::io::Result<()> {
        let date = answer.headers().get("date").and_then(|d| d.to_str().ok()).map(|d| format!("date: {d}\r\n")).unwrap_or_default();
        stream.write_all(format!("HTTP/1.1 {code} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{date}{more}\r\n", body.len()).as_bytes())?;
        stream.write_all(body)?;
        stream.flush()
    };
    let status =
        |code: u16| format!(r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Made","message":"made up for a test","code":{code}}}"#);
    let body = answer.body();
    let broken = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    match fault {
        None => {
            let mut more = String::new();
            for warning in answer.headers().get_all("warning") {
                more.push_str(&format!("warning: {}\r\n", warning.to_str().unwrap_or_default()));
            }
            let kind = answer.headers().get("content-type").and_then(|k| k.to_str().ok()).unwrap_or("application/json");
            send(answer.status().as_u16(), kind, &more, body)
        }
        Some(Fault::Code(code)) => send(code, "application/json", "", status(code).as_bytes()),
        Some(Fault::Throttled) => send(429, "application/json", "retry-after: 1\r\n", status(429).as_bytes()),
        Some(Fault::ResetBefore) => Err(broken()),
        Some(Fault::ResetInside) => {
            stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len() + 100).as_bytes())?;
            stream.write_all(&body[..body.len() / 2])?;
            Err(broken())
        }
        Some(Fault::Drip) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n")?;
            while !ended.load(Ordering::SeqCst) {
                stream.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(broken())
        }
        Some(Fault::Silence) => {
            while !ended.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(broken())
        }
        Some(Fault::NotJson) => send(200, "text/html", "", b"<!doctype html><html><body>Please log in</body></html>"),
        Some(Fault::Truncated) => send(200, "application/json", "", &body[..body.len() / 2]),
        Some(Fault::WrongKind) => {
            send(200, "application/json", "", br#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x","namespace":"y"},"data":{}}"#)
        }
        Some(Fault::Huge) => send(200, "application/json", "", &HUGE),
        Some(Fault::TooLarge) => send(200, "application/json", "", &TOO_LARGE),
        Some(Fault::NotText) => send(200, "text/plain", "", &(0..=255_u8).cycle().take(70_000).collect::<Vec<u8>>()),
        Some(Fault::LongLines) => {
            let line = vec![b'y'; 10 << 20];
            send(200, "text/plain", "", &[line.as_slice(), b"\n", line.as_slice(), b"\n"].concat())
        }
        Some(Fault::GzipBomb) => send(200, "application/json", "content-encoding: gzip\r\n", &BOMB),
    }
}
