//! What an exit code means, by published conventions.

use crate::reconstruct::signal_of;

/// What an exit code means beside the reason that came with it.
pub fn exit_meaning(code: i64, reason: &str) -> String {
    match (reason, code) {
        // The kubelet made these codes up (K/pkg/kubelet/kubelet_pods.go, container status reconciliation).
        ("ContainerStatusUnknown" | "RestartingAllContainers", _) => "made up by the kubelet: the real code is not known".to_owned(),
        ("StartError" | "ContainerCannotRun", _) => "the runtime could not start it: the program never ran".to_owned(),
        ("OOMKilled", 137) => "SIGKILL (128+9) by the kernel's out-of-memory killer".to_owned(),
        ("OOMKilled", 0) => "success, though a process of the container was killed for memory".to_owned(),
        ("OOMKilled", code) => format!("{}, after a process of the container was killed for memory", plain_meaning(code)),
        (_, code) => plain_meaning(code),
    }
}

fn plain_meaning(code: i64) -> String {
    let fixed = match code {
        0 => "success",
        1 => "general error",
        2 => "usage error; Go panic or fatal error",
        64..=78 => "sysexits error of the program",
        101 => "Rust panic",
        124 => "time limit of timeout(1)",
        125 => "a wrapper such as timeout(1) failed itself",
        126 => "found, but not executable",
        127 => "command not found",
        128 => "invalid exit argument",
        134 => "SIGABRT (128+6): aborted",
        137 => "SIGKILL (128+9): killed, by whom the code does not say",
        139 => "SIGSEGV (128+11): invalid memory access, or abort() as process 1",
        143 => "SIGTERM (128+15): asked to stop",
        255 => "exit status out of range, or -1",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    match signal_of(code) {
        Some(name) if code > 128 => format!("{name} (128+{})", code - 128),
        _ => "the program's own code".to_owned(),
    }
}
