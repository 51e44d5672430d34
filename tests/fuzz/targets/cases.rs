#![no_main]

// Reading the cases takes a while: before the first input, not in the time that is allowed for it.
libfuzzer_sys::fuzz_target!(init: a2_fuzz::feed::cases(&[0, 0, 0]), |data: &[u8]| a2_fuzz::feed::cases(data));
