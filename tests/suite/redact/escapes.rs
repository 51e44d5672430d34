//! Escape codes, reordering and invisible characters.

use a2::redact::{clean, show};

const PAYLOADS: &[(&str, &str)] = &[
    ("\u{1b}[31mred\u{1b}[0m", "red"),
    ("\u{1b}[2J\u{1b}[Hcleared", "cleared"),
    ("\u{1b}[1;31;40mbold\u{1b}[m", "bold"),
    ("\u{1b}[38;2;1;2;3mrgb", "rgb"),
    ("\u{1b}[?1049halt", "alt"),
    ("\u{1b}[?25lhide", "hide"),
    ("\u{1b}]0;title\u{7}text", "text"),
    ("\u{1b}]2;title\u{1b}\\text", "text"),
    ("\u{1b}]8;;http://evil.example\u{7}link\u{1b}]8;;\u{7}", "link"),
    ("\u{1b}]52;c;ZXZpbA==\u{7}clip", "clip"),
    ("\u{1b}]1337;File=name=x:AAAA\u{7}image", "image"),
    ("\u{1b}P+q544e\u{1b}\\dcs", "dcs"),
    ("\u{1b}_apc\u{1b}\\text", "text"),
    ("\u{1b}^pm\u{1b}\\text", "text"),
    ("\u{1b}Xsos\u{1b}\\text", "text"),
    ("\u{1b}creset", "reset"),
    ("\u{1b}(0lqqk", "lqqk"),
    ("\u{1b}7saved\u{1b}8", "saved"),
    ("\u{9b}31mc1", "c1"),
    ("\u{9d}0;title\u{9c}osc", "osc"),
    ("\u{90}dcs\u{9c}x", "x"),
    ("over\rwritten", "over written"),
    ("line\r\nnext", "line\nnext"),
    ("back\u{8}space", "back\u{fffd}space"),
    ("bell\u{7}", "bell\u{fffd}"),
    ("nul\u{0}", "nul\u{fffd}"),
    ("del\u{7f}", "del\u{fffd}"),
    ("a\u{202e}dne", "a\u{fffd}dne"),
    ("a\u{2066}b\u{2069}c", "a\u{fffd}b\u{fffd}c"),
    ("a\u{200f}b\u{61c}c", "a\u{fffd}b\u{fffd}c"),
    ("ze\u{200b}ro\u{200d}wi\u{2060}dth\u{feff}", "zerowidth"),
    ("so\u{ad}ft", "soft"),
    ("tag\u{e0041}\u{e0042}s", "tags"),
    ("a\u{2028}b\u{2029}c", "a b c"),
    ("\u{1b}", ""),
    ("\u{1b}[", ""),
    ("\u{1b}]8;;never ended\nnext line", "8;;never ended\nnext line"),
];

#[test]
fn payloads_are_neutralised() {
    assert!(PAYLOADS.len() >= 30);
    for (payload, wanted) in PAYLOADS {
        let cleaned = clean(payload);
        assert_eq!(cleaned, *wanted, "{payload:?}");
        assert_eq!(clean(&cleaned), cleaned, "twice: {payload:?}");
        let harmful = |c: char| c != '\n' && c != '\t' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c));
        assert!(!cleaned.chars().any(harmful), "{payload:?}");
    }
}

#[test]
fn a_secret_does_not_hide_behind_invisible_characters() {
    for text in ["password=hun\u{200b}ter2", "pass\u{1b}[31mword=hunter2", "pass\u{ad}word=hunter2", "password=\u{1b}[1mhunter2\u{1b}[0m"] {
        let shown = show(text);
        assert_eq!(shown, "password=[redacted:password]", "{text:?}");
    }
}

#[test]
fn clean_text_is_borrowed() {
    for text in ["", "plain", "tab\tand\nline", "grüße 日本 🙂", "│ box ─"] {
        assert!(matches!(clean(text), std::borrow::Cow::Borrowed(_)), "{text}");
    }
}
