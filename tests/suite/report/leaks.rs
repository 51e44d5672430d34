//! Secrets and hostile text through the whole program: planted in a bundle, looked for in everything that comes out.

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use crate::bundles::{Bundle, event, exited, pod};
use crate::support::{Run, run};

/// Two secrets of each of twenty kinds: how it stands in a text, and what must not come out. Put together here, so that no
/// scanner of this repository takes them for real ones.
fn secrets() -> Vec<(String, String)> {
    let of = |front: &str, body: &str| format!("{front}{body}");
    let long = "Zx9Qw3Er7Ty1Ui5Op2As4Df6Gh8Jk0Lz";
    let hex = "9f86d081884c7d659a2feaa0c55ad015";
    let mut found = Vec::new();
    for n in 1..=2 {
        let l = format!("{long}{n}");
        let token = |text: String| (text.clone(), text);
        let inside = |text: &str, secret: String| (text.replace("{}", &secret), secret);
        found.extend([
            inside("Authorization: Bearer {}", of("tok", &l)),
            inside("password={}", format!("hunter{n}Xq7Zw9")),
            inside("dial postgres://app:{}@ledger-db:5432/x", format!("pg{n}Kd83mZq")),
            inside("API_KEY: {}", format!("k{n}{hex}")),
            inside("AWS_SECRET_ACCESS_KEY={}", format!("wJalrXUtnFEMI{n}K7MDENGbPxRfiCYEXAMPLEKEY")),
            token(of("AKIA", &format!("IOSFODNN7EXAMPL{n}"))),
            token(of("AIza", &format!("SyD{long}{n}a"))),
            token(of("ghp_", &format!("{l}abcd"))),
            token(of("github_pat_", &format!("11ABCDEFG0{l}"))),
            token(of("glpat-", &l)),
            token(of("xoxb-", &format!("123456789012-{l}"))),
            token(of("sk-ant-api03-", &l)),
            token(of("sk-proj-", &l)),
            token(of("sk_live_", &l)),
            token(of("npm_", &format!("{l}abcd"))),
            token(of("hf_", &format!("{l}abcd"))),
            token(of("SG.", &format!("{l}.{l}"))),
            token(of("hvs.", &l)),
            token(format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw{n}In0.{l}")),
            inside("Cookie: session={}", of("s", &l)),
        ]);
    }
    found
}

const NAMES: [&str; 4] = ["DB_PASSWORD", "SESSION_SECRET", "GITHUB_TOKEN", "API_KEY"];

/// A pod that panicked; `say` gives the text for each of the places that a cluster fills.
fn bundle(say: &dyn Fn(usize) -> String) -> Bundle {
    let mut target = pod("web-1", json!({ "app": "web" }), None, "Failed", exited(101));
    target["spec"]["restartPolicy"] = json!("Never");
    target["metadata"]["annotations"] = json!({ "note": say(0), "acme.io/last": say(1), "task": say(2) });
    target["spec"]["containers"][0]["env"] = json!([
        { "name": NAMES[0], "value": say(3) }, { "name": NAMES[1], "value": say(4) }, { "name": "NOTE", "value": say(5) }
    ]);
    target["spec"]["containers"][0]["args"] = json!([say(6)]);
    target["status"]["containerStatuses"][0]["state"]["terminated"]["message"] = json!(say(7));
    target["status"]["message"] = json!(say(8));
    target["status"]["conditions"][0]["message"] = json!(say(9));
    let mut events: Vec<Value> = (10..20).map(|n| event(&format!("e{n}"), "Pod", "web-1", "Noted", &say(n))).collect();
    events.push(event("e1", "Pod", "web-1", "Started", "Started container main"));
    let mut log = String::new();
    for n in 20..40 {
        log.push_str(&format!("2030-01-02T03:01:{n}Z {}\n", say(n).replace('\n', " ")));
    }
    log.push_str("2030-01-02T03:01:59Z thread 'main' panicked at src/main.rs:7:5:\n");
    log.push_str(&format!("2030-01-02T03:01:59Z index out of bounds: {}\n", say(40).replace('\n', " ")));
    Bundle::new()
        .list("/api/v1/namespaces/shop/pods", vec![target])
        .list("/api/v1/namespaces/shop/events", events)
        .file("api/v1/namespaces/shop/pods/web-1/log/main.log", log.as_bytes())
        .usual()
        .done()
}

fn investigate(from: &Path, more: &[&str]) -> Run {
    let mut args = vec!["investigate", "web-1", "-n", "shop", "--from", from.to_str().unwrap()];
    args.extend_from_slice(more);
    run(args)
}

const FORMATS: [&[&str]; 7] = [
    &["-o", "table", "--describe", "--explain", "--checklist"],
    &["-o", "wide", "--color", "always"],
    &["-o", "json"],
    &["-o", "yaml"],
    &["-o", "markdown"],
    &["-o", "html"],
    &["--quiet"],
];

fn verdict(from: &Path) -> Value {
    let verdict = investigate(from, &["-o", "json"]).json()["verdict"].clone();
    json!([verdict["cause"], verdict["confidence"], verdict["container"], verdict["exitCode"]])
}

/// Everything in an archive as one text.
fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut body = Vec::new();
        entry.unwrap().read_to_end(&mut body).unwrap();
        text.push_str(&String::from_utf8_lossy(&body));
    }
    text
}

