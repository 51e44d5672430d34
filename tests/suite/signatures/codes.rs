//! Exit codes and reasons.

use a2::signatures::{ReasonOf, Specificity, exit_code, reason};

#[test]
fn exit_codes_carry_their_tags() {
    for (code, tag) in [
        (124, "timeout-utility"),
        (127, "command-not-found"),
        (126, "not-executable"),
        (2, "usage-error"),
        (2, "go-panic"),
        (64, "usage-error"),
        (9, "usage-error"),
        (101, "rust-panic"),
        (3, "startup"),
        (3, "oom-jvm"),
        (4, "startup"),
        (78, "config"),
        (69, "unavailable"),
        (77, "permission"),
        (7, "curl"),
        (139, "crash"),
        (134, "crash"),
        (137, "killed"),
        (130, "stopped"),
        (143, "terminated"),
        (159, "seccomp"),
        (3_762_504_530, "dotnet-unhandled"),
        (-532_462_766, "dotnet-unhandled"),
        (3_221_225_477, "crash"),
        (-1_073_741_819, "crash"),
    ] {
        assert!(exit_code(code).tags.contains(&tag), "{code} lacks {tag}");
    }
    for code in 64..=78 {
        assert!(exit_code(code).tags.contains(&"sysexits"), "{code}");
    }
}

#[test]
fn signals_have_names() {
    for (code, signal) in [(129, "SIGHUP"), (132, "SIGILL"), (133, "SIGTRAP"), (134, "SIGABRT"), (135, "SIGBUS"), (136, "SIGFPE"), (137, "SIGKILL")] {
        assert_eq!(exit_code(code).signal, Some(signal));
    }
    for (code, signal) in [(139, "SIGSEGV"), (141, "SIGPIPE"), (143, "SIGTERM"), (152, "SIGXCPU"), (153, "SIGXFSZ"), (159, "SIGSYS")] {
        assert_eq!(exit_code(code).signal, Some(signal));
    }
    for code in 129..=192 {
        let meaning = exit_code(code);
        assert!(meaning.tags.contains(&"signal") && !meaning.meaning.is_empty(), "{code}");
    }
    assert_eq!(exit_code(137).specificity, Specificity::Low);
    assert_eq!(exit_code(124).specificity, Specificity::High);
    assert_eq!((exit_code(42).signal, exit_code(42).specificity), (None, Specificity::Low));
    assert_eq!((exit_code(128).signal, exit_code(255).signal), (None, None));
}

#[test]
fn reasons_speak_for_causes() {
    for (of, word, causes) in [
        (ReasonOf::Waiting, "InvalidImageName", &["image.invalid"][..]),
        (ReasonOf::Waiting, "ErrImageNeverPull", &["image.invalid"]),
        (ReasonOf::Waiting, "CreateContainerConfigError", &["config.missing-reference", "config.permission", "config.invalid"]),
        (ReasonOf::Waiting, "CrashLoopBackOff", &[]),
        (ReasonOf::Waiting, "PostStartHookError", &["lifecycle.hook"]),
        (ReasonOf::Terminated, "ContainerStatusUnknown", &["node.lost"]),
        (ReasonOf::Terminated, "Error", &[]),
        (ReasonOf::Pod, "OutOfmemory", &["scheduling.rejected"]),
        (ReasonOf::Pod, "DeadlineExceeded", &["timeout.deadline"]),
        (ReasonOf::Event, "Killing", &[]),
    ] {
        let meaning = reason(of, word);
        assert_eq!(meaning.map(|m| m.causes), Some(causes), "{word}");
    }
    assert_eq!(reason(ReasonOf::Waiting, "OutOfmemory"), None);
}
