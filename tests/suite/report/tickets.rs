//! A ticket as GitHub would render it: the order of its parts, tables that are tables, boxes that are boxes.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::support::{fixtures, run};

/// The parts of a ticket, in their order; a part without content is left out.
const PARTS: [&str; 10] =
    ["Condition", "Causes", "Timeline", "Crash point", "Siblings", "What could not be seen", "Remediation", "Definition of done", "Sources", "Evidence"];

#[test]
fn tickets_render_as_they_are_meant() {
    let mut seen = 0;
    for case in fixtures().into_iter().filter(|c| c.target().is_some()) {
        for stage in case.stages() {
            let from = case.path.join(&stage);
            let name = format!("{}/{stage}", case.id());
            let args = ["investigate", case.target().unwrap(), "-n", case.namespace(), "--from", from.to_str().unwrap(), "-o", "markdown", "--issue", "17"];
            let text = run(args).stdout;
            let title = text.lines().next().unwrap().trim_start_matches("# ");
            assert!(title.chars().count() <= 255, "{name}: {title}");
            let (mut titles, mut parts, mut boxes, mut tables) = (0, Vec::new(), 0, 0);
            let (mut heading, mut code) = (None, false);
            for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS) {
                match event {
                    Event::Start(Tag::Heading { level, .. }) => heading = Some(level),
                    Event::End(TagEnd::Heading(_)) => heading = None,
                    Event::Start(Tag::CodeBlock(_)) => code = true,
                    Event::End(TagEnd::CodeBlock) => code = false,
                    Event::Start(Tag::Table(_)) => tables += 1,
                    Event::TaskListMarker(_) => boxes += 1,
                    Event::Text(words) if !code => {
                        match heading {
                            Some(HeadingLevel::H1) => titles += 1,
                            Some(HeadingLevel::H2) => parts.push(words.to_string()),
                            _ => {}
                        }
                        // What was meant as a table or a fence is one.
                        assert!(!words.contains("| ---") && !words.contains("```") && !words.starts_with("[ ]"), "{name}: {words}");
                    }
                    _ => {}
                }
            }
            let order: Vec<usize> = parts.iter().filter_map(|part| PARTS.iter().position(|p| p == part)).collect();
            assert_eq!(order.len(), parts.len(), "{name}: {parts:?}");
            assert!(order.is_sorted(), "{name}: {parts:?}");
            assert!(titles >= 1 && boxes == 13, "{name}: {titles} titles, {boxes} boxes");
            assert!(tables >= usize::from(parts.iter().any(|p| p == "Timeline")), "{name}: {tables} tables");
            seen += 1;
        }
    }
    assert!(seen >= 12, "{seen}");
}
