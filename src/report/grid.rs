//! Plain tables: for a terminal, and for Markdown.

use unicode_width::UnicodeWidthStr;

/// A table with a heading and, below it, a remark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The heading.
    pub title: String,
    /// What the table says, in a sentence.
    pub note: String,
    /// Names of the columns.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    /// An empty one.
    pub fn new(title: &str, note: &str, header: &[&str]) -> Self {
        Self { title: title.to_owned(), note: note.to_owned(), header: header.iter().map(|h| (*h).to_owned()).collect(), rows: Vec::new() }
    }

    fn widths(&self) -> Vec<usize> {
        let wide = |column: usize| self.rows.iter().chain([&self.header]).filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
        (0..self.header.len()).map(wide).collect()
    }

    /// For a terminal: columns aligned by spaces.
    pub fn plain(&self) -> String {
        let widths = self.widths();
        let mut text = format!("{}\n", self.title.to_uppercase());
        if !self.note.is_empty() {
            text.push_str(&format!("  {}\n", self.note));
        }
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| pad(cell, *width)).collect();
            text.push_str(format!("  {}", cells.join("  ")).trim_end());
            text.push('\n');
        }
        text
    }

    /// For a page.
    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n", self.title);
        if !self.note.is_empty() {
            text.push_str(&format!("{}\n\n", self.note));
        }
        let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(|c| c.replace('|', "\\|")).collect::<Vec<_>>().join(" | "));
        text.push_str(&line(&self.header));
        text.push_str(&format!("|{}\n", "---|".repeat(self.header.len())));
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

fn pad(cell: &str, width: usize) -> String {
    format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
}
