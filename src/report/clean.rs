//! Every text passes through here once, on its way into a document; renderers only see what came out.

use crate::redact::{self, Redactor, secret_name};

/// Stands for a line end inside a text of one line.
pub const LINE_END: &str = " ⏎ ";

/// No single text of a report is longer, in characters; what is cut ends in `…`.
const MAX_CHARS: usize = 4096;

/// Takes secrets and escape codes out of texts. Any function from text to text is one.
pub trait Redaction {
    /// The text without secrets.
    fn text(&self, text: &str) -> String;

    /// The value of a variable, a label or an annotation, whose name may say that it is secret.
    fn value(&self, name: &str, value: &str) -> String {
        let pair = self.text(&format!("{name}={value}"));
        pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).map_or_else(|| self.text(value), str::to_owned)
    }
}

impl<F: Fn(&str) -> String> Redaction for F {
    fn text(&self, text: &str) -> String {
        self(text)
    }
}

impl Redaction for Redactor {
    fn text(&self, text: &str) -> String {
        self.show(text).into_owned()
    }

    fn value(&self, name: &str, value: &str) -> String {
        if secret_name(name) && !value.is_empty() { self.hide("value", value) } else { self.show(value).into_owned() }
    }
}

/// Leaves secrets where they are (`--no-redact`); escape codes go all the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unredacted;

impl Redaction for Unredacted {
    fn text(&self, text: &str) -> String {
        redact::clean(text).into_owned()
    }

    fn value(&self, _name: &str, value: &str) -> String {
        redact::clean(value).into_owned()
    }
}

/// Cleans texts with a redaction. Whatever that let pass, no control character, bidi control or zero-width character
/// leaves a cleaner.
#[derive(Clone, Copy)]
pub struct Cleaner<'a> {
    redaction: &'a dyn Redaction,
}

impl<'a> Cleaner<'a> {
    /// A cleaner around a redaction.
    pub fn new(redaction: &'a dyn Redaction) -> Self {
        Self { redaction }
    }

    /// The text on one line.
    pub fn line(&self, text: &str) -> String {
        inert(&self.redaction.text(text))
    }

    /// The text on one line, or nothing when there is none.
    pub fn some(&self, text: Option<&str>) -> Option<String> {
        text.filter(|t| !t.is_empty()).map(|t| self.line(t))
    }

    /// Log lines. A secret may span lines (private keys), so that they are redacted as one text.
    pub fn lines(&self, lines: &[String]) -> Vec<String> {
        let text = self.redaction.text(&lines.join("\n"));
        let cleaned: Vec<String> = text.split('\n').map(inert).collect();
        // A redaction that swallowed lines would shift the indexes of the decisive ones.
        if cleaned.len() == lines.len() { cleaned } else { lines.iter().map(|l| self.line(l)).collect() }
    }

    /// The value of a variable, a label or an annotation; its name says whether it is secret.
    pub fn value(&self, name: &str, value: &str) -> String {
        inert(&self.redaction.value(name, value))
    }
}

/// One line without anything that steers a terminal or hides text.
fn inert(text: &str) -> String {
    let text = text.trim_end_matches(['\n', '\r']);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut count = 0;
    while let Some(c) = chars.next() {
        if count == MAX_CHARS {
            out.push('…');
            break;
        }
        count += 1;
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\u{2028}' | '\u{2029}' => out.push_str(LINE_END),
            '\t' => out.push(' '),
            c if c.is_control() => out.push('\u{FFFD}'),
            c if is_invisible(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Soft hyphen, zero-width characters, bidi controls, fillers, BOM, interlinear marks and tags.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    )
}
