//! The page as a browser shows it: its text, and the pictures that there are data for.

use serde_json::{Value, json};

use crate::bundles::{Bundle, crashed, exited, pod};
use crate::support::{fixture, run};

const POD: &str = "cache-0";

/// Killed for its memory limit, with the kernel's line as node-problem-detector reports it.
fn killed() -> Bundle {
    let mut target = pod(POD, json!({}), None, "Running", json!({ "running": { "startedAt": "2030-01-02T03:02:02Z" } }));
    let mut end = exited(137);
    end["terminated"]["reason"] = json!("OOMKilled");
    target["status"]["containerStatuses"][0]["lastState"] = end;
    target["status"]["containerStatuses"][0]["restartCount"] = json!(2);
    target["spec"]["containers"][0]["resources"] = json!({ "limits": { "memory": "64Mi" }, "requests": { "memory": "32Mi" } });
    target["spec"]["containers"][0]["command"] = json!(["tally"]);
    let line = "Memory cgroup out of memory: Killed process 4711 (tally) total-vm:713940kB, anon-rss:65024kB, file-rss:512kB, shmem-rss:0kB";
    let event = json!({ "metadata": { "name": "oom", "namespace": "default", "uid": "u1" }, "involvedObject": { "kind": "Node", "name": "n1" },
        "type": "Warning", "reason": "OOMKilling", "message": line, "lastTimestamp": "2030-01-02T03:02:00Z", "count": 1, "source": { "component": "kernel-monitor", "host": "n1" } });
    let list = |path: &str, items: Vec<Value>| (path.to_owned(), items);
    let (pods, events) = (list("/api/v1/namespaces/shop/pods", vec![target]), list("/api/v1/namespaces/default/events", vec![event]));
    Bundle::new().list(&pods.0, pods.1).list(&events.0, events.1).usual().done()
}

fn page(bundle: &std::path::Path, pod: &str, namespace: &str) -> String {
    run(["investigate", pod, "-n", namespace, "--from", bundle.to_str().unwrap(), "-o", "html"]).stdout
}

/// The rows of a picture: label and value, in order.
fn picture(page: &str, name: &str) -> Vec<String> {
    let Some((_, rest)) = page.split_once(&format!("aria-label=\"{name}\">")) else { return Vec::new() };
    let (svg, _) = rest.split_once("</svg>").unwrap();
    svg.split("<text").skip(1).map(|text| text.split_once('>').unwrap().1.split_once("</text>").unwrap().0.to_owned()).collect()
}

#[test]
fn memory_and_restarts_are_drawn_where_somebody_measured() {
    let bundle = killed();
    let page_of_killed = page(bundle.path(), POD, "shop");
    let memory = picture(&page_of_killed, "memory");
    let used = memory.iter().find(|row| row.starts_with("tally: used when killed [e")).unwrap_or_else(|| panic!("{memory:?}"));
    assert_eq!(memory, ["main: requests", "32.0 MiB", "main: limit", "64.0 MiB", used, "64.0 MiB"]);
    assert_eq!(picture(&page_of_killed, "restarts"), ["main", "2"]);
    // Where memory is neither measured nor the matter, there is nothing to draw.
    let other = crashed().done();
    let page_of_other = page(other.path(), "web-5d9c7b6f4-x7k2p", "shop");
    assert_eq!((picture(&page_of_other, "memory"), picture(&page_of_other, "restarts")), (Vec::new(), vec!["main".to_owned(), "3".to_owned()]));
    let limit = page(&fixture("oom-sandbox-toolserver").join("live"), "centaur-sandbox-7f3a9c-5b1e0d44a2", "centaur");
    assert_eq!(picture(&limit, "memory").iter().filter(|row| row.contains("used")).count(), 0);
    assert!(limit.contains("What was used at the end is not on record"));
}

#[test]
fn a_browser_shows_the_text_and_the_pictures() {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"].iter().find(|b| std::process::Command::new(b).arg("--version").output().is_ok())
    else {
        println!("not run: no Chromium");
        return;
    };
    let bundle = killed();
    let file = bundle.path().join("page.html");
    std::fs::write(&file, page(bundle.path(), POD, "shop")).unwrap();
    let seen = |flags: &[&str]| {
        std::process::Command::new(browser)
            .args(["--headless", "--disable-gpu", "--no-sandbox", "--virtual-time-budget=2000", "--window-size=1000,1600"])
            .args(flags)
            .arg(format!("--user-data-dir={}", bundle.path().join("profile").display()))
            .arg(format!("file://{}", file.display()))
            .output()
    };
    let dom = match seen(&["--dump-dom"]) {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        other => {
            println!("not run: Chromium does not start here ({})", other.map_or_else(|e| e.to_string(), |o| o.status.to_string()));
            return;
        }
    };
    for text in ["oom.container-limit", "confirmed", "main: limit", "64.0 MiB", "used when killed", "aria-label=\"timeline\"", "Definition of done"] {
        assert!(dom.contains(text), "{text}: {dom}");
    }
    // What is drawn is more than one colour, on the screen and on paper.
    for (kind, flag) in [("png", "--screenshot="), ("pdf", "--print-to-pdf=")] {
        let out = bundle.path().join(format!("page.{kind}"));
        let flag = format!("{flag}{}", out.display());
        assert!(seen(&[&flag]).unwrap().status.success());
        let bytes = std::fs::read(&out).unwrap();
        assert!(bytes.len() > 10_000, "{kind}: {} bytes", bytes.len());
    }
}
