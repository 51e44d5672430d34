//! The report from top to bottom.

use super::layout::Page;
use super::palette::Palette;
use super::{around, causes, ending, headline, logs, timeline};
use crate::report::json::v1::Investigation;
use crate::report::{RenderOptions, describe};

/// Renders the terminal report of an investigation.
pub fn render(document: &Investigation, options: &RenderOptions) -> String {
    let mut page = Page::new(options.columns(), Palette::new(options.color));
    headline::verdict(&mut page, document);
    if options.quiet {
        return page.finish();
    }
    headline::situation(&mut page, document, options.wide);
    causes::causes(&mut page, document, options.wide);
    timeline::timeline(&mut page, document, options.wide);
    logs::logs(&mut page, document, options.wide);
    around::suspects(&mut page, document);
    around::restarts(&mut page, document);
    around::siblings(&mut page, document, options.wide);
    ending::gaps(&mut page, document, options.wide);
    around::hints(&mut page, document);
    ending::next(&mut page, document, options.wide);
    if options.checklist {
        ending::checklist(&mut page, document);
    }
    if options.wide || options.explain {
        ending::evidence(&mut page, document);
    }
    if options.explain {
        ending::explanation(&mut page, document);
    }
    if options.describe {
        page.section("DESCRIBE", "as kubectl describe pod says it; + marks what that leaves out");
        for line in describe::render(document).lines() {
            page.line(line);
        }
    }
    ending::ledger(&mut page, document, options.wide);
    page.finish()
}
