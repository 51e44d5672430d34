//! Every text passes through here once, on its way into a document; renderers only see what came out.

use std::borrow::Cow;

/// Stands for a line end inside a text of one line.
pub const LINE_END: &str = " ⏎ ";

/// No single text of a report is longer, in characters; what is cut ends in `…`.
const MAX_CHARS: usize = 4096;

/// Takes secrets and escape codes out of texts.
///
/// Whatever the redaction let pass, no control character, bidi control or zero-width character leaves a cleaner.
#[derive(Clone, Copy)]
pub struct Cleaner<'a> {
    redact: &'a dyn Fn(&str) -> String,
}

impl<'a> Cleaner<'a> {
    /// A cleaner around a redaction.
    pub fn new(redact: &'a dyn Fn(&str) -> String) -> Self {
        Self { redact }
    }

    /// The text on one line.
    pub fn line(&self, text: &str) -> String {
        inert(&(self.redact)(text))
    }

    /// The text on one line, or nothing when there is none.
    pub fn some(&self, text: Option<&str>) -> Option<String> {
        text.filter(|t| !t.is_empty()).map(|t| self.line(t))
    }

    /// Log lines. A secret may span lines (private keys), so that they are redacted as one text.
    pub fn lines(&self, lines: &[String]) -> Vec<String> {
        let text = (self.redact)(&lines.join("\n"));
        let cleaned: Vec<String> = text.split('\n').map(inert).collect();
        // A redaction that swallowed lines would shift the indexes of the decisive ones.
        if cleaned.len() == lines.len() { cleaned } else { lines.iter().map(|l| self.line(l)).collect() }
    }

    /// The value of a variable; its name says whether it is secret.
    pub fn value(&self, name: &str, value: &str) -> String {
        let pair = (self.redact)(&format!("{name}={value}"));
        match pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            Some(rest) => inert(rest),
            None => self.line(value),
        }
    }
}

/// One line without anything that steers a terminal or hides text.
fn inert(text: &str) -> String {
    let text = text.trim_end_matches(['\n', '\r']);
    let text: Cow<'_, str> = if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    for (count, c) in text.chars().enumerate() {
        if count == MAX_CHARS {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\u{2028}' | '\u{2029}' => out.push_str(LINE_END),
            '\t' => out.push(' '),
            c if c.is_control() => out.push('\u{FFFD}'),
            // Soft hyphen, zero-width characters, bidi controls, fillers, BOM, interlinear marks and tags.
            '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' => {}
            '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{E0000}'..='\u{E007F}' => {}
            c => out.push(c),
        }
    }
    out
}
