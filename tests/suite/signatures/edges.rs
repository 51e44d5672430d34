//! Where a block ends, what makes it one, and what stands beside it without belonging to it.

use a2::signatures::{Block, BlockKind, EntityKind, Scope, blocks, hits, scan_buffer};

use super::support::{alive, causes, ended, plain, timed};

fn one(text: &str) -> Block {
    let mut found = blocks(&plain(text));
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn spring_tells_in_prose_why_it_did_not_start() {
    let b = one(
        "***************************\nAPPLICATION FAILED TO START\n***************************\n\nDescription:\n\nWeb server failed to start. Port 8080 was already in use.\n\nAction:\n\nIdentify and stop the process that listens on port 8080.\n",
    );
    assert_eq!((b.language, b.kind), ("java", BlockKind::Startup));
    assert_eq!(b.errors[0].text.trim(), "Web server failed to start. Port 8080 was already in use.", "the description, and no advice");
}

#[test]
fn a_rust_message_runs_up_to_the_note_and_a_debug_form_up_to_its_brace() {
    let b = one("thread 'main' panicked at src/a.rs:1:1:\nfirst row\nsecond row\nnote: run with `RUST_BACKTRACE=1`");
    assert_eq!((b.errors[0].text.as_str(), b.last), ("first row\nsecond row", 3));
    let b = one("Error: Open {\n    path: \"/etc/app.toml\",\n    source: NotFound,\n}\nbye");
    assert_eq!((b.kind, b.last), (BlockKind::MainError, 3));
}

#[test]
fn go_panics_without_goroutines_count_and_stacks_end_at_other_words() {
    let b = one("panic: cannot open the ledger");
    assert_eq!((b.language, b.kind, b.last), ("go", BlockKind::Panic, 0));
    assert!(blocks(&plain("fatal error: the ledger is shut")).is_empty(), "other programs say so too");
    let b = one("panic: odd\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:33 +0x1d\nstarting again");
    assert_eq!(b.last, 4);
}

#[test]
fn what_stands_above_a_logged_stack_is_no_place_it_was_thrown_at() {
    let b = one("listening on: all interfaces\nTypeError: x is not a function\n    at price (/app/worker.js:2:48)");
    assert_eq!((b.language, b.kind, b.first), ("node", BlockKind::Logged, 1));
}

#[test]
fn levels_in_numbers() {
    let line = |level: u32| format!("{{\"level\":{level},\"msg\":\"thread 'main' panicked at src/a.rs:1:1:\\nboom\"}}");
    for calm in [10, 20, 30] {
        assert!(blocks(&plain(&line(calm))).is_empty(), "level {calm} quotes");
    }
    for grave in [50, 60] {
        assert_eq!(one(&line(grave)).language, "rust", "level {grave}");
    }
    // What calls itself fatal may be followed by other threads; what calls itself an error may not.
    let text = |level: u32| {
        format!("0|{{\"level\":30,\"msg\":\"up\"}}\n5|{{\"level\":{level},\"msg\":\"index corrupt\"}}\n9|{{\"level\":30,\"msg\":\"metrics pushed\"}}")
    };
    assert_eq!(causes(&ended(&timed(&text(60)), 1)), ["error.unhandled"]);
    assert!(ended(&timed(&text(50)), 1).ending.is_none());
}

#[test]
fn a_line_that_names_its_peer_counts_beside_a_stack_of_the_same_instant() {
    let text: String = (0..6)
        .map(|i| {
            format!("{i}|WARN sync: search 10.9.0.1:9200: connection refused\n{i}|Traceback (most recent call last):\n{i}|  File \"/app/a.py\", line 3, in f\n{i}|    x()\n{i}|KeyError: 'to'\n")
        })
        .collect();
    let live = alive(&timed(&text)).live;
    assert!(live.iter().any(|f| f.cause == "dependency.unreachable"), "{live:?}");
}

#[test]
fn the_rhythm_is_the_median_of_the_gaps() {
    let seconds = [0, 1, 3, 13, 23, 33, 43, 53];
    let text: String = seconds.iter().map(|s| format!("{s}|INFO agent: waiting for the broker\n")).collect();
    let repeats = alive(&timed(&text)).repeats;
    assert_eq!((repeats.len(), repeats[0].count, repeats[0].period_seconds), (1, 8, 10.0), "{repeats:?}");
    assert!(!repeats[0].regular, "five of seven gaps are no rule");
}

#[test]
fn words_with_a_number_are_no_peers() {
    for word in ["port", "line", "worker"] {
        let reading = ended(&plain(&format!("ERROR could not connect to {word}:8080: connection refused")), 1);
        let peers: Vec<_> = reading.ending.iter().flat_map(|e| &e.findings).flat_map(|f| &f.entities).filter(|e| e.kind == EntityKind::Peer).collect();
        assert!(peers.is_empty(), "{peers:?}");
    }
}

#[test]
fn a_buffer_is_scanned_like_its_lines() {
    let lines =
        ["INFO up", "ERROR db 10.9.0.1:5432: connection refused", "", "java.lang.OutOfMemoryError: Java heap space", "dial tcp: lookup db: no such host"];
    let mut at = 0;
    let mut single = Vec::new();
    for line in lines {
        single.extend(hits(Scope::Log, line, 0).iter().map(|hit| (at, hit.signature.id)));
        at += line.len() + 1;
    }
    single.sort_unstable();
    let mut whole: Vec<_> =
        scan_buffer(Scope::Log, lines.join("\n").as_bytes()).iter().map(|&(at, index)| (at, a2::signatures::signatures()[index].id)).collect();
    whole.sort_unstable();
    assert!(whole.len() >= 3);
    assert_eq!(whole, single);
}

const TB: &str = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n    x()\nKeyError: 'x'";

#[test]
fn times_in_front_of_a_line_are_a_loggers() {
    let logged = |prefix: &str| one(&format!("{prefix}{TB}")).kind == BlockKind::Logged;
    for stamp in [
        "2026-01-02 12:00:00 ",
        "2026/01/02 12:00:00 ",
        "[2026-01-02T12:00:00] ",
        "12:00:00 ",
        "02/Jan/2026:12:00:00 ",
        "01/02/2026 12:00:00 ",
        "Jan  2 12:00:00 ",
        "Jan 12 12:00:00 ",
    ] {
        assert!(logged(&format!("{stamp}app ")), "{stamp}");
    }
    for no_stamp in ["", "20260102 ", "2026 ", "12.5 ", "12/x ", "Job 7 ", "Row 12 ", "a2/01 "] {
        assert!(!logged(no_stamp), "{no_stamp}");
    }
}

#[test]
fn levels_in_words_and_what_information_quotes() {
    for calm in [
        "INFO ",
        "[info] ",
        "<info> ",
        "info: ",
        "12:00:00 info ",
        "12:00:00 [7] Info ",
        "level=info ",
        "INFO:root:",
        "I0102 15:04:05.000000       1 a.go:12] ",
    ] {
        assert!(blocks(&plain(&format!("{calm}{TB}"))).is_empty(), "{calm}");
    }
    for grave in [
        "ERROR ",
        "[error] ",
        "error: ",
        "12:00:00 error ",
        "12:00:00 Error ",
        "level=error ",
        "ERROR:root:",
        "E0102 15:04:05.000000       1 a.go:12] ",
        "Info ",
    ] {
        assert_eq!(one(&format!("{grave}{TB}")).errors[0].text, "KeyError: 'x'", "{grave}");
    }
}

#[test]
fn a_traceback_is_logged_only_when_an_error_line_hands_it_over_at_once() {
    let kind = |text: &str| blocks(&timed(text)).into_iter().find(|b| b.language == "python").map(|b| b.kind);
    let tb = |second: &str| TB.lines().map(|l| format!("{second}|{l}\n")).collect::<String>();
    assert_eq!(kind(&format!("0|ERROR job failed\n{}", tb("0.02"))), Some(BlockKind::Logged));
    assert_eq!(kind(&format!("0|ERROR job failed\n{}", tb("0.3"))), Some(BlockKind::Uncaught), "later: another story");
    assert_eq!(kind(&format!("0|INFO job begins\n{}", tb("0.02"))), Some(BlockKind::Uncaught));
    assert_eq!(one(&format!("a program's own words\n{TB}")).kind, BlockKind::Uncaught);
}

#[test]
fn groups_name_classes_of_packages_too() {
    let b = one(
        "  + Exception Group Traceback (most recent call last):\n  |   File \"/app/a.py\", line 1, in <module>\n  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/app/a.py\", line 9, in g\n    | httpx.ConnectError: All connection attempts failed\n    +------------------------------------",
    );
    assert_eq!(b.errors[0].text, "httpx.ConnectError: All connection attempts failed");
}

#[test]
fn frames_of_the_jvm_in_other_languages_and_what_is_no_frame() {
    for file in ["B.java", "B.kt", "B.scala"] {
        let b = one(&format!(
            "2026-01-02 12:00:00.000 ERROR [main] a.B : failed\njava.lang.IllegalStateException: x\n\tat a.B.c({file}:1) ~[app.jar:1.0]\n\tat a.B.d({file}:2) ~[app.jar:1.0]"
        ));
        assert_eq!((b.language, b.last, b.errors[0].text.as_str()), ("java", 3, "java.lang.IllegalStateException: x"), "{file}");
    }
    let b = one("Exception in thread \"main\" a.B: c\n\tat a.M.q(M.java:1)\n    2 rows were skipped\nbye");
    assert_eq!(b.last, 1);
}

#[test]
fn sanitizers_end_at_other_words() {
    let b = one(
        "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010\n    #0 0x4f in f /a.c:3\n\n0x602000000010 is located 0 bytes inside\nSUMMARY: AddressSanitizer: heap-use-after-free /a.c:3 in f\nShadow bytes around the buggy address:\n==7==ABORTING\nbye",
    );
    assert_eq!((b.language, b.kind, b.first, b.last), ("native", BlockKind::Native, 0, 6));
    let b =
        one("up\nWARNING: ThreadSanitizer: data race (pid=7)\n  Write of size 8 at 0x7b by thread T1:\nSUMMARY: ThreadSanitizer: data race /a.c:3 in f\nbye");
    assert_eq!((b.language, b.first, b.last), ("native", 1, 3));
    assert!(blocks(&plain("enabled AddressSanitizer: yes")).is_empty());
}

#[test]
fn signals_in_c_code_of_go_and_the_end_of_a_beam_node() {
    let b = one("SIGSEGV: segmentation violation\nPC=0x46 m=0 sigcode=1\n\ngoroutine 1 [syscall]:\nmain.main()\n\t/app/main.go:9 +0x1d\nbye");
    assert_eq!((b.language, b.kind), ("go", BlockKind::Panic));
    assert!(blocks(&plain("it said SIGSEGV: segmentation violation")).is_empty());
    let b = one(
        "Kernel pid terminated (application_controller) (\"{application_start_failure,app}\")\n    {shutdown,{failed_to_start_child,db}}\nCrash dump is being written to: erl_crash.dump...done\nbye",
    );
    assert_eq!((b.language, b.last), ("beam", 2));
}

#[test]
fn a_cause_in_a_rust_report_keeps_its_own_colon() {
    let b = one("Error: cannot start\n\nCaused by:\n    connect: Connection refused (os error 111)");
    assert_eq!(b.errors[0].text, "connect: Connection refused (os error 111)");
}

fn peers_of(text: &str) -> Vec<String> {
    let reading = ended(&plain(text), 1);
    let entities = reading.ending.iter().flat_map(|e| &e.findings).flat_map(|f| f.entities.clone());
    entities.filter(|e| e.kind == EntityKind::Peer).map(|e| e.value).collect()
}

#[test]
fn a_line_that_names_its_peer_needs_no_other() {
    assert_eq!(peers_of("INFO connecting to the cache at 10.9.0.8:6379\nERROR db at 10.9.0.1:5432: connection refused"), ["10.9.0.1:5432"]);
    assert_eq!(peers_of("INFO connecting to the cache at 10.9.0.8:6379\nERROR connection refused"), ["10.9.0.8:6379"], "one that names none takes the nearest");
    for time in ["2031-01-02T03:04:05Z", "2031-01-02t03:04:05"] {
        assert!(peers_of(&format!("ERROR could not connect to {time}: connection refused")).is_empty(), "{time}");
    }
}

#[test]
fn a_bare_leave_gives_way_to_what_stands_before_it() {
    let ending = ended(&timed("0|INFO up\n5|ERROR store: index corrupt\n5.2|ERROR exited"), 1).ending.unwrap();
    assert!(ending.findings[0].text.contains("index corrupt"), "{ending:?}");
    let ending = ended(&timed("0|INFO up\n5|ERROR store: index corrupt\n9|ERROR exited"), 1).ending.unwrap();
    assert!(ending.findings[0].text.contains("exited"), "seconds later it is a word of its own: {ending:?}");
}

#[test]
fn what_is_fatal_is_not_the_end_when_the_program_lives_on_for_long() {
    let text = |later: u32| format!("0|INFO up\n5|FATAL store: index corrupt\n{later}|INFO metrics pushed\n{}|INFO metrics pushed", later + 1);
    assert!(ended(&timed(&text(34)), 1).ending.is_some());
    assert!(ended(&timed(&text(36)), 1).ending.is_none());
}

#[test]
fn servers_answer_a_failed_request_and_go_on() {
    for said in ["ERROR:    Exception in ASGI application", "ERROR:aiohttp.server:Error handling request"] {
        let b = one(&format!("{said}\n{TB}"));
        assert!(b.caught && b.kind == BlockKind::Logged, "{said}: {b:?}");
    }
    assert!(!one(&format!("ERROR job failed\n{TB}")).caught);
}

#[test]
fn peers_named_long_ago_or_in_links_for_readers_are_none_and_all_that_failed_are_told() {
    let timed_peers = |text: &str| {
        let reading = ended(&timed(text), 1);
        reading.ending.iter().flat_map(|e| &e.findings).flat_map(|f| f.entities.clone()).filter(|e| e.kind == EntityKind::Peer).count()
    };
    assert_eq!(timed_peers("0|INFO connecting to the cache at 10.9.0.8:6379\n200|ERROR connection refused"), 1);
    assert_eq!(timed_peers("0|INFO connecting to the cache at 10.9.0.8:6379\n400|ERROR connection refused"), 0);
    assert!(peers_of("ERROR connection refused: https://driver.readthedocs.io/en/stable/").is_empty());
    assert!(peers_of("ERROR connection refused: https://docs.example.org/en/stable/").is_empty());
    assert_eq!(peers_of("ERROR db 10.9.0.1:5432: connection refused\nERROR cache 10.9.0.2:6379: connection refused"), ["10.9.0.1:5432", "10.9.0.2:6379"]);
}

#[test]
fn dotnet_that_terminates_and_threads_of_the_jvm() {
    let b = one(
        "System.InvalidOperationException: odd\n   at App.Program.Run(String[] args) in /src/Program.cs:line 7\n   at App.Program.Main() in /src/Program.cs:line 3\nbye",
    );
    assert_eq!((b.language, b.kind, b.first, b.last), ("dotnet", BlockKind::Logged, 0, 2));
    let b = one("Process terminated. Out of handles.\n   at A.B.C()\nbye");
    assert_eq!((b.language, b.kind, b.last), ("dotnet", BlockKind::Native, 1));
    let b = one("Stack overflow.\nRepeat 100 times:\n--------------------------------\n   at A.B.C()\n--------------------------------\n   at A.B.D()\nbye");
    assert_eq!((b.language, b.last), ("dotnet", 5));
    assert!(blocks(&plain("it said: Stack overflow.")).is_empty());
    let b = one("Full thread dump OpenJDK 64-Bit Server VM (21 mixed mode):\n\n\"main\" #1 prio=5 os_prio=0\n   java.lang.Thread.State: RUNNABLE\nbye");
    assert_eq!((b.language, b.kind, b.main, b.last), ("java", BlockKind::Dump, false, 3));
}

#[test]
fn failures_between_many_other_errors_are_not_what_goes_on() {
    let text: String = (0..5)
        .map(|i| {
            format!("{i}|ERROR order 1 is odd\n{i}|ERROR order 2 is odd\n{i}|ERROR order 3 is odd\n{i}|WARN sync: search 10.9.0.1:9200: connection refused\n")
        })
        .collect();
    let live = alive(&timed(&text)).live;
    assert!(live.iter().all(|f| f.cause != "dependency.unreachable"), "{live:?}");
}
