//! From an investigation to text in the format asked for.

use super::args::{Output, ShowArgs};
use crate::diagnosis::Investigation;
use crate::report::{self, Format, RenderOptions, Unredacted};

/// The text of an investigation. The terminal report comes with colour; the writer drops it where it is not wanted.
pub fn investigation(investigation: &Investigation, output: Output, show: &ShowArgs, width: usize) -> String {
    let document = if show.no_redact { report::document_with(investigation, &Unredacted) } else { report::document(investigation) };
    if show.quiet && matches!(output, Output::Table | Output::Wide) {
        // One line for titles and logs, whatever the width.
        return document.verdict.headline;
    }
    report::render(&document, format(output), &options(output, show, width))
}

fn format(output: Output) -> Format {
    match output {
        Output::Table | Output::Wide => Format::Table,
        Output::Json => Format::Json,
        Output::Yaml => Format::Yaml,
        Output::Markdown => Format::Markdown,
        Output::Html => Format::Html,
    }
}

fn options(output: Output, show: &ShowArgs, width: usize) -> RenderOptions {
    RenderOptions {
        width,
        color: true,
        wide: output == Output::Wide,
        quiet: show.quiet,
        describe: show.describe,
        explain: show.explain,
        checklist: show.checklist,
        issue: show.issue.clone(),
    }
}
