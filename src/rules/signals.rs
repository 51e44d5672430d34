//! Signals, and what exit codes and reasons do not say: the mistakes that everybody makes once.

use super::explain::Topic;

/// A signal of Linux.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signal {
    pub number: i64,
    pub name: &'static str,
    pub what: &'static str,
}

const fn signal(number: i64, name: &'static str, what: &'static str) -> Signal {
    Signal { number, name, what }
}

/// signal(7), by number.
pub(super) const SIGNALS: &[Signal] = &[
    signal(1, "SIGHUP", "the terminal went away; servers often take it for: read the configuration anew"),
    signal(2, "SIGINT", "interrupted, as by Ctrl-C; some images use it as their stop signal"),
    signal(3, "SIGQUIT", "quit; nginx takes it for a graceful stop, Go and the JVM dump their stacks"),
    signal(4, "SIGILL", "an illegal instruction: a broken binary, or one built for another processor"),
    signal(5, "SIGTRAP", "a trap: a debugger's, or a runtime that stops itself on purpose"),
    signal(6, "SIGABRT", "the process ended itself with abort(): a failed assertion, a panic that aborts, a corrupt heap"),
    signal(7, "SIGBUS", "a bus error: a mapped file was truncated or its disk is full, or an unaligned access"),
    signal(8, "SIGFPE", "an arithmetic error, mostly an integer division by zero"),
    signal(9, "SIGKILL", "killed at once; it can be neither caught nor logged"),
    signal(10, "SIGUSR1", "left to the program to define"),
    signal(11, "SIGSEGV", "a segmentation fault: memory that is not the process's own"),
    signal(12, "SIGUSR2", "left to the program to define"),
    signal(13, "SIGPIPE", "wrote into a pipe or socket that nobody reads any more"),
    signal(14, "SIGALRM", "an alarm clock that the process set itself"),
    signal(15, "SIGTERM", "asked to stop: what the kubelet sends first, whatever its reason"),
    signal(24, "SIGXCPU", "over its limit of processor time"),
    signal(25, "SIGXFSZ", "over its limit of file size"),
    signal(31, "SIGSYS", "a system call that is forbidden, as by a seccomp profile"),
];

/// The signal behind 128 + n.
pub(super) fn of_code(code: i64) -> Option<&'static Signal> {
    SIGNALS.iter().find(|s| code == 128 + s.number)
}

/// What is easily taken wrongly about an exit code.
pub(super) fn about_code(code: i64) -> &'static [&'static str] {
    match code {
        0 => {
            &["After the kubelet asked a container to stop, 0 is a clean stop, not success of its work: a handler that exits with 0 on SIGTERM hides the kill."]
        }
        137 => &[
            "137 is not \"out of memory\" by itself: it says SIGKILL, not who sent it or why.",
            "It was the container's memory limit only where a second sign says so: the reason OOMKilled beside this very code, or a kernel line that names the container's memory group. Without a memory limit nothing could be exceeded.",
            "The kubelet writes no event OOMKilled for a pod: its absence proves nothing.",
        ],
        143 => &["SIGTERM asks to stop: somebody outside wanted it. Look for a Killing event, a deletion, a rollout, a drain, a probe, a deadline."],
        1 => &["The code of any failure that has none of its own: only the log or the termination message tells which."],
        101 => &[
            "Rust exits with 101 on a panic of its main thread. A panic is how it ended; what it panicked about (a refused connection, a missing variable) may be the cause.",
        ],
        124 => &["timeout(1) ends with 124 when the time was over, and with 137 when it had to send SIGKILL."],
        126 | 127 => &["Shells and runtimes use it for a command that could not be run. Where the container did run for a while, a command inside it failed."],
        134 => &["A Rust panic that aborts, a failed assertion, a V8 heap that is full, glibc on a corrupt heap: all end in abort()."],
        128 => &["The runtime's own code for a container that could not be started, beside the reason StartError."],
        255 => &["Often exit(-1); the kubelet and some runtimes write it too where they lost the container."],
        _ => &[],
    }
}

