//! Which part of a log ended the instance, and what stands first.

use a2::evidence::LogLine;
use a2::signatures::{EntityKind, ReadContext, classify, read};

use super::support::{causes, ended, noon, plain, timed};

const TB: &str = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n    x()\n";

/// Every line at that second.
fn at(second: f64, text: &str) -> String {
    text.lines().map(|l| format!("{second}|{l}\n")).collect()
}

#[test]
fn a_refused_peer_beats_the_panic_that_carries_it() {
    let lines = timed(
        "0|INFO writer: connecting to ledger at 10.9.0.5:5432\n0|thread 'main' (1) panicked at src/store.rs:6:49:\n0|called `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }\n0|note: run with `RUST_BACKTRACE=1`",
    );
    let r = ended(&lines, 101);
    assert_eq!(causes(&r), ["dependency.unreachable", "crash.panic"]);
    let root = r.root().unwrap();
    assert!(root.entities.iter().any(|e| e.kind == EntityKind::Peer && e.value == "10.9.0.5:5432"), "{root:?}");
    assert_eq!((r.language, r.ending.as_ref().unwrap().block), (Some("rust"), Some(0)));
    assert!(r.ending.unwrap().decisive.contains(&1));
}

#[test]
fn an_unmatched_panic_is_a_panic_and_an_unmatched_exception_an_error() {
    assert_eq!(
        causes(&ended(&plain("thread 'main' (1) panicked at src/a.rs:1:2:\nindex out of bounds: the len is 0 but the index is 0\nnote: run with x"), 101)),
        ["crash.panic"]
    );
    assert_eq!(causes(&ended(&plain(&format!("{TB}OddError: strange")), 1)), ["error.unhandled"]);
    assert_eq!(causes(&ended(&plain("panic: odd\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:3 +0x1"), 2)), ["crash.panic"]);
}

#[test]
fn a_handled_exception_before_work_is_no_ending() {
    let mut text = at(0.0, &format!("ERROR worker: item failed\n{TB}KeyError: 'x'"));
    for i in 1..20 {
        text += &at(f64::from(i) * 2.0, &format!("INFO worker: item {i} done"));
    }
    let r = ended(&timed(&text), 137);
    assert!(r.ending.is_none(), "{:?}", r.ending);
    assert!(r.earlier.iter().any(|f| f.cause == "error.unhandled"));
    assert!(r.blocks[0].caught);
}

#[test]
fn lines_of_the_other_pipe_and_farewells_may_follow() {
    let text = at(5.0, &format!("{TB}OddError: strange")) + "5.2|INFO loaded part 4\n5.3|INFO loaded part 5\n9|worker shutting down\n9.5|exiting with status 1";
    let r = ended(&timed(&text), 1);
    assert_eq!(causes(&r), ["error.unhandled"]);
    assert_eq!(r.ending.unwrap().block, Some(0));
}

#[test]
fn the_original_beats_what_its_handler_died_of() {
    let text = format!(
        "{TB}ConnectionRefusedError: [Errno 111] Connection refused\n\nDuring handling of the above exception, another exception occurred:\n\n{TB}AttributeError: 'NoneType' object has no attribute 'close'"
    );
    assert_eq!(causes(&ended(&plain(&text), 1))[0], "dependency.unreachable");
}

#[test]
fn the_error_beats_the_failure_to_log_it() {
    let log = format!(
        "--- Logging error ---\n{TB}ValueError: unsupported format\nCall stack:\n  File \"/app/a.py\", line 1, in <module>\nMessage: 'x %d'\nArguments: ('y',)\n"
    );
    let r = ended(&plain(&format!("{TB}ConnectionRefusedError: [Errno 111] Connection refused\n{log}")), 1);
    assert_eq!(causes(&r)[0], "dependency.unreachable");
}

#[test]
fn the_innermost_cause_beats_the_outer() {
    let r = ended(
        &plain(
            "Exception in thread \"main\" a.AppException: cannot quote\n\tat a.M.q(M.java:1)\nCaused by: java.net.UnknownHostException: carrier.example.org\n\tat a.M.r(M.java:2)\n\t... 1 more",
        ),
        1,
    );
    assert_eq!(causes(&r)[..1], ["dependency.dns"]);
}

#[test]
fn retries_explain_a_bare_giving_up() {
    let mut text = String::new();
    for i in 0..5 {
        text += &at(f64::from(i) * 3.0, &format!("INFO agent: attempt {i}\nWARN agent: broker at 10.9.0.7:5672: connection refused"));
    }
    let r = ended(&timed(&(text + "15|ERROR agent: giving up")), 1);
    assert_eq!(causes(&r)[0], "dependency.unreachable", "{:?}", r.ending);
    assert!(r.repeats.iter().any(|p| p.count == 5 && p.trouble && p.regular && (p.period_seconds - 3.0).abs() < 0.1), "{:?}", r.repeats);
}

#[test]
fn a_warning_before_a_programming_error_does_not_explain_it() {
    let text = "0|WARN cache at 10.9.0.8:6379: connection refused\n1|INFO cache connected\n".to_owned() + &at(2.0, &format!("{TB}KeyError: 'x'"));
    assert_eq!(causes(&ended(&timed(&text), 1)), ["error.unhandled"]);
}

