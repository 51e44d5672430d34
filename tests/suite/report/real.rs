//! Reports of recorded cases.

use a2::diagnosis::diagnose;
use a2::report::{Format, RenderOptions, document, json, render};
use a2::rules::RuleSet;
use unicode_width::UnicodeWidthStr;

use super::{cases, schema};

#[test]
fn every_case_renders_in_every_format() {
    let stages = cases::stages();
    if stages.is_empty() {
        eprintln!("not run: no recorded cases");
        return;
    }
    let rules = RuleSet::builtin();
    let show = std::env::var("SHOW").unwrap_or_default();
    let mut count = 0;
    for stage in stages {
        let Some((namespace, name)) = cases::target(&stage) else { continue };
        let document = document(&diagnose(cases::load(&stage, &name, &namespace), rules));
        let options = |width| RenderOptions { width, wide: true, checklist: true, explain: true, ..RenderOptions::default() };
        let value = serde_json::from_str(&json::render(&document)).unwrap();
        schema::check(json::Document::Investigation, &value);
        for width in [80, 120] {
            let text = render(&document, Format::Table, &options(width));
            let wide = text.lines().filter(|l| !l.trim_start().starts_with("$ ")).find(|l| l.width() > width);
            assert!(wide.is_none(), "{} at {width}: {wide:?}", stage.display());
        }
        for format in [Format::Yaml, Format::Markdown, Format::Html, Format::JsonLine] {
            let text = render(&document, format, &options(100));
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{} {format:?}", stage.display());
        }
        if !show.is_empty() && stage.to_string_lossy().contains(&show) {
            let directory = std::env::temp_dir().join("a2-show");
            std::fs::create_dir_all(&directory).unwrap();
            for (file, format) in [("t.txt", Format::Table), ("t.json", Format::Json), ("t.md", Format::Markdown), ("t.html", Format::Html)] {
                std::fs::write(directory.join(file), render(&document, format, &RenderOptions::default())).unwrap();
            }
        }
        count += 1;
    }
    eprintln!("{count} stages rendered");
    assert!(count >= 100);
}
