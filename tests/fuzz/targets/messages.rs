//! Messages of the platform.
#![no_main]

use a2::signatures::classify;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    classify(&String::from_utf8_lossy(data));
});
