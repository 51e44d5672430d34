//! The faults, written byte by byte: what is tested is the client as shipped and not a stand-in for its transport.

use std::io::{Error, ErrorKind, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::proxy::{Answer, Wire};

/// What can go wrong with one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A status with the API's own kind of body.
    Code(u16),
    /// 429, and when to come again.
    Throttled,
    /// To another page, as proxies with a login do.
    Moved,
    /// The connection is reset before a byte of the answer.
    ResetBefore,
    /// The connection is reset in the middle of the body.
    ResetInside,
    /// The connection is closed, as if in order, in the middle of the body.
    EndsInside,
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
    /// An empty body, with 200.
    Nothing,
    /// 50 MB: a list like any other, only large.
    Huge,
    /// 50 MB of empty objects: what costs most memory for its size.
    Dense,
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
    pub const ALL: [Self; 24] = [
        Self::Code(401),
        Self::Code(403),
        Self::Code(404),
        Self::Code(409),
        Self::Code(410),
        Self::Code(500),
        Self::Code(503),
        Self::Throttled,
        Self::Moved,
        Self::ResetBefore,
        Self::ResetInside,
        Self::EndsInside,
        Self::Drip,
        Self::Silence,
        Self::NotJson,
        Self::Truncated,
        Self::WrongKind,
        Self::Nothing,
        Self::Huge,
        Self::Dense,
        Self::TooLarge,
        Self::NotText,
        Self::LongLines,
        Self::GzipBomb,
    ];

    /// Whether a log may hold this: any text is a log.
    pub fn is_any_text(self) -> bool {
        use Fault::{Dense, GzipBomb, Huge, LongLines, NotJson, NotText, Nothing, TooLarge, Truncated, WrongKind};
        matches!(self, NotJson | Truncated | WrongKind | Nothing | Huge | Dense | TooLarge | NotText | LongLines | GzipBomb)
    }

    /// Writes the answer as this fault makes it; the answer is asked for only where its body is needed. An error ends the connection.
    pub fn write(self, wire: &mut dyn Wire, answer: impl FnOnce() -> Answer, ended: &AtomicBool) -> Result<()> {
        let mut send = |code: u16, kind: &str, more: &str, body: &[u8]| {
            wire.write_all(format!("HTTP/1.1 {code} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{more}\r\n", body.len()).as_bytes())?;
            wire.write_all(body)?;
            wire.flush()
        };
        let json = "application/json";
        match self {
            Self::Code(code) => send(code, json, "", status(code).as_bytes()),
            Self::Throttled => send(429, json, "retry-after: 1\r\n", status(429).as_bytes()),
            Self::Moved => send(302, "text/html", "location: /login?next=%2F\r\n", b"<a href=\"/login\">Found</a>"),
            Self::ResetBefore => Err(reset(wire.socket())),
            Self::ResetInside | Self::EndsInside => {
                let body = answer().body.whole();
                wire.write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: {json}\r\ncontent-length: {}\r\n\r\n", body.len() + 100).as_bytes())?;
                wire.write_all(&body[..body.len() / 2])?;
                wire.flush()?;
                // What was sent arrives before the end of the connection is noticed.
                std::thread::sleep(Duration::from_millis(30));
                Err(if self == Self::ResetInside { reset(wire.socket()) } else { closed(wire.socket()) })
            }
            Self::Drip => {
                wire.write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: {json}\r\ncontent-length: 1000000\r\n\r\n").as_bytes())?;
                while !ended.load(Ordering::SeqCst) {
                    wire.write_all(b" ")?;
                    wire.flush()?;
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(closed(wire.socket()))
            }
            Self::Silence => {
                while !ended.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(closed(wire.socket()))
            }
            Self::NotJson => send(200, "text/html", "", b"<!doctype html><html><body>Please log in</body></html>"),
            Self::Truncated => {
                let body = answer().body.whole();
                send(200, json, "", &body[..body.len() / 2])
            }
            Self::WrongKind => send(200, json, "", br#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x","namespace":"y"},"data":{}}"#),
            Self::Nothing => send(200, json, "", b""),
            Self::Huge => send(200, json, "", &HUGE),
            Self::Dense => send(200, json, "", &DENSE),
            Self::TooLarge => send(200, json, "", &TOO_LARGE),
            Self::NotText => send(200, "text/plain", "", &(0..=255_u8).cycle().take(70_000).collect::<Vec<u8>>()),
            Self::LongLines => {
                let line = vec![b'y'; 10 << 20];
                send(200, "text/plain", "", &[line.as_slice(), b"\n", line.as_slice(), b"\n"].concat())
            }
            Self::GzipBomb => send(200, json, "content-encoding: gzip\r\n", &BOMB),
        }
    }
}

fn status(code: u16) -> String {
    format!(r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Made","message":"made up for a test","code":{code}}}"#)
}

/// RST instead of FIN.
fn reset(socket: &TcpStream) -> Error {
    let _unset = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
    ErrorKind::ConnectionReset.into()
}

fn closed(socket: &TcpStream) -> Error {
    let _gone = socket.shutdown(Shutdown::Both);
    ErrorKind::BrokenPipe.into()
}

static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let blanks = vec![b' '; 1 << 20];
    (0..256).for_each(|_| gz.write_all(&blanks).expect("into memory"));
    gz.finish().expect("into memory")
});

static HUGE: LazyLock<Vec<u8>> = LazyLock::new(|| list_of(50));
static TOO_LARGE: LazyLock<Vec<u8>> = LazyLock::new(|| list_of(70));
static DENSE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let items = vec!["{}"; (50 << 20) / 3].join(",");
    format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"items\":[{items}]}}").into_bytes()
});

fn list_of(megabytes: usize) -> Vec<u8> {
    let item = format!("{{\"metadata\":{{\"name\":\"x\",\"annotations\":{{\"a\":\"{}\"}}}}}}", "x".repeat(1 << 20));
    format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"items\":[{}]}}", vec![item; megabytes].join(",")).into_bytes()
}
