//! Rule files of any text: read, or refused with a place.
#![no_main]

use a2::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = RuleSet::builtin().with_user_files([("mine.yaml", text)]) {
        assert!(!error.to_string().is_empty());
    }
});
