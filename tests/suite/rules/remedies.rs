//! The advice that the incident reports asked for is given, by the cause it belongs to; and none of their mistakes is repeated.

use a2::rules::{Priority, RuleSet, Topic, explain, words};
use a2::signatures::{exit_codes, reasons, signatures};

/// Row of the incident list, the cause whose remedy it is, and the words by which that remedy is known.
const ADVICE: &[(&str, &str, &str)] = &[
    ("0-39 log the error with its input, trace and task", "error.unhandled", "stack trace and task id"),
    ("0-39 exit codes that tell failures apart", "error.unhandled", "a code that tells failures apart"),
    ("0-39 last words survive in the status", "error.unhandled", "FallbackToLogsOnError"),
    ("0-39 of a panic too", "crash.panic", "FallbackToLogsOnError"),
    ("0-40 less memory, or a larger limit from a measured peak", "oom.container-limit", "do not guess a number"),
    ("0-40 bound what grows", "oom.container-limit", "Bound what grows"),
    ("0-41 retries that back off, circuit breaker, time limits", "dependency.unreachable", "exponential backoff and a circuit breaker"),
    ("0-41 the same for a slow peer", "dependency.timeout", "exponential backoff and a circuit breaker"),
    ("0-42 fail loudly", "error.unhandled", "Fail loudly"),
    ("0-42 sidecars that do not hide a death", "error.unhandled", "native sidecars"),
    ("0-42 nor a completion", "healthy.lingering", "native sidecar"),
    ("0-43 ship logs before cleanup", "error.unhandled", "before pods are cleaned up"),
    ("0-44 counts, duration, memory and cpu of runs", "error.unhandled", "count runs that failed, with their duration, memory and cpu"),
    ("0-45 structured fields", "error.unhandled", "as fields into each log line"),
    ("0-46 tests that reproduce it", "error.unhandled", "a unit and an integration test"),
    ("0-46 of a panic too", "crash.panic", "Add a test with the input"),
    ("0-47 staging first, then watch", "error.unhandled", "through staging first"),
    ("0-48 the deadline that fired, and time limits below it", "timeout.deadline", "time limit of their own"),
    ("0-48 limits that nest", "timeout.application", "limits that nest"),
    ("2-29 signal handlers that do not look like success", "probe.liveness", "Handle SIGTERM"),
    ("2-29 at a deadline", "timeout.deadline", "a code other than 0"),
    ("2-30 a health handler with a limit, that fails when unhealthy", "probe.liveness", "never 200 with an unhealthy body"),
    ("2-31 circuit breaker in health checks", "probe.liveness", "circuit breaker"),
    ("2-32 logging falls back to stderr", "process.logging", "stderr as a fallback"),
    ("2-33 memory metrics", "oom.container-limit", "memory metrics"),
    ("2-34 logging first, start-up wrapped and limited", "error.startup", "Configure logging before anything else"),
    ("2-35 watchdog", "process.stalled", "watchdog"),
    ("2-35 memory and task counts", "process.stalled", "memory, task counts"),
    ("2-36 probe settings that fit", "probe.liveness", "timeoutSeconds < periodSeconds"),
    ("2-36 time to start", "probe.liveness", "add a startup probe"),
    ("2-37 memory limits", "oom.node", "Set memory limits"),
    ("2-38 more than one worker", "process.worker-crash", "more than one worker"),
    ("2-39 wrapped background tasks", "process.background-task", "Wrap the task"),
    ("2-40 handlers tested themselves", "process.logging", "error and log handlers themselves"),
    ("2-41 pool limits and counts", "dependency.pool-exhausted", "export pool counts"),
    ("2-41 connections checked", "dependency.pool-exhausted", "Check connections before use"),
    ("2-42 core dumps", "crash.native", "core dumps"),
    ("2-45 slow answers alerted", "probe.liveness", "80 % of the timeout"),
];

#[test]
fn each_advice_belongs_to_a_cause() {
    for (row, cause, words) in ADVICE {
        let rule = RuleSet::builtin().get(cause).unwrap();
        assert!(rule.remedy.iter().any(|r| r.action.contains(words)), "{row}: no remedy of {cause} has {words:?}");
    }
}

