//! The terminal report.

use a2::report::{Cleaner, RenderOptions, describe, json, table};
use unicode_width::UnicodeWidthStr;

use super::fixture;

fn render(name: &str, options: &RenderOptions) -> String {
    let redact = |text: &str| text.to_owned();
    let investigation = fixture::named(name);
    table::render(&json::investigation(&investigation, &Cleaner::new(&redact)), options)
}

fn snapshot(file: &str, text: String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/report/snapshots").join(file);
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(snapbox::IntoData::raw(snapbox::IntoData::into_data(text)), snapbox::Data::read_from(&path, None).raw());
}

#[test]
fn the_report_at_80_and_120_columns() {
    for (name, _) in fixture::all() {
        for width in [80, 120] {
            let text = render(name, &RenderOptions { width, checklist: true, ..RenderOptions::default() });
            snapshot(&format!("{name}.{width}.txt"), text);
        }
    }
}

#[test]
fn tickets_and_pages() {
    for (name, investigation) in fixture::all() {
        let document = a2::report::document(&investigation);
        let options = RenderOptions { issue: Some("17".to_owned()), ..RenderOptions::default() };
        snapshot(&format!("{name}.md"), a2::report::render(&document, a2::report::Format::Markdown, &options));
        let page = a2::report::render(&document, a2::report::Format::Html, &options);
        snapshot(&format!("{name}.html.txt"), page.lines().filter(|l| !l.contains("<style>")).collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn the_title_says_a2_only_when_the_failure_was_silent() {
    let title = |name| a2::report::render(&a2::report::document(&fixture::named(name)), a2::report::Format::Markdown, &RenderOptions::default());
    assert!(title("silent-oom").starts_with("# [A2] build was OOM-killed"));
    assert!(title("gone").starts_with("# the pod is gone"));
    assert!(title("healthy").starts_with("# build runs"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (name, _) in fixture::all() {
        let plain = render(name, &RenderOptions::default());
        let colored = render(name, &RenderOptions { color: true, ..RenderOptions::default() });
        assert_ne!(plain, colored);
        let stripped = anstream::adapter::strip_str(&colored).to_string();
        let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
        assert_eq!(trimmed, plain.lines().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn quiet_is_the_headline_alone() {
    let text = render("silent-oom", &RenderOptions { quiet: true, ..RenderOptions::default() });
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("oom.container-limit") && text.contains("OOM-killed at its limit"));
}

#[test]
fn the_describe_section_of_a_pod() {
    for name in ["silent-oom", "gone"] {
        let text = describe::render(&a2::report::document(&fixture::named(name)));
        snapshot(&format!("{name}.describe.txt"), text);
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (name, _) in fixture::all() {
        for width in [80, 100, 120, 160] {
            let text = render(name, &RenderOptions { width, wide: true, explain: true, checklist: true, ..RenderOptions::default() });
            // Commands are never broken: what is copied must run.
            for line in text.lines().filter(|l| !l.trim_start().starts_with("$ ")) {
                assert!(line.width() <= width, "{name} at {width}: {} columns: {line}", line.width());
            }
        }
    }
}

#[test]
fn restarts_are_drawn_from_the_second_on_and_fit_the_page() {
    let drawn = |restarts: &[i64], width: usize| {
        let mut document = a2::report::document(&fixture::named("silent-oom"));
        let mut of = restarts.iter();
        document.containers.iter_mut().for_each(|c| c.restarts = of.next().copied());
        let text = table::render(&document, &RenderOptions { width, ..RenderOptions::default() });
        text.lines().skip_while(|l| *l != "RESTARTS").skip(1).take_while(|l| !l.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let blocks = |line: &str| line.matches('■').count();
    assert!(drawn(&[1, 1], 80).is_empty(), "one restart is told by the line about the containers");
    let few = drawn(&[3, 1], 80);
    assert_eq!(few.iter().map(|l| blocks(l)).collect::<Vec<_>>(), [3, 1], "{few:?}");
    assert!(few[0].ends_with(" 3") && few[1].ends_with(" 1"), "{few:?}");
    let many = drawn(&[9000, 1], 80);
    assert!(many.iter().all(|l| l.width() <= 80 && blocks(l) >= 1) && blocks(&many[0]) > 30, "{many:?}");
}
