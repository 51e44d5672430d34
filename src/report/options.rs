//! What a reader asked for.

/// How a report is to look. Renderers ask nothing of the environment: width and colour are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether escape codes for colour may be written.
    pub color: bool,
    /// Show all rows of long lists, and more columns.
    pub wide: bool,
    /// The headline only.
    pub quiet: bool,
    /// Add what `kubectl describe pod` says.
    pub describe: bool,
    /// Add how the probabilities came about.
    pub explain: bool,
    /// Add the definition of done.
    pub checklist: bool,
    /// The issue that a ticket belongs to: a number, or a link.
    pub issue: Option<String>,
}

impl RenderOptions {
    /// Narrower terminals are treated as this wide.
    pub const MIN_WIDTH: usize = 60;
    /// The width where there is no terminal.
    pub const DEFAULT_WIDTH: usize = 100;

    /// The width to lay out for.
    pub fn columns(&self) -> usize {
        self.width.clamp(Self::MIN_WIDTH, 400)
    }
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { width: Self::DEFAULT_WIDTH, color: false, wide: false, quiet: false, describe: false, explain: false, checklist: false, issue: None }
    }
}
