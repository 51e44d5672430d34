//! How a container stopped: decided from API facts alone, never from log text (evidence: states, times, events).

use chrono::TimeDelta;

use super::history::{Kill, Mechanism};
use crate::evidence::{Container, Pod, Terminated, Time};

/// What happened to the whole pod from outside, and when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PodStop {
    /// When the stop began (eviction, deadline, deletion request …), where known.
    pub at: Option<Time>,
    /// Whether the pod was stopped from outside at all.
    pub stopped: bool,
    /// `at` is the time of a condition that the kubelet publishes only once the containers are down (status_manager.go
    /// `mergePodStatus`), so the end may lie before it.
    pub late: bool,
}

/// The name of the signal behind 128+n.
pub fn signal_of(exit_code: i64) -> Option<&'static str> {
    Some(match exit_code.checked_sub(128)? {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}

/// Signals that a process brings upon itself.
pub fn is_crash_signal(exit_code: i64) -> bool {
    matches!(exit_code.saturating_sub(128), 4..=8 | 11 | 31)
}

/// The mechanism of one stated end; `kernel`: a kernel line of that moment names this container as the OOM killer's.
pub(super) fn of_end(end: &Terminated, kill: Option<&Kill>, pod: &Pod, container: &Container, pod_stop: PodStop, kernel: bool) -> Mechanism {
    let code = end.exit_code;
    match end.reason.as_str() {
        // Fabricated by the kubelet when it lost the container (kubelet_pods.go, status_manager.go TerminatePod).
        "ContainerStatusUnknown" => return Mechanism::Lost,
        // containerd writes 255 with reason Unknown when the task vanished while it was down (container_start.go).
        "Unknown" if code == 255 => return Mechanism::Lost,
        "RestartingAllContainers" => return Mechanism::Stopped,
        "StartError" | "ContainerCannotRun" => return Mechanism::NotStarted,
        _ => {}
    }
    if end.never_started() {
        return Mechanism::NotStarted;
    }
    // The runtime can lose the race for the reason; a kernel line that names this very container says the same.
    let oom = code == 137 && (end.reason == "OOMKilled" || kernel);
    if let Some(kill) = kill {
        // A kill in the very second of an OOM did not have its grace period to produce this 137: the kernel was first.
        let at_once = kill.time.zip(end.finished).is_some_and(|(k, f)| f - k < TimeDelta::seconds(2));
        return if oom && at_once { Mechanism::OomKilled } else { Mechanism::Stopped };
    }
    if stopped_with_pod(end, pod, pod_stop) && !oom {
        return Mechanism::Stopped;
    }
    if oom {
        return Mechanism::OomKilled;
    }
    if is_crash_signal(code) {
        return Mechanism::Signaled;
    }
    if matches!(code, 130 | 137 | 143) {
        // SIGKILL, SIGTERM or SIGINT from an unknown hand; only the container's own command can tell.
        return if code == 137 && command_kills(container) { Mechanism::Exited } else { Mechanism::Unknown };
    }
    Mechanism::Exited
}

/// Whether the end falls into a stop of the whole pod: eviction, deadline, deletion.
fn stopped_with_pod(end: &Terminated, pod: &Pod, stop: PodStop) -> bool {
    if let (Some(deletion), Some(finished)) = (&pod.deletion, end.finished)
        && finished >= deletion.requested
        && (matches!(end.exit_code, 137 | 143) || finished + TimeDelta::seconds(1) >= deletion.deadline)
    {
        return true;
    }
    if !stop.stopped {
        return false;
    }
    match (stop.at, end.finished) {
        (Some(at), Some(finished)) => {
            let forced = stop.late && matches!(end.exit_code, 137 | 143);
            finished + TimeDelta::seconds(if forced { 90 } else { 1 }) >= at
        }
        _ => matches!(end.exit_code, 137 | 143),
    }
}

/// Whether the container's own command sends itself SIGKILL after a time: `timeout -s KILL 8 …`.
pub(super) fn command_kills(container: &Container) -> bool {
    let words: Vec<&str> = container.command.iter().flat_map(|c| c.split_whitespace()).collect();
    let Some(at) = words.iter().position(|w| *w == "timeout" || w.ends_with("/timeout")) else { return false };
    words.iter().skip(at + 1).take(4).any(|w| {
        let w = w.to_ascii_uppercase();
        w.ends_with("KILL") || w == "9" || w == "-9" || w == "-S9" || w == "--SIGNAL=9" || w == "-K"
    })
}

/// Seconds that the container's own command allows under timeout(1), where it shows one.
pub(super) fn command_timeout(container: &Container) -> Option<i64> {
    let words: Vec<&str> = container.command.iter().flat_map(|c| c.split_whitespace()).collect();
    let at = words.iter().position(|w| *w == "timeout" || w.ends_with("/timeout"))?;
    let mut value_of_option = false;
    for word in words.iter().skip(at + 1).take(8) {
        if std::mem::take(&mut value_of_option) {
            continue;
        }
        if word.starts_with('-') {
            value_of_option = matches!(*word, "-s" | "-k" | "--signal" | "--kill-after");
            continue;
        }
        return duration_seconds(word);
    }
    None
}

/// `8`, `8s`, `2m`, `1.5h`, `1d` as timeout(1) reads them.
fn duration_seconds(word: &str) -> Option<i64> {
    let (number, unit) = word.strip_suffix(['s', 'm', 'h', 'd']).map_or((word, 's'), |n| (n, word.chars().last().unwrap_or('s')));
    let scale = match unit {
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        _ => 1.0,
    };
    let seconds = number.parse::<f64>().ok()? * scale;
    (seconds.is_finite() && (0.0..1e9).contains(&seconds)).then_some(seconds as i64)
}
