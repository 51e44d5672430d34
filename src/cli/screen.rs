//! A screen of its own, drawn anew without flicker, and given back at the end.

use std::io::{self, Write};

/// The other screen, without a cursor and without wrapping.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/// What is between these is shown at once, by terminals that know it.
const BEGIN: &str = "\x1b[?2026h\x1b[H";
const END: &str = "\x1b[J\x1b[?2026l";
/// The rest of the line goes.
const CLEAR: &str = "\x1b[K";

/// The screen; dropped, it is as it was before.
pub struct Screen;

impl Screen {
    /// Takes the screen.
    pub fn enter() -> io::Result<Self> {
        // Made first, so that a terminal that was written to by half is given back, too.
        let screen = Self;
        write(ENTER)?;
        Ok(screen)
    }

    /// Draws a page over the one before, line by line, never more lines than there are.
    pub fn draw(&self, page: &str, height: usize) -> io::Result<()> {
        let lines: Vec<String> = page.lines().take(height).map(|line| format!("{line}{CLEAR}")).collect();
        write(&format!("{BEGIN}{}{END}", lines.join("\n")))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = write(LEAVE);
    }
}

/// At once: what is written in parts flickers.
fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
