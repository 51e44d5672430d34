//! `a2 scan --watch` on a terminal of its own, which util-linux's script(1) gives it.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::Server;
use crate::watch::{died, pod, runs};

/// What a terminal of this size showed until Ctrl-C, after something was on it; and the exit code. `None` without script(1).
fn seen(server: &Server, columns: usize, rows: usize, args: &str, mut until: impl FnMut(&str) -> bool) -> Option<(String, Option<i32>)> {
    if !Command::new("script").arg("--version").output().is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("util-linux")) {
        return None;
    }
    let config = server.kubeconfig.to_str().expect("a path in UTF-8");
    let command = format!("stty cols {columns} rows {rows}; exec {} scan --watch --kubeconfig {config} {args}", env!("CARGO_BIN_EXE_a2"));
    let mut script = Command::new("script");
    script.args(["-qefc", &command, "/dev/null"]).env("TERM", "xterm-256color").env_remove("COLUMNS").env_remove("NO_COLOR");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script starts");
    let (mut input, mut output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(read @ 1..) = output.read(&mut buffer) {
            let _nobody = sender.send(buffer[..read].to_vec());
        }
    });
    let (mut all, start, mut pressed) = (Vec::new(), Instant::now(), false);
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(more) => all.extend(more),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(_) => {}
        }
        if !pressed && until(&String::from_utf8_lossy(&all)) {
            input.write_all(b"\x03").expect("a key");
            pressed = true;
        }
        if start.elapsed() > Duration::from_secs(40) {
            let _ended = child.kill();
            panic!("it does not end: {}", String::from_utf8_lossy(&all));
        }
    }
    drop(input);
    Some((String::from_utf8_lossy(&all).into_owned(), child.wait().expect("script ends").code()))
}

/// The pages that were drawn, without colours.
fn pages(all: &str) -> Vec<Vec<String>> {
    let plain = |line: &str| {
        let mut text = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("\x1b[") {
            text.push_str(before);
            rest = after.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).get(1..).unwrap_or_default();
        }
        text + rest
    };
    let drawn = all.split("\x1b[H").skip(1).filter_map(|page| page.split("\x1b[?2026l").next());
    drawn.map(|page| page.split("\r\n").map(plain).collect()).collect()
}

#[test]
fn on_a_terminal_it_is_a_page_that_fits_and_gives_the_screen_back() {
    let mut server = Server::shared();
    server.clear();
    server.put(&json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "watched", "uid": "uid-watched" }, "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" } }));
    server.put(&pod("watched", "quiet", "Running", runs()));
    for i in 0..12 {
        server.put(&pod("watched", &format!("web-{i:02}-with-a-name-that-is-longer-than-what-a-narrow-window-has-room-for"), "Failed", died(3, "Error")));
    }
    for (columns, rows) in [(80, 10), (120, 40), (40, 6)] {
        let mut late = false;
        let seen = seen(&server, columns, rows, "-n watched", |all| {
            if !late && all.contains("13 pods") {
                server.put(&pod("watched", "late", "Failed", died(9, "Error")));
                late = true;
            }
            late && all.contains("found")
        });
        let Some((all, code)) = seen else {
            println!("not run: no script(1) of util-linux");
            return;
        };
        server.delete("watched", "late");
        assert_eq!(code, Some(130), "{all}");
        assert!(all.contains("\x1b[?1049h") && all.contains("\x1b[?25l"), "it takes a screen of its own: {all:?}");
        let end = all.rfind("\x1b[?1049l").expect("the screen is given back");
        assert!(all.rfind("\x1b[?25h").is_some_and(|at| at < end) && !all[end..].contains("\x1b[H"), "{:?}", &all[end..]);
        assert!(all[end..].contains("13 findings"), "{:?}", &all[end..]);
        assert!(!all.contains("\x1b[2J") && !all.contains("\x1b[3J"), "nothing is wiped");
        // On the last column whatever is erased is the line's own end.
        let full = |line: &str| pages(&format!("\x1b[H{line}\x1b[?2026l"))[0][0].chars().count() == columns;
        let cut = all.split("\x1b[H").skip(1).flat_map(|page| page.split("\r\n")).find(|line| line.contains("\x1b[K") && full(line));
        assert_eq!(cut, None, "a full line loses its end");
        let pages = pages(&all);
        let last = pages.last().expect("a page");
        for page in &pages {
            assert!(page.len() <= rows, "{} lines of {rows}: {page:#?}", page.len());
            assert!(page.iter().all(|line| line.chars().count() <= columns), "{page:#?}");
        }
        assert!(last[0].starts_with("a2 scan --watch") && last[0].ends_with("UTC"), "{last:#?}");
        assert!(last[1].starts_with("13 pods") || last[1].starts_with("14 pods"), "{last:#?}");
        let told = |what: &str| last.iter().any(|line| line.contains(what));
        assert_eq!(told("not shown"), rows < 14, "{last:#?}");
        assert!(rows < 10 || told("watching"), "{last:#?}");
        println!("{columns}x{rows}, {} pages; the last:\n{}", pages.len(), last.join("\n"));
    }
}

#[test]
fn without_colour_it_is_a_page_all_the_same() {
    let mut server = Server::shared();
    server.clear();
    server.put(&pod("watched", "old", "Failed", died(1, "Error")));
    let Some((all, code)) = seen(&server, 80, 24, "-n watched --color never", |all| all.contains("old")) else {
        println!("not run: no script(1) of util-linux");
        return;
    };
    assert_eq!(code, Some(130));
    assert!(!all.contains("\x1b[31m") && all.contains("\x1b[?1049l"), "no colour, but a page all the same: {all:?}");
}