/// 2-43: health handler, signal handlers and fallback logging first; memory, start-up and process monitoring then; tasks and pools last.
#[test]
fn priorities_follow_the_report() {
    let priority = |cause: &str, words: &str| {
        let rule = RuleSet::builtin().get(cause).unwrap();
        let remedy = rule.remedy.iter().find(|r| r.action.contains(words)).unwrap_or_else(|| panic!("{cause}: {words}"));
        Priority::from(remedy.priority)
    };
    for (cause, words) in
        [("probe.liveness", "never 200 with an unhealthy body"), ("probe.liveness", "Handle SIGTERM"), ("process.logging", "stderr as a fallback")]
    {
        assert_eq!(priority(cause, words), Priority::High, "{cause}: {words}");
    }
    for (cause, words) in [("oom.container-limit", "memory metrics"), ("process.stalled", "memory, task counts")] {
        assert_eq!(priority(cause, words), Priority::Medium, "{cause}: {words}");
    }
}

#[test]
fn advice_has_a_priority_and_what_one_field_would_prevent_has_a_patch() {
    for cause in
        ["oom.container-limit", "timeout.deadline", "probe.startup", "image.not-found", "eviction.storage-limit", "healthy.lingering", "scheduling.resources"]
    {
        assert!(RuleSet::builtin().get(cause).unwrap().remedy.iter().any(|r| r.patch.is_some()), "{cause}: no patch");
    }
}

/// Everything that a2 says of its own: rules, their prose, the meaning of words, signatures.
fn all_texts() -> Vec<String> {
    let rules = RuleSet::builtin();
    let text = |t: &Topic| [vec![t.title.clone()], t.text.clone(), t.lists.iter().flat_map(|(_, items)| items.clone()).collect()].concat().join("\n");
    let codes = exit_codes().iter().map(|c| c.code.to_string());
    let mut all: Vec<String> = words(rules).into_iter().chain(codes).flat_map(|word| explain(rules, &word)).map(|t| text(&t)).collect();
    all.extend(signatures().iter().map(|s| s.why.to_owned()));
    all.extend(reasons().iter().map(|r| r.meaning.to_owned()));
    all
}

#[test]
fn signals_are_asked_for_by_name_or_as_numbers_that_say_so() {
    let signals = |word: &str| explain(RuleSet::builtin(), word).into_iter().filter(|t| t.kind == "signal").map(|t| t.name).collect::<Vec<_>>();
    for word in ["SIGKILL", "kill", "signal 9", "signal kill"] {
        assert_eq!(signals(word), ["SIGKILL"], "{word}");
    }
    for word in ["9", "signal nothing", "signal 0"] {
        assert!(signals(word).is_empty(), "{word}");
    }
}

#[test]
fn known_mistakes_are_not_repeated() {
    let all = all_texts();
    assert!(all.len() > 400, "{} texts", all.len());
    for wrong in [
        // 137 is SIGKILL.
        "137 means OOM",
        "137 = OOM",
        "137 is OOM",
        "137: out of memory",
        // Does not exist in Python.
        "sys.exitcode",
        // Turns a kill into a success.
        "sys.exit(0)",
        "exit 0 on SIGTERM",
        // It is the kubelet or a controller.
        "scheduler kills",
        "killed by the scheduler",
        // The kubelet writes none for a pod.
        "look for an OOMKilled event",
        "event OOMKilled shows",
        // Plain Docker does not.
        "Docker kills",
        "Docker restarts unhealthy",
        // Passes every check that looks at the status code.
        "return 200 with",
        // Paths and names of one company's repository.
        "crates/",
        "agents/",
    ] {
        for text in &all {
            assert!(!text.contains(wrong), "{wrong:?} in\n{text}");
        }
    }
    // What they got wrong, a2 gets right where it is asked.
    let said = |word: &str| explain(RuleSet::builtin(), word).iter().flat_map(|t| t.text.clone()).collect::<Vec<_>>().join(" ");
    assert!(said("137").contains("not \"out of memory\" by itself"));
    assert!(said("OOMKilled").contains("no event OOMKilled"));
    assert!(said("0").contains("not success of its work"));
    assert!(said("DeadlineExceeded").contains("the scheduler never does"));
    assert!(said("none").contains("Only unknown has it"));
    assert!(said("Completed").contains("asked to stop"));
}
