//! Things a text names.

use std::sync::LazyLock;

use regex::Regex;

/// What kind of thing is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A host name or address, with or without `:port`.
    Peer,
    /// A source position, `file:line`.
    Position,
    /// An environment variable, a flag or a key of a configuration.
    Variable,
    /// A path of a file or directory.
    Path,
    /// What a certificate was refused for, or whose it is.
    Certificate,
    /// An SQLSTATE or a vendor's error number.
    SqlState,
    /// A process id.
    Pid,
    /// An HTTP or gRPC status.
    Status,
    /// An exit status or a signal of a child.
    Exit,
    /// A resource, volume, image, key or other object of the platform.
    Object,
    /// A duration or limit, as written.
    Limit,
}

impl EntityKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Position => "position",
            Self::Variable => "variable",
            Self::Path => "path",
            Self::Certificate => "certificate",
            Self::SqlState => "sqlstate",
            Self::Pid => "pid",
            Self::Status => "status",
            Self::Exit => "exit",
            Self::Object => "object",
            Self::Limit => "limit",
        }
    }

    /// The kind that a named group of a pattern stands for; `host`, `port`, `file` and `line` are joined by the caller.
    pub(super) fn of_group(name: &str) -> Option<Self> {
        Some(match name {
            "peer" => Self::Peer,
            "variable" => Self::Variable,
            "path" => Self::Path,
            "certificate" => Self::Certificate,
            "sqlstate" => Self::SqlState,
            "pid" => Self::Pid,
            "status" => Self::Status,
            "exit" | "signal" => Self::Exit,
            "object" | "image" | "resource" | "volume" => Self::Object,
            "limit" => Self::Limit,
            _ => return None,
        })
    }
}

/// A thing named by a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity {
    /// What kind.
    pub kind: EntityKind,
    /// As written; a peer is `host`, `host:port`, `address` or `[v6]:port`.
    pub value: String,
    /// Index of the line.
    pub line: usize,
}

/// Whether a peer is the pod itself: loopback, so a companion in the same pod or the program's own port.
pub fn is_local(peer: &str) -> bool {
    let host = peer.strip_prefix('[').unwrap_or(peer);
    host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("::1") || host.starts_with("::ffff:127.")
}

// URLs first, then host:port, then addresses; names without a port need a word before them, or every `a.b` were a host.
static PEER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u:\b)[a-z][a-z0-9+.-]{1,15}://(?:[^\s/@'\x22]*@)?(?P<url>\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?|[A-Za-z0-9._-]+(?::[0-9]{1,5})?)",
        r"|(?P<v6>\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]:[0-9]{1,5})",
        r"|(?-u:\b)(?P<v4>(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?)(?-u:\b)",
        r"|(?-u:\b)(?P<named>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*:[0-9]{2,5})(?-u:\b)",
        r"|(?-u:\b)(?P<svc>[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*\.svc(?:\.[a-z0-9.-]*[a-z0-9])?)(?-u:\b)",
        r"|\('(?P<ip>[A-Za-z0-9.:-]+)', (?P<port>[0-9]{1,5})\)",
        r"|(?i-u:host|server at|address|hostname|to)[ =:]+['\x22](?P<quoted>[A-Za-z0-9][A-Za-z0-9._-]*)['\x22],? (?i-u:\(?port|\([0-9a-f.:]+\), port)[ =]+(?P<qport>[0-9]{1,5})",
    ))
    .ok()
});

static PORT_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?-u:\b)(?:at|host|server) "?(?P<h>[A-Za-z0-9][A-Za-z0-9._-]*)"?(?: \([0-9a-fA-F.:]+\))?,? (?:on )?port[ =]"?(?P<p>[0-9]{1,5})"#).ok()
});

