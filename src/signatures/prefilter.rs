//! Which literals occur in a text: one pass, over tables that the build script made.
//!
//! Each literal is represented by its rarest four bytes. The text is read gram by gram, without regard to case; a bit
//! field rules most grams out, a sorted table names the literals of the rest, and the literal itself decides.

use super::catalog::{KERNEL_BITS, KERNEL_GRAMS, KERNEL_SHORT, LOG_BITS, LOG_GRAMS, LOG_SHORT, NEEDLES, PLATFORM_BITS, PLATFORM_GRAMS, PLATFORM_SHORT, Scope};

/// Words of the bit field: 2^18 bits.
const WORDS: usize = 4096;

/// The tables of one scope.
struct Tables {
    bits: &'static [u64; WORDS],
    /// Gram, its offset in the literal, index of the literal; by gram.
    grams: &'static [(u32, u8, u16)],
    /// Literals of fewer than four bytes.
    short: &'static [u16],
}

fn tables(scope: Scope) -> Tables {
    match scope {
        Scope::Log => Tables { bits: &LOG_BITS, grams: LOG_GRAMS, short: LOG_SHORT },
        Scope::Platform => Tables { bits: &PLATFORM_BITS, grams: PLATFORM_GRAMS, short: PLATFORM_SHORT },
        Scope::Kernel => Tables { bits: &KERNEL_BITS, grams: KERNEL_GRAMS, short: KERNEL_SHORT },
    }
}

/// Calls `found` with the byte range of each literal that occurs, and the signatures that need it, by the end of the gram
/// that gave it away.
pub(super) fn each(scope: Scope, text: &[u8], mut found: impl FnMut(usize, usize, &'static [u16])) {
    let tables = tables(scope);
    let mut gram: u32 = 0;
    for (at, byte) in text.iter().enumerate() {
        gram = (gram << 8) | u32::from(byte.to_ascii_lowercase());
        let slot = gram.wrapping_mul(0x9E37_79B1) >> 14;
        let word = tables.bits.get((slot >> 6) as usize).copied().unwrap_or(0);
        if (word >> (slot & 63)) & 1 == 0 || at < 3 {
            continue;
        }
        let first = tables.grams.partition_point(|e| e.0 < gram);
        for (_, offset, index) in tables.grams.get(first..).unwrap_or_default().iter().take_while(|e| e.0 == gram) {
            let Some((_, needle, of)) = NEEDLES.get(usize::from(*index)) else { continue };
            let Some(start) = (at - 3).checked_sub(usize::from(*offset)) else { continue };
            let end = start + needle.len();
            if text.get(start..end).is_some_and(|t| t.eq_ignore_ascii_case(needle.as_bytes())) {
                found(start, end, of);
            }
        }
    }
    for (_, needle, of) in tables.short.iter().filter_map(|i| NEEDLES.get(usize::from(*i))) {
        for (start, window) in text.windows(needle.len().max(1)).enumerate() {
            if window.eq_ignore_ascii_case(needle.as_bytes()) {
                found(start, start + needle.len(), of);
            }
        }
    }
}
