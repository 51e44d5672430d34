//! Escape codes and invisible characters out of text that a cluster wrote.

use std::borrow::Cow;

/// Neutralises what would steer a terminal, reorder text or hide it: ANSI, OSC (links, clipboard) and other escape
/// sequences and zero-width characters are dropped, other control and bidi characters become `U+FFFD`. Line feeds and tabs
/// stay; a carriage return becomes a space, before a line feed nothing. Clean text is borrowed; cleaning twice is cleaning
/// once.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b) || b == b'\n' || b == b'\t') || text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    // Up to this byte no control string ends: what follows an introducer is read once, however many introducers follow.
    let mut endless = 0;
    while let Some((_, c)) = chars.next() {
        match c {
            '\u{1b}' => match chars.peek().copied() {
                Some((_, '[')) => {
                    chars.next();
                    control_sequence(&mut chars);
                }
                Some((_, ']' | 'P' | '_' | '^' | 'X')) => {
                    chars.next();
                    control_string(&mut chars, &mut endless);
                }
                Some((_, ' '..='~')) => {
                    // `ESC ( B` and the like: intermediates, then one final.
                    while chars.next_if(|(_, d)| (' '..='/').contains(d)).is_some() {}
                    chars.next_if(|(_, d)| ('0'..='~').contains(d));
                }
                _ => {}
            },
            '\u{9b}' => control_sequence(&mut chars),
            '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => control_string(&mut chars, &mut endless),
            '\r' => {
                if chars.peek().is_some_and(|&(_, d)| d != '\n') {
                    out.push(' ');
                }
            }
            '\u{2028}' | '\u{2029}' => out.push(' '),
            _ if is_zero_width(c) => {}
            _ if is_harmless(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    Cow::Owned(out)
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

/// Parameters and intermediates, then one final (ECMA-48 5.4); stops before anything else.
fn control_sequence(chars: &mut Chars<'_>) {
    while chars.next_if(|(_, d)| (' '..='?').contains(d)).is_some() {}
    chars.next_if(|(_, d)| ('@'..='~').contains(d));
}

/// Up to BEL or ST. Without an end on the same line only the introducer goes: the rest of a log must not vanish.
fn control_string(chars: &mut Chars<'_>, endless: &mut usize) {
    if chars.peek().is_none_or(|(at, _)| at < endless) {
        return;
    }
    let mut ahead = chars.clone();
    while let Some((at, c)) = ahead.next() {
        match c {
            '\u{7}' | '\u{9c}' => {
                *chars = ahead;
                return;
            }
            '\u{1b}' if ahead.next_if(|(_, d)| *d == '\\').is_some() => {
                *chars = ahead;
                return;
            }
            '\n' => {
                *endless = at;
                return;
            }
            _ => {}
        }
    }
    *endless = usize::MAX;
}

fn is_harmless(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{2029}' => false,
        _ => !is_zero_width(c),
    }
}

/// Characters that take no place or show as blank: they hide words from a reader and from a search.
fn is_zero_width(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{180e}' | '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}
