//! The node's own files and journals, through the API server's proxy to the kubelet (K/pkg/kubelet/server/server.go `/logs/`,
//! KEP-2258 NodeLogQuery). Asked only on request: who may use `nodes/proxy` may do more than read.

use crate::evidence::{GapKind, LogTail, NodeLog, Time, format_time};
use crate::source::encode;

use super::absorb::Found;
use super::ask::{Asker, Failure, MAX_LOG_BODY_BYTES};
use super::siblings::{Answered, Problems};

/// At most this many containers of a pod are read.
const MAX_CONTAINERS: usize = 6;
/// Journals of a node are long; what is read of them ends here.
const MAX_JOURNAL_LINES: usize = 5000;

fn logs_root(node: &str) -> String {
    format!("/api/v1/nodes/{}/proxy/logs/", encode(node))
}

/// The log files of a pod that is gone: they outlive it by a minute or so.
pub(super) async fn files(asker: &Asker<'_>, node: &str, namespace: &str, pod: &str, uid: &str) -> Result<Answered, Failure> {
    let root = format!("{}pods/{}/", logs_root(node), encode(&format!("{namespace}_{pod}_{uid}")));
    let listing = asker.fetch(&root, "*/*", MAX_LOG_BODY_BYTES).await?;
    let (mut found, mut problems) = (Vec::new(), Problems::new());
    for container in entries(&listing.body).into_iter().filter_map(|e| e.strip_suffix('/').map(str::to_owned)).take(MAX_CONTAINERS) {
        let dir = format!("{root}{}/", encode(&container));
        let listed = match asker.fetch(&dir, "*/*", MAX_LOG_BODY_BYTES).await {
            Ok(reply) => entries(&reply.body),
            Err(failure) => {
                problems.push((failure.kind, format!("log files of {container}: {}", failure.why)));
                continue;
            }
        };
        // `<restart count>.log`; rotated ones have a time stamp behind it.
        let mut counts: Vec<u64> = listed.iter().filter_map(|f| f.strip_suffix(".log")?.parse().ok()).collect();
        counts.sort_unstable();
        for (previous, count) in counts.iter().rev().take(2).enumerate().map(|(i, c)| (i == 1, c)) {
            match asker.fetch(&format!("{dir}{count}.log"), "*/*", MAX_LOG_BODY_BYTES).await {
                Ok(reply) => {
                    let mut tail = LogTail::parse(pod, &container, previous, from_cri(&reply.body).as_bytes());
                    tail.truncated |= reply.cut;
                    found.push(Found::Log(tail, None));
                }
                Err(failure) => problems.push((failure.kind, format!("{container}/{count}.log: {}", failure.why))),
            }
        }
    }
    Ok((found, problems))
}

/// The journal of a service of the node from a moment on. Never with `untilTime`: kubelets up to 1.36 make an empty window of it.
pub(super) async fn journal(asker: &Asker<'_>, node: &str, service: &str, since: Time, pattern: Option<&str>) -> Result<Answered, Failure> {
    let pattern = pattern.map(|p| format!("&pattern={}", encode(p))).unwrap_or_default();
    let uri = format!("{}?query={}&sinceTime={}{pattern}", logs_root(node), encode(service), encode(&format_time(since)));
    let reply = asker.fetch(&uri, "*/*", 4 * MAX_LOG_BODY_BYTES).await?;
    let text = String::from_utf8_lossy(&reply.body);
    // A kubelet without NodeLogQuery ignores the question and lists its directory.
    if text.trim_start().starts_with("<pre>") || text.trim_start().to_ascii_lowercase().starts_with("<!doctype") {
        return Err(Failure::malformed("the kubelet answers with a list of files: NodeLogQuery (enableSystemLogQuery) is off"));
    }
    let mut problems = Problems::new();
    let lines: Vec<String> = text.lines().take(MAX_JOURNAL_LINES).map(str::to_owned).collect();
    if reply.cut || text.lines().count() > lines.len() {
        problems.push((GapKind::NotAsked, format!("the journal of {service} goes on beyond what was read")));
    }
    Ok((vec![Found::NodeLog(NodeLog { node: node.to_owned(), service: service.to_owned(), lines })], problems))
}

/// Names in the kubelet's listing: `<a href="main/">main/</a>` a line.
fn entries(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let names = text.split("<a href=\"").skip(1).filter_map(|rest| rest.split_once('"').map(|(name, _)| name.to_owned()));
    // Nothing that leads elsewhere.
    names.filter(|n| !n.is_empty() && !n.starts_with('.') && !n.trim_end_matches('/').contains(['/', '%', '?', '#'])).collect()
}

/// `<time> stdout F <text>`; `P` marks a part of a line that goes on (K/pkg/kubelet/kuberuntime/logs `parseCRILog`).
fn from_cri(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(4, ' ');
        let (Some(time), Some(stream @ ("stdout" | "stderr")), Some(tag), rest) = (parts.next(), parts.next(), parts.next(), parts.next().unwrap_or_default())
        else {
            continue;
        };
        let partial = tag.split(':').next() == Some("P");
        let index = match open.iter().position(|(s, _)| *s == stream) {
            Some(i) => i,
            None => {
                open.push((stream, format!("{time} ")));
                open.len() - 1
            }
        };
        if let Some((_, joined)) = open.get_mut(index) {
            joined.push_str(rest);
        }
        if !partial {
            out.push_str(&open.remove(index).1);
            out.push('\n');
        }
    }
    for (_, rest) in open {
        out.push_str(&rest);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{entries, from_cri};

    #[test]
    fn partial_lines_are_joined_by_stream() {
        let body = b"2030-01-02T03:00:00.1Z stdout P one \n2030-01-02T03:00:00.2Z stderr F other\n2030-01-02T03:00:00.3Z stdout F line\nnoise\n";
        assert_eq!(from_cri(body), "2030-01-02T03:00:00.2Z other\n2030-01-02T03:00:00.1Z one line\n");
    }

    #[test]
    fn a_listing_leads_nowhere_else() {
        let body = b"<pre>\n<a href=\"main/\">main/</a>\n<a href=\"../x\">x</a>\n<a href=\"a%2Fb\">b</a>\n<a href=\"0.log\">0.log</a>\n</pre>";
        assert_eq!(entries(body), ["main/", "0.log"]);
    }
}
