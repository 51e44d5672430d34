//! What the shell knows about where it writes: width, colour, whether anybody watches.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::args::Color;

/// Width used when nobody watches, so that files and snapshots are stable.
const WIDTH_WITHOUT_TERMINAL: usize = 100;
/// Narrower than this nothing can be laid out; wider than this lines are hard to follow.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=240;

/// Columns to lay out for: `COLUMNS` when set, else the terminal's, else 100.
pub fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse::<usize>().ok()).filter(|columns| *columns > 0);
    let seen = || io::stdout().is_terminal().then(terminal_size::terminal_size).flatten().map(|(columns, _)| usize::from(columns.0));
    asked.or_else(seen).unwrap_or(WIDTH_WITHOUT_TERMINAL).clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// Columns and lines of the terminal as it is now; 80 by 24 where it does not tell.
pub fn size() -> (usize, usize) {
    let seen = terminal_size::terminal_size().map(|(columns, lines)| (usize::from(columns.0), usize::from(lines.0)));
    let (columns, lines) = seen.filter(|(columns, lines)| *columns > 0 && *lines > 0).unwrap_or((80, 24));
    (columns.clamp(*WIDTHS.start(), *WIDTHS.end()), lines)
}

/// Whether the terminal knows how to draw over what is there.
pub fn can_move() -> bool {
    std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// Waits until nobody reads stdout any more, so that `| head -1` ends what has nothing to say; forever where that cannot
/// be known.
pub async fn reader_left() {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        use tokio::io::Interest;
        use tokio::net::unix::pipe::Sender;
        // A pipe without a reader is in error at once, without anything written. Files cannot be waited for. Unchecked,
        // because the check would make the shared end of the pipe one that does not block.
        let end = io::stdout().as_fd().try_clone_to_owned();
        if let Ok(out) = end.and_then(|fd| Sender::from_file_unchecked(fd.into()))
            && out.ready(Interest::ERROR).await.is_ok()
        {
            return;
        }
    }
    std::future::pending().await
}

/// The standard output, locked; colour is dropped on the way where it is not wanted.
pub fn stdout(color: Color) -> AutoStream<io::StdoutLock<'static>> {
    AutoStream::new(io::stdout().lock(), color.into())
}

/// The standard error, locked; colour is dropped on the way where it is not wanted.
pub fn stderr(color: Color) -> AutoStream<io::StderrLock<'static>> {
    AutoStream::new(io::stderr().lock(), color.into())
}

/// Writes text and flushes it, so that a full disk or a closed pipe is noticed here and not at exit.
pub fn print(mut out: impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}
