//! The advice that the incident reports asked for is given, and none of their mistakes.

use a2::rules::RuleSet;

#[test]
fn each_advice_belongs_to_a_cause() {
    for (cause, words) in [
        ("error.unhandled", "stack trace and task id"),
        ("error.unhandled", "FallbackToLogsOnError"),
        ("error.unhandled", "native sidecars"),
        ("error.unhandled", "Fail loudly"),
        ("error.unhandled", "before pods are cleaned up"),
        ("error.unhandled", "count runs that failed"),
        ("error.unhandled", "as fields into each log line"),
        ("error.unhandled", "integration test"),
        ("oom.container-limit", "do not guess a number"),
        ("oom.container-limit", "memory metrics"),
        ("dependency.unreachable", "exponential backoff and a circuit breaker"),
        ("timeout.deadline", "time limit of their own"),
        ("timeout.application", "limits that nest"),
        ("probe.liveness", "Handle SIGTERM"),
        ("probe.liveness", "never 200 with an unhealthy body"),
        ("probe.liveness", "circuit breaker"),
        ("probe.liveness", "timeoutSeconds < periodSeconds"),
        ("probe.liveness", "80 % of the timeout"),
        ("process.logging", "fallback"),
        ("process.logging", "log handlers themselves"),
        ("error.startup", "Configure logging before anything else"),
        ("process.stalled", "watchdog"),
        ("process.stalled", "task counts"),
        ("process.worker-crash", "more than one worker"),
        ("process.background-task", "Wrap the task"),
        ("dependency.pool-exhausted", "export pool counts"),
        ("dependency.pool-exhausted", "Check connections before use"),
        ("crash.native", "core dumps"),
    ] {
        let rule = RuleSet::builtin().get(cause).unwrap();
        assert!(rule.remedy.iter().any(|r| r.action.contains(words)), "{cause}: no advice has {words:?}");
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

#[test]
fn known_mistakes_are_not_repeated() {
    for rule in RuleSet::builtin().iter() {
        let prose = RuleSet::builtin().prose(&rule.cause);
        let all: String = rule.remedy.iter().map(|r| r.action.as_str()).chain([prose.why.as_str()]).collect::<Vec<_>>().join("\n");
        for wrong in ["sys.exitcode", "sys.exit(0)", "137 means OOM", "137 = OOM", "scheduler kills", "exit 0 on SIGTERM"] {
            assert!(!all.contains(wrong), "{}: {wrong}", rule.cause);
        }
    }
}
