//! Log tails.

use crate::evidence::{LogStatus, LogTail};
use crate::source::encode;

use super::ask::{Asker, Failure, MAX_LOG_BODY_BYTES};

/// The kubelet can only count lines, so a byte tail is asked for as lines: first many, then fewer if they are long.
const TAIL_LINES: [usize; 3] = [4000, 400, 40];

/// Reads the tail of a log. An absence in the kubelet's words (400, 404) is a tail of its own, with the code.
pub(super) async fn read_log(asker: &Asker<'_>, namespace: &str, pod: &str, container: &str, previous: bool) -> (LogTail, Option<Failure>) {
    let path = format!("/api/v1/namespaces/{}/pods/{}/log", encode(namespace), encode(pod));
    let previous_part = if previous { "&previous=true" } else { "" };
    let mut last = LogTail::parse(pod, container, previous, b"");
    for lines in TAIL_LINES {
        let uri = format!("{path}?container={}&timestamps=true&tailLines={lines}{previous_part}", encode(container));
        match asker.fetch(&uri, "*/*", MAX_LOG_BODY_BYTES).await {
            Ok(reply) => {
                let mut tail = LogTail::parse(pod, container, previous, &reply.body);
                // A body that was cut lacks its end, which is what matters.
                tail.truncated |= reply.cut || tail.lines.len() >= lines;
                if !reply.cut {
                    return (tail, None);
                }
                last = tail;
            }
            Err(failure) => {
                let status = match failure.code {
                    Some(400 | 404) => LogStatus::Absent(failure.why.clone()),
                    _ => LogStatus::Unseen,
                };
                let tail = LogTail { pod: pod.to_owned(), container: container.to_owned(), previous, status, lines: Vec::new(), truncated: false };
                return (tail, Some(failure));
            }
        }
    }
    (last, None)
}
