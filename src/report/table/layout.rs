//! Lines that fit: all widths are columns of a terminal, not characters.

use comfy_table::{Cell, ColumnConstraint, Table, Width};
use textwrap::Options;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::palette::{Palette, TABLE, paint};

/// The part of the report that was written so far.
pub struct Page {
    /// Columns.
    pub width: usize,
    /// Colours.
    pub palette: Palette,
    text: String,
}

impl Page {
    /// An empty page.
    pub fn new(width: usize, palette: Palette) -> Self {
        Self { width, palette, text: String::new() }
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.text
    }

    /// A line as it is; only trailing blanks are lost.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// The name of a section, with a remark.
    pub fn section(&mut self, name: &str, remark: &str) {
        let room = self.width.saturating_sub(columns(name) + 2);
        let head = paint(self.palette.section, name);
        let remark = if remark.is_empty() { String::new() } else { format!("  {}", paint(self.palette.faint, &fit(remark, room))) };
        self.line("");
        self.line(&format!("{head}{remark}"));
    }

    /// A paragraph behind a prefix; following lines are indented as far.
    pub fn paragraph(&mut self, prefix: &str, text: &str, style: anstyle::Style) {
        let indent = columns(prefix);
        for (i, line) in wrap(text, self.width.saturating_sub(indent)).iter().enumerate() {
            let lead = if i == 0 { prefix.to_owned() } else { " ".repeat(indent) };
            self.line(&format!("{lead}{}", paint(style, line)));
        }
    }

    /// A word in the margin and a paragraph beside it.
    pub fn labelled(&mut self, label: &str, text: &str) {
        let lead = format!("  {label:<MARGIN$}  ");
        let indent = columns(&lead);
        for (i, line) in wrap(text, self.width.saturating_sub(indent)).iter().enumerate() {
            let lead = if i == 0 { paint(self.palette.faint, &lead) } else { " ".repeat(indent) };
            self.line(&format!("{lead}{line}"));
        }
    }

    /// A command on a line of its own, never broken: what is copied must run.
    pub fn command(&mut self, indent: usize, command: &str) {
        let lead = " ".repeat(indent);
        self.line(&format!("{lead}$ {}", paint(self.palette.command, command)));
    }

    /// A finished table.
    pub fn table(&mut self, table: &Table) {
        for line in table.lines() {
            self.line(&line);
        }
    }
}

/// Width of the words in the margin.
const MARGIN: usize = 14;

/// An empty table of exactly these column widths (without padding); cells are expected to be wrapped already.
pub fn table(palette: &Palette, widths: &[usize], header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(TABLE).set_header(header.iter().map(Cell::new).collect::<Vec<_>>());
    if palette.colored {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let fixed = |w: &usize| ColumnConstraint::Absolute(Width::Fixed(u16::try_from(w + 2).unwrap_or(u16::MAX)));
    table.set_constraints(widths.iter().map(fixed).collect::<Vec<_>>());
    table
}

/// Columns that a text takes.
pub fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text, cut to so many columns; a cut is marked.
pub fn fit(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = UnicodeWidthChar::width(c).unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        used += w;
        out.push(c);
    }
    out.push('…');
    out
}

/// The text, padded on the left to so many columns.
pub fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The text in lines of at most so many columns; never empty.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let lines: Vec<String> = textwrap::wrap(text, Options::new(width.max(8)).break_words(true)).into_iter().map(|l| l.into_owned()).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// A sentence behind a mark, wrapped, as text of a cell.
pub fn marked(mark: &str, text: &str, width: usize) -> String {
    let indent = columns(mark) + 1;
    let lines = wrap(text, width.saturating_sub(indent));
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(&if i == 0 { format!("{mark} ") } else { " ".repeat(indent) });
        out.push_str(line);
    }
    out
}

/// `██████▌░░░` for a probability.
pub fn bar(probability: f64, width: usize) -> String {
    let full = (probability.clamp(0.0, 1.0) * width as f64 * 2.0).round() as usize;
    let (whole, half) = (full / 2, full % 2);
    format!("{}{}{}", "█".repeat(whole), "▌".repeat(half), "░".repeat(width - whole - half))
}

/// `97 %`, and never a rounded 0 or 100 where something is left.
pub fn percent(probability: f64) -> String {
    match probability {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 0.01 => "<1 %".to_owned(),
        p if p >= 1.0 => "100 %".to_owned(),
        p if p > 0.99 => ">99 %".to_owned(),
        p => format!("{:.0} %", p * 100.0),
    }
}

/// ` [e1 e4]`, or nothing.
pub fn ids(ids: &[String]) -> String {
    if ids.is_empty() { String::new() } else { format!(" [{}]", ids.join(" ")) }
}
