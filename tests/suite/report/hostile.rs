//! Text from the cluster is inert in every format.

use a2::diagnosis::Investigation;
use a2::evidence::{Object, Pod};
use a2::redact::Redactor;
use a2::report::json::v1;
use a2::report::{Format, RenderOptions, document, document_with, json, render};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

use super::{fixture, schema};

const PAYLOADS: [&str; 34] = [
    "\u{1b}[2J\u{1b}[31mred",
    "\u{1b}]8;;https://evil.example/\u{7}link\u{1b}]8;;\u{7}",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]0;title\u{1b}\\",
    "\u{1b}P$q\"p\u{1b}\\",
    "\u{9b}31mc1",
    "\u{9d}8;;https://evil.example/\u{9c}",
    "\u{8}\u{8}\u{8}back",
    "over\rwrite",
    "bell\u{7}",
    "\u{202e}gnp.exe",
    "\u{2066}isolate\u{2069}",
    "zero\u{200b}width\u{feff}",
    "tag\u{e0041}\u{e0042}",
    "line\u{2028}separator\u{2029}",
    "nul\u{0}byte",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</pre></style></title><script src=//evil.example></script>",
    "<!-- comment --> &lt;b&gt; &#60;i&#62;",
    "javascript:alert(1)",
    "[click](javascript:alert(1))",
    "![image](https://evil.example/pixel.png)",
    "```\n# broken out\n```",
    "``` ```` ````` ``````",
    "~~~\nout\n~~~",
    "| cell | breaks | out |",
    "@everyone #1 owner/repository#2 deadbeefcafe https://evil.example www.evil.example",
    "# heading\n\n- [x] done\n> quote",
    "*bold* _em_ ~~gone~~ $math$ {color:red}jira{color} [~user]",
    "1. one\n---\n===\n+ plus",
    "\\\\ back \\` slash \\| pipe",
];

/// An investigation with a payload in every place that a cluster fills.
fn poisoned(payload: &str) -> Investigation {
    let mut i = fixture::silent_oom();
    let mut raw = i.history.pod.as_ref().expect("a pod").object.raw().clone();
    poison(&mut raw, payload);
    i.history.pod = Some(Pod::from_object(Object::new(raw)));
    i.case.target.name = payload.to_owned();
    i.verdict.headline = format!("build said {payload} and died");
    for event in &mut i.case.events {
        event.message = payload.to_owned();
        event.reason = payload.to_owned();
    }
    for row in &mut i.history.timeline {
        row.what = payload.to_owned();
    }
    for excerpt in &mut i.history.excerpts {
        excerpt.lines = payload.lines().map(str::to_owned).chain([payload.replace('\n', " ")]).collect();
        excerpt.decisive = vec![0];
    }
    for sibling in &mut i.history.siblings.rows {
        sibling.name = payload.to_owned();
        sibling.image = Some(payload.to_owned());
        sibling.reason = Some(payload.to_owned());
    }
    for death in &mut i.history.deaths {
        death.message = Some(payload.to_owned());
    }
    for cause in &mut i.causes {
        cause.supporting.iter_mut().chain(&mut cause.against).for_each(|s| s.says = payload.to_owned());
        cause.would_confirm = vec![payload.to_owned()];
        for remedy in &mut cause.remedy {
            remedy.patch = Some(serde_json::json!({ "spec": { payload: payload } }));
        }
    }
    for gap in &mut i.gaps {
        gap.why = payload.to_owned();
        gap.capture = Some(payload.to_owned());
    }
    i.history.context.insert("task", payload.to_owned());
    i.explanation = vec![payload.to_owned()];
    i.hints = vec![payload.to_owned()];
    i
}

/// Puts the payload into every text of an object but those that say what things are.
fn poison(value: &mut Value, payload: &str) {
    match value {
        Value::String(text) if !text.contains("T10:") && !["Running", "Always", "Never", "False", "True"].contains(&text.as_str()) => {
            *text = payload.to_owned()
        }
        Value::Array(items) => items.iter_mut().for_each(|v| poison(v, payload)),
        Value::Object(map) => map.iter_mut().filter(|(k, _)| *k != "name" && *k != "kind").for_each(|(_, v)| poison(v, payload)),
        _ => {}
    }
}

fn all() -> RenderOptions {
    RenderOptions { wide: true, describe: true, explain: true, checklist: true, ..RenderOptions::default() }
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn assert_inert(text: &str, what: &str) {
    let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || is_hidden(*c));
    assert!(bad.is_none(), "{what}: {bad:?}");
}

