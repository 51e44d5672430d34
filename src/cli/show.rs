//! From an investigation to text in the format asked for.

use super::args::{Output, ShowArgs};
use crate::diagnosis::Investigation;
use crate::redact::{Redactor, clean};
use crate::report::{Cleaner, RenderOptions, json, table, yaml};

/// The text of an investigation. The terminal report comes with colour; the writer drops it where it is not wanted.
pub fn investigation(investigation: &Investigation, output: Output, show: &ShowArgs, width: usize) -> String {
    let redactor = Redactor::new();
    let redacted = |text: &str| redactor.show(text).into_owned();
    let plain = |text: &str| clean(text).into_owned();
    let cleaner = if show.no_redact { Cleaner::new(&plain) } else { Cleaner::new(&redacted) };
    let document = json::investigation(investigation, &cleaner);
    match output {
        Output::Json => json::render(&document),
        Output::Yaml => yaml::render(&document),
        Output::Table | Output::Wide if show.quiet => document.verdict.headline,
        Output::Table | Output::Wide => table::render(&document, &options(output, show, width)),
    }
}

fn options(output: Output, show: &ShowArgs, width: usize) -> RenderOptions {
    RenderOptions {
        width,
        color: true,
        wide: output == Output::Wide,
        describe: show.describe,
        explain: show.explain,
        checklist: show.checklist,
        ..RenderOptions::default()
    }
}
