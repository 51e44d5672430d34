//! The terminal report.

use a2::report::{Cleaner, RenderOptions, json, table};
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