#[test]
fn forty_secrets_leak_in_no_format_and_change_no_verdict() {
    let secrets = secrets();
    assert_eq!(secrets.len(), 40);
    let planted = bundle(&|n| secrets.get(n % 40).map(|(text, _)| text.clone()).unwrap_or_default());
    let plain = bundle(&|n| format!("nothing to hide {n}"));
    let saved = planted.path().join("saved.tar.gz");
    let mut said: Vec<(String, String)> = FORMATS.iter().map(|f| (f.join(" "), investigate(planted.path(), f).stdout)).collect();
    let keep = investigate(planted.path(), &["--save", saved.to_str().unwrap()]);
    assert_eq!(keep.code, Some(0), "{}", keep.stderr);
    said.push(("--save".to_owned(), unpacked(&saved)));
    for (what, text) in &said {
        assert!(text.len() > 20, "{what}");
        let leaked: Vec<&str> = secrets.iter().map(|(_, secret)| secret.as_str()).filter(|secret| text.contains(secret)).collect();
        assert!(leaked.is_empty(), "{what} leaks {leaked:?}");
    }
    assert_eq!(verdict(planted.path()), verdict(plain.path()));
    assert_eq!(verdict(planted.path()), verdict(&saved));
    // A pasted text is no way around it.
    let pasted = said.iter().find(|(what, _)| what.contains("json")).map(|(_, text)| text.len());
    assert!(pasted > Some(1000));
}

const PAYLOADS: [&str; 30] = [
    "\u{1b}[2J\u{1b}[31mred",
    "\u{1b}]8;;https://evil.example/\u{7}link\u{1b}]8;;\u{7}",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]0;title\u{1b}\\",
    "\u{1b}P$q\"p\u{1b}\\",
    "\u{1b}[?1049h",
    "\u{9b}31mc1",
    "\u{9d}8;;https://evil.example/\u{9c}",
    "\u{8}\u{8}\u{8}back",
    "over\rwrite",
    "bell\u{7}",
    "\u{202e}gnp.exe",
    "\u{2066}isolate\u{2069}",
    "\u{200f}mark",
    "zero\u{200b}width\u{feff}",
    "tag\u{e0041}\u{e0042}",
    "line\u{2028}separator\u{2029}",
    "del\u{7f}ete",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</pre></style></title><script src=//evil.example></script>",
    "<iframe srcdoc=x>",
    "[click](javascript:alert(1))",
    "![image](https://evil.example/pixel.png)",
    "```\n# broken out\n```",
    "~~~\nout\n~~~",
    "</details><h1>out</h1>",
    "| cell | breaks |",
];

/// Characters that steer a terminal or a reader's eye.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[test]
fn thirty_payloads_come_out_inert() {
    let planted = bundle(&|n| PAYLOADS[n % PAYLOADS.len()].to_owned());
    let plain = bundle(&|n| format!("plain {n}"));
    assert_eq!(verdict(planted.path()), verdict(plain.path()));
    for format in FORMATS.iter().filter(|f| !f.contains(&"always")) {
        let text = investigate(planted.path(), format).stdout;
        let bad: Vec<char> = text.chars().filter(|c| steers(*c)).collect();
        assert!(bad.is_empty(), "{format:?}: {bad:?}");
        if format.contains(&"html") {
            for tag in ["<script", "<img", "<iframe", "<h1>out", "<svg/onload", "onerror=alert(1)>", "' onmouseover='"] {
                assert!(!text.contains(tag), "{tag}");
            }
        }
        if format.contains(&"markdown") {
            let options = pulldown_cmark::Options::ENABLE_TABLES;
            for event in pulldown_cmark::Parser::new_ext(&text, options) {
                match event {
                    pulldown_cmark::Event::Html(html) | pulldown_cmark::Event::InlineHtml(html) => {
                        assert!(!html.contains("script") && !html.contains("img") && !html.contains("iframe") && !html.contains("<h1"), "{html}");
                    }
                    pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { .. }) => {}
                    pulldown_cmark::Event::Start(pulldown_cmark::Tag::Image { dest_url, .. } | pulldown_cmark::Tag::Link { dest_url, .. }) => {
                        panic!("a link to {dest_url}");
                    }
                    _ => {}
                }
            }
            assert!(!text.lines().any(|l| l == "# broken out"), "a heading broke out of its fence");
        }
    }
    // Colour is the program's own and nothing else.
    let coloured = investigate(planted.path(), &["-o", "wide", "--color", "always"]).stdout;
    let rest =
        coloured.split("\u{1b}[").skip(1).filter(|part| part.split_once('m').is_none_or(|(code, _)| !code.bytes().all(|b| b.is_ascii_digit() || b == b';')));
    assert_eq!(rest.count(), 0);
    assert!(!coloured.contains("\u{1b}]") && !coloured.contains("\u{1b}P"));
}

/// The page in a real browser, where there is one.
#[test]
fn the_page_opens_in_a_browser() {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"].iter().find(|b| std::process::Command::new(b).arg("--version").output().is_ok())
    else {
        println!("not run: no Chromium");
        return;
    };
    let planted = bundle(&|n| PAYLOADS[n % PAYLOADS.len()].to_owned());
    let page = planted.path().join("page.html");
    std::fs::write(&page, investigate(planted.path(), &["-o", "html"]).stdout).unwrap();
    let profile = planted.path().join("profile");
    let output = std::process::Command::new(browser)
        .args(["--headless", "--disable-gpu", "--no-sandbox", "--dump-dom", "--virtual-time-budget=2000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()))
        .output();
    let dom = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        other => {
            println!("not run: Chromium does not start here ({})", other.map_or_else(|e| e.to_string(), |o| o.status.to_string()));
            return;
        }
    };
    assert!(dom.contains("crash.panic") && dom.contains("web-1"), "{dom}");
    assert!(!dom.contains("<script") && !dom.contains("<iframe") && !dom.contains("<img"), "{dom}");
}
