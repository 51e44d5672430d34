//! A sign of life on stderr while a cluster is asked; indicatif draws nothing where stderr is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Shown until it is dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts to show what is going on.
    pub fn start(what: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Nothing to show: a bundle answers faster than one can read.
    pub fn none() -> Self {
        Self(ProgressBar::hidden())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
