#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| a2_fuzz::feed::redact(data));
