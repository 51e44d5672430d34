//! What a2 knows, for people: the meaning of a word on a terminal, and all rules as a page.

use std::fmt::Write as _;

use super::grid::Grid;
use super::json::v1::{Explanation, RuleCheck, Rules, Topic};

/// The meaning of a word; styled, the writer drops what is not wanted.
pub fn explanation(document: &Explanation, width: usize) -> String {
    document.topics.iter().map(|topic| self::topic(topic, width)).collect::<Vec<_>>().join("\n")
}

fn topic(topic: &Topic, width: usize) -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = format!("{bold}{} {}{bold:#}\n", topic.kind, topic.name);
    let mut paragraph = |indent: &str, hang: &str, words: &str| {
        let options = textwrap::Options::new(width).initial_indent(indent).subsequent_indent(hang).break_words(false);
        for line in textwrap::wrap(words, options) {
            let _ = writeln!(text, "{line}");
        }
    };
    paragraph("  ", "  ", &topic.title);
    for words in &topic.text {
        paragraph("  ", "  ", words);
    }
    for list in &topic.lists {
        paragraph("", "", "");
        paragraph("  ", "  ", &list.heading);
        list.items.iter().for_each(|item| paragraph("  - ", "    ", item));
    }
    text
}

/// The rules in force, one a line.
pub fn rules(document: &Rules) -> String {
    let mut grid = Grid::new("Rules", "", &["cause", "what it means", "from"]);
    for rule in &document.rules {
        let from = match (rule.builtin, rule.files.as_slice()) {
            (true, []) => "built in".to_owned(),
            (true, files) => format!("built in, and {}", files.join(", ")),
            (false, files) => files.join(", "),
        };
        grid.rows.push(vec![rule.cause.clone(), rule.meaning.clone(), from]);
    }
    let mut text = grid.plain();
    if !document.own_signatures.is_empty() {
        let _ = writeln!(text, "\nsignatures of your own: {}", document.own_signatures.join(", "));
    }
    document.notes.iter().for_each(|note| {
        let _ = writeln!(text, "note: {note}");
    });
    text
}

/// What came of checking files of one's own.
pub fn rule_check(document: &RuleCheck) -> String {
    let mut text = String::new();
    for problem in &document.problems {
        let (line, column) = (problem.line.unwrap_or(0), problem.column.unwrap_or(0));
        let error =
            crate::rules::RuleError { file: problem.file.clone(), line, column, message: problem.message.clone(), source_line: problem.source_line.clone() };
        let _ = writeln!(text, "{error}\n");
    }
    for example in document.examples.iter().filter(|e| !e.passed) {
        let _ = writeln!(text, "{} example {}: {}", example.of, example.example, example.led_to);
    }
    document.notes.iter().for_each(|note| {
        let _ = writeln!(text, "note: {note}");
    });
    let files = document.files.len();
    let passed = document.examples.iter().filter(|e| e.passed).count();
    let tried = if document.examples.is_empty() { String::new() } else { format!(", {passed} of {} examples lead where they say", document.examples.len()) };
    let _ = writeln!(
        text,
        "{files} {}, {} {}{tried}",
        if files == 1 { "file" } else { "files" },
        document.problems.len(),
        if document.problems.len() == 1 { "problem" } else { "problems" }
    );
    text
}

/// All rules as a page: docs/rules.md.
pub fn page(topics: &[Topic]) -> String {
    let mut text = String::new();
    let mut family = "";
    for topic in topics {
        let own = topic.name.split('.').next().unwrap_or_default();
        if own != family {
            family = own;
            let _ = writeln!(text, "## {family}\n");
        }
        let _ = writeln!(text, "### {}\n\n**{}**\n", topic.name, escape(&topic.title));
        topic.text.iter().for_each(|words| {
            let _ = writeln!(text, "{}\n", escape(words));
        });
        for list in &topic.lists {
            let _ = writeln!(text, "{}:\n", list.heading);
            let code = list.heading.starts_with("Settle");
            list.items.iter().for_each(|item| {
                let _ = if code { writeln!(text, "- `{item}`") } else { writeln!(text, "- {}", escape(item)) };
            });
            text.push('\n');
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// What Markdown would take for markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '<' | '>' | '|' | '`') || (c == '_' && !out.ends_with(|p: char| p.is_alphanumeric())) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
