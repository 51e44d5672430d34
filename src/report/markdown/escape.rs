//! Cluster text inside Markdown: it must show, and do nothing else.

/// Text in a sentence. Words that could mention a person, link or cross-reference become code; the rest is escaped.
pub fn inline(text: &str) -> String {
    text.split(' ').map(|word| if is_active(word) { code(word) } else { escape(word) }).collect::<Vec<_>>().join(" ")
}

/// The same in a cell of a table, where a bar would end it.
pub fn cell(text: &str) -> String {
    if text.is_empty() {
        " ".to_owned()
    } else {
        text.split(' ').map(|word| if is_active(word) { code(word).replace('|', "\\|") } else { escape(word) }).collect::<Vec<_>>().join(" ")
    }
}

/// Words that a forge turns into something: mentions, issues, commits, links, HTML, entities.
fn is_active(word: &str) -> bool {
    word.contains(['@', '#', '<', '>', '&'])
        || word.contains("://")
        || word.to_ascii_lowercase().contains("www.")
        || (word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit()) && word.bytes().any(|b| b.is_ascii_digit()))
}

/// Backslashes before everything that means something in Markdown, Jira's wiki markup included.
fn escape(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    for (i, c) in word.chars().enumerate() {
        let list = i == 0 && matches!(c, '-' | '+');
        // A name like `a_b` or `1.2` needs no help: underscores inside a word are text.
        let underscore = c == '_' && (i == 0 || word.ends_with('_') || !word.is_ascii());
        if list || underscore || matches!(c, '\\' | '`' | '*' | '[' | ']' | '{' | '}' | '|' | '~' | '!' | '$' | '^' | '=') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Code in a sentence (a bullet without any text would underline the line above it): its fence is longer than any run of backticks inside.
pub fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') || text.trim() != text { " " } else { "" };
    if text.trim().is_empty() { "(empty)".to_owned() } else { format!("{fence}{blank}{text}{blank}{fence}") }
}

/// A block of code: its fence is longer than any run of backticks inside.
pub fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
