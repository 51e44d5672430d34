//! Tables of any shape.
#![no_main]

use a2::evidence::read_rows;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    for row in read_rows(&value).unwrap_or_default() {
        row.is_suspect();
    }
});
