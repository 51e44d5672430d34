//! One test per language and form.

use a2::signatures::{Block, BlockKind, blocks};

use super::support::plain;

fn one(text: &str) -> Block {
    let mut found = blocks(&plain(text));
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn innermost(block: &Block) -> &str {
    &block.errors[0].text
}

#[test]
fn rust_panics_in_all_formats() {
    let b = one("INFO start\nthread 'main' (7) panicked at src/store.rs:6:49:\nboom\nsecond row\nnote: run with `RUST_BACKTRACE=1` environment variable");
    assert_eq!((b.language, b.kind, b.first, b.last, b.main), ("rust", BlockKind::Panic, 1, 4, true));
    assert_eq!(innermost(&b), "boom\nsecond row");
    let b = one("thread 'main' panicked at 'index out of bounds: the len is 0 but the index is 0', src/main.rs:2:5");
    assert!(innermost(&b).contains("index out of bounds"));
    let b = one("thread 'tokio-runtime-worker' (9) panicked at src/a.rs:1:1:\nlost\nnote: run with `RUST_BACKTRACE=1`\nINFO goes on");
    assert_eq!((b.kind, b.main, b.thread.as_deref(), b.last), (BlockKind::Background, false, Some("tokio-runtime-worker"), 2));
    let b = one(
        "thread 'main' panicked at src/a.rs:1:1:\nx\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x.rs:1:2\n   1: main\nnote: Some details are omitted\nbye",
    );
    assert_eq!(b.last, 6);
}

#[test]
fn rust_errors_of_main() {
    let b = one("Error: cannot start\n\nCaused by:\n    0: loading the index\n    1: No such file or directory (os error 2)");
    assert_eq!((b.kind, innermost(&b), b.errors.len()), (BlockKind::MainError, "No such file or directory (os error 2)", 3));
    assert_eq!(one("Error: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }").kind, BlockKind::MainError);
    assert!(blocks(&plain("Error: something in words")).is_empty());
    assert_eq!(one("memory allocation of 1024 bytes failed\nnote: run with `RUST_BACKTRACE=1`").kind, BlockKind::Native);
}

#[test]
fn go_panics_and_fatal_errors() {
    let text = "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x6c]\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:33 +0x1d\nexit status 2";
    let b = one(text);
    assert_eq!((b.language, b.kind, b.first, b.last), ("go", BlockKind::Panic, 0, 6));
    let b = one("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n\t/app/main.go:9 +0x2");
    assert_eq!((b.kind, b.last), (BlockKind::Panic, 4));
    let b = one("panic: first [recovered]\n\tpanic: second\n\ngoroutine 7 [running]:\nmain.f()\n\t/app/a.go:1 +0x1");
    assert_eq!(innermost(&b), "panic: first [recovered]");
    let b =
        one("2026/01/02 12:00:00 http: panic serving 10.0.0.9:4711: nil map\ngoroutine 7 [running]:\nnet/http.(*conn).serve.func1()\n\t/go/server.go:1 +0x1");
    assert!(b.caught && !b.main);
}

#[test]
fn python_chains_put_the_original_first() {
    let text = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n    d['x']\nKeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/app/a.py\", line 5, in <module>\n    report()\nRuntimeError: cannot report";
    let b = one(text);
    assert_eq!((b.language, b.kind, b.last), ("python", BlockKind::Uncaught, 10));
    assert_eq!(b.errors.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(), ["KeyError: 'x'", "RuntimeError: cannot report"]);
}

#[test]
fn python_messages_over_rows_and_foreign_lines() {
    let b = one(
        "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n2026-01-02 12:00:00,001 INFO app other pipe\n    Settings()\npydantic.ValidationError: 1 validation error for Settings\ntoken\n  Field required [type=missing]\n\nbye",
    );
    assert_eq!(b.last, 6);
    assert!(innermost(&b).ends_with("token\n  Field required [type=missing]"));
}

#[test]
fn python_threads_tasks_logging_groups_and_the_interpreter() {
    let tb = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    x()\nValueError: no";
    let b = one(&format!("Exception in thread Thread-1 (f):\n{tb}"));
    assert_eq!((b.kind, b.main, b.thread.as_deref()), (BlockKind::Background, false, Some("Thread-1 (f)")));
    let b = one(&format!(
        "ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished name='Task-3' coro=<f() done> exception=ValueError('no')>\n{tb}"
    ));
    assert_eq!((b.kind, b.thread.as_deref(), innermost(&b)), (BlockKind::Background, Some("Task-3"), "ValueError: no"));
    let b = one(&format!(
        "--- Logging error ---\n{tb}\nCall stack:\n  File \"/app/a.py\", line 1, in <module>\n    log.info('%d', 'x')\nMessage: '%d'\nArguments: ('x',)\nINFO on"
    ));
    assert_eq!((b.kind, b.caught, b.last), (BlockKind::Logging, true, 9));
    let b = one(
        "  + Exception Group Traceback (most recent call last):\n  |   File \"/app/a.py\", line 1, in <module>\n  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/app/a.py\", line 9, in g\n    | ConnectionRefusedError: [Errno 111] refused\n    +------------------------------------",
    );
    assert!(innermost(&b).starts_with("ConnectionRefusedError"), "{b:?}");
    let b = one("Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n  File \"/app/a.py\", line 5 in decode");
    assert_eq!((b.kind, b.last), (BlockKind::Native, 3));
    let b = one("  File \"/app/a.py\", line 3\n    def (:\n        ^\nSyntaxError: invalid syntax");
    assert_eq!((b.kind, b.first), (BlockKind::Startup, 0));
}

#[test]
fn python_in_a_box() {
    let b = one(
        "╭───────── Traceback (most recent call last) ─────────╮\n│ /app/a.py:3 in main │\n│ ❱ 3 x() │\n╰─────────────────────╯\nConnectionRefusedError: [Errno 111] Connection refused",
    );
    assert!(innermost(&b).starts_with("ConnectionRefusedError"));
}

#[test]
fn python_behind_a_logger() {
    let b = one("2026-01-02 12:00:00 ERROR app: Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    x()\nValueError: no");
    assert_eq!((b.kind, innermost(&b)), (BlockKind::Logged, "ValueError: no"));
}

#[test]
fn java_causes_innermost_first() {
    let b = one(
        "Exception in thread \"main\" com.acme.AppException: outer\n\tat com.acme.Main.run(Main.java:5)\nCaused by: java.lang.IllegalStateException: middle\n\tat com.acme.Main.a(Main.java:9)\n\t... 1 more\nCaused by: java.net.ConnectException: Connection refused\n\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)\n\t... 2 more",
    );
    assert_eq!((b.language, b.kind, b.main, b.last), ("java", BlockKind::Uncaught, true, 7));
    assert!(innermost(&b).contains("Connection refused"));
    let b = one("Exception in thread \"pool-1-thread-1\" java.lang.NullPointerException\n\tat a.B.c(B.java:1)");
    assert_eq!((b.kind, b.main), (BlockKind::Background, false));
    let b = one(
        "2026-01-02 12:00:00.000 ERROR [worker-2] a.B : failed\njava.lang.IllegalArgumentException: x\n\tat a.B.c(B.java:1)\n\tSuppressed: java.io.IOException: y\n\t\tat a.B.d(B.java:2)",
    );
    assert_eq!((b.kind, b.thread.as_deref(), b.errors.len()), (BlockKind::Logged, Some("worker-2"), 2));
    assert!(innermost(&b).contains("IllegalArgumentException"));
    let b =
        one("#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb) at pc=0x00007f, pid=1, tid=7\n#\n# JRE version: 21");
    assert_eq!((b.kind, b.first), (BlockKind::Native, 0));
}

#[test]
fn node_uncaught_logged_and_caused() {
    let b = one(
        "/app/worker.js:2\nasync function price(c) { return c.items; }\n                                   ^\n\nTypeError: Cannot read properties of undefined (reading 'items')\n    at price (/app/worker.js:2:48)\n    at process.processTimers (node:internal/timers:519:7)\n\nNode.js v20.20.2",
    );
    assert_eq!((b.language, b.kind, b.first, b.last), ("node", BlockKind::Uncaught, 0, 8));
    let b = one(
        "Error: could not load\n    at load (/app/a.js:1:2) {\n  [cause]: Error: connect ECONNREFUSED 10.0.0.7:6379\n      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {\n    code: 'ECONNREFUSED'\n  }\n}",
    );
    assert!(innermost(&b).contains("ECONNREFUSED 10.0.0.7:6379"), "{b:?}");
    assert_eq!(b.last, 6);
    let b = one(
        "<--- Last few GCs --->\n\n[1:0x1] 1 ms: Mark-Compact\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xb78db3 node::OOMErrorHandler [node]",
    );
    assert_eq!((b.kind, b.last), (BlockKind::Native, 9));
}

#[test]
fn dotnet_ruby_php_beam() {
    let b = one(
        "Unhandled exception. System.InvalidOperationException: outer\n ---> System.Net.Sockets.SocketException (111): Connection refused\n   at System.Net.Sockets.Socket.Connect(EndPoint e)\n   --- End of inner exception stack trace ---\n   at App.Program.Main(String[] args) in /src/Program.cs:line 7",
    );
    assert_eq!((b.language, b.kind, b.last), ("dotnet", BlockKind::Uncaught, 4));
    assert!(innermost(&b).contains("SocketException"), "{b:?}");
    let b = one("/app/a.rb:3:in `run': undefined method `x' for nil (NoMethodError)\n\tfrom /app/a.rb:9:in `<main>'");
    assert_eq!((b.language, b.kind, b.last), ("ruby", BlockKind::Uncaught, 1));
    let b = one(
        "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/a.php:3\nStack trace:\n#0 /app/a.php(3): PDO->__construct()\n#1 {main}\n  thrown in /app/a.php on line 3",
    );
    assert_eq!((b.language, b.last), ("php", 4));
    let b = one(
        "12:00:00.000 [error] GenServer Worker terminating\n** (RuntimeError) lost\n    (app 0.1.0) lib/worker.ex:9: Worker.handle_info/2\nLast message: :tick",
    );
    assert_eq!((b.language, b.kind, b.first), ("beam", BlockKind::Background, 0));
}

#[test]
fn native_and_shell() {
    let b = one("terminate called after throwing an instance of 'std::runtime_error'\n  what():  no more frames");
    assert_eq!((b.language, b.kind, b.last), ("native", BlockKind::Native, 1));
    assert_eq!(one("tool: a.c:15: main: Assertion `n >= 0' failed.").kind, BlockKind::Native);
    assert_eq!(one("free(): double free detected in tcache 2").language, "native");
    let b = one("/app/run.sh: line 4: jq: not found");
    assert_eq!((b.language, b.kind), ("shell", BlockKind::Startup));
    assert_eq!(one("Killed").language, "shell");
}

#[test]
fn blocks_inside_structured_lines() {
    let json = r#"{"level":"error","msg":"job failed","stack":"Error: boom\n    at run (/app/a.js:1:2)\n    at main (/app/a.js:9:1)"}"#;
    let b = one(&format!("{json}\n    at nothing of it (/x.js:1:1)x"));
    assert_eq!((b.language, b.first, b.last), ("node", 0, 0));
    let json = r#"{"severity":"ERROR","message":"failed","exc_info":"Traceback (most recent call last):\n  File \"/app/a.py\", line 1, in f\n    x()\nKeyError: 'y'"}"#;
    let b = one(json);
    assert_eq!((b.language, innermost(&b)), ("python", "KeyError: 'y'"));
    let quote = r#"{"level":"info","msg":"user said: thread 'main' panicked at src/a.rs:1:1:\nboom"}"#;
    assert!(blocks(&plain(quote)).is_empty());
    let b = one("level=error msg=\"failed\" stack=\"java.lang.IllegalStateException: x\\n\\tat a.B.c(B.java:1)\\n\\tat a.B.d(B.java:2)\"");
    assert_eq!(b.language, "java");
}
