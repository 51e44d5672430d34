//! A table of four-byte grams, one for each literal: where none of them occurs in a text, no literal does. Made here so
//! that a run builds no automaton.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bits of the filter in front of the table, as a power of two; the scanner uses the same.
const BITS: u32 = 18;

/// The gram's place in the filter; the scanner computes the same.
fn slot(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)
}

fn gram(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |g, b| (g << 8) | u32::from(*b))
}

/// Rust source of the tables of one scope. `needles`: index in the table of literals, and the literal in lower case.
pub fn table(name: &str, needles: &[(usize, &str)], common: &BTreeMap<u32, usize>) -> String {
    let mut grams: Vec<(u32, usize, usize)> = Vec::new();
    let mut short: Vec<usize> = Vec::new();
    for (index, needle) in needles {
        let best = needle.as_bytes().windows(4).enumerate().min_by_key(|(at, w)| (common.get(&gram(w)).copied().unwrap_or(0), *at));
        match best {
            Some((at, window)) if at < 256 => grams.push((gram(window), at, *index)),
            _ => short.push(*index),
        }
    }
    grams.sort_unstable();
    let mut bits = vec![0_u64; 1 << (BITS - 6)];
    for (g, _, _) in &grams {
        let slot = slot(*g);
        if let Some(word) = bits.get_mut((slot >> 6) as usize) {
            *word |= 1 << (slot & 63);
        }
    }
    let mut text = format!("pub(crate) static {name}_BITS: [u64; {}] = {bits:?};\n", bits.len());
    let _ = writeln!(text, "pub(crate) static {name}_GRAMS: &[(u32, u8, u16)] = &{grams:?};");
    let _ = writeln!(text, "pub(crate) static {name}_SHORT: &[u16] = &{short:?};");
    text
}

/// How often each gram occurs in ordinary words: the rarest of a literal stands for it.
pub fn count(texts: impl Iterator<Item = String>) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    for text in texts {
        for window in text.to_ascii_lowercase().as_bytes().windows(4) {
            *counts.entry(gram(window)).or_default() += 1;
        }
    }
    counts
}
