//! A screen of its own, drawn anew without flicker, and given back at the end.

use std::io::{self, Write};

use crate::report::table::layout::columns;

/// The other screen, without a cursor and without wrapping.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/// What is between these is shown at once, by terminals that know it.
const BEGIN: &str = "\x1b[?2026h\x1b[H";
const END: &str = "\x1b[J\x1b[?2026l";
/// The same where the last line of the screen is full.
const SHOWN: &str = "\x1b[?2026l";
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
    pub fn draw(&self, page: &str, width: usize, height: usize) -> io::Result<()> {
        write(&over(page, width, height))
    }
}

/// What draws a page over another. After a line as wide as the screen the cursor stands on its last column, and whatever is
/// erased from there on is the line's own end.
fn over(page: &str, width: usize, height: usize) -> String {
    let lines: Vec<String> = page.lines().take(height).map(|line| format!("{line}{}", if is_short(line, width) { CLEAR } else { "" })).collect();
    let end = match lines.last() {
        Some(last) if is_short(last, width) => END.to_owned(),
        Some(_) if lines.len() >= height => SHOWN.to_owned(),
        Some(_) => format!("\n{END}"),
        None => END.to_owned(),
    };
    format!("{BEGIN}{}{end}", lines.join("\n"))
}

fn is_short(line: &str, width: usize) -> bool {
    columns(&anstream::adapter::strip_str(line).to_string()) < width
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_full_line_is_not_erased() {
        let page = "\x1b[1mabcd\x1b[0m\nab\nwörd";
        assert_eq!(over(page, 4, 9), format!("{BEGIN}\x1b[1mabcd\x1b[0m\nab{CLEAR}\nwörd\n{END}"));
        assert_eq!(over(page, 4, 2), format!("{BEGIN}\x1b[1mabcd\x1b[0m\nab{CLEAR}{END}"));
        assert_eq!(over(page, 4, 3), format!("{BEGIN}\x1b[1mabcd\x1b[0m\nab{CLEAR}\nwörd{SHOWN}"));
    }
}
