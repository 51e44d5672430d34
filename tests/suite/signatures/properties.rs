//! Any bytes may come out of a container.

use a2::signatures::{ReadContext, classify, read};
use proptest::prelude::*;

use super::support::body;

/// Pieces of all grammars, so that random logs reach deep into the readers.
const PIECES: [&str; 32] = [
    "Traceback (most recent call last):",
    "  File \"a.py\", line 1, in f",
    "    x()",
    "KeyError: 'x'",
    "During handling of the above exception, another exception occurred:",
    "--- Logging error ---",
    "Call stack:",
    "  + Exception Group Traceback (most recent call last):",
    "  | ExceptionGroup: x (1 sub-exception)",
    "Exception in thread \"main\" a.B: c",
    "Exception in thread Thread-1 (f):",
    "\tat a.B.c(B.java:1)",
    "Caused by: java.net.ConnectException: Connection refused",
    "    at f (/a.js:1:2)",
    "  [cause]: Error: x",
    "}",
    "   at A.B.C(String d) in /a.cs:line 5",
    "Unhandled exception. System.Exception: x ---> System.Y: z",
    "thread 'main' (1) panicked at src/a.rs:1:2:",
    "note: run with `RUST_BACKTRACE=1`",
    "panic: x",
    "goroutine 1 [running]:",
    "Error: ",
    "Error: \"x\"",
    "** (RuntimeError) x",
    "/a.rb:1:in `b': c (D)",
    "#",
    "# A fatal error has been detected by the Java Runtime Environment:",
    "{\"level\":\"error\",\"msg\":\"x\",\"stack\":\"Error: y\\n    at z (/a.js:1:2)\"}",
    "2026-01-02 12:00:00 ERROR a: b 10.0.0.1:5432 connection refused",
    "Killed",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2000), alive: bool) {
        let lines = body(&bytes);
        let ctx = ReadContext { alive, exit_code: Some(1), ..ReadContext::default() };
        prop_assert_eq!(read(&lines, &ctx), read(&lines, &ctx));
        let _ = classify(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_mixture_is_read_alike_twice(picks in proptest::collection::vec(0..PIECES.len(), 0..60), alive: bool) {
        let text: String = picks.iter().filter_map(|i| PIECES.get(*i)).map(|p| format!("{p}\n")).collect();
        let lines = body(text.as_bytes());
        let ctx = ReadContext { alive, exit_code: Some(1), ..ReadContext::default() };
        let reading = read(&lines, &ctx);
        prop_assert_eq!(&reading, &read(&lines, &ctx));
        for pair in reading.blocks.windows(2) {
            prop_assert!(pair[0].first <= pair[0].last && pair[0].last < pair[1].first, "{:?}", pair);
        }
        for block in &reading.blocks {
            prop_assert!(block.last < lines.len() && !block.errors.is_empty());
        }
        if let Some(end) = &reading.ending {
            prop_assert!(!end.findings.is_empty() && end.decisive.iter().all(|l| *l < lines.len()));
        }
    }
}
