//! A recorded case, damaged step by step, diagnosed, and rendered.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use a2_fuzz::mutate::{Parts, Script, answer, case_of, load_all, mutate};
use libfuzzer_sys::fuzz_target;

static CASES: LazyLock<Vec<Parts>> = LazyLock::new(|| {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    load_all(&std::env::var_os("A2_CASES").map_or(fixtures, Into::into))
});

fuzz_target!(|data: &[u8]| {
    let [first, second, mask, script @ ..] = data else { return };
    let mut parts = CASES[(usize::from(*first) << 8 | usize::from(*second)) % CASES.len()].clone();
    let mut script = Script(script);
    for _ in 0..24 {
        if !script.goes_on() {
            break;
        }
        mutate(&mut parts, &mut script);
    }
    let case = case_of(&parts);
    // Every format alone, or (0) all of them, twice: the same case gives the same bytes.
    let once = answer(&case, usize::from(*mask));
    if *mask % 16 == 0 {
        assert_eq!(once, answer(&case, usize::from(*mask)));
    }
});