/// The peers that a text names, in order, each once.
pub(super) fn peers(text: &str) -> Vec<String> {
    // A peer is named early, and a line may be long.
    let text = match text.char_indices().nth(2000) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    };
    let mut found: Vec<String> = Vec::new();
    let mut push = |value: String| {
        if plausible(&value) && !found.contains(&value) {
            found.push(value);
        }
    };
    if let Some(re) = PORT_WORD.as_ref() {
        for c in re.captures_iter(text) {
            if let (Some(h), Some(p)) = (c.name("h"), c.name("p")) {
                push(format!("{}:{}", h.as_str(), p.as_str()));
            }
        }
    }
    if let Some(re) = PEER.as_ref() {
        for c in re.captures_iter(text) {
            if let (Some(h), Some(p)) = (c.name("ip").or(c.name("quoted")), c.name("port").or(c.name("qport"))) {
                push(format!("{}:{}", h.as_str(), p.as_str()));
                continue;
            }
            if c.name("url").is_some_and(|host| is_help(text, host.start(), host.end())) {
                continue;
            }
            if let Some(m) = ["url", "v6", "v4", "named", "svc"].iter().find_map(|n| c.name(n)) {
                push(m.as_str().to_owned());
            }
        }
    }
    found
}

/// Whether a link leads people to an explanation: it stands behind words that say so, or its path is of that kind. Nobody
/// connects to it.
fn is_help(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().to_ascii_lowercase();
    let tail: String = before.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
    let words = [
        "see ",
        "background on this error",
        "more info",
        "more detail",
        "read more",
        "documentation",
        "docs at",
        "help:",
        "visit ",
        "report ",
        "refer to",
        "learn more",
        "troubleshoot",
    ];
    let host = text.get(start..end).unwrap_or_default().to_ascii_lowercase();
    let path = text.get(end..).unwrap_or_default().split([' ', '"', '\'', ')', '>']).next().unwrap_or_default();
    let paths = ["/issues", "/wiki", "/blob/", "/docs", "/doc/", "/discussions", "/pull/", "/help", "/errors/", "/e/", "/troubleshooting", "/guide", "/faq"];
    let http = tail.ends_with("http://") || tail.ends_with("https://");
    http && host.contains('.')
        && !host.contains(':')
        && (host.starts_with("docs.")
            || host.ends_with(".readthedocs.io")
            || words.iter().any(|w| tail.contains(w))
            || paths.iter().any(|p| path.starts_with(p) || path.contains(p)) && !host.ends_with(".svc") && !host.contains(".svc."))
}

/// `main.rs:12`, `12:34:56`, version numbers and the unspecified address look like peers and are none.
fn plausible(value: &str) -> bool {
    let (host, port) = match value.rsplit_once(':') {
        Some((h, p)) if !h.ends_with(':') => (h, Some(p)),
        _ => (value, None),
    };
    if host.is_empty() || host == "0.0.0.0" || host == "[::]" || port.is_some_and(|p| p.parse::<u16>().is_err()) {
        return false;
    }
    if host.starts_with('[') {
        return true;
    }
    // `2031-01-02T03:04` of a time stamp.
    if host.len() == 13
        && host.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            10 => b == b'T' || b == b't',
            _ => b.is_ascii_digit(),
        })
    {
        return false;
    }
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let parts: Vec<_> = host.split('.').collect();
        return parts.len() == 4 && parts.iter().all(|p| p.parse::<u8>().is_ok());
    }
    const CODE: [&str; 32] = [
        "rs", "go", "py", "java", "js", "ts", "mjs", "cjs", "jsx", "tsx", "rb", "php", "c", "cc", "cpp", "h", "hpp", "cs", "kt", "scala", "ex", "exs", "erl",
        "sh", "pl", "lua", "swift", "yaml", "yml", "json", "s", "vue",
    ];
    let extension = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if host.contains('.') && CODE.contains(&extension.as_str()) {
        return false;
    }
    // A log's `line:12`, `pid:7`, `error:42` is a pair, not a peer.
    const WORDS: [&str; 30] = [
        "line", "pid", "error", "code", "status", "port", "id", "count", "size", "exit", "errno", "column", "row", "offset", "attempt", "retry", "signal",
        "thread", "http", "https", "len", "index", "total", "time", "at", "uid", "gid", "worker", "ms", "class",
    ];
    !WORDS.contains(&host.to_ascii_lowercase().as_str()) && host.bytes().any(|b| b.is_ascii_alphabetic())
}
