//! Init containers that wait for a peer: `until nc -z db 5432; do sleep 2; done`. Their log says little; their command says all.

/// What a command waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// `host:port` or `host`.
    pub peer: String,
    /// `connect` or `lookup`.
    pub how: &'static str,
}

/// Programs that connect, and those that only resolve a name.
const CONNECT: [&str; 13] =
    ["nc", "ncat", "netcat", "wget", "curl", "pg_isready", "psql", "redis-cli", "mysqladmin", "mysql", "mongosh", "grpc_health_probe", "telnet"];
const LOOKUP: [&str; 4] = ["nslookup", "getent", "dig", "host"];
/// Scripts whose only work is to wait; they need no loop around them.
const SCRIPTS: [&str; 5] = ["wait-for-it.sh", "wait-for-it", "wait-for.sh", "wait-for", "dockerize"];

/// Reads the command of a container that has been running for long; `None` when it shows no such loop.
pub(super) fn of_command(command: &[String]) -> Option<Wait> {
    let words: Vec<&str> = command.iter().flat_map(|c| c.split([' ', '\n', '\t', ';', '|', '&', '(', ')', '"', '\''])).filter(|w| !w.is_empty()).collect();
    let looped = words.iter().any(|w| matches!(*w, "until" | "while" | "for"));
    let name = |w: &str| w.rsplit('/').next().unwrap_or(w).to_owned();
    let at = words.iter().position(|w| {
        let n = name(w);
        SCRIPTS.contains(&n.as_str()) || (looped && (CONNECT.contains(&n.as_str()) || LOOKUP.contains(&n.as_str())))
    })?;
    let how = if LOOKUP.contains(&name(words.get(at)?).as_str()) { "lookup" } else { "connect" };
    let mut host: Option<String> = None;
    let mut words = words.iter().skip(at + 1).copied().peekable();
    while let Some(word) = words.next() {
        match word {
            "do" | "done" | "then" | "sleep" | "echo" => break,
            "-h" | "--host" => host = words.next().and_then(plain),
            "-p" | "--port" => return with_port(host?, words.next()?, how),
            // `-w 2`: an option with its value, never the host.
            "-w" | "-T" | "-t" | "-U" | "-u" | "-d" | "-W" | "-a" | "-n" | "-c" | "-e" | "-o" | "-m" | "--max-time" | "--connect-timeout" => drop(words.next()),
            w if w.starts_with('-') => {
                if let Some(h) = w.strip_prefix("--host=").or_else(|| w.strip_prefix("-h").filter(|h| h.len() > 1)) {
                    host = plain(h);
                }
            }
            w if w.contains("://") => {
                let rest = w.split_once("://").map_or(w, |(_, r)| r);
                return plain(rest.split('/').next().unwrap_or(rest)).map(|peer| Wait { peer, how });
            }
            w if w.chars().all(|c| c.is_ascii_digit()) && host.is_some() => return with_port(host?, w, how),
            w if host.is_none() => host = plain(w).filter(|_| !matches!(w, "hosts" | "ahosts" | "+short")),
            _ => {}
        }
    }
    host.map(|peer| Wait { peer, how })
}

fn with_port(host: String, port: &str, how: &'static str) -> Option<Wait> {
    let peer = if port.chars().all(|c| c.is_ascii_digit()) { format!("{host}:{port}") } else { host };
    Some(Wait { peer, how })
}

/// A host as written: no variable of the shell, no path, no redirection.
fn plain(word: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let named = word.chars().all(fits) && word.chars().any(|c| c.is_ascii_alphanumeric()) && !word.starts_with('.');
    named.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(command: &[&str]) -> Option<(String, &'static str)> {
        of_command(&command.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()).map(|w| (w.peer, w.how))
    }

    #[test]
    fn loops_name_what_they_wait_for() {
        let peer = |p: &str, how| Some((p.to_owned(), how));
        assert_eq!(waits(&["sh", "-c", "until nc -z redis 6379; do echo waiting; sleep 2; done"]), peer("redis:6379", "connect"));
        assert_eq!(waits(&["sh", "-c", "until nc -w 2 -zv db.data.svc 5432; do sleep 1; done"]), peer("db.data.svc:5432", "connect"));
        assert_eq!(waits(&["sh", "-c", "until nslookup mydb.ns.svc.cluster.local; do sleep 2; done"]), peer("mydb.ns.svc.cluster.local", "lookup"));
        assert_eq!(waits(&["sh", "-c", "until pg_isready -h pg-rw -p 5432; do sleep 1; done"]), peer("pg-rw:5432", "connect"));
        assert_eq!(waits(&["sh", "-c", "while ! curl -sf http://es:9200/_cluster/health; do sleep 5; done"]), peer("es:9200", "connect"));
        assert_eq!(waits(&["/wait-for-it.sh", "db:5432", "-t", "0"]), peer("db:5432", "connect"));
        assert_eq!(waits(&["sh", "-c", "nc -z redis 6379"]), None, "no loop");
        assert_eq!(waits(&["sh", "-c", "until [ -f /flag ]; do sleep 1; done"]), None);
        assert_eq!(waits(&["sh", "-c", "until nc -z $HOST $PORT; do sleep 1; done"]), None);
    }
}