/// Who may have sent it.
pub(super) fn senders(code: i64) -> &'static [&'static str] {
    match code {
        137 => &[
            "the kernel's OOM killer, for the container's limit (oom.container-limit) or the whole node (oom.node)",
            "the kubelet, when the grace period after SIGTERM ran out: liveness or startup probe, deletion, eviction, deadline, preemption, node shutdown",
            "a process in the container: timeout -s KILL, a supervisor, kill -9",
            "nobody: ContainerStatusUnknown carries a code that was made up",
        ],
        143 => &[
            "the kubelet: liveness or startup probe, deletion, rollout, scale-down, eviction, drain, deadline, preemption, node shutdown",
            "a process in the container that ends its children, as init systems and shells do",
        ],
        139 => &["the kernel, for an access to memory that is not the process's own", "a shell or wrapper that passes on how its child ended"],
        _ => &[],
    }
}

/// What is easily taken wrongly about a reason.
pub(super) fn about_reason(reason: &str) -> &'static [&'static str] {
    match reason {
        "OOMKilled" => &[
            "Only with exit code 137 did the main process die of it. With another code a child was killed, and the main process ended by its own hand (oom.child-process).",
            "It is a word of the container's status, not an event: the kubelet writes no event OOMKilled for a pod. Node events (SystemOOM, OOMKilling) are about nodes.",
        ],
        "CrashLoopBackOff" => {
            &["It is the wait between two tries, not a cause: the last termination tells why it ended. With restartPolicy Never it cannot occur."]
        }
        "Completed" => &["Also what stands there when a program exits with 0 after it was asked to stop."],
        "Error" => &["Every code but 0 without a better word: also kills by signal, and an OOM kill that the runtime did not see."],
        "DeadlineExceeded" => &["The kubelet, the Job controller or the workflow controller stops a pod at its deadline; the scheduler never does."],
        _ => &[],
    }
}

/// The words for how sure a2 is.
pub(super) fn confidence(word: &str) -> Option<Topic> {
    let (title, text) = match word {
        "confirmed" => (
            "a component with authority states it about this container",
            "Kubelet status, runtime, a kernel line with the container's id, or a controller's condition; nothing speaks against it.",
        ),
        "probable" => {
            ("at least two independent signs agree and nothing contradicts", "Independent means of different groups: two lines of one log are one sign.")
        }
        "possible" => ("one sign, or signs that disagree", "Worth a look, not yet a reason to change anything."),
        "none" => ("nothing but how frequent causes are", "Only unknown has it."),
        _ => return None,
    };
    Some(Topic { kind: "confidence", name: word.to_owned(), title: title.to_owned(), text: vec![text.to_owned()], lists: Vec::new() })
}

/// How a container stopped, in a2's own words.
const MECHANISMS: &[(&str, &str)] = &[
    ("running", "it still runs: not ready, silent, stalled, or with something dead inside"),
    ("exited", "it ended itself with an exit code, 0 included"),
    ("signaled", "it died of a signal of its own making: a crash, an abort"),
    ("oom-killed", "the kernel's OOM killer took it"),
    ("stopped", "the kubelet or the runtime stopped it: probe, deletion, eviction, deadline, preemption, shutdown, hook"),
    ("lost", "the node or the runtime lost track of it"),
    ("not-started", "it never ran: scheduling, image, configuration, mount, sandbox"),
];

/// A mechanism.
pub(super) fn mechanism(word: &str) -> Option<Topic> {
    let (name, title) = MECHANISMS.iter().find(|(name, _)| *name == word)?;
    let text = "How a container stopped is decided from the API's facts alone, never from what a log says; why it stopped is the cause.".to_owned();
    Some(Topic { kind: "mechanism", name: (*name).to_owned(), title: (*title).to_owned(), text: vec![text], lists: Vec::new() })
}

/// The words for mechanisms.
pub(super) fn mechanisms() -> impl Iterator<Item = &'static str> {
    MECHANISMS.iter().map(|(name, _)| *name)
}
