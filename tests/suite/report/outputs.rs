//! What the program prints of recorded cases, kept as files: every format, from the outside. `BLESS=1` writes them anew.

use crate::support::{Run, fixtures, fresh, nothing_but, root, run};

fn investigate(name: &str, namespace: &str, from: &str, more: &[&str]) -> Run {
    let mut args = vec!["investigate", name, "-n", namespace, "--from", from, "--color", "never"];
    args.extend_from_slice(more);
    run(args)
}

/// The text that a browser would show, a line per element.
fn visible(html: &str) -> String {
    let body = html.split_once("</style>").map_or(html, |(_, rest)| rest);
    let mut out = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push('\n');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let text = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.join("\n") + "\n"
}

#[test]
fn recorded_cases_in_every_format() {
    let folder = root().join("tests/suite/report/outputs");
    let mut names = Vec::new();
    for case in fixtures().into_iter().filter(|c| c.target().is_some()) {
        let stages = case.stages();
        let stage = stages.iter().find(|s| *s == "live").or(stages.first()).unwrap();
        let from = case.path.join(stage);
        let print = |more: &[&str]| investigate(case.target().unwrap(), case.namespace(), from.to_str().unwrap(), more).stdout;
        let json = print(&["-o", "json"]);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let yaml: serde_json::Value = serde_yaml::from_str(&print(&["-o", "yaml"])).unwrap();
        assert_eq!(value, yaml, "{}", case.id());
        let verdict =
            serde_json::to_string_pretty(&serde_json::json!({ "verdict": value["verdict"], "context": value["context"], "impact": value["impact"] })).unwrap();
        let html = print(&["-o", "html"]);
        assert!(!html.contains("<script") && !html.contains("<link") && !html.contains(" src="), "{}", case.id());
        let all = [
            ("table.txt", print(&[])),
            ("wide.txt", print(&["-o", "wide"])),
            ("md", print(&["-o", "markdown"])),
            ("html.txt", visible(&html)),
            ("json", verdict + "\n"),
            ("quiet.txt", print(&["--quiet"])),
        ];
        for (ending, text) in all {
            let name = format!("{}.{ending}", case.id());
            fresh(&folder.join(&name), &text);
            names.push(name);
        }
    }
    assert!(names.len() >= 12 * 6, "{}", names.len());
    for case in fixtures().into_iter().filter(|c| c.target().is_none()) {
        let from = case.path.join("live");
        for format in ["table", "wide", "markdown", "name", "jsonl"] {
            let args = ["scan", "-n", case.namespace(), "--from", from.to_str().unwrap(), "--color", "never", "-o", format];
            let text = run(args).stdout;
            // The last line of a table tells how long it took, and nothing else does.
            let text = match format {
                "table" | "wide" => text.trim_end().rsplit_once(", ").map_or(String::new(), |(same, _)| format!("{same}\n")),
                _ => text,
            };
            let name = format!("{}.{format}.txt", case.id());
            fresh(&folder.join(&name), &text);
            names.push(name);
        }
    }
    nothing_but(&folder, &names);
}
