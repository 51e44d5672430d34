//! Logs of any bytes: lines, blocks, signatures, the ending.
#![no_main]

use a2::evidence::{LogTail, parse_time};
use a2::signatures::{ReadContext, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((how, body)) = data.split_first() else { return };
    let tail = LogTail::parse("pod", "main", false, body);
    let stop = (how & 1 == 1).then(|| parse_time("2030-01-02T03:04:05Z")).flatten();
    let ctx = ReadContext { stop, end: stop, alive: how & 2 == 2, exit_code: (how & 4 == 4).then_some(i64::from(how >> 3)), ..ReadContext::default() };
    read(&tail.lines, &ctx);
});
