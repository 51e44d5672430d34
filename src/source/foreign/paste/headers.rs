//! Lines that people and tools put above a log, and the commands that they leave in.

/// What a header says about the text below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source::foreign) struct LogOf {
    pub(in crate::source::foreign) pod: Option<String>,
    pub(in crate::source::foreign) container: Option<String>,
    /// `None` where it does not say.
    pub(in crate::source::foreign) previous: Option<bool>,
    pub(in crate::source::foreign) namespace: Option<String>,
}

/// What a header announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// A log.
    Log(LogOf),
    /// Text of the node: kernel, kubelet, runtime.
    Node,
    /// Something that shows by itself what it is: describe, YAML, events.
    Other,
}

/// Reads a header; `None` for ordinary text. Programs rule off their own output too, so a ruled line counts only when it
/// says what it is about, in the words of the trade.
pub(super) fn read(line: &str) -> Option<Header> {
    let line = line.trim();
    if line.len() > 400 {
        return None;
    }
    if let Some(command) = command(line) {
        return of_command(command);
    }
    // kubectl cluster-info dump.
    if let Some(rest) = line.strip_prefix("==== START logs for container ").and_then(|r| r.strip_suffix(" ====")) {
        let (container, pod) = rest.split_once(" of pod ")?;
        let (namespace, pod) = pod.split_once('/')?;
        return Some(Header::Log(LogOf { pod: own(pod), container: own(container), previous: Some(false), namespace: own(namespace) }));
    }
    let inner = ruled(line)?;
    let lower = inner.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !(c.is_ascii_alphanumeric() || "-_./".contains(c))).filter(|w| !w.is_empty()).collect();
    let previous = words.iter().any(|w| matches!(*w, "previous" | "prev" | "-p" | "--previous" | "last"));
    let original: Vec<&str> = inner.split(|c: char| c.is_whitespace() || "()[],:".contains(c)).filter(|w| !w.is_empty()).collect();
    let behind = |name: &str| original.iter().position(|w| w.eq_ignore_ascii_case(name)).and_then(|at| original.get(at + 1)).copied();
    let named = behind("container").or_else(|| behind("containers"));
    let pod = behind("pod").filter(|p| named != Some(*p));
    if let Some(container) = named {
        return Some(Header::Log(LogOf { pod: pod.and_then(own), container: own(container), previous: previous.then_some(true), namespace: None }));
    }
    // `==> pod/container <==`, as tail(1) writes it.
    if line.starts_with("==>") && line.ends_with("<==") {
        let path = original.first().copied().unwrap_or_default();
        let path = path.strip_suffix(".log").unwrap_or(path);
        let previous = previous || path.contains("previous");
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty() && *p != "pod").collect();
        let (pod, container) = match parts.as_slice() {
            [.., pod, container] => (own(pod), own(container.trim_end_matches(".previous"))),
            [one] => (None, own(one.trim_end_matches(".previous"))),
            [] => (None, None),
        };
        return Some(Header::Log(LogOf { pod, container, previous: previous.then_some(true), namespace: None }));
    }
    let any = |known: &[&str]| words.iter().any(|w| known.contains(w));
    if words.len() > 6 {
        None
    } else if any(&["kernel", "dmesg", "journalctl", "kubelet", "containerd", "crio", "syslog", "journal"]) {
        Some(Header::Node)
    } else if any(&["describe", "events", "yaml", "manifest", "kubectl"]) {
        Some(Header::Other)
    } else if any(&["log", "logs"]) && words.len() <= 4 {
        Some(Header::Log(LogOf { pod: pod.and_then(own), container: None, previous: previous.then_some(true), namespace: None }))
    } else {
        None
    }
}

/// The text between rules: `--- x ---`, `=== x ===`, `### x`, `==> x <==`.
fn ruled(line: &str) -> Option<&str> {
    let rule = |c: char| matches!(c, '-' | '=' | '#' | '*' | '<' | '>');
    let inner = line.trim_start_matches(rule);
    let front = line.len() - inner.len();
    let text = inner.trim_end_matches(rule);
    let back = inner.len() - text.len();
    let closed = back >= 2 || line.starts_with('#');
    (front >= 2 && closed && text.starts_with(' ') || front >= 3 && closed).then(|| text.trim()).filter(|t| !t.is_empty())
}

