//! What is shown once may be shown again; no control character is left.
#![no_main]

use a2::redact::Redactor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let redactor = Redactor::new();
    let once = redactor.show(text).into_owned();
    assert!(!once.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{once:?}");
    assert_eq!(redactor.show(&once), once.as_str());
});
