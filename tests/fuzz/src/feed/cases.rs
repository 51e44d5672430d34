//! A recorded case, damaged step by step, diagnosed, and rendered.

use super::super::made::root;
use std::sync::LazyLock;

use super::super::mutate::{FORMATS, Parts, Script, answer, case_of, load_all, mutate};

static CASES: LazyLock<Vec<Parts>> = LazyLock::new(|| {
    let fixtures = root().join("fixtures");
    load_all(&std::env::var_os("A2_CASES").map_or(fixtures, Into::into))
});

/// Feeds one input.
pub fn cases(data: &[u8]) {
    let [first, second, how, script @ ..] = data else { return };
    let mut parts = CASES[(usize::from(*first) << 8 | usize::from(*second)) % CASES.len()].clone();
    let mut script = Script(script);
    for _ in 0..24 {
        if !script.goes_on() {
            break;
        }
        mutate(&mut parts, &mut script);
    }
    let case = case_of(&parts);
    // One format, with colour or wide; or all of them, twice: the same case gives the same bytes.
    let how = usize::from(*how);
    match how % 8 {
        one if one < FORMATS.len() => assert!(!answer(&case, (1 << one) | (how & 0xc0)).is_empty()),
        _ => {
            let all = ((1 << FORMATS.len()) - 1) | (how & 0xc0);
            assert_eq!(answer(&case, all), answer(&case, all));
        }
    }
}