#[test]
fn nothing_steers_a_terminal_or_hides() {
    for payload in PAYLOADS {
        let document = document(&poisoned(payload));
        for format in [Format::Table, Format::Json, Format::JsonLine, Format::Yaml, Format::Markdown, Format::Html] {
            assert_inert(&render(&document, format, &all()), &format!("{format:?} of {payload:?}"));
        }
        let colored = render(&document, Format::Table, &RenderOptions { color: true, ..all() });
        // Without the sequences of the palette nothing is left of an escape.
        let plain = anstream::adapter::strip_str(&colored).to_string();
        assert_inert(&plain, &format!("colours of {payload:?}"));
        let sequences = colored.split('\u{1b}').skip(1);
        for sequence in sequences {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
            assert_eq!(sequence.get(end..=end), Some("m"), "only colours are written: {sequence:?}");
        }
    }
}

#[test]
fn json_texts_hold_no_control_characters() {
    fn walk(value: &Value, what: &str) {
        match value {
            Value::String(text) => assert!(!text.chars().any(|c| c.is_control() || is_hidden(c)), "{what}: {text:?}"),
            Value::Array(items) => items.iter().for_each(|v| walk(v, what)),
            Value::Object(map) => map.values().for_each(|v| walk(v, what)),
            _ => {}
        }
    }
    for payload in PAYLOADS {
        let value: Value = serde_json::from_str(&json::render(&document(&poisoned(payload)))).unwrap();
        walk(&value, payload);
        schema::check(json::Document::Investigation, &value);
    }
}

#[test]
fn html_holds_only_its_own_elements() {
    const OWN: [&str; 33] = [
        "!doctype", "html", "head", "meta", "title", "style", "body", "p", "span", "i", "code", "h1", "h2", "h3", "dl", "dt", "dd", "a", "table", "tr", "th",
        "td", "ul", "ol", "li", "pre", "br", "div", "footer", "svg", "text", "line", "circle",
    ];
    for payload in PAYLOADS {
        let page = render(&document(&poisoned(payload)), Format::Html, &all());
        for tag in page.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap_or_default();
            let name: String = inside.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '!').collect();
            assert!(OWN.contains(&name.as_str()) || name == "rect", "{payload:?}: <{inside}>");
            assert!(!inside.contains(" on") && !inside.contains(" src"), "{payload:?}: <{inside}>");
            if let Some(href) = inside.split("href=").nth(1) {
                assert!(href.starts_with("\"#e"), "{payload:?}: {href}");
            }
        }
        assert!(!page.contains("url(") && !page.contains("@import"), "the page fetches nothing");
    }
}

#[test]
fn markdown_has_no_links_images_or_html_of_the_cluster() {
    let plain = render(&document(&poisoned("plain")), Format::Markdown, &all());
    let expected = plain.lines().filter(|l| l.starts_with('#')).count();
    for payload in PAYLOADS {
        let ticket = render(&document(&poisoned(payload)), Format::Markdown, &all());
        let mut headings = 0;
        let mut boxes = 0;
        let mut code = false;
        for event in Parser::new_ext(&ticket, Options::all()) {
            match &event {
                Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::Rule => {
                    panic!("{payload:?}: {event:?}")
                }
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::BlockQuote(_) | Tag::Strikethrough | Tag::Emphasis) => {
                    panic!("{payload:?}: {event:?}")
                }
                Event::Start(Tag::Heading { .. }) => headings += 1,
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(pulldown_cmark::TagEnd::CodeBlock) => code = false,
                Event::TaskListMarker(_) => boxes += 1,
                Event::Text(text) if !code => {
                    assert!(!text.contains("@everyone") && !text.contains("https://") && !text.contains("www.evil"), "{payload:?}: {text}");
                }
                _ => {}
            }
        }
        assert_eq!(headings, expected, "{payload:?} adds no heading");
        assert_eq!(boxes, 4, "{payload:?} ticks no box");
        for row in ticket.lines().filter(|l| l.strip_prefix("| e").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))) {
            let bars = row.replace("\\\\", "").replace("\\|", "").matches('|').count();
            assert_eq!(bars, 7, "{payload:?}: {row}");
        }
    }
}

#[test]
fn redaction_reaches_every_format_with_the_same_placeholder() {
    let token = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"].join(".");
    let mut i = poisoned(&format!("Authorization: Bearer {token}"));
    i.history.excerpts[0].lines.push(format!("token={token}"));
    let document = document_with(&i, &Redactor::new());
    for format in [Format::Table, Format::Json, Format::JsonLine, Format::Yaml, Format::Markdown, Format::Html] {
        let text = render(&document, format, &all());
        assert!(!text.contains(&token), "{format:?} leaks");
        assert!(text.contains("redacted:"), "{format:?}");
    }
    let same: v1::Investigation = document_with(&i, &Redactor::new());
    assert_eq!(document, same, "the same input, the same placeholders");
}