#[test]
fn noise_after_the_stop_counts_for_nothing() {
    let text =
        "0|INFO serving\n5|INFO request done\n10.2|INFO SIGTERM, shutting down\n10.3|ERROR db at 10.9.0.9:5432: connection refused\n10.4|ERROR giving up";
    let stop = Some(noon() + chrono::TimeDelta::seconds(10));
    let r = read(&timed(text), &ReadContext { stop, end: stop, exit_code: Some(1), ..ReadContext::default() });
    assert!(r.ending.is_none() && r.live.is_empty(), "{r:?}");
    assert_eq!(r.first_after_stop, Some(2));
}

#[test]
fn errors_up_to_the_stop_are_live() {
    let mut text = String::new();
    for i in 0..6 {
        text += &at(f64::from(i), "ERROR health: db at 10.9.0.9:5432: connection refused\nINFO \"GET /health HTTP/1.1\" 503");
    }
    let stop = Some(noon() + chrono::TimeDelta::seconds(6));
    let r = read(&timed(&text), &ReadContext { stop, exit_code: Some(143), ..ReadContext::default() });
    assert_eq!(r.live.first().map(|f| f.cause), Some("dependency.unreachable"));
    assert!(r.ending.is_none());
}

#[test]
fn the_last_error_line_counts_without_a_block() {
    assert_eq!(causes(&ended(&plain("INFO checking\nFATAL checksum mismatch, refusing to publish"), 1)), ["error.unhandled"]);
    assert_eq!(causes(&ended(&plain("error: could not process: bad header"), 1)), ["error.unhandled"]);
    assert_eq!(
        causes(&ended(&plain("E0102 15:04:05.000000       1 main.go:12] cannot reach 10.0.0.9:443: connection refused"), 255))[0],
        "dependency.unreachable"
    );
    assert_eq!(
        causes(&ended(&plain("level=fatal msg=\"open index\" err=\"dial tcp 10.0.0.9:443: connect: connection refused\""), 1))[0],
        "dependency.unreachable"
    );
    assert!(ended(&plain("INFO part 1\nINFO part 2"), 1).ending.is_none());
}

#[test]
fn colours_hide_no_level() {
    let text = "\u{1b}[2m2026-01-02T12:00:00Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m \u{1b}[2mapp\u{1b}[0m: odd state, giving up";
    assert_eq!(causes(&ended(&plain(text), 1)), ["error.unhandled"]);
    let calm = "\u{1b}[32m INFO\u{1b}[0m user said: thread 'main' panicked at src/a.rs:1:2:";
    assert!(ended(&plain(calm), 1).ending.is_none());
}

#[test]
fn what_is_fatal_may_be_followed_by_other_threads() {
    let text = "0|INFO up\n5|FATAL store: index corrupt\n9|INFO metrics pushed\n12|INFO metrics pushed";
    assert_eq!(causes(&ended(&timed(text), 1)), ["error.unhandled"]);
    assert!(ended(&timed(text), 137).ending.is_none());
    assert!(ended(&timed("0|ERROR store: row skipped\n9|INFO metrics pushed"), 1).ending.is_none());
}

#[test]
fn quotes_and_success_are_no_endings() {
    assert!(ended(&plain("thread 'main' (1) panicked at src/a.rs:1:2:\nx\nnote: y"), 0).ending.is_none());
    let quote = r#"{"level":"info","msg":"user wrote: thread 'main' panicked at src/a.rs:1:2: Connection refused"}"#;
    assert!(ended(&plain(quote), 1).ending.is_none());
    assert!(ended(&plain("INFO user said: \"connect: connection refused by 10.0.0.1:80\""), 1).ending.is_none());
}

#[test]
fn a_limit_of_its_own_and_a_slow_peer_differ() {
    assert_eq!(causes(&ended(&plain(&format!("INFO netting batch 3\n{TB}TimeoutError")), 1))[0], "timeout.application");
    assert_eq!(causes(&ended(&plain(&format!("INFO requesting quote from 10.9.0.3:8080\n{TB}TimeoutError")), 1))[0], "dependency.timeout");
}

#[test]
fn startup_wrappers_give_way_to_what_they_carry() {
    let failed = "ERROR:    Application startup failed. Exiting.";
    assert_eq!(causes(&ended(&plain(&format!("ERROR:    {TB}RuntimeError: no vocabulary\n\n{failed}")), 3))[0], "error.startup");
    assert_eq!(
        causes(&ended(&plain(&format!("ERROR:    {TB}ConnectionRefusedError: [Errno 111] Connection refused\n\n{failed}")), 3))[0],
        "dependency.unreachable"
    );
}

#[test]
fn a_termination_message_is_read_like_a_log() {
    let found = classify(&format!("{TB}ConnectionRefusedError: [Errno 111] Connection refused"));
    assert_eq!(found.first().map(|f| f.cause), Some("dependency.unreachable"), "{found:?}");
    assert_eq!(classify("hello\nworld"), []);
}

#[test]
fn structured_errors_end_too() {
    let json = r#"{"level":60,"msg":"cannot start","err":{"type":"Error","message":"connect ECONNREFUSED 10.0.0.7:6379","stack":"Error: connect ECONNREFUSED 10.0.0.7:6379\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)"}}"#;
    assert_eq!(causes(&ended(&plain(&format!("{{\"level\":30,\"msg\":\"start\"}}\n{json}")), 1))[0], "dependency.unreachable");
}

#[test]
fn nothing_is_said_about_nothing() {
    let r = ended(&[], 1);
    assert!(r.ending.is_none() && r.last_line.is_none());
    let blank = [LogLine { time: None, text: "  ".to_owned() }];
    assert_eq!(ended(&blank, 1).last_line, None);
}