/// `$ kubectl …`, `# kubectl …`, `user@host:~$ kubectl …`.
fn command(line: &str) -> Option<&str> {
    let at = ["kubectl ", "oc ", "k ", "crictl ", "dmesg", "journalctl"]
        .iter()
        .find_map(|c| line.find(&format!("$ {c}")).or_else(|| line.starts_with(&format!("# {c}")).then_some(0)))?;
    if line.get(..at)?.contains("  ") {
        return None;
    }
    Some(line.get(at + 2..)?.trim())
}

fn of_command(command: &str) -> Option<Header> {
    let words: Vec<&str> = command.split('|').next().unwrap_or_default().split_whitespace().collect();
    let tool = words.first()?;
    if matches!(*tool, "dmesg" | "journalctl") {
        return Some(Header::Node);
    }
    if !words.iter().any(|w| matches!(*w, "logs" | "log")) {
        return Some(Header::Other);
    }
    let mut log = LogOf { previous: Some(false), ..LogOf::default() };
    let mut rest = words.iter().skip(1).copied().filter(|w| !matches!(*w, "logs" | "log"));
    let mut names = Vec::new();
    while let Some(word) = rest.next() {
        match word {
            "-n" | "--namespace" => log.namespace = rest.next().and_then(own),
            "-c" | "--container" => log.container = rest.next().and_then(own),
            "-p" | "--previous" => log.previous = Some(true),
            "--tail" | "--since" | "--context" | "-l" | "--limit-bytes" => drop(rest.next()),
            _ if word.starts_with("-n") && !word.starts_with("--") => log.namespace = own(&word[2..]),
            _ if word.starts_with('-') => {
                if let Some((_, value)) = word.split_once("container=") {
                    log.container = own(value);
                } else if let Some((_, value)) = word.split_once("namespace=") {
                    log.namespace = own(value);
                } else if word.starts_with("--previous") {
                    log.previous = Some(true);
                }
            }
            _ => names.push(word),
        }
    }
    let pod = names.first().map(|n| n.strip_prefix("pod/").or_else(|| n.strip_prefix("pods/")).unwrap_or(n));
    log.pod = pod.filter(|p| !p.contains('/')).and_then(own);
    log.container = log.container.or_else(|| names.get(1).copied().and_then(own));
    Some(Header::Log(log))
}

fn own(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|t| super::super::layout::is_segment(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(line: &str) -> LogOf {
        match read(line) {
            Some(Header::Log(log)) => log,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn headers_of_logs() {
        assert_eq!(log("--- container web ---").container.as_deref(), Some("web"));
        assert_eq!(log("--- container web (previous) ---").previous, Some(true));
        let tail = log("==> web-1/app <==");
        assert_eq!((tail.pod.as_deref(), tail.container.as_deref()), (Some("web-1"), Some("app")));
        let typed = log("$ kubectl logs -n shop web-1 -c app --previous");
        assert_eq!(
            (typed.namespace.as_deref(), typed.pod.as_deref(), typed.container.as_deref(), typed.previous),
            (Some("shop"), Some("web-1"), Some("app"), Some(true))
        );
        assert_eq!(log("me@host:~$ kubectl logs web-1 --tail=50 | less").pod.as_deref(), Some("web-1"));
        let dumped = log("==== START logs for container app of pod shop/web-1 ====");
        assert_eq!((dumped.namespace.as_deref(), dumped.pod.as_deref()), (Some("shop"), Some("web-1")));
    }

    #[test]
    fn programs_rule_off_their_own_output() {
        for line in ["=== Checking for progress ===", "---", "--------------", "== starting ==", "### Ready", "# comment", "--- a/file.rs", "=== RUN TestX"] {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(read("### dmesg"), Some(Header::Node));
        assert_eq!(read("$ kubectl describe pod x"), Some(Header::Other));
    }
}
