//! What is wrong inside a program that runs on.

use super::support::{alive, timed};

const TB: &str = "1|Traceback (most recent call last):\n1|  File \"/app/a.py\", line 3, in f\n1|    x()\n1|KeyError: 'to'";

fn first(text: &str) -> Option<&'static str> {
    let r = alive(&timed(text));
    assert!(r.ending.is_none());
    r.live.first().map(|f| f.cause)
}

#[test]
fn threads_and_tasks_that_died() {
    assert_eq!(first(&format!("0|INFO up\n1|Exception in thread Thread-1 (drain):\n{TB}\n9|INFO GET /health 200")), Some("process.background-task"));
    assert_eq!(
        first(&format!("0|INFO up\n1|ERROR:    Task exception was never retrieved\n1|future: <Task finished name='Task-3'>\n{TB}\n9|INFO GET /health 200")),
        Some("process.background-task")
    );
    assert_eq!(
        first("1|thread 'tokio-rt-worker' (8) panicked at src/a.rs:5:84:\n1|index out of bounds\n1|note: run with x\n9|INFO served"),
        Some("process.background-task")
    );
    assert_eq!(
        first(
            "0|12:00 INFO [pool-1-thread-1] a.B : printed 1\n1|12:00 INFO [pool-1-thread-1] a.B : printed 2\n2|12:00 ERROR [pool-1-thread-1] a.B : failed\n2|java.lang.IllegalStateException: x\n2|\tat a.B.c(B.java:1)\n60|12:01 INFO [main] a.B : ok"
        ),
        Some("process.background-task")
    );
}

#[test]
fn logging_that_fails() {
    assert_eq!(first(&format!("0|INFO up\n1|--- Logging error ---\n{TB}\n1|Call stack:\n1|Message: 'x'\n1|Arguments: ()\n9|INFO on")), Some("process.logging"));
}

#[test]
fn a_queue_that_grows_while_the_heart_beats() {
    assert_eq!(
        first("0|INFO up\n5|INFO heartbeat seq=1 queue_depth=157\n10|INFO heartbeat seq=2 queue_depth=194\n15|INFO heartbeat seq=3 queue_depth=230"),
        Some("process.stalled")
    );
    assert_eq!(first("0|INFO up\n5|INFO heartbeat seq=1 queue_depth=157\n10|INFO heartbeat seq=2 queue_depth=12"), None);
}

#[test]
fn deadlocks() {
    assert_eq!(first("0|Found one Java-level deadlock:\n0|=============================\n0|\"a\":\n0|  waiting to lock monitor 0x1"), Some("process.stalled"));
}

#[test]
fn a_peer_that_refuses_to_the_end() {
    let text: String = (0..8).map(|i| format!("{}|WARN readiness: search 10.9.0.1:9200: connection refused\n", i * 2)).collect();
    assert_eq!(first(&text), Some("dependency.unreachable"));
}

#[test]
fn retries_that_succeeded_and_old_errors_are_fine() {
    let mut text = String::new();
    for i in 0..10 {
        text += &format!("{i}|ERROR order {i}: attempt 1/3 failed, retrying\n");
        text += &format!("{i}.1|ConnectionResetError: [Errno 104] Connection reset by peer\n");
        for k in 2..9 {
            text += &format!("{i}.{k}|INFO order {i}{k} placed\n");
        }
    }
    assert_eq!(first(&text), None);
    let won: String = (0..10).map(|i| format!("{i}|WARN db 10.9.0.1:5432: connection refused, retrying\n{i}.5|INFO reconnected\n")).collect();
    assert_eq!(first(&won), None);
    let old: String =
        (0..6).map(|i| format!("{i}|ERROR db 10.9.0.1:5432: connection refused\n")).chain((10..60).map(|i| format!("{i}|INFO order {i} placed\n"))).collect();
    assert_eq!(first(&old), None);
}
