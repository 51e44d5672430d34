//! Ruby and PHP.

use super::super::rows::Row;
use super::block::BlockKind;
use super::cursor::{Rows, indented, limit, logger, next, part};
use super::find::{Found, make};

/// ``/app/a.rb:3:in `run': message (KeyError)`` with `from` rows below; causes are printed after it in the same form.
pub fn ruby(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let header = |r: &Row<'_>| {
        !indented(r)
            && r.text.split_once(":in ").is_some_and(|(file, rest)| {
                file.rsplit(':').next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
                    && rest.contains("': ")
                    && !rest.starts_with("'': ")
            })
    };
    if !header(rows.get(at)?) {
        return None;
    }
    let limit = limit(rows, at);
    let mut errors = vec![part(rows, at, at)];
    let mut last = at;
    while let Some(j) = next(rows, last + 1, limit, |r| r.text.starts_with("\tfrom ") || r.text.trim_start().starts_with("from /") || header(r)) {
        last = j;
        if rows.get(j).is_some_and(header) {
            errors.push(part(rows, j, j));
        }
    }
    errors.reverse();
    // Without the class in brackets it is a frame that somebody printed.
    let named = errors.iter().any(|e| e.text.contains(" (") && e.text.trim_end().ends_with(')'));
    let kind = if named { BlockKind::Uncaught } else { BlockKind::Logged };
    make(rows, (at, last), "ruby", kind, errors)
}

/// The interpreter died.
pub fn ruby_bug(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    if logger(rows.get(at)?) {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    let more = |r: &Row<'_>| {
        r.is_blank() || indented(r) || r.text.starts_with("ruby ") || r.text.starts_with("-- ") || r.text.starts_with("c:0") || r.text.starts_with('/')
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
    }
    make(rows, (at, last), "ruby", BlockKind::Native, vec![part(rows, at, at)])
}

/// `PHP Fatal error:  Uncaught …` and its trace.
pub fn php(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let text = rows.get(at)?.text.as_ref();
    let php =
        text.contains("PHP Fatal error") || (text.trim_start().starts_with("Fatal error: ") && (text.contains(" on line ") || text.contains("Uncaught ")));
    if !php {
        return None;
    }
    let limit = limit(rows, at);
    let mut last = at;
    let mut causes = vec![part(rows, at, at)];
    let more = |r: &Row<'_>| {
        let t = r.text.trim_start();
        t.starts_with("Stack trace:")
            || t.starts_with('#')
            || t.starts_with("thrown in")
            || t.starts_with("Next ")
            || t.starts_with("PHP   ")
            || t.starts_with("PHP Stack trace")
    };
    while let Some(j) = next(rows, last + 1, limit, more) {
        last = j;
        if rows.get(j).is_some_and(|r| r.text.starts_with("Next ")) {
            causes.push(part(rows, j, j));
        }
    }
    make(rows, (at, last), "php", BlockKind::Uncaught, causes)
}
