//! All colours of the terminal report.

use anstyle::{AnsiColor, Style};
use comfy_table::{
    Color, TableStyle,
    presets::{UTF8_FULL, UTF8_FULL_CONDENSED},
};

/// How tables of one line a row are drawn.
pub const TABLE: TableStyle = UTF8_FULL_CONDENSED;
/// How tables of several lines a row are drawn.
pub const TALL_TABLE: TableStyle = UTF8_FULL;

/// Styles by meaning. In the plain palette none of them writes anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    /// Names of sections.
    pub section: Style,
    /// What matters most on its line.
    pub strong: Style,
    /// What is there to be looked up.
    pub faint: Style,
    /// Deaths and failures.
    pub bad: Style,
    /// Doubt and gaps.
    pub doubt: Style,
    /// What is well.
    pub good: Style,
    /// Commands to copy.
    pub command: Style,
    /// Whether there is any colour.
    pub colored: bool,
}

impl Palette {
    /// The palette for a report with or without colour.
    pub fn new(color: bool) -> Self {
        if !color {
            return Self::default();
        }
        Self {
            section: Style::new().bold().underline(),
            strong: Style::new().bold(),
            faint: Style::new().dimmed(),
            bad: AnsiColor::Red.on_default().bold(),
            doubt: AnsiColor::Yellow.on_default(),
            good: AnsiColor::Green.on_default(),
            command: AnsiColor::Cyan.on_default(),
            colored: true,
        }
    }

    /// The style of a verdict by its confidence word.
    pub fn confidence(&self, word: &str) -> Style {
        match word {
            "confirmed" => self.bad,
            "probable" => self.doubt,
            _ => self.faint,
        }
    }

    /// The same for a table cell.
    pub fn confidence_cell(&self, word: &str) -> Option<Color> {
        match word {
            _ if !self.colored => None,
            "confirmed" => Some(Color::Red),
            "probable" => Some(Color::Yellow),
            _ => None,
        }
    }
}

/// The text in a style.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
