//! What must be known even when the command line cannot be parsed: whether one JSON object is expected, and colour.

use std::ffi::OsString;

use super::args::Color;

/// Found by looking only; the real parse comes later and may well fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prescan {
    /// `-o json` in any of its spellings: `Some(false)` when another format was asked for.
    pub json: Option<bool>,
    /// `--color`.
    pub color: Color,
}

/// Looks through the arguments, program name included; the last mention wins, `--` ends the search.
pub fn prescan(args: &[OsString]) -> Prescan {
    let mut found = Prescan::default();
    let mut texts = args.iter().skip(1).map(|arg| arg.to_string_lossy()).peekable();
    while let Some(text) = texts.next() {
        if text == "--" {
            break;
        }
        let mut value_of = |inline: &str| match inline.strip_prefix('=').unwrap_or(inline) {
            "" => texts.peek().map(ToString::to_string).unwrap_or_default(),
            value => value.to_owned(),
        };
        if let Some(inline) = short_output(&text).or_else(|| long_value(&text, "--output")) {
            found.json = Some(value_of(inline) == "json");
        } else if let Some(inline) = long_value(&text, "--color") {
            found.color = match value_of(inline).as_str() {
                "always" => Color::Always,
                "never" => Color::Never,
                _ => Color::Auto,
            };
        }
    }
    found
}

/// `-o`, `-ojson`, `-o=json`, and behind flags without a value: `-vo json`.
fn short_output(text: &str) -> Option<&str> {
    let flags = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    flags.trim_start_matches(['v', 'q']).strip_prefix('o')
}

fn long_value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(args: &[&str]) -> Option<bool> {
        prescan(&[&["a2"], args].concat().iter().map(OsString::from).collect::<Vec<_>>()).json
    }

    #[test]
    fn every_spelling_is_seen() {
        for args in [&["-o", "json"][..], &["-ojson"], &["-o=json"], &["--output", "json"], &["--output=json"], &["-vqo", "json"], &["-vojson", "x"]] {
            assert_eq!(json(args), Some(true), "{args:?}");
        }
    }

    #[test]
    fn other_words_are_not_taken_for_it() {
        for args in [&["json"][..], &["--outputs", "json"], &["-n", "json"], &["--", "-o", "json"], &["-co", "json"]] {
            assert_eq!(json(args), None, "{args:?}");
        }
        assert_eq!(json(&["-o", "json", "-o", "table"]), Some(false), "the last one counts");
        assert_eq!(json(&["-o"]), Some(false));
    }
}
